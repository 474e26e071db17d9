// Evidence that is of no use: a seat that has nothing left to lose fills neither gossip nor mempool nor event streams.
import { describe, expect, it } from "vitest";
import { IDLE_EVIDENCE_BURST } from "../../node/net/limits.js";
import type { Bytes } from "../../src/base/index.js";
import { encodeOperation, SLASHES, selfProving } from "../../src/market/index.js";
import { encodeEvidence, type Vote, voteDigest, voteDomain, voteEvidence } from "../../src/quorum/index.js";
import { Cluster, type Host, keyOf } from "./cluster.js";

const CULPRIT = 3;

/** Evidence that the culprit has acknowledged two entries in a term, truly signed by it. */
function pairIn(cluster: Cluster, term: number, fill = 1): Bytes {
  const { ledger, electorate } = cluster.host(0).live;
  const { chain, market } = ledger.network;
  const key = keyOf(`seat ${CULPRIT}`);
  const ack = (byte: number): Vote => {
    const entryId = new Uint8Array(32).fill(byte);
    const sig = key.sign(voteDigest(voteDomain(electorate, chain, market), "ack", term, entryId));
    const { epoch } = electorate.set;
    const signer = electorate.seatOf(key.publicKey)!;
    return { type: "ack", epoch, setHash: electorate.setHash, term, entryId, signer, sig };
  };
  const evidence = encodeEvidence(voteEvidence(ack(fill), ack(fill + 1))!);
  return encodeOperation(selfProving(ledger.network, { kind: "evidence", evidence }));
}

const proposals = (host: Host): number => host.notices.filter(({ kind }) => kind === "slashProposed").length;
const evidenceAt = ({ live }: Host): number =>
  [...live.mempool.values()].filter(({ shelf }) => shelf === "evidence").length;

describe("evidence", () => {
  it("of one conviction that waits is enough, and it is told of once", () => {
    const cluster = new Cluster({ agents: [[], [], [], []] });
    const host = cluster.host(0);
    expect(cluster.handOver(host, pairIn(cluster, 1))).toBe("ACCEPTED");
    for (let term = 2; term < 8; term++) {
      expect(cluster.handOver(host, pairIn(cluster, term))).toBe("NOT_NEEDED");
    }
    expect([evidenceAt(host), proposals(host)]).toEqual([1, 1]);
  });

  it("is of no use once its seat has nothing left, is kept by nobody, and its relayer is no longer heard", () => {
    const cluster = new Cluster({ agents: [[], [], [], []] });
    cluster.handOver(cluster.host(0), pairIn(cluster, 1));
    cluster.gossip(cluster.host(1), "evidence", pairIn(cluster, 1));
    const convicted = () => cluster.hosts.every(({ live }) => live.ledger.table(SLASHES).size === 1);
    expect(cluster.run(20_000, convicted)).toBe(true);
    const host = cluster.host(0);
    const told = Array.from({ length: IDLE_EVIDENCE_BURST + 4 }, (_, i) =>
      cluster.handOver(host, pairIn(cluster, 2 + i)),
    );
    expect(told.filter((code) => code === "NOT_NEEDED")).toHaveLength(IDLE_EVIDENCE_BURST);
    expect(told.slice(-4)).toEqual(Array(4).fill("EVIDENCE_RATE"));
    // The rate is its relayer's alone: others are heard, and the same evidence is not remembered against them.
    expect(cluster.handOver(host, pairIn(cluster, 2), "another")).toBe("NOT_NEEDED");
    expect([evidenceAt(host), proposals(host), host.live.ledger.table(SLASHES).size]).toEqual([0, 1, 1]);
  });

  it("that came while the verdict was out is judged again when it comes again", () => {
    const cluster = new Cluster({ agents: [[], [], [], []] });
    const host = cluster.host(0);
    const bytes = pairIn(cluster, 1);
    cluster.occupy(host);
    expect(cluster.handOver(host, bytes)).toBeNull();
    expect(cluster.handOver(host, pairIn(cluster, 1, 5))).toBeNull();
    cluster.release(host);
    expect(evidenceAt(host)).toBe(1);
    expect(cluster.handOver(host, bytes)).toBe("DUPLICATE");
  });
});
