// A member in amnesia that nobody can release (n ≤ 2, spec/persistence#A6), as a process: it says so, and its operator's word ends it.
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { eventually } from "../e2e/eventually.js";
import { cleanUp, expectRefusal, mabeam } from "../e2e/process.js";
import { Rig, stopRigs } from "./rig.js";

afterAll(async () => {
  await cleanUp();
  await stopRigs();
});

/** Ends a member by kill −9, takes one of its files or folders away, and starts it again. */
async function lose(rig: Rig, place: number, name: "rows" | "votes.guard"): Promise<void> {
  await rig.network.at(place).kill();
  rmSync(join(rig.storeOf(place), name), { recursive: true });
  await rig.restart(place);
}

/** `mabeam <line>` as the operator of a member types it. */
const typed = (rig: Rig, place: number, line: string) => mabeam(dirname(rig.storeOf(place)), line.split(" "));

const OVERRIDE = "quorum override-amnesia";

test("n = 1: without its guard or its rows it signs nothing and says why; without consent nothing happens; then its log goes on", async () => {
  const rig = await Rig.start(1);
  await rig.pay(0);
  await lose(rig, 0, "votes.guard");
  const { height, halted, amnesia } = await rig.quorum(0);
  expect(halted).toBe("amnesia");
  expect(amnesia).toMatchObject({ answered: [], power: 0, others: 0, needed: 1 });
  const status = await typed(rig, 0, "quorum status");
  expect(status.out).toMatch(/Amnesia +since 2\d{3}-.*signs nothing; too few others exist to tell/);

  const unasked = await typed(rig, 0, OVERRIDE);
  expect([unasked.exit, unasked.out]).toEqual([2, ""]);
  expect(unasked.err).toMatch(/its bond is burned[\s\S]*\nFix: add --yes/);
  await wait(1000);
  expect(await rig.quorum(0)).toMatchObject({ halted: "amnesia", height, amnesia });

  const meant = await typed(rig, 0, `${OVERRIDE} --yes`);
  expect([meant.exit, meant.out]).toEqual([0, "Seat 0 signs again\n"]);
  await rig.pay(0);
  expectRefusal(await typed(rig, 0, `${OVERRIDE} --yes`), 6, /not in amnesia/);
  await rig.network.at(0).kill();
  await rig.restart(0);
  await rig.judge();

  await lose(rig, 0, "rows");
  expect(await rig.quorum(0)).toMatchObject({ halted: "amnesia", height: 0 });
  expect((await typed(rig, 0, `${OVERRIDE} --yes --json`)).exit).toBe(0);
  await eventually("a log begins", async () => (await rig.quorum(0)).height > 2);
});

test("n = 2: the member that lost its rows catches up and stays silent, and the log stands still until its operator's word", async () => {
  const rig = await Rig.start(2);
  await rig.pay(0);
  await lose(rig, 1, "rows");
  await eventually("it has caught up", async () => {
    const [there, here] = [await rig.quorum(0), await rig.quorum(1)];
    return here.height === there.height;
  });
  const { height } = await rig.quorum(0);
  await rig.promise(0);
  await wait(1000);
  expect(await rig.quorum(0)).toMatchObject({ height, halted: null });
  expect(await rig.quorum(1)).toMatchObject({ halted: "amnesia", amnesia: { others: 1, needed: 2 } });
  expect((await typed(rig, 1, `${OVERRIDE} --yes`)).exit).toBe(0);
  await rig.nothingLost();
  const { signed } = await rig.convictions();
  expect(signed[0]).toEqual([]);
});
