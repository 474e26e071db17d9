// Execution: every peer makes the same of the same entries, in their order, whatever they hold.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { leafHash, merkleRoot } from "../../src/crypto/index.js";
import { conservation } from "../../src/ledger/index.js";
import { encodeOperation, selfProving, signOperation } from "../../src/market/index.js";
import { Effects } from "../../src/peer/effects.js";
import { execute } from "../../src/peer/execution.js";
import { LOG_PREFIX, type Peer, STATE_PREFIX } from "../../src/peer/index.js";
import { type Header, type LogEntry, voteDigest, voteDomain } from "../../src/quorum/index.js";
import { BOND, Cluster, ended, FEE, FUNDS, type Host, idOf, keyOf, opened, placed } from "./cluster.js";

const rowsUnder = (host: Host, prefix: string) =>
  [...host.rows].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));

const NOTICES = ["entry", "auctionOpened", "auctionPhase", "bidCommitted", "bidRevealed", "auctionSettled"];
const told = (host: Host) => host.notices.filter(({ kind }) => NOTICES.includes(kind));

/** An entry that a quorum might have made final: execution judges it again all the same. */
function entryOn(peer: Peer, ops: readonly Uint8Array[]): LogEntry {
  const { tip, ledger, electorate } = peer;
  const header: Header = {
    v: 1,
    ...ledger.network,
    epoch: 0,
    setHash: electorate.setHash,
    term: (tip.header?.term ?? 0) + 1,
    leader: 0,
    height: tip.height + 1,
    parent: tip.id,
    parentTerm: tip.header?.term ?? 0,
    timeMs: tip.timeMs + 100,
    opsRoot: merkleRoot(ops.map(leafHash)),
    opsCount: ops.length,
    opsBytes: ops.reduce((sum, one) => sum + one.length, 0),
    justifyHash: new Uint8Array(32),
    execHeight: tip.height,
    execRoot: tip.root,
    kind: "normal",
    nextSetHash: null,
  };
  return { header, ops, justification: [], cert: null };
}

