// Packing and credit: what a leader packs of many bids at once may be locked, and whatever may be locked elsewhere, nobody takes it for idle.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS } from "../../src/ledger/index.js";
import {
  idleAmong,
  lockableOf,
  multiplierBpOf,
  type Operation,
  type OperationBody,
  packEntry,
  STANDINGS,
} from "../../src/market/index.js";
import { agent, FEE, judgeEvidence, World } from "./world.js";

const SIZE = 300;
const sized = (ops: readonly Operation[]) => ops.map((operation) => ({ operation, size: SIZE }));

function pack(
  world: World,
  ops: readonly Operation[],
  inFlight: readonly Operation[] = [],
): readonly Operation[] {
  const times = { timeMs: world.timeMs + 1, executedMs: world.timeMs };
  const limits = { ...times, maxOps: 2000, maxBytes: 1 << 20, inFlight, judgeEvidence };
  return packEntry(sized(ops), world.ledger, limits).map(({ operation }) => operation);
}

function idleIn(world: World, ops: readonly Operation[], inFlight: readonly Operation[] = []): number {
  const times = { timeMs: world.timeMs + 1, executedMs: world.timeMs, execHeight: world.height };
  return idleAmong(world.ledger, sized(ops), { ...times, inFlight, judgeEvidence }).operations;
}

const SUM = 1_000_000n;
const NAMES = ["a0", "a1"];
const LOCKUPS = [1000n, (SUM * 3n) / 10n, SUM - 2n * FEE, 2n * SUM];

interface Rated {
  readonly score: number;
  readonly weight: number;
}
const rate = (world: World, name: string, { score, weight }: Rated): void =>
  world.ledger.put(STANDINGS, agent(name), { score, weight, blocked: "no", recent: [] });

/** Four auctions that take bids, and accounts with little of which some is stake. */
function scene(stakes: readonly bigint[], ratings: readonly Rated[]) {
  const world = new World({
    names: [...NAMES, "bob", "sue"],
    stakes: Object.fromEntries(NAMES.map((name, i) => [name, stakes[i]!])),
  });
  for (const [i, name] of NAMES.entries()) {
    const amount = world.free(name) - SUM - FEE;
    world.entry([world.op(name, { kind: "transfer", to: agent("bob"), amount })]);
    rate(world, name, ratings[i]!);
  }
  const ids = LOCKUPS.map(() => world.create("sue", { lockups: LOCKUPS, commitMs: 60_000 }));
  world.entry();
  return { world, ids };
}

const wish = fc.record({
  name: fc.constantFrom(...NAMES),
  kind: fc.constantFrom("commit", "commit", "commit", "transfer", "unbond"),
  auction: fc.nat(LOCKUPS.length - 1),
  lockup: fc.constantFrom(0, 1, 2, 3, 3),
  fee: fc.constantFrom(FEE, 2n * FEE, SUM / 4n),
  amount: fc.constantFrom(0n, 1n, SUM / 5n, SUM),
});
const rating = fc.record({
  score: fc.constantFrom(5000, 6001, 8001, 9001, 9501, 9501),
  weight: fc.constantFrom(0, 20_000, 20_000),
});
const ratings = fc.tuple(rating, rating);
const stakes = fc.tuple(...NAMES.map(() => fc.constantFrom(0n, SUM / 2n, 3n * SUM, 3n * SUM)));

type Wish = typeof wish extends fc.Arbitrary<infer W> ? W : never;
function signed({ world, ids }: ReturnType<typeof scene>, wishes: readonly Wish[]): Operation[] {
  const used = new Map<string, number>();
  return wishes.map(({ name, kind, auction, lockup, fee, amount }, i) => {
    const bodies: Record<string, () => OperationBody> = {
      commit: () => world.commit(ids[auction]!, name, 5n, LOCKUPS[lockup]!, `${i}`),
      transfer: () => ({ kind: "transfer", to: agent("bob"), amount }),
      unbond: () => ({ kind: "unbond", amount: amount + 1n }),
    };
    const lane = `${name}/${kind === "commit"}`;
    const nth = used.get(lane) ?? 0;
    used.set(lane, nth + 1);
    return world.op(name, bodies[kind]!(), nth, fee);
  });
}

