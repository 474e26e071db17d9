// Restoring: a peer from its rows is the peer that wrote them, and rows that it did not write are a fault, not a crash.
import { describe, expect, it } from "vitest";
import { type Bytes, encode, fromHex, toHex } from "../../src/base/index.js";
import { commitRows } from "../../src/ledger/index.js";
import { AUCTIONS, auctionOf, COMMITS, createLedger } from "../../src/market/index.js";
import {
  LOG_PREFIX,
  logKey,
  OPENING_PREFIX,
  OPERATION_PREFIX,
  OWN_WITNESS_PREFIX,
  openPeer,
  type Peer,
  QUORUM_PREFIX,
  RESERVE_PREFIX,
  STATE_PREFIX,
  TIP_KEY,
} from "../../src/peer/index.js";
import { haltRow, KEY } from "../../src/quorum/log/rows.js";
import { bidding, Cluster, ended, type Host, opened, operationsIn, placed } from "./cluster.js";

/** What must be the same after a restart. */
function likeness(peer: Peer) {
  const { ledger, tip, custody, witnesses, voter } = peer;
  const own = peer.stored.operations.map(({ key }) => key.slice(OPERATION_PREFIX.length));
  return {
    tip: { ...tip, id: toHex(tip.id), root: toHex(tip.root) },
    root: toHex(ledger.tree.root()),
    ended: ledger.table(AUCTIONS).index.ended.sorted(),
    schedule: ledger.table(AUCTIONS).index.schedule.entries(),
    revealLoad: ledger.table(AUCTIONS).index.revealLoad.levels,
    unfinished: ledger.table(AUCTIONS).index.unfinished.sorted(),
    commits: ledger.table(COMMITS).index.byAuction.sorted(),
    rows: [...ledger.tree.keys()].sort().map((key) => [key, ledger.valueOf(key)]),
    operations: [...own, ...[...peer.mempool.values()].filter((one) => one.own).map((one) => one.key)].sort(),
    custody: custody.auctions().map((id) => [id, custody.reserveOf(fromHex(id)!)]),
    unpublished: custody.unpublished(),
    witnesses: witnesses.auctions(),
    final: voter.lastFinal.hex,
    term: voter.lastFinal.term,
    executed: voter.executedHeight,
  };
}

const reopened = (host: Host): Peer => {
  const result = openPeer(host.config(false), [...host.rows].reverse(), host.guard);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value;
};

/** A host after an auction, in the midst of another, with every kind of row. */
function busyHost(): { cluster: Cluster; host: Host } {
  const cluster = new Cluster({ agents: [["sue", "ann"], ["bob"]], seats: 1 });
  const first = opened(cluster, "sue");
  placed(cluster, "ann", first, 500n);
  ended(cluster, first);
  cluster.run(600);
  const second = opened(cluster, "sue", { commitMs: 5000, hiddenReserve: 50n, bond: 1_000_000n });
  placed(cluster, "ann", second, 300n, 2000);
  placed(cluster, "bob", second, 300n);
  cluster.run(20);
  return { cluster, host: cluster.host(0) };
}

