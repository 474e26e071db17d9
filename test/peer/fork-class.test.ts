// F + 1 convicted seats: a fault of the class of a fork (spec/evidence#G8).
import { describe, expect, it } from "vitest";
import { encodeOperation, SLASHES, selfProving } from "../../src/market/index.js";
import { encodeEvidence, type Vote, voteDigest, voteDomain, voteEvidence } from "../../src/quorum/index.js";
import { Cluster, type Host, keyOf } from "./cluster.js";

/** Evidence that the seat of a cluster's host has acknowledged two entries in one term, truly signed by it. */
function doubleVoteOf(cluster: Cluster, host: number) {
  const { ledger, electorate } = cluster.host(0).live;
  const { chain, market } = ledger.network;
  const key = keyOf(`seat ${host}`);
  const domain = voteDomain(electorate, chain, market);
  const ack = (fill: number): Vote => {
    const entryId = new Uint8Array(32).fill(fill);
    const sig = key.sign(voteDigest(domain, "ack", 1, entryId));
    const { epoch } = electorate.set;
    const signer = electorate.seatOf(key.publicKey)!;
    return { type: "ack", epoch, setHash: electorate.setHash, term: 1, entryId, signer, sig };
  };
  const evidence = encodeEvidence(voteEvidence(ack(1), ack(2))!);
  return selfProving(ledger.network, { kind: "evidence", evidence });
}

function convict(cluster: Cluster, host: number): void {
  const operation = doubleVoteOf(cluster, host);
  const bytes = encodeOperation(operation);
  for (const one of cluster.hosts) cluster.feed(one, { kind: "operation", from: "x", operation, bytes });
}

const isStopped = ({ live }: Host): boolean => live.halted === "fork";

describe("seats convicted in one epoch", () => {
  it("one of four is slashed, and the log goes on", () => {
    const cluster = new Cluster({ agents: [["ann"], ["ben"], [], []] });
    convict(cluster, 3);
    expect(
      cluster.run(20_000, () => cluster.hosts.every(({ live }) => live.ledger.table(SLASHES).size === 1)),
    ).toBe(true);
    const { height } = cluster.host(0).live.tip;
    expect(cluster.run(20_000, () => cluster.host(0).live.tip.height > height + 4)).toBe(true);
    expect(cluster.hosts.some(isStopped)).toBe(false);
  });

  it("two of four stop every peer as a fork does, also after a restart", () => {
    const cluster = new Cluster({ agents: [["ann"], ["ben"], [], []] });
    convict(cluster, 2);
    convict(cluster, 3);
    expect(cluster.run(20_000, () => cluster.hosts.every(isStopped))).toBe(true);
    const host = cluster.host(0);
    expect(host.notices.some((one) => one.kind === "fork")).toBe(true);
    const { height } = host.live.tip;
    cluster.restart(host);
    cluster.run(10_000);
    expect([isStopped(host), host.live.tip.height]).toEqual([true, height]);
    const amount = 1n;
    const wish = {
      kind: "transfer",
      from: keyOf("ann").publicKey,
      to: keyOf("ben").publicKey,
      amount,
    } as const;
    expect(cluster.command(host, wish)).toMatchObject({ ok: false, refusal: { code: "PEER_STOPPED" } });
  });

  it("what arrives at a stopped peer is taken or left, and the step ends", () => {
    const cluster = new Cluster({ agents: [["ann"], ["ben"], [], []] });
    convict(cluster, 2);
    convict(cluster, 3);
    expect(cluster.run(20_000, () => cluster.hosts.every(isStopped))).toBe(true);
    convict(cluster, 1); // once an endless loop: work that the silent voter was told of again and again
    expect(cluster.hosts.every(isStopped)).toBe(true);
  });
});
