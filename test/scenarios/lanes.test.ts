// Scenarios 66 and 68 of spec/scenarios: whatever fills the lanes, and whoever clutters an agent's name, reveals are in time.
import { describe, expect, it } from "vitest";
import type { Ledger } from "../../src/ledger/index.js";
import {
  type AuctionId,
  auctionOf,
  commitOf,
  encodeOperation,
  type Operation,
  packEntry,
  selfProving,
  signOperation,
} from "../../src/market/index.js";
import type { Waiting } from "../../src/peer/mempool.js";
import { agent, judgeEvidence, World } from "../market/world.js";
import { Cluster, FEE, idOf, keyOf, opened, placed } from "../peer/cluster.js";

const LOCKUP = 1000n;
const COMMITS = 1500;
const ENTRY = { maxOps: 2000, maxBytes: 1 << 20 };

/** What a leader includes of what waits, by its own rule. */
function packed(world: World, waiting: readonly Operation[]): readonly Operation[] {
  const candidates = waiting.map((operation) => ({ operation, size: 200 }));
  const limits = {
    timeMs: world.timeMs + 50,
    executedMs: world.timeMs,
    ...ENTRY,
    inFlight: [],
    judgeEvidence,
  };
  return packEntry(candidates, world.ledger, limits).map(({ operation }) => operation);
}

describe("scenario 66: REVEAL with every lane full", () => {
  const bidders = Array.from({ length: COMMITS }, (_, i) => `b${i}`);
  const crowd = Array.from({ length: 20 }, (_, i) => `spam${i}`);

  /** Both lanes, full to the brim in every entry: payments, and commits to an auction that is still open. */
  function spam(world: World, other: Uint8Array): Operation[] {
    return crowd.flatMap((name) =>
      Array.from({ length: 60 }, (_, i) => [
        world.op(name, { kind: "transfer", to: agent("sue"), amount: 1n }, i, 8n * FEE),
        world.op(name, world.commit(other, name, 5n, LOCKUP), i, 8n * FEE),
      ]).flat(),
    );
  }

  for (const isLate of [false, true]) {
    it(`scenario 66: ${COMMITS} reveals that arrive ${isLate ? "just before the close" : "as the window begins"} are all final: nothing burns`, () => {
      const world = new World({
        names: [...bidders, ...crowd, "sue", "eve"],
      });
      const id = world.create("sue", { revealMs: 30_000 });
      const other = world.create("eve", { commitMs: 600_000 });
      for (let i = 0; i < COMMITS; i += 1000) {
        const some = bidders.slice(i, i + 1000);
        world.entry(some.map((name) => world.op(name, world.commit(id, name, 500n, LOCKUP))));
      }
      world.until(id, "reveal");
      while (closeOf(world, id) === null) world.entry(packed(world, spam(world, other)));
      // Never so long without an entry that the log would count as out.
      while (isLate && closeOf(world, id)! - world.timeMs > 100) {
        world.entry([], { afterMs: Math.min(7_000, closeOf(world, id)! - world.timeMs - 60) });
      }
      let waiting = bidders.map((name) => world.reveal(id, name, 500n));
      for (let i = 0; waiting.length > 0; i++) {
        const chosen = packed(world, [...spam(world, other), ...waiting]);
        expect(chosen.length).toBe(ENTRY.maxOps);
        const included = new Set(chosen);
        waiting = waiting.filter((op) => !included.has(op));
        world.entry(chosen);
        expect(i).toBeLessThan(4);
      }
      while (world.phase(id) === "reveal") world.entry([], { afterMs: 7_000 });
      expect(auctionOf(world.ledger, id)).toMatchObject({
        reveals: COMMITS,
        phase: { kind: "done", burned: 0n },
      });
    });
  }
});

const closeOf = ({ ledger }: { readonly ledger: Ledger }, id: AuctionId): number | null => {
  const { phase } = auctionOf(ledger, id)!;
  return phase.kind === "reveal" ? phase.closeMs : null;
};

