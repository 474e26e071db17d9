// The laws of the only loop: durable before audible, in order, and silent after a failure.
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { LANE_LIMITS } from "../../node/driver/event-queue.js";
import { StoreError } from "../../node/store/error.js";
import { invariant, utf8 } from "../../src/base/index.js";
import type { Operation } from "../../src/market/index.js";
import type { Command, CommandResult, Event } from "../../src/peer/event.js";
import type { Write } from "../../src/peer/ready.js";
import { mark, named, nameOf, ready, rig, row, say, settle, silent, tell } from "./driver-parts.js";

afterEach(() => {
  vi.useRealTimers();
});

const writing = (event: Event) => {
  const name = nameOf(event);
  return ready({ persist: [row(name)], send: [say(name)], notify: [tell(name)] });
};
const fullDisk = () => new StoreError("STORE_FULL", "could not write", "no space", "free some");
const wish: Command = { kind: "submit", bytes: utf8("op") };
const granted: CommandResult = { ok: true, operation: null, auction: null };

test("nothing is sent or told before its batch is durable", async () => {
  const { driver, history, finishWrite } = rig(writing, { byHand: true });
  driver.offer(named("a"), 1);
  await settle();
  expect(history).toEqual(["step a", "begin a"]);
  finishWrite();
  await settle();
  expect(history.slice(2)).toEqual(["durable a", "send a", "tell a"]);
});

test("a step that persists nothing speaks at once, but never before an earlier one that still writes", async () => {
  const { driver, history, finishWrite } = rig(
    (event) => (nameOf(event).startsWith("w") ? writing(event) : ready({ send: [say(nameOf(event))] })),
    { byHand: true },
  );
  for (const name of ["a", "w1", "b"]) driver.offer(named(name), 1);
  await settle();
  expect(history).toEqual(["step a", "send a", "step w1", "step b", "begin w1"]);
  finishWrite();
  await settle();
  expect(history.slice(5)).toEqual(["durable w1", "send w1", "tell w1", "send b"]);
});

test("steps that wait together share one batch, and speak in their order", async () => {
  const { driver, history, finishWrite } = rig(writing, { byHand: true });
  driver.offer(named("a"), 1);
  await settle();
  for (const name of ["b", "c", "d"]) driver.offer(named(name), 1);
  finishWrite();
  await settle();
  finishWrite();
  await settle();
  expect(history).toEqual([
    ...["step a", "begin a", "durable a", "send a", "tell a"],
    ...["step b", "step c", "step d", "begin b,c,d", "durable b,c,d"],
    ...["send b", "tell b", "send c", "tell c", "send d", "tell d"],
  ]);
});

test("a group is cut where its writes grow heavy: what waits must not make one batch of any size", async () => {
  const heavy = (name: string): Write => ({ kind: "put", key: name, value: new Uint8Array(600_000) });
  const { driver, history } = rig((event) => ready({ persist: [heavy(nameOf(event))] }));
  for (const name of ["a", "b", "c"]) driver.offer(named(name), 1);
  await driver.close();
  expect(history.filter((line) => line.startsWith("begin"))).toEqual(["begin a,b", "begin c"]);
});

test("a group with several signing steps writes their guards one batch after the other", async () => {
  const { driver, history, finishWrite } = rig(
    (event) => ready({ persist: [mark(nameOf(event)), row(nameOf(event))], send: [say(nameOf(event))] }),
    { byHand: true },
  );
  for (const name of ["a", "b"]) driver.offer(named(name), 1);
  await settle();
  expect(history).toEqual(["step a", "step b", "begin !a,a"]);
  finishWrite();
  await settle();
  expect(history.slice(3)).toEqual(["durable !a,a", "send a", "begin !b,b"]);
  finishWrite();
  await settle();
  expect(history.slice(6)).toEqual(["durable !b,b", "send b"]);
});