describe("execution", () => {
  it("peers with and without seats, early and late, come to the same rows and tell the same", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"], ["bob"], [], []], seats: 4 });
    const late = cluster.host(4);
    cluster.crash(late);
    const auction = opened(cluster, "sue");
    placed(cluster, "ann", auction, 500n);
    placed(cluster, "bob", auction, 300n);
    ended(cluster, auction);
    cluster.restart(late);
    const goal = cluster.host(0).live.tip.height;
    expect(cluster.run(5000, () => cluster.hosts.every((host) => host.live.tip.height >= goal))).toBe(true);
    const top = Math.min(...cluster.hosts.map((host) => host.live.tip.height));
    expect(
      cluster.run(5000, () => new Set(cluster.hosts.map((host) => host.live.tip.height)).size === 1),
    ).toBe(true);
    for (const host of cluster.hosts) {
      expect(host.live.tip.root).toEqual(cluster.host(0).live.tip.root);
      expect(rowsUnder(host, STATE_PREFIX)).toEqual(rowsUnder(cluster.host(0), STATE_PREFIX));
      expect(rowsUnder(host, LOG_PREFIX).length).toBeGreaterThanOrEqual(top);
      expect(told(host)).toEqual(told(cluster.host(0)));
      expect(conservation(host.live.ledger).holds).toBe(true);
    }
  });

  it("bytes that are no operation, or no valid one, are passed over alike", () => {
    const peers = [0, 1].map(() => new Cluster({ agents: [["sue"]], funded: ["ann"] }).host(0).live);
    const [peer] = peers as [Peer, Peer];
    const { network } = peer.ledger;
    const gift = { kind: "transfer", to: idOf("sue"), amount: 5n } as const;
    const authority = { nonce: 0, fee: FEE, validUntilMs: peer.tip.timeMs + 60_000 };
    const good = signOperation(network, authority, gift, keyOf("ann"));
    const ops = [
      Uint8Array.of(),
      Uint8Array.of(0xff),
      encodeOperation({ ...good, sig: new Uint8Array(64) }),
      encodeOperation(signOperation({ ...network, market: network.chain }, authority, gift, keyOf("ann"))),
      encodeOperation(signOperation(network, { ...authority, validUntilMs: 1 }, gift, keyOf("ann"))),
      encodeOperation(signOperation(network, { ...authority, fee: 0n }, gift, keyOf("ann"))),
      encodeOperation(selfProving(network, { kind: "evidence", evidence: Uint8Array.of(1) })),
      encodeOperation(good),
      encodeOperation(good),
    ];
    const outcomes = peers.map((one) => {
      const effects = new Effects();
      const root = execute(one, entryOn(one, ops), effects);
      return { root: toHex(root), notices: effects.ready(null).notify };
    });
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(peer.ledger.accountOf(idOf("ann"))).toMatchObject({ free: FUNDS - FEE - 5n, nonces: { bulk: 1 } });
    expect(outcomes[0]!.notices.at(-1)).toMatchObject({ kind: "entry", operations: ops.length });
  });

  it("what became final while something else was executed is executed after it", () => {
    for (const seats of [1, 2, 3]) {
      const agents = Array.from({ length: seats + 1 }, (_, i) => (i === 0 ? ["sue", "ann"] : []));
      const cluster = new Cluster({ agents, seats, delayMs: 30 });
      cluster.run(20_000);
      for (const host of cluster.hosts) {
        const heights = host.notices.flatMap((one) => (one.kind === "entry" ? [one.height] : []));
        expect(heights).toEqual(heights.map((_, i) => i + 1));
        expect(heights.length).toBeGreaterThan(5);
      }
    }
  });

  it("an own operation that came up within a step is proposed at once, and not at the next idle turn", () => {
    const cluster = new Cluster({ agents: [["sue", "ann"]], params: { idleMs: 300, batchMs: 20 } });
    const host = cluster.host(0);
    const auction = opened(cluster, "sue");
    placed(cluster, "ann", auction, 500n);
    ended(cluster, auction);
    const at = (kind: string) =>
      host.notices.find((one) => one.kind === kind) as { timeMs: number } | undefined;
    const reveal = host.notices.find((one) => one.kind === "auctionPhase" && one.phase === "reveal") as {
      timeMs: number;
    };
    expect(at("bidRevealed")!.timeMs - reveal.timeMs).toBeLessThan(100);
  });

  it("evidence of a seat's double vote is posted and convicts once, by however many it is found", () => {
    const cluster = new Cluster({ agents: [[], [], [], []] });
    cluster.run(1000);
    const seat = cluster.genesis.seats.findIndex((one) => toHex(one.key) === toHex(idOf("seat 3")));
    const culprit = cluster.host(3);
    const others = cluster.hosts.slice(0, 3);
    const vote = culprit.sent
      .flatMap((one) =>
        "message" in one && one.message.kind === "vote" && one.message.vote.type === "ack"
          ? [one.message.vote]
          : [],
      )
      .at(-1)!;
    const { electorate, ledger } = culprit.live;
    const domain = voteDomain(electorate, ledger.network.chain, ledger.network.market);
    for (const fill of [1, 2]) {
      const entryId = new Uint8Array(32).fill(fill);
      const sig = keyOf("seat 3").sign(voteDigest(domain, "ack", vote.term, entryId));
      const message = { kind: "vote", vote: { ...vote, entryId, sig } } as const;
      for (const host of others) cluster.feed(host, { kind: "message", from: "host 3", seat, message });
    }
    cluster.run(3000);
    const account = cluster.host(0).live.ledger.accountOf(idOf("owner 3"))!;
    expect([BOND, account.stake]).toEqual([BOND, 0n]);
    for (const host of others) {
      expect(host.notices.filter(({ kind }) => kind === "slashed")).toHaveLength(1);
      expect(host.live.mempool.size).toBe(0);
      expect(host.live.outbox.wakeAt).toBeNull();
    }
  });
});
