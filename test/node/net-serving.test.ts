// Large answers to small questions: what they cost this peer is bounded by counts of answers and bytes, not by manners.
import { expect, test } from "vitest";
import { ServingLine } from "../../node/net/serving-line.js";

const ANSWER = 100;
const LIMITS = {
  atOnce: 2,
  waiting: 3,
  waitingEach: 3,
  bytesPerSecond: 1000,
  burstBytes: 2 * ANSWER,
  allBytesPerSecond: 10_000,
  allBurstBytes: 1000,
  patienceMs: 100,
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function line(change: Partial<typeof LIMITS> = {}) {
  let nowMs = 0;
  const pauses: { ms: number; end: () => void }[] = [];
  const made: (() => void)[] = [];
  const serving = new ServingLine(
    { ...LIMITS, ...change },
    () => nowMs,
    (ms) => new Promise((end) => pauses.push({ ms, end })),
  );
  return {
    serving,
    pauses,
    made,
    slow: (from: string) =>
      serving.serve(from, () => new Promise((end) => made.push(() => end(new Uint8Array(ANSWER))))),
    quick: (from: string) => serving.serve(from, async () => new Uint8Array(ANSWER)),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test("few answers are made at once, so many more wait in order, and one more is refused", async () => {
  const { serving, slow, made } = line();
  const names = ["a", "b", "c", "d", "e"];
  const done: string[] = [];
  const asked = names.map((from) => slow(from).then(() => done.push(from)));
  expect([made.length, serving.waiting]).toEqual([2, 3]);
  expect(await slow("f")).toBe(null);
  for (let i = 0; i < names.length; i++) {
    made[i]!();
    await settled();
    expect(made.length).toBe(Math.min(names.length, i + 3));
  }
  await Promise.all(asked);
  expect(done).toEqual(names);
  expect(serving.waiting).toBe(0);
});

test("one asker has so many places in the line and no more, whether for its turn or for its debt", async () => {
  const { serving, slow, made, pauses } = line({ waitingEach: 1 });
  await serving.serve("debtor", async () => new Uint8Array(LIMITS.burstBytes + 50));
  void slow("debtor");
  await settled();
  expect([await slow("debtor"), pauses.length]).toEqual([null, 1]);
  const asked = ["a", "a", "a", "b"].map((from) => slow(from));
  await settled();
  expect([made.length, serving.waiting]).toEqual([2, 3]);
  pauses[0]!.end();
  await settled();
  expect([await slow("a"), serving.waiting]).toEqual([null, 3]);
  for (let i = 0; i < 5; i++) {
    made[i]!();
    await settled();
  }
  expect((await Promise.all(asked)).map((answer) => answer?.length)).toEqual([
    ANSWER,
    ANSWER,
    ANSWER,
    ANSWER,
  ]);
});

test.each([
  [99, "served after a wait"],
  [100, "served after a wait"],
  [101, "refused"],
])("who owes a wait of %i ms, where 100 are borne, is %s", async (owed, what) => {
  const { serving, quick, pauses } = line();
  await serving.serve("a", async () => new Uint8Array(LIMITS.burstBytes + owed)); // 1 byte pays for 1 ms
  const second = quick("a");
  await settled();
  expect(pauses.map(({ ms }) => ms)).toEqual(what === "refused" ? [] : [owed]);
  for (const { end } of pauses) end();
  expect((await second)?.length ?? null).toBe(what === "refused" ? null : ANSWER);
});

test("a great asker does not slow another down, and what it owes is forgotten with time", async () => {
  const { serving, quick, pauses, pass } = line();
  await serving.serve("a", async () => new Uint8Array(900));
  expect((await quick("b"))?.length).toBe(ANSWER);
  expect(await quick("a")).toBe(null);
  pass(700); // 700 bytes above its burst
  expect((await quick("a"))?.length).toBe(ANSWER);
  expect(pauses).toEqual([]);
});

test("many names get no more together than all may have", async () => {
  const { quick } = line({ patienceMs: 0 });
  let bytes = 0;
  for (let i = 0; i < 100; i++) bytes += (await quick(`name ${i}`))?.length ?? 0;
  expect(bytes).toBe(LIMITS.allBurstBytes + ANSWER); // the last one goes on credit, or none would ever fit
});

test("an answer that fails gives its place back", async () => {
  const { serving, quick } = line({ atOnce: 1 });
  await expect(serving.serve("a", () => Promise.reject(new Error("disk")))).rejects.toThrow("disk");
  expect((await quick("a"))?.length).toBe(ANSWER);
});