describe("scenario 68: a full bulk lane, garbage in a victim's name, a peer that lags", () => {
  const crowd = Array.from({ length: 20 }, (_, i) => `c${i}`);

  it("scenario 68: the victim's reveal is final in time", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ben"], [], [], ["vic"]], seats: 4, funded: crowd });
    const auction = opened(cluster, "sue");
    placed(cluster, "vic", auction, 5_000n);
    placed(cluster, "ben", auction, 4_000n);
    const victim = cluster.homeOf("vic");
    const members = cluster.hosts.slice(0, 4);
    const { network } = cluster.host(0).live.ledger;
    const isIn = (phase: string): boolean =>
      members.some(({ live }) => auctionOf(live.ledger, auction)?.phase.kind === phase);
    cluster.run(400);
    flood();
    // Its own bulk lane is full as well: 64 payments wait for their turn behind the crowd's.
    for (let i = 0; i < 64; i++) {
      const pay = { kind: "transfer", from: idOf("vic"), to: idOf("sue"), amount: 1n } as const;
      cluster.command(victim, pay);
    }
    expect(cluster.run(10_000, () => isIn("reveal"))).toBe(true);
    // Its peer hears nothing of the close, and nobody hears it, until well after the window has begun.
    cluster.loses = (from, to) => from === victim || to === victim;
    clutter();
    expect(cluster.run(10_000, () => members.every(({ live }) => closeOf(live, auction) !== null))).toBe(
      true,
    );
    cluster.run(300);
    cluster.loses = () => false;
    for (const host of members) cluster.connect(victim, host);
    clutter();
    expect(cluster.run(20_000, () => isIn("done"))).toBe(true);
    const ended = auctionOf(cluster.host(0).live.ledger, auction)!;
    expect(ended).toMatchObject({
      reveals: 2,
      phase: { kind: "done", clearingPrice: 4_000n, burned: 0n },
    });

    /** 1,200 payments of twenty accounts: more than the bulk lane of an entry holds. */
    function flood(): void {
      for (const name of crowd) {
        for (let nonce = 0; nonce < 60; nonce++) {
          const authority = { from: idOf(name), nonce, fee: 16n * FEE, validUntilMs: cluster.nowMs + 60_000 };
          const body = { kind: "transfer", to: idOf("sue"), amount: 1n } as const;
          const operation = signOperation(network, authority, body, keyOf(name));
          const bytes = encodeOperation(operation);
          for (const host of members) cluster.feed(host, { kind: "operation", from: "x", operation, bytes });
        }
      }
    }

    /** In the victim's name, signed by nobody: its next nonces taken, a false opening, a commit to replace its own. */
    function clutter(): void {
      const { nonces } = cluster.host(0).live.ledger.accountOf(idOf("vic"))!;
      const commit = commitOf(victim.live.ledger, auction, idOf("vic"))!;
      const place = {
        kind: "commit",
        auction,
        commitment: commit.commitment,
        lockup: commit.lockup,
        recovery: commit.recovery,
      } as const;
      for (let i = 0; i < 8; i++) {
        const authority = {
          from: idOf("vic"),
          nonce: nonces.critical + i,
          fee: 64n * FEE,
          validUntilMs: cluster.nowMs + 60_000,
        };
        const forged = signOperation(network, authority, place, keyOf("somebody else"));
        const opening = selfProving(network, {
          kind: "reveal",
          auction,
          bidder: idOf("vic"),
          bid: { amount: 5_000n, units: null },
          salt: new Uint8Array(32).fill(i),
        });
        for (const op of [forged, opening]) {
          for (const host of members)
            expect(cluster.handOver(host, encodeOperation(op))).not.toBe("ACCEPTED");
        }
      }
      const inItsName = ({ operation: { authority, body } }: Waiting): boolean =>
        body.kind === "reveal" || (authority !== null && body.kind === "commit");
      for (const { live } of members) expect([...live.mempool.values()].filter(inItsName)).toEqual([]);
    }
  });
});