/** What the cases came by: a law that nothing tries says nothing. */
const seen = { applied: 0, alone: 0, lent: 0, later: 0 };

describe("what a leader packs of bids of every size and standing", () => {
  it("may be locked, or stands alone; and pays", () => {
    fc.assert(
      fc.property(
        stakes,
        ratings,
        fc.array(wish, { minLength: 1, maxLength: 12 }),
        (stake, rates, wishes) => {
          const it = scene(stake, rates);
          const { world } = it;
          const packed = pack(world, signed(it, wishes));
          const { receipts } = world.entry(packed);
          for (const [i, { status, code }] of receipts.entries()) {
            expect(status).not.toBe("ignored");
            if (status === "applied") seen.applied++;
            if (code !== "FUNDS_TOO_LOW" && code !== "LOCKABLE_TOO_LOW") continue;
            const sender = toHex(packed[i]!.authority!.from);
            expect(packed.filter(({ authority }) => toHex(authority!.from) === sender)).toHaveLength(1);
            seen.alone++;
          }
          for (const name of NAMES) {
            const { free, locked, stake: left } = world.ledger.accountOf(agent(name))!;
            expect(free >= 0n && left >= 0n).toBe(true);
            if (locked.fromStake > 0n) seen.lent++;
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it("is idle to nobody, in whatever standing and with whatever stake its state has the senders, entry upon entry", () => {
    fc.assert(
      fc.property(
        stakes,
        ratings,
        ratings,
        fc.array(wish, { minLength: 2, maxLength: 16 }),
        fc.array(wish, { maxLength: 8 }),
        (stake, rates, later, wishes, hasty) => {
          const it = scene(stake, rates);
          const { world } = it;
          // A liar's entry holds what no honest leader packs.
          const inFlight = signed(it, hasty);
          const ops = signed(it, [...hasty, ...wishes]).slice(hasty.length);
          const packed = pack(world, ops, inFlight);
          seen.later += inFlight.length > 0 ? packed.length : 0;
          for (const [i, name] of NAMES.entries()) rate(world, name, later[i]!);
          expect(idleIn(world, packed, inFlight)).toBe(0);
          world.entry(inFlight);
          expect(idleIn(world, packed)).toBe(0);
          for (const name of NAMES) {
            world.ledger.change(ACCOUNTS, agent(name), (one) => {
              one.stake = 0n;
            });
          }
          expect(idleIn(world, packed)).toBe(0);
          expect(
            world.entry(packed, { isAudited: false }).receipts.map(({ status }) => status),
          ).not.toContain("ignored");
        },
      ),
      { numRuns: 120 },
    );
    for (const [what, count] of Object.entries(seen)) expect([what, count > 0]).toEqual([what, true]);
  });
});

it("many bids at once lock what is lockable, and the others wait for what returns", () => {
  const { world, ids } = scene(
    [0n, 0n],
    [
      { score: 5000, weight: 0 },
      { score: 5000, weight: 0 },
    ],
  );
  const lockup = (SUM * 3n) / 10n;
  const bids = ids.map((id, i) => world.op("a0", world.commit(id, "a0", 5n, lockup), i));
  expect(multiplierBpOf(world.ledger, agent("a0"))).toBe(8000);
  expect(lockableOf(world.ledger, agent("a0"), world.timeMs)).toBe((SUM * 4n) / 5n);
  const packed = pack(world, bids);
  expect(packed).toEqual(bids.slice(0, 2));
  expect(pack(world, bids.slice(2), packed)).toEqual([]);
  expect(world.entry(packed).receipts.map(({ code }) => code)).toEqual([null, null]);
  // Nothing before it takes anything: it fails, pays, and does not wait for ever.
  expect(pack(world, bids.slice(2))).toEqual([bids[2]]);
  expect(world.entry([bids[2]!]).receipts.map(({ code }) => code)).toEqual(["LOCKABLE_TOO_LOW"]);
});
