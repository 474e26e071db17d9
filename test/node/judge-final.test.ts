// Final headers from anywhere: what is of another time is nobody's fault, what no quorum of this network signed is.
import { expect, test } from "vitest";
import { gateHandlers } from "../../node/network-handlers.js";
import { toHex } from "../../src/base/index.js";
import { type Certificate, finalProofOf } from "../../src/quorum/index.js";
import { Cluster, idOf, verifier } from "../peer/cluster.js";

const cluster = () => new Cluster({ agents: [["sue"], [], [], []], seats: 4 });

const later = cluster();
later.run(3000);
const { header, cert } = finalProofOf(later.host(0).live.voter)!;

/** The verdict of a peer at height 0. */
async function verdictOn(change: Partial<Certificate>, at = cluster()) {
  const peer = at.host(1).live;
  const parts = { peer, driver: { offer: () => true }, nowMs: () => at.nowMs, verifier };
  const message = { kind: "final" as const, header, cert: { ...cert, ...change } };
  return gateHandlers(parts).judgeFinal(message, () => undefined);
}

test.each<[string, Partial<Certificate>, string]>([
  ["as its quorum signed it", {}, "accept"],
  ["of an epoch that is not known here", { epoch: cert.epoch + 1 }, "ignore"],
  ["of other members of this epoch", { setHash: idOf("nobody") }, "reject"],
  ["of another entry", { entryId: idOf("nothing") }, "reject"],
  ["of another kind", { type: "skip" }, "reject"],
  ["with a signature of another", { sigs: [...cert.sigs].reverse() }, "reject"],
  ["with one signature too few", { signers: cert.signers.slice(1), sigs: cert.sigs.slice(1) }, "reject"],
])("a final header with a certificate %s", async (_what, change, verdict) => {
  expect(header.height, toHex(cert.entryId)).toBeGreaterThan(0);
  expect(await verdictOn(change)).toBe(verdict);
});

test("a final header that is no news", async () => {
  expect(await verdictOn({}, later)).toBe("ignore");
});