test("however steps and events fall, each step speaks after its rows and all rows before it, in order", async () => {
  const shape = fc.record({
    rows: fc.nat({ max: 2 }),
    guard: fc.boolean(),
    turn: fc.boolean(),
    big: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 80 }), async (shapes) => {
      let next = 0;
      const { driver, history } = rig(() => {
        const { rows, guard, big } = shapes[next]!;
        const name = String(next++);
        const persist = Array.from({ length: rows }, (_, i) => row(`${name}.${i}`));
        if (guard) persist.push(mark(name));
        if (big) persist.push({ kind: "put", key: `${name}.big`, value: new Uint8Array(600_000) });
        return ready({ persist, send: [say(name)], notify: [tell(name)] });
      });
      for (const { turn } of shapes) {
        driver.offer(named("x"), 1);
        if (turn) await new Promise((resolve) => setImmediate(resolve));
      }
      await driver.close();
      const spoken = history.filter((line) => line.startsWith("send")).map((line) => Number(line.slice(5)));
      expect(spoken).toEqual(shapes.map((_, i) => i));
      const durable = new Set<string>();
      for (const line of history) {
        const [word, names] = line.split(" ") as [string, string];
        if (word === "durable") for (const name of names.split(",")) durable.add(name);
        if (word !== "send" && word !== "tell") continue;
        for (let i = 0; i <= Number(names); i++) {
          const { rows, guard, big } = shapes[i]!;
          for (let r = 0; r < rows; r++) expect(durable).toContain(`${i}.${r}`);
          if (guard) expect(durable).toContain(`!${i}`);
          if (big) expect(durable).toContain(`${i}.big`);
        }
      }
      for (const line of history.filter((one) => one.startsWith("begin"))) {
        expect(line.split("!").length, line).toBeLessThanOrEqual(2);
        if (line.includes("!")) expect(line.startsWith("begin !")).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test("after a failed batch nothing of it is said, nothing more is stepped, and the reason is told", async () => {
  const { driver, history, finishWrite } = rig(
    (event) => ready({ persist: [mark(nameOf(event)), row(nameOf(event))], send: [say(nameOf(event))] }),
    { byHand: true },
  );
  for (const name of ["a", "b", "c"]) driver.offer(named(name), 1);
  await settle();
  finishWrite();
  await settle();
  const error = fullDisk();
  const waiting = driver.submit(wish);
  finishWrite(error);
  await expect(waiting).rejects.toMatchObject({ code: "DRIVER_STOPPED" });
  expect(await driver.stopped).toEqual({ kind: "accident", error });
  await settle();
  expect(history).toEqual([
    "step a",
    "step b",
    "step c",
    "begin !a,a",
    "durable !a,a",
    "send a",
    "begin !b,b",
  ]);
  expect(driver.offer(named("d"), 1)).toBe(false);
  await expect(driver.submit(wish)).rejects.toMatchObject({ code: "DRIVER_STOPPED" });
  await driver.close();
});

test("a bug in the machine stops the loop before anything unwritten is said, and names the event", async () => {
  const fatal = vi.spyOn(silent, "fatal");
  const { driver, history } = rig((event) => {
    invariant(nameOf(event) !== "bad", "a law is broken");
    return writing(event);
  });
  for (const name of ["a", "bad", "c"]) driver.offer(named(name), 1);
  const reason = await driver.stopped;
  expect(reason).toMatchObject({ kind: "bug", during: "message", error: { name: "InvariantError" } });
  await settle();
  expect(history).toEqual(["step a", "step bad"]);
  expect(fatal).toHaveBeenCalledWith(expect.objectContaining({ during: "message" }), expect.any(String));
  fatal.mockRestore();
});

test("a listener that fails, at once or later, and a transport that fails, end nothing", async () => {
  let sends = 0;
  const { driver, history } = rig(writing, {
    onSend: () => {
      if (++sends === 1) throw new Error("no route");
    },
  });
  driver.onNotice(() => {
    throw new Error("at once");
  });
  driver.onNotice(async () => {
    throw new Error("later");
  });
  const heard: string[] = [];
  const stop = driver.onNotice((notice) => {
    heard.push(notice.kind);
  });
  driver.offer(named("a"), 1);
  await settle();
  stop();
  driver.offer(named("b"), 1);
  await settle();
  expect(history).toEqual([
    ...["step a", "begin a", "durable a", "tell a"],
    ...["step b", "begin b", "durable b", "send b", "tell b"],
  ]);
  expect(heard).toEqual(["operationRefused"]);
  expect(driver.counts).toMatchObject({ steps: 2, batches: 2, failedListeners: 4, failedSends: 1 });
});

test("a wish is answered by the notice with its number, once that is durable", async () => {
  const refs: number[] = [];
  const { driver, finishWrite } = rig(
    (event) => {
      if (event.kind === "together") {
        for (const one of event.arrivals) if (one.kind === "command") refs.push(one.ref);
        return ready();
      }
      const [first, second] = refs as [number, number];
      return ready({
        persist: [row("answers")],
        notify: [
          { kind: "done", ref: second, result: granted },
          { kind: "done", ref: first, result: { ok: false, refusal: { code: "NO", detail: {} } } },
        ],
      });
    },
    { byHand: true },
  );
  const answers: unknown[] = [];
  const wishes = [driver.submit(wish), driver.submit(wish)].map((one) =>
    one.then((answer) => answers.push(answer)),
  );
  await settle();
  driver.offer(named("answer"), 1);
  await settle();
  expect(answers).toEqual([]);
  finishWrite();
  await Promise.all(wishes);
  expect(answers).toEqual([granted, { ok: false, refusal: { code: "NO", detail: {} } }]);
  expect(new Set(refs).size).toBe(2);
});

test("too many unanswered wishes are refused as BUSY, and the machine never sees them", async () => {
  let seen = 0;
  const { driver } = rig((event) => {
    if (event.kind === "together") seen += event.arrivals.length;
    return ready();
  });
  const answers = Array.from({ length: 1030 }, () => driver.submit(wish));
  const busy = await Promise.race(answers);
  expect(busy).toMatchObject({ ok: false, refusal: { code: "BUSY" } });
  await settle();
  expect(seen).toBe(LANE_LIMITS.command.events);
  const settled = Promise.allSettled(answers);
  await driver.close();
  const rejected = (await settled).filter((one) => one.status === "rejected");
  expect(rejected).toHaveLength(LANE_LIMITS.command.events);
});

test("of operations that are stepped together each hears what became of it", async () => {
  const offered = Array.from({ length: 5 }, (_, i) => {
    const bytes = utf8(`operation ${i}`);
    return { kind: "operation", from: "relayer", operation: { authority: {} } as Operation, bytes } as const;
  });
  const why = ["full", "waits"] as const;
  const { driver } = rig(() =>
    ready({ notify: why.map((one, i) => ({ kind: "notKept", bytes: offered[i + 1]!.bytes, why: one })) }),
  );
  const told: string[] = [];
  for (const [i, event] of offered.entries())
    driver.offer(event, 1, (keeping) => told.push(`${i} ${keeping}`));
  await settle();
  expect(told).toEqual(["0 kept", "1 full", "2 waits", "3 kept", "4 kept"]);
  expect(driver.counts.steps).toBe(1);
});

test("a full lane turns the newest away, counts it, and tells the transport", async () => {
  const { driver, history, finishWrite } = rig(writing, { byHand: true });
  driver.offer(named("first"), 1);
  await settle();
  const share = LANE_LIMITS.member.eventsPerSource;
  const taken = Array.from({ length: share + 3 }, (_, i) => driver.offer(named(`${i}`, "loud"), 1));
  expect(taken.filter(Boolean)).toHaveLength(share);
  expect(taken.slice(0, share).every(Boolean)).toBe(true);
  expect(driver.offer(named("other", "quiet"), 1)).toBe(true);
  expect(driver.counts.dropped).toMatchObject({ member: 3 });
  finishWrite();
  await settle();
  expect(history).toContain("step 0");
});

test("closing steps and writes what waits, refuses what comes, and leaves no timer", async () => {
  const { driver, history } = rig((event) => ({ ...writing(event), wakeAt: 1 }));
  for (const name of ["a", "b"]) driver.offer(named(name), 1);
  const closed = driver.close();
  expect(driver.offer(named("late"), 1)).toBe(false);
  await closed;
  await driver.close();
  expect(await driver.stopped).toEqual({ kind: "closed" });
  expect(history.filter((line) => line.startsWith("send"))).toEqual(["send a", "send b"]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(history.at(-1)).toBe("tell b");
});

test("an event is looked at right before its step, once, and not stepped when it is taken back", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 1000 });
  const { driver, history } = rig(
    (event) => (nameOf(event) === "a" ? ready({ wakeAt: 2000 }) : writing(event)),
    { nowMs: () => Date.now() },
  );
  const looks: unknown[] = [];
  const look = (name: string, mayStep: boolean) => (nowMs: number) => {
    looks.push([name, nowMs, history.filter((line) => line.startsWith("step")).length]);
    if (name === "b") driver.offer(named("b again"), 1);
    return mayStep;
  };
  driver.offer(named("a"), 1, undefined, look("a", true));
  driver.offer(named("b"), 1, undefined, look("b", false));
  driver.offer(named("c"), 1, undefined, look("c", true));
  expect(looks).toEqual([]);
  await settle();
  expect(looks).toEqual([
    ["a", 1000, 0],
    ["b", 1000, 1],
    ["c", 1000, 1],
  ]);
  expect(history.filter((line) => line.startsWith("step"))).toEqual(["step a", "step c", "step b again"]);
  expect(driver.counts.steps).toBe(3);
  await driver.close();
});

test("what is taken back leaves the machine's deadline as it was", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 1000 });
  const { driver, history } = rig(() => ready({ wakeAt: Date.now() < 2000 ? 2000 : null }), {
    nowMs: () => Date.now(),
  });
  driver.start();
  await settle();
  driver.offer(named("back"), 1, undefined, () => false);
  await settle();
  await vi.advanceTimersByTimeAsync(1000);
  await settle();
  expect(history).toEqual(["step start", "step tick"]);
  await driver.close();
});

