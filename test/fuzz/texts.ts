// Real texts: a transcript as a file has it, and bodies as programs send them.
import { transcriptToView } from "../../node/api/transcript-json.js";
import { auctionOf } from "../../src/market/index.js";
import { assembleTranscript, decodeWitness } from "../../src/peer/index.js";
import { realInputs, witnessRow } from "./real.js";

/** The run's own auction, as `auction verify --save` writes it. */
export function transcriptText(): string {
  const { cluster, auction, genesis } = realInputs();
  const host = cluster.host(0);
  const witness = decodeWitness(witnessRow())!;
  const { createdAt } = auctionOf(host.live.ledger, auction)!;
  return JSON.stringify(
    transcriptToView(assembleTranscript(auction, genesis, host.log(createdAt), witness)!),
  );
}

export const bidRequests = (): readonly string[] => {
  const id = "ab".repeat(32);
  return [
    {
      lot: { capability: "gpu.hour", units: 8, from: null, to: "2026-01-01T00:00:00Z" },
      lockups: ["1000", "2000"],
      reserve: "10",
      commitMs: 1000,
      hiddenReserve: null,
    },
    { auction: id, amount: "9007199254740991", lockup: null, delayMs: 0 },
    { agent: id, to: id, amount: "5" },
    { to: id, amount: "0" },
    { operation: "AAECAwQF" },
  ].map((one) => JSON.stringify(one));
};
