// What waits is bounded, by lane and by source, and no lane starves.
import fc from "fast-check";
import { expect, test } from "vitest";
import { planBatches } from "../../node/driver/batches.js";
import { EventQueue, LANE_LIMITS, LANES, type UntimedEvent } from "../../node/driver/event-queue.js";
import { GroupSize } from "../../node/driver/group-size.js";
import { joined } from "../../node/driver/joining.js";
import { utf8 } from "../../src/base/index.js";
import type { Operation } from "../../src/market/index.js";
import type { Write } from "../../src/peer/ready.js";
import { mark, named, ready, row, textOf } from "./driver-parts.js";

const operation: UntimedEvent = {
  kind: "operation",
  from: "relayer",
  operation: { authority: {} } as Operation,
  bytes: utf8("op"),
};
const command: UntimedEvent = { kind: "command", ref: 1, command: { kind: "submit", bytes: utf8("op") } };
const reveal: UntimedEvent = { ...operation, operation: { authority: null } as Operation };
const stranger = named("s", "s", null);

test("the start and the alarm come first, then members, other peers, reveals, commands, operations", () => {
  const queue = new EventQueue();
  const offered = [
    operation,
    command,
    stranger,
    { kind: "connected", from: "c" } as const,
    named("m"),
    { kind: "tick" } as const,
    reveal,
  ];
  for (const event of offered) expect(queue.offer(event, 1)).toBe(true);
  expect(queue.takeGroup(64)).toEqual([
    offered[5],
    offered[4],
    offered[2],
    offered[3],
    offered[6],
    offered[1],
    offered[0],
  ]);
  expect(queue.length).toBe(0);
});

test("operations and wishes that follow upon each other are one step, and nothing else is", () => {
  const message = named("m");
  const group = [message, message, command, operation, stranger, operation, { kind: "tick" } as const];
  const steps = joined(group);
  expect(steps.map(({ event }) => event)).toEqual([
    message,
    message,
    { kind: "together", arrivals: [command, operation] },
    stranger,
    operation,
    { kind: "tick" },
  ]);
  expect(steps.flatMap(({ parts }) => parts)).toEqual(group);
  expect(joined([])).toEqual([]);
});

test("no flood silences the lanes below it: every lane that waits has a place in every group", () => {
  const queue = new EventQueue();
  for (let i = 0; i < 500; i++) queue.offer(named(`${i}`), 1);
  for (const event of [stranger, command, operation]) for (let i = 0; i < 10; i++) queue.offer(event, 1);
  for (let i = 0; i < 5; i++) {
    const group = queue.takeGroup(16);
    expect(group).toHaveLength(16);
    expect(group.slice(13)).toEqual([stranger, command, operation]);
  }
});

test("new work is bounded in a group, what is under way is not, and of each lane one has a place", () => {
  const queue = new EventQueue();
  for (let i = 0; i < 40; i++) queue.offer(named(`${i}`), 1);
  for (const event of [command, operation]) for (let i = 0; i < 10; i++) queue.offer(event, 1);
  const kinds = (group: readonly UntimedEvent[]) =>
    ["message", "command", "operation"].map((kind) => group.filter((one) => one.kind === kind).length);
  expect(kinds(queue.takeGroup(64, 4))).toEqual([40, 3, 1]);
  expect(kinds(queue.takeGroup(64, 4))).toEqual([0, 3, 1]);
  expect(kinds(queue.takeGroup(64, 1))).toEqual([0, 1, 1]);
  expect(kinds(queue.takeGroup(64))).toEqual([0, 3, 7]);
});

test("a reveal goes before all that waits with it, however much that is", () => {
  const queue = new EventQueue();
  for (const event of [command, operation]) for (let i = 0; i < 200; i++) queue.offer(event, 1);
  for (let i = 0; i < 3; i++) queue.offer(reveal, 1);
  expect(queue.takeGroup(64, 5)).toEqual([reveal, reveal, reveal, command, operation]);
});

