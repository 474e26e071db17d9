// Turns: how much is done before sockets are heard again, and in which order.
import { expect, it } from "vitest";
import { Turns } from "../../node/crypto/turns.js";

/** How many of `count` jobs were done when each turn of the event loop ended. */
async function turnsOf(turns: Turns, count: number): Promise<readonly number[]> {
  let done = 0;
  const jobs = Array.from({ length: count }, () => turns.take(() => done++, false));
  const seen = [done];
  while (done < count) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(done);
  }
  await Promise.all(jobs);
  return seen;
}

it("does some jobs at once and the others a few a turn, and has room again in a later turn", async () => {
  const turns = new Turns();
  const seen = await turnsOf(turns, 50);
  expect(seen[0]).toBeGreaterThan(0);
  const steps = seen.slice(1).map((done, i) => done - seen[i]!);
  expect(Math.max(...steps)).toBe(seen[0]);
  expect(steps.filter((step) => step > 0).length).toBeGreaterThanOrEqual(3);
  await new Promise((resolve) => setImmediate(resolve));
  expect((await turnsOf(turns, 1))[0]).toBe(1);
});

it("keeps the order of each kind, and lets neither kind wait for all of the other", async () => {
  const turns = new Turns();
  const done: string[] = [];
  const ask = (kind: string, isUrgent: boolean) =>
    Array.from({ length: 60 }, (_, i) => turns.take(() => done.push(`${kind} ${i}`), isUrgent));
  await Promise.all([...ask("other", false), ...ask("urgent", true)]);
  const order = (kind: string) =>
    done.filter((one) => one.startsWith(kind)).map((one) => Number(one.split(" ")[1]));
  for (const kind of ["urgent", "other"])
    expect(order(kind)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  const after = done.slice(done.indexOf("urgent 0"));
  expect(after.indexOf("urgent 19")).toBeLessThanOrEqual(40);
  expect(after.filter((one) => one.startsWith("other")).length).toBeGreaterThan(0);
  expect(after.slice(0, 40).filter((one) => one.startsWith("other")).length).toBeGreaterThanOrEqual(19);
});

it("a job that throws fails alone", async () => {
  const turns = new Turns();
  const asked = Array.from({ length: 30 }, (_, i) =>
    turns.take(() => {
      if (i % 29 === 0) throw new Error(`job ${i}`);
      return i;
    }, false),
  );
  const settled = await Promise.allSettled(asked);
  expect(settled.filter(({ status }) => status === "rejected")).toHaveLength(2);
  expect(settled[15]).toEqual({ status: "fulfilled", value: 15 });
});
