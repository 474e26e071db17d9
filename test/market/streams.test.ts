// Streams: whatever is sent, valid or not, the ledger keeps its laws and its rows keep the whole of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACCOUNTS, commitRows, type Ledger } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  apply,
  auctionOf,
  check,
  closeMsOf,
  type Operation,
  restoreLedger,
  selfProving,
} from "../../src/market/index.js";
import { agent, convictions, FUNDS, judgeEvidence, offer, salt, World } from "./world.js";

const NAMES = ["ann", "bob", "sue"];
const UNBOND_MS = 1000;
const world = () =>
  new World({
    names: [...NAMES, "seat 2"],
    allowance: 5_000n,
    stakes: { ann: 1500n, "seat 2": 150n },
    params: { evidenceMs: UNBOND_MS - 1, unbondMs: UNBOND_MS },
  });
const transfer = (to: string, amount: bigint) => ({ kind: "transfer", to: agent(to), amount }) as const;
const grant = (to: string, amount: bigint) =>
  ({ kind: "grant", to: agent(to), free: amount, stake: 0n }) as const;

/** Everything in the state, as text: what was not touched has not changed. */
function snapshot(ledger: Ledger, keys: Iterable<string>): string {
  return [...keys]
    .map((key) => `${key}=${Buffer.from(ledger.valueOf(key) ?? []).toString("hex")}`)
    .join("\n");
}

for (const term of [100, 101]) {
  convictions.push({ type: "E2", agent: agent("seat 2"), key: agent("seat key 2"), epoch: 0, term });
}

/** A choice of what to do next: numbers that a world turns into an operation, valid or not. */
const wish = fc.record({
  kind: fc.constantFrom(
    ...["transfer", "grant", "create", "cancel", "commit", "reveal", "open", "evidence"],
    ...["bond", "unbond", "unbond"],
  ),
  from: fc.constantFrom(...NAMES, "faucet", "stranger", "seat 2"),
  to: fc.constantFrom(...NAMES, "stranger"),
  amount: fc.oneof(fc.bigInt(0n, 2000n), fc.constantFrom(FUNDS, 1n, 100n)),
  which: fc.nat(3),
  ahead: fc.constantFrom(0, 0, 0, 0, 1, -1),
});

type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

function operationOf(w: World, { kind, from, to, amount, which, ahead }: Wish): Operation {
  const { network } = w.ledger;
  const auction = [...w.ledger.table(AUCTIONS).values()].at(which)?.id ?? salt("no auction");
  const bid = amount % 1200n;
  const authored = (body: Parameters<World["op"]>[1]) => {
    const op = w.op(from, body, ahead);
    return op.authority!.nonce < 0 ? w.op(from, body) : op;
  };
  switch (kind) {
    case "transfer":
      return authored(transfer(to, amount));
    case "grant":
      return authored({ ...grant(to, amount), stake: amount % 3n });
    case "bond":
    case "unbond":
      return authored({ kind, amount });
    case "create":
      return authored(
        offer({ reserve: amount % 1500n, bond: amount % 3n, commitMs: 500, lockups: [100n, 1000n] }),
      );
    case "cancel":
      return authored({ kind: "cancel", auction });
    case "commit":
      return authored(w.commit(auction, from, bid, amount % 2n === 0n ? 1000n : 100n));
    case "reveal":
      return w.reveal(auction, from, bid);
    case "open":
      return selfProving(network, { kind: "openReserve", auction, reserve: amount, salt: salt(to) });
    default:
      return selfProving(network, { kind: "evidence", evidence: Uint8Array.of(convictions.length - which) });
  }
}

const stories = fc.array(
  fc.record({
    wishes: fc.array(wish, { maxLength: 6 }),
    afterMs: fc.constantFrom(1, 60, 300, 700, 9000),
    leader: fc.nat(3),
    lag: fc.constantFrom(1, 1, 1, 2, 3),
  }),
  { minLength: 1, maxLength: 40 },
);

