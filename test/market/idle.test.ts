// Idle operations: whatever an honest leader packs counts for every judge; what nobody can pay for does not.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  idleAmong,
  type Operation,
  type OperationBody,
  operationId,
  type Packable,
  packEntry,
  selfProving,
} from "../../src/market/index.js";
import { agent, convictions, DEPOSIT, FEE, FUNDS, judgeEvidence, offer, World } from "./world.js";

const SIZE = 300;
const sized = (ops: readonly Operation[]): Packable[] => ops.map((operation) => ({ operation, size: SIZE }));
const gift = (amount: bigint): OperationBody => ({ kind: "transfer", to: agent("bob"), amount });

interface Upon {
  readonly execHeight?: number;
  readonly inFlight?: readonly Operation[];
  readonly timeMs?: number;
}

function idleIn(world: World, ops: readonly Operation[], upon: Upon = {}): number {
  const { execHeight = world.height, inFlight = [], timeMs = world.timeMs + 1 } = upon;
  const executedMs = world.timeMs;
  const beneath = { timeMs, executedMs, execHeight, inFlight, judgeEvidence };
  const idle = idleAmong(world.ledger, sized(ops), beneath);
  expect(idle.bytes).toBe(idle.operations * SIZE);
  return idle.operations;
}

const guilt = (seat: number, term: number): Operation => {
  const name = `seat ${seat}`;
  const fault = { type: "E6", agent: agent(name), key: agent(`seat key ${seat}`), epoch: 0, term } as const;
  const known = convictions.findIndex((one) => one.term === term && one.key.join() === fault.key.join());
  const index = known < 0 ? convictions.push(fault) - 1 : known;
  return selfProving(new World().ledger.network, { kind: "evidence", evidence: Uint8Array.of(index) });
};

describe("idle is", () => {
  it("what an unknown account signed, or one that cannot pay, also for all before it", () => {
    const world = new World({ names: ["ann", "bob"] });
    expect(idleIn(world, [world.op("nobody", gift(1n))])).toBe(1);
    expect(idleIn(world, [world.op("ann", gift(1n), 0, FUNDS + 1n)])).toBe(1);
    const flood = Array.from({ length: 40 }, (_, i) => world.op("ann", gift(0n), i, FUNDS / 4n));
    expect(idleIn(world, flood)).toBe(36);
    const emptied = [world.op("ann", gift(FUNDS - 2n * FEE)), ...flood.slice(1, 9)];
    expect(idleIn(world, emptied)).toBe(8);
  });

  it("what is not its lane's next nonce: used before, used in flight, or ahead of its turn", () => {
    const world = new World({ names: ["ann", "bob"] });
    const [first, second] = [0, 1].map((ahead) => world.op("ann", gift(1n), ahead)) as [Operation, Operation];
    const later = Array.from({ length: 9 }, (_, i) => world.op("ann", gift(1n), 20 + i));
    expect(idleIn(world, [first, second])).toBe(0);
    expect(idleIn(world, [second, ...later])).toBe(10);
    expect(idleIn(world, [first, second], { inFlight: [first] })).toBe(1);
    world.entry([first]);
    expect(idleIn(world, [first, second])).toBe(1);
  });

  it("an opening of nothing, of what is opened or about to be, or of what ended before the leader looked", () => {
    const world = new World({ names: ["ann", "bob", "sue"] });
    const id = world.create("sue");
    world.entry();
    const opening = world.reveal(id, "ann", 5n);
    expect(idleIn(world, [opening])).toBe(1);
    world.entry([world.op("ann", world.commit(id, "ann", 5n, 1000n))]);
    world.until(id, "reveal");
    const looked = world.height;
    expect(idleIn(world, [opening, world.reveal(id, "bob", 5n), world.reveal(id, "ann", 6n)])).toBe(2);
    expect(idleIn(world, [opening], { inFlight: [opening] })).toBe(1);
    while (world.phase(id) === "reveal") world.entry();
    expect(idleIn(world, [opening], { execHeight: looked })).toBe(0);
    expect(idleIn(world, [opening])).toBe(1);
  });

  it("an opening that was executed since the leader looked", () => {
    const world = new World({ names: ["ann", "bob", "sue"] });
    const id = world.create("sue");
    world.entry();
    world.entry(["ann", "bob"].map((name) => world.op(name, world.commit(id, name, 5n, 1000n))));
    world.until(id, "reveal");
    const looked = world.height;
    world.entry([world.reveal(id, "ann", 5n)]);
    expect(idleIn(world, [world.reveal(id, "ann", 5n)], { execHeight: looked })).toBe(1);
  });

  it("evidence that convicts nobody, of what is punished, twice in one entry, or beyond what a leader packs", () => {
    const world = new World();
    const garbage = selfProving(world.ledger.network, { kind: "evidence", evidence: Uint8Array.of(255) });
    expect(idleIn(world, [garbage, guilt(1, 4)])).toBe(1);
    expect(idleIn(world, [guilt(1, 4), guilt(1, 4)])).toBe(1);
    expect(idleIn(world, [guilt(1, 4)], { inFlight: [guilt(1, 5)] })).toBe(1);
    let asked = 0;
    const flood = Array.from({ length: 200 }, () => garbage);
    const counting = (bytes: Uint8Array) => {
      asked++;
      return judgeEvidence(bytes);
    };
    const { timeMs: executedMs } = world;
    const moment = { timeMs: executedMs + 1, executedMs, execHeight: 0 };
    const beneath = { ...moment, inFlight: [], judgeEvidence: counting };
    expect(idleAmong(world.ledger, sized(flood), beneath).operations).toBe(200);
    expect(asked).toBe(16);
    const two = [guilt(1, 4), guilt(2, 4)] as const;
    const none = { ...beneath, judgeEvidence };
    const idleOf = (last: number) =>
      idleAmong(
        world.ledger,
        two.map((operation, i) => ({ operation, size: i === 0 ? 32_768 : last })),
        none,
      );
    expect([idleOf(32_768).operations, idleOf(32_769).operations]).toEqual([0, 1]);
    world.entry([guilt(1, 4)]);
    expect(idleIn(world, [guilt(1, 4)])).toBe(1);
  });
});

