// Packing under budgets: what children of one owner send at once is covered together, and no judge finds it idle.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BudgetTerms } from "../../src/ledger/index.js";
import {
  idleAmong,
  type Operation,
  type OperationBody,
  operationId,
  type Packable,
  packEntry,
} from "../../src/market/index.js";
import { agent, FEE, judgeEvidence, offer, World } from "./world.js";

const SIZE = 300;
const sized = (ops: readonly Operation[]): Packable[] => ops.map((operation) => ({ operation, size: SIZE }));
const BURN = 100_000n;
const MUCH = 10n ** 9n;
const NAMES = ["root", "kid", "pip", "tot", "ann", "sue"] as const;
const PERIOD_MS = 60_000;

function opening(w: World, child: string, part: Partial<BudgetTerms> = {}): OperationBody {
  const nth = w.ledger.accountOf(agent(child))?.budgets ?? 0;
  const terms = { perAuction: MUCH, perPeriod: MUCH, total: null, untilMs: 10 ** 10, ...part };
  return { kind: "openBudget", child: agent(child), terms, nth, consent: new Uint8Array(64) };
}

/** Root lets kid spend, and kid lets pip and tot, who have nothing; root has `left`. */
function tree(left: bigint, terms: Partial<BudgetTerms> = {}, below: Partial<BudgetTerms> = {}): World {
  const w = new World({ names: ["root", "ann", "sue"] });
  const apply = (op: Operation) => expect(w.entry([op]).receipts[0]!.code).toBeNull();
  apply(w.op("root", opening(w, "kid", terms)));
  apply(w.op("kid", opening(w, "pip", below)));
  apply(w.op("kid", opening(w, "tot", below)));
  apply(w.op("root", { kind: "transfer", to: agent("ann"), amount: w.free("root") - FEE - left }));
  return w;
}

function packed(w: World, ops: readonly Operation[], inFlight: readonly Operation[] = [], afterMs = 1) {
  const [executedMs, timeMs] = [w.timeMs, w.timeMs + afterMs];
  const limits = { timeMs, executedMs, maxOps: 2000, maxBytes: 1 << 20, inFlight, judgeEvidence };
  return packEntry(sized(ops), w.ledger, limits).map(({ operation }) => operation);
}

describe("what children send at once", () => {
  const fill = { kind: "unbond", amount: 1n } as const;

  it("is packed as far as their owner's funds cover all of it together", () => {
    const w = tree(5n * FEE);
    const ops = ["pip", "tot", "kid", "root"].flatMap((name) => [0, 1].map((i) => w.op(name, fill, i)));
    expect(packed(w, ops)).toEqual(ops.slice(0, 5));
    expect(packed(w, ops.slice(4), ops.slice(0, 4))).toEqual(ops.slice(4, 5));
  });

  it.each(["perPeriod", "total"] as const)("is packed as far as %s of a level above covers it", (limit) => {
    const before = 2n * (BURN + FEE);
    const w = tree(MUCH / 2n, { [limit]: before + 3n * FEE });
    const ops = ["pip", "tot"].flatMap((name) => [0, 1].map((i) => w.op(name, fill, i)));
    expect(packed(w, ops)).toEqual(ops.slice(0, 3));
    expect(packed(w, ops.slice(2), ops.slice(0, 2))).toEqual(ops.slice(2, 3));
    if (limit === "perPeriod") expect(packed(w, ops, [], PERIOD_MS)).toEqual(ops);
  });

  it("is packed as far as a level's limit in an auction covers it, also of one made in flight", () => {
    const w = tree(MUCH / 2n, { perAuction: 2n * (1000n + FEE) + FEE });
    const creation = w.op("sue", offer({ lockups: [1000n] }));
    const id = w.nextAuctionId("sue");
    w.entry([creation]);
    w.entry();
    const ops = ["pip", "tot", "kid"].map((name) => w.op(name, w.commit(id, name, 5n, 1000n)));
    expect(packed(w, ops)).toEqual(ops.slice(0, 2));
  });

  it("waits where it is not covered: a child does not close its owner's funds to the others", () => {
    const w = tree(MUCH / 2n, { perAuction: 1500n });
    const id = w.create("sue", { lockups: [1000n] });
    w.entry();
    const tooMuch = w.op("pip", w.commit(id, "pip", 5n, 1000n));
    const other = w.op("tot", fill);
    expect(packed(w, [tooMuch, other])).toEqual([other]);
  });

  it("waits behind what may change who pays for it", () => {
    const w = tree(MUCH / 2n);
    const close = w.op("root", { kind: "closeBudget", child: agent("kid") });
    const ops = ["pip", "kid", "root"].map((name) => w.op(name, fill));
    expect(packed(w, ops, [close])).toEqual(ops.slice(2));
    expect(packed(w, [close, ...ops])).toEqual([close, ops[2]]);
    const stranger = w.op("ann", { kind: "closeBudget", child: agent("kid") });
    expect(packed(w, ops, [stranger])).toEqual(ops);
    const used = w.op("ann", { ...opening(w, "kid"), nth: 0 } as OperationBody);
    expect(packed(w, ops, [used])).toEqual(ops);
    const renewal = w.op("root", opening(w, "kid"));
    expect(packed(w, ops, [renewal])).toEqual(ops.slice(2));
  });

  it("waits where its budget expires between the state and the entry", () => {
    const untilMs = 1_000_000 + 1000;
    const w = tree(MUCH / 2n, { untilMs });
    const ops = ["pip", "root"].map((name) => w.op(name, fill));
    expect(packed(w, ops, [], untilMs - w.timeMs)).toEqual(ops);
    expect(packed(w, ops, [], untilMs - w.timeMs + 1)).toEqual(ops.slice(1));
  });
});