describe("under any stream of operations", () => {
  it("money is conserved, nothing is negative, and the rows alone restore the same state", () => {
    fc.assert(
      fc.property(stories, (story) => {
        const w = world();
        const rows = new Map<string, Uint8Array>();
        const keep = (writes: readonly (readonly [string, Uint8Array | null])[]) => {
          for (const [key, value] of writes) value === null ? rows.delete(key) : rows.set(key, value);
        };
        for (const key of w.ledger.tree.keys()) rows.set(key, w.ledger.valueOf(key)!);
        for (const { wishes, afterMs, leader, lag } of story) {
          const execHeight = Math.max(w.execHeight, w.height + 1 - lag);
          const options = { afterMs, leader, execHeight };
          const ops = wishes.map((one) => operationOf(w, one));
          w.entry(ops, options, keep);
        }
        const restored = restoreLedger(w.genesis, rows, w.root);
        if (!restored.ok) throw new Error(restored.error.reason);
        expect(snapshot(restored.value, rows.keys())).toBe(snapshot(w.ledger, rows.keys()));
        const [again, running] = [restored.value, w.ledger].map((one) => one.table(AUCTIONS).index);
        expect(again!.revealLoad).toEqual(running!.revealLoad);
        expect(again!.ended.sorted()).toEqual(running!.ended.sorted());
        expect(again!.schedule.entries()).toEqual(running!.schedule.entries());
        expect(again!.unfinished.sorted()).toEqual(running!.unfinished.sorted());
        const [after, before] = [restored.value, w.ledger].map((one) => one.table(ACCOUNTS).index.releases);
        expect(after!.sorted()).toEqual(before!.sorted());
      }),
      { numRuns: 60 },
    );
  });

  it("an outage moves no reveals between slots, and closes that lay ahead stay as far ahead", () => {
    const auctions = fc.array(
      fc.record({
        openInMs: fc.nat(40_000),
        commitMs: fc.integer({ min: 500, max: 90_000 }),
        bids: fc.nat(2),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const outages = fc.array(fc.integer({ min: 8001, max: 100_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(auctions, outages, (plans, gapsMs) => {
        const w = world();
        const ids = plans.map(({ openInMs, commitMs }) =>
          w.create("sue", {
            openMs: openInMs < 10_000 ? 0 : w.timeMs + openInMs,
            commitMs,
            revealMs: 60_000,
          }),
        );
        w.entry();
        const bidders = ["ann", "bob"];
        for (const [i, { bids }] of plans.entries()) {
          for (const name of w.phase(ids[i]!) === "open" ? bidders.slice(0, bids) : []) {
            w.entry([w.op(name, w.commit(ids[i]!, name, 5n, 1000n))]);
          }
        }
        const ahead = () =>
          ids.map((id) => {
            const { phase } = auctionOf(w.ledger, id)!;
            return phase.kind === "open" ? closeMsOf(phase, w.ledger.clock) - w.timeMs : null;
          });
        for (const gapMs of gapsMs) {
          // What lies behind its close turns in the entry after the outage; it is another matter.
          if (ahead().some((one) => one !== null && one <= 0)) return;
          const before = {
            slots: structuredClone(w.ledger.table(AUCTIONS).index.revealLoad.levels),
            ahead: ahead(),
          };
          const opened = w.entry([], { afterMs: gapMs }).phaseChanges.length > 0;
          if (opened) return;
          expect(w.ledger.table(AUCTIONS).index.revealLoad.levels).toEqual(before.slots);
          expect(ahead()).toEqual(before.ahead);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("what check passes, apply applies; and check writes nothing", () => {
    fc.assert(
      fc.property(stories, (story) => {
        const w = world();
        for (const { wishes, afterMs, leader } of story) {
          for (const one of wishes) {
            const op = operationOf(w, one);
            const at = { ...w.next({ afterMs, leader }), judgeEvidence };
            const rejection = check(w.ledger, op, at);
            expect(w.ledger.touched.size).toBe(0);
            if (rejection === null) apply(w.ledger, op, at);
            commitRows(w.ledger);
          }
          w.entry([], { afterMs, leader });
        }
      }),
      { numRuns: 40 },
    );
  });
});