describe("an honest leader", () => {
  const NAMES = ["a0", "a1", "a2"];
  const SUM = 2_000_000n;
  const wish = fc.record({
    name: fc.constantFrom(...NAMES, "nobody"),
    kind: fc.constantFrom("transfer", "fill", "commit", "bond", "reveal", "evidence"),
    fee: fc.constantFrom(1n, 2n, 200n, 500n, 1500n),
    amount: fc.constantFrom(0n, 1n, SUM / 3n, SUM - 2000n, SUM),
    ahead: fc.constantFrom(0, 0, 0, 1, 1, 2),
    /** null: it waits at the leader; else the entry in flight that a liar put it into */
    entry: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null, freq: 2 }),
    isBoth: fc.boolean(),
  });
  type Wish = typeof wish extends fc.Arbitrary<infer W> ? W : never;

  /** One auction that takes bids, one that reveals, and accounts with little. */
  function scene() {
    const world = new World({ names: [...NAMES, "bob", "sue"] });
    for (const name of NAMES) world.entry([world.op(name, gift(FUNDS - SUM - 4n * FEE))]);
    const shut = world.create("sue", { lockups: [1000n] });
    world.entry();
    world.entry(NAMES.map((name) => world.op(name, world.commit(shut, name, 5n, 1000n, "shut"))));
    world.until(shut, "reveal");
    const open = world.create("sue", { lockups: [1000n, SUM / 3n, SUM - 2000n] });
    world.entry();
    return { world, shut, open };
  }

  const { world, shut, open } = scene();

  function operationOf({ name, kind, fee, amount, ahead }: Wish, i: number): Operation {
    const lockup = amount < 1000n ? 1000n : amount === SUM ? SUM - 2000n : amount;
    if (kind === "reveal") return world.reveal(shut, name, 5n, "shut");
    if (kind === "evidence") return guilt(i % 3, ahead);
    const body: OperationBody =
      kind === "commit"
        ? world.commit(open, name, 5n, lockup, `${i}`)
        : kind === "bond"
          ? offer({ bond: amount, reserve: BigInt(i) })
          : gift(kind === "fill" ? 0n : amount);
    return world.op(name, body, ahead, FEE * fee);
  }

  it("packs nothing that is idle for a judge in any later state, whatever liars have put in between", () => {
    const numRuns = 60;
    let packedOnce = 0;
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 4, maxLength: 24 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom(50, 2_000, 12_000),
        (wishes, count, afterMs) => {
          const entries: Operation[][] = Array.from({ length: count }, () => []);
          const waiting: Operation[] = [];
          for (const [i, one] of wishes.entries()) {
            const op = operationOf(one, i);
            const entry = one.entry === null ? undefined : entries[one.entry];
            entry?.push(op);
            if (entry === undefined || one.isBoth) waiting.push(op);
          }
          const id = (op: Operation) => operationId(op).join();
          const excluded = new Set(entries.flat().map(id));
          const leader = scene().world;
          const looked = leader.height;
          const timeMs = leader.timeMs + count * afterMs + 1;
          const packed = packEntry(sized(waiting.filter((op) => !excluded.has(id(op)))), leader.ledger, {
            timeMs,
            executedMs: leader.timeMs,
            maxOps: 2000,
            maxBytes: 1 << 20,
            inFlight: entries.flat(),
            judgeEvidence,
          }).map(({ operation }) => operation);
          packedOnce += packed.length;
          const judge = scene().world;
          for (let at = 0; at <= count; at++) {
            const inFlight = entries.slice(at).flat();
            expect(idleIn(judge, packed, { execHeight: looked, inFlight, timeMs })).toBe(0);
            if (at < count) judge.entry(entries[at]!, { afterMs });
          }
        },
      ),
      { numRuns },
    );
    // Two a run come by, give or take ten in all.
    expect(packedOnce).toBeGreaterThan(numRuns);
  });

  /** What one leader packs upon what is in flight, and how much of it is idle when that is executed. */
  function packedAndIdle(make: () => World, waitingOf: (world: World) => readonly Operation[], below: Below) {
    const [leader, judge] = [make(), make()];
    const [executedMs, inFlight] = [leader.timeMs, below(leader)];
    const timeMs = executedMs + 100;
    const limits = { timeMs, executedMs, maxOps: 2000, maxBytes: 1 << 20, inFlight, judgeEvidence };
    const packed = packEntry(sized(waitingOf(leader)), leader.ledger, limits).map((one) => one.operation);
    const looked = { execHeight: leader.height, timeMs };
    expect(idleIn(leader, packed, { ...looked, inFlight })).toBe(0);
    judge.entry(inFlight);
    return { packed: packed.length, idle: idleIn(judge, packed, looked) };
  }
  type Below = (world: World) => readonly Operation[];

  it("counts the deposit of an auction in flight as it is taken, though an hour ends before its own entry", () => {
    const HOUR = 60 * 60 * 1000;
    const poor = () => {
      const world = new World({ names: ["ann", "bob"] });
      world.entry([world.op("ann", gift(FUNDS - FEE - (2n * DEPOSIT + 3n * FEE)))]);
      return world;
    };
    // From its own entry, 50 ms on, it waits more than an hour with its windows; from the leader's, 100 ms on, less.
    const creation: Below = (world) => [world.op("ann", offer({ openMs: world.timeMs + 70 + HOUR - 2200 }))];
    const gifts: Below = (world) => Array.from({ length: 40 }, (_, i) => world.op("ann", gift(1n), 1 + i));
    expect(packedAndIdle(poor, gifts, creation)).toEqual({ packed: 1, idle: 0 });
  });

  it.each(["waiting", "in flight"])(
    "is not held to bids in an auction that is forgotten since, %s",
    (where) => {
      const retainMs = 1000;
      const old = () => {
        const world = new World({ names: ["ann", "bob", "sue"], params: { retainMs } });
        world.entry([world.op("ann", gift(FUNDS - FEE - 50n * FEE))]);
        const id = world.create("sue", { lockups: [1000n * FEE] });
        world.until(id, "unsold");
        for (const dueMs = world.timeMs + retainMs; world.timeMs + 50 < dueMs; ) world.entry();
        return { world, id };
      };
      const { id } = old();
      const bids: Below = (world) =>
        Array.from({ length: 40 }, (_, i) =>
          world.op("ann", world.commit(id, "ann", 5n, 1000n * FEE, `${i}`), i),
        );
      const make = () => old().world;
      if (where === "waiting") expect(packedAndIdle(make, bids, () => [])).toEqual({ packed: 40, idle: 0 });
      // Forgotten by what is executed, with the first of them still in flight there.
      const [leader, judge] = [make(), make()];
      const [first, ...rest] = bids(leader);
      judge.entry();
      const timeMs = leader.timeMs + 100;
      expect(idleIn(judge, rest, { execHeight: leader.height, inFlight: [first!], timeMs })).toBe(0);
    },
  );

  it("is held to what a bid takes in an auction that is made in flight", () => {
    const world = new World({ names: ["ann", "bob", "sue"] });
    const creation = world.op("sue", offer({ lockups: [FUNDS - 2n * FEE] }));
    const bid = world.op("ann", world.commit(world.nextAuctionId("sue"), "ann", 5n, FUNDS - 2n * FEE));
    const gifts = Array.from({ length: 20 }, (_, i) => world.op("ann", gift(1n), i));
    expect(idleIn(world, gifts, { inFlight: [creation, bid] })).toBe(20);
  });
});