test("the machine is woken at its time, by a tick that is not early, and by the latest of its deadlines only", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 1000 });
  const ticks: number[] = [];
  const wakes = [5000, 3000, null];
  const { driver } = rig(
    (event) => {
      if (event.kind === "tick") ticks.push(event.nowMs);
      return ready({ wakeAt: wakes.shift() ?? null });
    },
    { nowMs: () => Date.now() },
  );
  driver.start();
  await settle();
  driver.offer(named("earlier deadline"), 1);
  await settle();
  await vi.advanceTimersByTimeAsync(1999);
  await settle();
  expect(ticks).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await settle();
  expect(ticks).toEqual([3000]);
  await vi.advanceTimersByTimeAsync(100_000);
  await settle();
  expect(ticks).toEqual([3000]);
});

test("time never runs backwards for the machine", async () => {
  const clock = [100, 250.7, 90, 240, 251, 10];
  const seen: number[] = [];
  const { driver } = rig(
    (event) => {
      seen.push(event.nowMs);
      return ready();
    },
    { nowMs: () => clock.shift() ?? 10 },
  );
  for (let i = 0; i < 6; i++) driver.offer(named("x"), 1);
  await settle();
  expect(seen).toEqual([100, 250, 250, 250, 251, 251]);
});

test("a machine that answers from memory for ever does not keep timers and sockets from their turn", async () => {
  let steps = 0;
  const { driver } = rig(() => {
    steps++;
    driver.offer(named("again"), 1);
    return ready();
  });
  driver.offer(named("first"), 1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(steps).toBeGreaterThan(1);
  await driver.close();
});
