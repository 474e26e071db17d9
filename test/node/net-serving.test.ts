// Large answers to small questions: what they cost this peer is bounded by counts of answers and bytes, not by manners.
import { expect, test } from "vitest";
import { LOG_SERVING } from "../../node/net/limits.js";
import { type Outlet, type ServingLimits, ServingLine } from "../../node/net/serving-line.js";
import { Shares } from "../../node/net/shares.js";

const ANSWER = 100;
const LIMITS: ServingLimits = {
  atOnce: 2,
  waiting: 3,
  waitingEach: 3,
  answerBytes: ANSWER,
  bytesPerSecond: 1000,
  burstBytes: 2 * ANSWER,
  allBytesPerSecond: 10_000,
  allBurstBytes: 1000,
  unreadBytesEach: 1e6,
  unreadBytes: 1e7,
  patienceMs: 100,
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const never = (cut: () => void = () => undefined): Outlet => ({ over: new Promise(() => undefined), cut });

/** A line whose clock stands still but for `pass`; `from` is `group/name`, or a name in a group of its own. */
function line(change: Partial<ServingLimits> = {}) {
  let nowMs = 0;
  const pauses: { atMs: number; end: () => void }[] = [];
  const made: (() => void)[] = [];
  const serving = new ServingLine(
    { ...LIMITS, ...change },
    () => nowMs,
    (ms) => new Promise((end) => pauses.push({ atMs: nowMs + ms, end })),
  );
  const serve = (from: string, make: () => Promise<Uint8Array>, outlet: Outlet) =>
    serving.serve({ peer: from, group: from.split("/")[0]! }, make, outlet);
  return {
    serving,
    made,
    slow: (from: string) =>
      serve(from, () => new Promise((end) => made.push(() => end(new Uint8Array(ANSWER)))), never()),
    /** without an outlet: read as soon as it is there */
    quick(from: string, bytes = ANSWER, outlet?: Outlet) {
      let read: () => void = () => undefined;
      const over = new Promise<void>((resolve) => {
        read = resolve;
      });
      const answer = serve(from, async () => new Uint8Array(bytes), outlet ?? { over, cut: () => undefined });
      return answer.finally(read);
    },
    fail: (from: string) => serve(from, () => Promise.reject(new Error("disk")), never()),
    /** Lets time pass, a millisecond at a time, with whatever then comes to its end. */
    async pass(ms: number) {
      for (let i = 0; i < ms; i++) {
        nowMs++;
        for (const one of pauses.filter(({ atMs }) => atMs <= nowMs)) {
          pauses.splice(pauses.indexOf(one), 1);
          one.end();
        }
        await settled();
      }
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
  const { serving, slow, quick, made, pass } = line({ waitingEach: 1 });
  await quick("debtor", LIMITS.burstBytes + 50);
  void slow("debtor");
  expect([await slow("debtor"), serving.waiting]).toEqual([null, 1]);
  const asked = ["a", "a", "a", "b"].map((from) => slow(from));
  expect([made.length, serving.waiting]).toEqual([2, 3]);
  await pass(50);
  expect([await slow("a"), serving.waiting]).toEqual([null, 3]);
  for (let i = 0; i < 5; i++) {
    made[i]!();
    await settled();
  }
  expect((await Promise.all(asked)).map((answer) => answer?.length)).toEqual(Array(4).fill(ANSWER));
});

test.each([
  [99, "served after a wait"],
  [100, "served after a wait"],
  [101, "refused"],
])("who owes a wait of %i ms, where 100 are borne, is %s", async (owed, what) => {
  const { serving, quick, pass } = line();
  await quick("a", LIMITS.burstBytes + owed); // 1 byte pays for 1 ms
  const second = quick("a");
  expect(serving.waiting).toBe(what === "refused" ? 0 : 1);
  await pass(owed);
  expect((await second)?.length ?? null).toBe(what === "refused" ? null : ANSWER);
});

test("who waits for its turn in vain is told so when its time is over, and gives its place back", async () => {
  const { serving, slow, pass } = line();
  const asked = ["a", "b", "c"].map((from) => slow(from));
  await pass(LIMITS.patienceMs - 1);
  expect(serving.waiting).toBe(1);
  await pass(1);
  expect([await asked[2], serving.waiting]).toEqual([null, 0]);
});

test("a great asker does not slow another down, and what it owes is forgotten with time", async () => {
  const { quick, pass } = line();
  await quick("a", 900);
  expect((await quick("b"))?.length).toBe(ANSWER);
  expect(await quick("a")).toBe(null);
  await pass(700); // 700 bytes above its burst
  expect((await quick("a"))?.length).toBe(ANSWER);
});

test("many names get no more together than all may have", async () => {
  const { quick, pass } = line({ atOnce: 1, waiting: 1000 });
  let bytes = 0;
  for (let i = 0; i < 100; i++) void quick(`name ${i}`).then((answer) => (bytes += answer?.length ?? 0));
  await settled();
  expect(bytes).toBe(LIMITS.allBurstBytes + ANSWER); // the last one goes on credit, or none would ever fit
  await pass(50);
  expect(bytes).toBe(LIMITS.allBurstBytes + 50 * (LIMITS.allBytesPerSecond / 1000) + ANSWER);
});

test("an answer that fails gives its place back", async () => {
  const { quick, fail } = line({ atOnce: 1 });
  await expect(fail("a")).rejects.toThrow("disk");
  expect((await quick("a"))?.length).toBe(ANSWER);
});

test("who waits no more is not served: its stream is gone", async () => {
  const { serving, slow, quick, made } = line({ atOnce: 1 });
  void slow("a");
  let leave: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const gone = quick("b", ANSWER, { over, cut: () => undefined });
  expect(serving.waiting).toBe(1);
  leave();
  expect([await gone, serving.waiting]).toEqual([null, 0]);
  made[0]!();
});

test("who had least goes first, and finds a place in a full line, however many names were there before", async () => {
  const { serving, slow, made } = line({ atOnce: 1, waiting: 8, allBurstBytes: 1e6 });
  const order: string[] = [];
  const ask = (from: string) =>
    void slow(from).then((answer) => order.push(answer === null ? `not ${from}` : from));
  for (let i = 0; i < 9; i++) ask(`${i}`);
  const serveNext = async (i: number) => {
    made[i]!();
    await settled();
  };
  for (let i = 0; i < 4; i++) {
    await serveNext(i);
    ask(`${i}`);
  }
  ask("late");
  expect(serving.waiting).toBe(8);
  for (let i = 4; i < 13; i++) await serveNext(i);
  expect(order.join()).toBe("0,1,2,3,not 3,4,5,6,7,8,late,0,1,2");
});

test("one group of addresses has one share, whatever names it uses: another's single name goes in between", async () => {
  const { slow, made } = line({ atOnce: 1, waiting: 32, allBurstBytes: 1e6, burstBytes: 1e6 });
  const order: string[] = [];
  const ask = (from: string) => void slow(from).then((answer) => answer !== null && order.push(from));
  for (let i = 0; i < 40; i++) ask(`crowd/${i}`);
  for (let i = 0; i < 4; i++) ask("alone/1");
  for (let i = 0; i < 12; i++) {
    made[i]!();
    await settled();
    if (i % 2 === 0) ask("alone/1");
  }
  expect(order.filter((from) => from === "alone/1").length).toBeGreaterThanOrEqual(5);
  expect(order.filter((from) => from !== "alone/1").length).toBeGreaterThanOrEqual(5);
});

test("what an asker has not read bounds what else it is given, and in all whoever holds most gives way", async () => {
  const { serving, quick, pass } = line({
    unreadBytesEach: 2 * ANSWER,
    unreadBytes: 6 * ANSWER,
    burstBytes: 1e6,
    bytesPerSecond: 1e6,
  });
  const cut: string[] = [];
  const hoard = (from: string) =>
    quick(
      from,
      ANSWER,
      never(() => void cut.push(from)),
    );
  expect((await Promise.all([1, 2].map(() => hoard("x/1"))))?.length).toBe(2);
  const third = hoard("x/1");
  await pass(LIMITS.patienceMs);
  expect(await third).toBe(null);
  for (const name of ["x/2", "x/2", "x/3", "x/3"]) await hoard(name);
  expect([serving.unreadBytes, cut]).toEqual([6 * ANSWER, []]);
  for (const name of ["y/1", "y/1", "z/1"]) expect((await hoard(name))?.length).toBe(ANSWER);
  expect([serving.unreadBytes, cut]).toEqual([6 * ANSWER, ["x/1", "x/2", "x/3"]]);
  const own = hoard("x/4");
  expect((await own)?.length).toBe(ANSWER);
  expect(cut.length).toBe(4);
});

test("what is known of shares is forgotten with the reason for it", () => {
  const shares = new Shares(10);
  for (let i = 0; i < 1000; i++) {
    const asker = { peer: `${i}`, group: `${i % 100}` };
    shares.begin(asker);
    shares.settle(asker, 10);
  }
  expect(
    shares.leastOf([
      { peer: "0", group: "0" },
      { peer: "new", group: "new" },
    ])?.peer,
  ).toBe("new");
  expect(shares.size).toBeLessThan(300);
});

test("ten names and sixty, each asking as often as it may, leave one that asks every two seconds its answers", async () => {
  for (const names of [10, 60]) {
    const { quick, pass } = line(LOG_SERVING);
    const PAGE = 1024 * 1024;
    for (let i = 0; i < names; i++) {
      for (let k = 0; k < 10; k++) void quick(`crowd/${i}`, PAGE);
    }
    await pass(3000);
    let answered = 0;
    for (let i = 0; i < 4; i++) {
      void quick("other/honest", PAGE).then((answer) => answer !== null && answered++);
      for (let k = 0; k < 10; k++) {
        for (let n = 0; n < names; n++) void quick(`crowd/${n}`, PAGE);
        await pass(200);
      }
    }
    expect(answered).toBe(4);
  }
}, 60_000);
