// Members that are paused, restarted in turn, rolled back, damaged or doubled, as processes: the others go on, and so do they.
// Scenarios 3, 4, 6, 8 and 53 of spec/scenarios.
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SLOT_BYTES } from "../../node/store/guard-slot.js";
import { eventually } from "../e2e/eventually.js";
import { cleanUp, mabeam, newHome, spawnMabeam } from "../e2e/process.js";
import { Rig, stopRigs } from "./rig.js";

describe("a network of four processes", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start(4);
    await rig.pay(0);
  });
  afterAll(async () => {
    await cleanUp();
    await stopRigs();
  });

  const heightAt = async (place: number): Promise<number> => (await rig.quorum(place)).height;
  const files = (place: number, pattern: RegExp): readonly string[] => {
    const rows = join(rig.storeOf(place), "rows");
    return readdirSync(rows)
      .filter((name) => pattern.test(name))
      .map((name) => join(rows, name));
  };
  const logOf = (place: number): string => join(dirname(rig.storeOf(place)), "daemon.log");
  const amnesias = (place: number): number => {
    const text = readFileSync(logOf(place), "utf8");
    return text.split('"amnesia mode"').length - 1;
  };

  /** Its last vote lies in the guard and in the database, and nothing came after it. */
  async function diesWithItsVoteKept(place: number): Promise<void> {
    rig.points.set(place, "batch:ack");
    await rig.network.stopPeer(place);
    await rig.restart(place);
    rig.arm(place);
    await rig.payUntil(rig.network.at(place).ended);
    rig.points.delete(place);
  }

  test("one paused: the others go on; two paused: nothing becomes final; then all is as before", async () => {
    rig.network.at(3).signal("SIGSTOP");
    await rig.pay(0);
    rig.network.at(2).signal("SIGSTOP");
    await wait(500);
    const before = await heightAt(0);
    await rig.promise(0);
    await wait(1500);
    expect(await heightAt(0)).toBe(before);
    for (const place of [2, 3]) rig.network.at(place).signal("SIGCONT");
    await rig.nothingLost();
  });

  test("restarted in turn, in order: nothing is lost on the way", async () => {
    for (const place of rig.places) {
      expect(await rig.network.stopPeer(place)).toBe(0);
      await rig.pay((place + 1) % 4);
      await rig.restart(place);
      await rig.nothingLost(1);
    }
  });

  test("the last record of the database torn, its guard whole: it goes on where the guard was", async () => {
    await diesWithItsVoteKept(1);
    const before = amnesias(1);
    const [last] = files(1, /\.log$/).slice(-1);
    truncateSync(last!, readFileSync(last!).length - 3);
    await rig.restart(1);
    await rig.nothingLost();
    expect(amnesias(1)).toBe(before);
  });

  test("the newest slot of the guard torn: it signs nothing until the others have told", async () => {
    await diesWithItsVoteKept(2);
    const before = amnesias(2);
    const guard = join(rig.storeOf(2), "votes.guard");
    const bytes = readFileSync(guard);
    const sequence = (slot: number): bigint => bytes.readBigUInt64BE(slot * SLOT_BYTES + 4);
    bytes.fill(
      0,
      (sequence(0) > sequence(1) ? 0 : SLOT_BYTES) + 20,
      (sequence(0) > sequence(1) ? 0 : SLOT_BYTES) + 60,
    );
    writeFileSync(guard, bytes);
    await rig.restart(2);
    await rig.nothingLost();
    expect(amnesias(2)).toBe(before + 1);
  });

  test("restored from an older copy of its folder: silent until the others have told, then it goes on", async () => {
    await rig.network.stopPeer(3);
    const copy = join(newHome(), "store");
    cpSync(rig.storeOf(3), copy, { recursive: true });
    await rig.restart(3);
    await rig.nothingLost(1);
    await rig.pay(0);
    await rig.network.at(3).kill();
    rmSync(rig.storeOf(3), { recursive: true });
    cpSync(copy, rig.storeOf(3), { recursive: true });
    await rig.restart(3);
    await rig.nothingLost();
  });

  test("a bit of its database turned: it refuses by name or falls silent, and comes back from the others", async () => {
    await rig.network.at(1).kill();
    const [table] = [...files(1, /\.ldb$/), ...files(1, /\.log$/)];
    const bytes = readFileSync(table!);
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 0x10, middle);
    writeFileSync(table!, bytes);
    const refusal = await rig.restart(1).then(
      () => null,
      (error: unknown) => String((error as { fix?: unknown }).fix),
    );
    if (refusal !== null) {
      expect(refusal).toMatch(/aside and start again/);
      renameSync(rig.storeOf(1), join(newHome(), "aside"));
      await rig.restart(1);
    }
    await rig.nothingLost();
  });

  test("after all of it: one log, one state, nothing lost, and nobody has signed twice", () => rig.judge());

  test("a second daemon on its folder is refused; one on a copy of it harms at most its own seat", async () => {
    const home = dirname(rig.storeOf(3));
    expect(await mabeam(home, ["daemon"])).toMatchObject({
      exit: 10,
      err: expect.stringContaining("is using it"),
    });
    const copy = join(newHome(), "twin");
    cpSync(home, copy, { recursive: true });
    for (const name of ["lock", "api.json", "daemon.pid"])
      rmSync(join(copy, name), { recursive: true, force: true });
    const twin = spawnMabeam(copy, ["daemon", "--listen", "/ip4/127.0.0.1/tcp/0", "--json"]);
    for (const place of [0, 1, 2]) await rig.pay(place);
    twin.kill("SIGKILL");
    await eventually("the twin is gone", () => twin.signalCode !== null);
    const { signed, slashed } = await rig.convictions();
    for (const place of [0, 1, 2]) expect(signed[place]).toEqual([]);
    expect(slashed.filter((place) => place !== 3)).toEqual([]);
  });
});