describe("an operation in flight that is passed over, for its fee is not covered", () => {
  /** Chosen in a state upon two entries, and what of it is idle where the first of these is executed. */
  function chosenAndIdle(
    make: () => World,
    flight: (w: World) => readonly [Operation, Operation | null],
    waiting: (w: World) => readonly Operation[],
    afterMs = 50,
  ) {
    const w = make();
    const [first, second] = flight(w);
    const later = second === null ? [] : [second];
    const [looked, timeMs] = [w.height, w.timeMs + 50 + afterMs];
    const chosen = packed(w, waiting(w), [first, ...later], timeMs - w.timeMs);
    expect(w.entry([first]).receipts[0]!.status).toBe("ignored");
    const beneath = { timeMs, executedMs: w.timeMs, execHeight: looked, inFlight: later, judgeEvidence };
    return { chosen: chosen.length, idle: idleAmong(w.ledger, sized(chosen), beneath).operations };
  }
  const gifts = (w: World, from: string, ahead = 0) =>
    Array.from({ length: 20 }, (_, i) =>
      w.op(from, { kind: "transfer", to: agent("sue"), amount: 1n }, ahead + i),
    );

  it("leaves its nonce to another, which opens a budget for whom it likes", () => {
    const make = () => new World({ names: ["root", "ann", "sue"] });
    const flight = (w: World) =>
      [
        w.op("nobody", { kind: "closeBudget", child: agent("sue") }),
        w.op("nobody", opening(w, "ann")),
      ] as const;
    expect(chosenAndIdle(make, flight, (w) => gifts(w, "ann")).idle).toBe(0);
  });

  it("leaves its nonce to another, which takes what its owner has", () => {
    const lockup = 25n * FEE;
    const auction = (w: World) => w.nextAuctionId("sue", 0);
    const make = () => {
      const w = tree(250n * FEE, { perAuction: 200n * FEE }, { perAuction: lockup + FEE });
      w.create("sue", { lockups: [lockup], commitMs: 9000 });
      w.entry();
      // All that it may spend in this one.
      w.entry([w.op("pip", w.commit(auction(w), "pip", 5n, lockup))]);
      return w;
    };
    const flight = (w: World) =>
      [w.op("pip", { kind: "cancel", auction: auction(w) }), w.op("pip", offer())] as const;
    const dear = (w: World) =>
      Array.from({ length: 20 }, (_, i) => w.op("root", { kind: "unbond", amount: 1n }, i, 10n * FEE));
    const { chosen, idle } = chosenAndIdle(make, flight, dear);
    expect([chosen > 0, idle]).toEqual([true, 0]);
  });

  it("may be covered in the next period, and nobody knows in which it is executed", () => {
    const make = () => {
      const w = tree(MUCH / 2n, { perPeriod: 2n * (BURN + FEE) + FEE });
      w.entry([], { afterMs: 1_000_000 + PERIOD_MS - 100 - w.timeMs });
      return w;
    };
    const flight = (w: World) => [w.op("pip", { kind: "unbond", amount: 1n }, 0, 2n * FEE), null] as const;
    const waiting = (w: World) => [
      ...Array.from({ length: 18 }, (_, i) => w.op("pip", { kind: "unbond", amount: 1n }, 1 + i)),
      w.op("tot", { kind: "unbond", amount: 1n }),
    ];
    expect(chosenAndIdle(make, flight, waiting)).toEqual({ chosen: 1, idle: 0 });
  });
});