describe("restoring", () => {
  it("at every batch of a whole auction, the peer of the rows is the running peer", () => {
    for (const seats of [1, 3]) {
      const cluster = new Cluster({ agents: [["sue", "ann"], ["bob"], ["eve"]], seats });
      let compared = 0;
      for (const host of cluster.hosts) {
        host.onBatch = ({ ready }) => {
          if (ready.persist.length === 0) return;
          expect(likeness(reopened(host))).toEqual(likeness(host.live));
          compared++;
        };
      }
      const auction = opened(cluster, "sue", { hiddenReserve: 50n, bond: 1_000_000n });
      placed(cluster, "ann", auction, 500n, 100);
      placed(cluster, "bob", auction, 300n);
      placed(cluster, "eve", auction, 400n, 50);
      ended(cluster, auction);
      cluster.run(800);
      expect(compared).toBeGreaterThan(60);
    }
  });

  it("a row that is damaged, lost or put there by others is a fault of the store, never an exception", () => {
    const { host } = busyHost();
    const open = (rows: Iterable<readonly [string, Bytes]>) => openPeer(host.config(false), rows, host.guard);
    const kinds = [STATE_PREFIX, LOG_PREFIX, OPENING_PREFIX, RESERVE_PREFIX, OWN_WITNESS_PREFIX, TIP_KEY];
    for (const kind of [...kinds, QUORUM_PREFIX]) {
      expect(
        [...host.rows.keys()].some((key) => key.startsWith(kind)),
        kind,
      ).toBe(true);
    }
    const mustFail = [STATE_PREFIX, LOG_PREFIX, OPENING_PREFIX, RESERVE_PREFIX, TIP_KEY];
    for (const [key, value] of host.rows) {
      const isGuarded = mustFail.some((prefix) => key.startsWith(prefix));
      const damages: [string, Bytes][] = [
        ["cut", value.slice(0, -1)],
        ["longer", Uint8Array.from([...value, 0])],
        ["first bit", Uint8Array.from(value, (byte, i) => (i === 0 ? byte ^ 1 : byte))],
        ["empty", new Uint8Array(0)],
      ];
      for (const [what, damaged] of damages) {
        const result = open(new Map(host.rows).set(key, damaged));
        if (isGuarded) expect(result.ok, `${key} ${what}`).toBe(false);
      }
      const without = new Map(host.rows);
      without.delete(key);
      const result = open(without);
      if ([STATE_PREFIX, TIP_KEY].some((prefix) => key.startsWith(prefix)))
        expect(result.ok, `no ${key}`).toBe(false);
    }
  });

  it("rows of no peer, of another network, and of a log with a gap are told apart", () => {
    const { host } = busyHost();
    const codeOf = (rows: Iterable<readonly [string, Bytes]>, of: Host = host): string => {
      const result = openPeer(of.config(false), rows, of.guard);
      return result.ok ? "opened" : result.error.code;
    };
    const other = new Cluster({ agents: [["zoe"]] }).host(0);
    expect(codeOf(host.rows, other)).toBe("STORE_OF_ANOTHER_NETWORK");
    for (const key of [
      "stranger",
      "own/",
      "own/opening/xyz",
      "own/reserve/",
      "state",
      "wit",
      "own/openings/1",
    ]) {
      expect(codeOf(new Map(host.rows).set(key, new Uint8Array(3)))).toBe("STORE_DAMAGED");
    }
    const { height } = host.live.tip;
    const withGap = new Map(host.rows);
    withGap.delete(logKey(height - 3));
    expect(codeOf(withGap)).toBe("STORE_DAMAGED");
    const swapped = new Map(host.rows)
      .set(logKey(height - 1), host.rows.get(logKey(height - 2))!)
      .set(logKey(height - 2), host.rows.get(logKey(height - 1))!);
    expect(codeOf(swapped)).toBe("STORE_DAMAGED");
    const headless = new Map(host.rows);
    headless.delete(logKey(height));
    expect(codeOf(headless)).toBe("STORE_DAMAGED");
  });

  it("a peer that has stopped for ever stays so: it grants nothing and opens nothing", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"]], seats: 1 });
    const ann = cluster.host(1);
    const auction = opened(cluster, "sue");
    placed(cluster, "ann", auction, 500n);
    placed(cluster, "ann", auction, 400n, 700);
    cluster.run(300);
    const root = ann.live.tip.root;
    const why = { kind: "corrupt", height: ann.live.tip.height, own: root, finalised: root } as const;
    ann.rows.set(KEY.halt, encode(haltRow, why));
    cluster.restart(ann);
    expect(ann.live.halted).toBe("corrupt");
    const sent = ann.sent.length;
    expect(cluster.command(ann, bidding("ann", auction, 5n))).toMatchObject({
      refusal: { code: "PEER_STOPPED" },
    });
    cluster.run(6000);
    expect(auctionOf(cluster.host(0).live.ledger, auction)!.phase.kind).toBe("unsold");
    expect(operationsIn(ann.sent.slice(sent))).toEqual([]);
  });

  it("the start of a new peer writes the state of height 0, once", () => {
    const host = new Cluster({ agents: [["ann"]] }).host(0);
    const { writes } = commitRows(createLedger(host.genesis));
    const { persist } = host.steps[0]!.ready;
    const put = persist.flatMap((one) => (one.kind === "put" ? [one.key] : []));
    expect(writes.every(([key]) => put.includes(STATE_PREFIX + key))).toBe(true);
    host.open(false);
    const again = host.take({ kind: "start", nowMs: host.live.tip.timeMs + 1000 });
    const state = again.persist.filter((one) => one.kind === "put" && one.key.startsWith(STATE_PREFIX));
    expect(state.length).toBeLessThan(writes.length);
  });
});