test("a group has as much new work as fits 10 ms by the mean of the last ones, 64 events at most and 4 at least", () => {
  const size = new GroupSize();
  expect(size.mostNew).toBe(64);
  for (let i = 0; i < 30; i++) size.took(64, 64 * 0.5);
  expect(size.mostNew).toBe(20);
  for (let i = 0; i < 30; i++) size.took(20, 20 * 50);
  expect(size.mostNew).toBe(4);
  for (let i = 0; i < 60; i++) size.took(4, 4 * 0.01);
  expect(size.mostNew).toBe(64);
  size.took(0, 5);
  size.took(8, -1);
  expect(size.mostNew).toBe(64);
});

test("a lane holds no more events and bytes than its limits, nor does one source more than its share", () => {
  const limit = { events: 6, eventsPerSource: 4, bytes: 60, bytesPerSource: 40 };
  const arrival = fc.record({
    from: fc.constantFrom("a", "b", "c"),
    bytes: fc.nat({ max: 30 }),
    take: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
      const queue = new EventQueue({ ...LANE_LIMITS, member: limit });
      let held: { from: string; bytes: number }[] = [];
      let dropped = 0;
      const sum = (of: readonly { bytes: number }[]) => of.reduce((total, { bytes }) => total + bytes, 0);
      for (const { from, bytes, take } of arrivals) {
        const own = held.filter((one) => one.from === from);
        const fits = held.length < 6 && own.length < 4 && sum(held) + bytes <= 60 && sum(own) + bytes <= 40;
        expect(queue.offer(named("x", from), bytes)).toBe(fits);
        if (fits) held.push({ from, bytes });
        else dropped++;
        if (take) held = held.slice(queue.takeGroup(LANES.length).length);
        expect(queue.length).toBe(held.length);
      }
      expect(queue.dropped.member).toBe(dropped);
    }),
  );
});

const namesOf = (writes: readonly Write[]) => writes.map(textOf).join(" ");

test("a new batch begins before every step that signs, and steps are never cut", () => {
  const steps = [
    ready({ persist: [row("a1"), row("a2")] }),
    ready(),
    ready({ persist: [row("b1"), mark("b"), row("b2")] }),
    ready({ persist: [row("c1")] }),
    ready({ persist: [mark("d")] }),
    ready(),
  ];
  const batches = planBatches(steps);
  expect(batches.map(({ writes }) => namesOf(writes))).toEqual(["a1 a2", "!b b1 b2 c1", "!d"]);
  expect(batches.map(({ then }) => then.map((one) => steps.indexOf(one)))).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
});

test("of several guard records in one step the last stands for all, and goes first", () => {
  const [batch] = planBatches([ready({ persist: [mark("1"), row("a"), mark("2"), row("b")] })]);
  expect(namesOf(batch!.writes)).toBe("!2 a b");
});

test("a step may write more rows than a call takes arguments", () => {
  const persist = Array<Write>(150_000).fill(row("a"));
  expect(planBatches([ready({ persist })])[0]!.writes).toHaveLength(150_000);
});

test("for any steps: all rows in order, one guard a batch at its head, every step after its own batch", () => {
  const step = fc.array(fc.boolean(), { maxLength: 4 }).map((guards) => guards.slice());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (shapes) => {
      let count = 0;
      const steps = shapes.map((guards) =>
        ready({ persist: guards.map((guard) => (guard ? mark(`${count++}`) : row(`${count++}`))) }),
      );
      const batches = planBatches(steps);
      expect(batches.flatMap(({ then }) => then)).toEqual(steps);
      const rows = (writes: readonly Write[]) => writes.filter(({ kind }) => kind === "put");
      expect(batches.flatMap(({ writes }) => rows(writes))).toEqual(
        steps.flatMap(({ persist }) => rows(persist)),
      );
      for (const { writes, then } of batches) {
        expect(rows(writes)).toEqual(then.flatMap(({ persist }) => rows(persist)));
        expect(writes.slice(1).every(({ kind }) => kind !== "guard")).toBe(true);
        const guards = then.flatMap(({ persist }) => persist).filter(({ kind }) => kind === "guard");
        if (guards.length > 0) expect(writes[0]).toBe(guards.at(-1));
      }
    }),
  );
});