describe("an honest leader", () => {
  const wish = fc.record({
    name: fc.constantFrom(...NAMES),
    child: fc.constantFrom(...NAMES),
    kind: fc.constantFrom("transfer", "fill", "fill", "commit", "commit", "create", "open", "close"),
    fee: fc.constantFrom(1n, 2n, 50n, 400n),
    amount: fc.constantFrom(0n, 1n, 200_000n, 900_000n),
    ahead: fc.constantFrom(0, 0, 0, 1, 1, 2),
    limits: fc.constantFrom(150_000n, 500_000n, MUCH),
    lastsMs: fc.constantFrom(30, 2000, MUCH),
    isStale: fc.boolean(),
    entry: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null, freq: 2 }),
  });
  type Wish = typeof wish extends fc.Arbitrary<infer W> ? W : never;

  function scene() {
    const untilMs = 1_000_000 + 1500;
    const w = tree(2_000_000n, { perAuction: 600_000n, perPeriod: 1_000_000n }, { total: 500_000n, untilMs });
    w.entry([w.op("ann", { kind: "transfer", to: agent("pip"), amount: 50n * FEE })]);
    const open = w.create("sue", { lockups: [1000n, 200_000n, 400_000n] });
    w.entry();
    w.entry([w.op("pip", w.commit(open, "pip", 5n, 1000n, "before"))]);
    return { w, open };
  }
  const { w: world, open } = scene();

  function operationOf(one: Wish, i: number): Operation {
    const { name, child, kind, fee, amount, ahead, limits, lastsMs, isStale } = one;
    const lockup = amount === 200_000n ? 200_000n : amount === 900_000n ? 400_000n : 1000n;
    const untilMs = Number(BigInt(world.timeMs) + BigInt(lastsMs));
    const terms = { perAuction: limits, perPeriod: limits, total: limits, untilMs };
    const offered = opening(world, child, terms);
    const bodies: Record<Wish["kind"], () => OperationBody> = {
      transfer: () => ({ kind: "transfer", to: agent(child), amount }),
      fill: () => ({ kind: "unbond", amount: 1n + BigInt(i) }),
      commit: () => world.commit(open, name, 5n, lockup, `${i}`),
      create: () => offer({ bond: amount, reserve: BigInt(i) }),
      open: () => (isStale ? ({ ...offered, nth: 0 } as OperationBody) : offered),
      close: () => ({ kind: "closeBudget", child: agent(child) }),
    };
    return world.op(name, bodies[kind](), ahead, FEE * fee);
  }

  it("packs nothing that is idle for a judge in any later state, whoever pays by then", () => {
    const numRuns = Number(process.env.BUDGET_RUNS ?? 400);
    let packedOnce = 0;
    let budgeted = 0;
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 4, maxLength: 24 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom(50, 400, 30_000),
        fc.constantFrom(2000, 6),
        (wishes, count, afterMs, maxOps) => {
          const entries: Operation[][] = Array.from({ length: count }, () => []);
          const waiting: Operation[] = [];
          for (const [i, one] of wishes.entries()) {
            const op = operationOf(one, i);
            const entry = one.entry === null ? undefined : entries[one.entry];
            (entry ?? waiting).push(op);
          }
          const leader = scene().w;
          const looked = leader.height;
          const timeMs = leader.timeMs + count * afterMs + 1;
          const limits = { timeMs, maxOps, maxBytes: 1 << 20, judgeEvidence };
          const moment = { executedMs: leader.timeMs, inFlight: entries.flat() };
          const chosen = packEntry(sized(waiting), leader.ledger, { ...limits, ...moment });
          packedOnce += chosen.length;
          budgeted += chosen.filter(({ operation }) =>
            ["kid", "pip", "tot"].some((name) => operation.authority!.from.join() === agent(name).join()),
          ).length;
          const judge = scene().w;
          for (let at = 0; at <= count; at++) {
            const beneath = {
              timeMs,
              executedMs: judge.timeMs,
              execHeight: looked,
              inFlight: entries.slice(at).flat(),
            };
            const idle = idleAmong(judge.ledger, chosen, { ...beneath, judgeEvidence });
            expect(idle.operations).toBe(0);
            if (at < count) judge.entry(entries[at]!, { afterMs });
          }
          // And its own entry passes over nothing.
          const at = { afterMs: timeMs - judge.timeMs };
          const { receipts } = judge.entry(
            chosen.map(({ operation }) => operation),
            at,
          );
          const ids = new Set(chosen.map(({ operation }) => operationId(operation).join()));
          expect(ids.size).toBe(chosen.length);
          expect(receipts.filter(({ status }) => status === "ignored")).toEqual([]);
        },
      ),
      { numRuns },
    );
    expect(packedOnce).toBeGreaterThan(numRuns);
    expect(budgeted).toBeGreaterThan(numRuns / 4);
  });
});
