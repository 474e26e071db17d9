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
import { agent, convictions, FEE, FUNDS, judgeEvidence, offer, World } from "./world.js";

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
  const idle = idleAmong(world.ledger, sized(ops), { timeMs, execHeight, inFlight, judgeEvidence });
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
    const beneath = { timeMs: world.timeMs + 1, execHeight: 0, inFlight: [], judgeEvidence: counting };
    expect(idleAmong(world.ledger, sized(flood), beneath).operations).toBe(200);
    expect(asked).toBeLessThanOrEqual(16);
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
          ? offer({ sellerBond: amount, reserve: BigInt(i) })
          : gift(kind === "fill" ? 0n : amount);
    return world.op(name, body, ahead, FEE * fee);
  }

  it("packs nothing that is idle for a judge in any later state, whatever liars have put in between", () => {
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
      { numRuns: 60 },
    );
    expect(packedOnce).toBeGreaterThan(100);
  });
});
