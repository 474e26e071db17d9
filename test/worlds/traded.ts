// A log with all that history tells of: sales and a purchase that found prices, one that found none, a trade that nobody
// delivered, and a conviction.
import { toHex } from "../../src/base/index.js";
import { encodeOperation, hasEnded, SLASHES, selfProving, TRADES } from "../../src/market/index.js";
import { encodeEvidence, type Vote, voteDigest, voteDomain, voteEvidence } from "../../src/quorum/index.js";
import { Cluster, ended, type Host, idOf, keyOf, LOT, opened, placed } from "../peer/cluster.js";

const CULPRIT = 3;

export interface Traded {
  readonly cluster: Cluster;
  /** keeps sue's and ann's keys */
  readonly host: Host;
  /** auctions that found a price, in the order of their ends */
  readonly sold: readonly string[];
}

export function traded(): Traded {
  const cluster = new Cluster({ agents: [["sue", "ann"], ["bob"], [], []], params: { lienBp: 0 } });
  const host = cluster.host(0);
  const sold: string[] = [];
  const auction = (capability: string, bids: Readonly<Record<string, bigint>>, more = {}) => {
    const id = opened(cluster, "sue", { lot: { ...LOT, capability }, ...more });
    for (const [bidder, amount] of Object.entries(bids)) placed(cluster, bidder, id, amount);
    ended(cluster, id);
    if (Object.keys(bids).length > 0) sold.push(toHex(id));
  };
  auction("gpu.hour", { ann: 500n, bob: 300n });
  auction("gpu", { bob: 70n });
  auction("gpu.hour", {});
  auction("gpu.hour", { ann: 40n, bob: 30n }, { direction: "buy", reserve: 1000n });
  auction("gpu.hour", { ann: 90n, bob: 80n });
  auction("render", { bob: 20n }, { deliverMs: 2000, settleMs: 2000 });
  const isOver = () =>
    cluster.hosts.every(({ live }) => [...live.ledger.table(TRADES).values()].every(hasEnded));
  if (!cluster.run(20_000, isOver)) throw new Error("the trade did not end");
  cluster.handOver(host, conviction(cluster));
  const convicted = () => cluster.hosts.every(({ live }) => live.ledger.table(SLASHES).size === 1);
  if (!cluster.run(20_000, convicted)) throw new Error("nobody was convicted");
  cluster.run(3000);
  return { cluster, host, sold };
}

/** Evidence that a seat has acknowledged two entries in a term, truly signed by it. */
function conviction(cluster: Cluster): Uint8Array {
  const { ledger, electorate } = cluster.host(0).live;
  const { chain, market } = ledger.network;
  const key = keyOf(`seat ${CULPRIT}`);
  const ack = (byte: number): Vote => {
    const entryId = new Uint8Array(32).fill(byte);
    const sig = key.sign(voteDigest(voteDomain(electorate, chain, market), "ack", 1, entryId));
    const { epoch } = electorate.set;
    const signer = electorate.seatOf(key.publicKey)!;
    return { type: "ack", epoch, setHash: electorate.setHash, term: 1, entryId, signer, sig };
  };
  const evidence = encodeEvidence(voteEvidence(ack(1), ack(2))!);
  return encodeOperation(selfProving(ledger.network, { kind: "evidence", evidence }));
}

export const CULPRITS_AGENT = toHex(idOf(`owner ${CULPRIT}`));
