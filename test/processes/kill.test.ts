// Kill −9 at every persistence point (PROTOCOL §1.10), of one member and of all, on real processes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rig, stopRigs } from "./rig.js";

afterAll(stopRigs);

const SIGNED = ["propose", "ack", "commit", "skip"];
const UNSIGNED = ["ackCert", "skipCert", "commitCert", "final", "operation"];
const at = (wheres: readonly string[], whats: readonly string[]): readonly string[] =>
  whats.flatMap((what) => wheres.map((where) => `${where}:${what}`));
const EVERY_POINT = [
  ...at(["guard", "batch", "sending", "sent"], SIGNED),
  ...at(["before", "batch", "sent"], UNSIGNED),
];

/** Kills at this point what `victims` names, each when it comes there itself. */
async function killAt(rig: Rig, point: string, victims: readonly number[]): Promise<void> {
  const { network } = rig;
  const gone = Promise.all(victims.map((place) => network.at(place).ended));
  // Members skip only where a leader is silent.
  const silent = /skip/.test(point) ? rig.places.find((place) => !victims.includes(place)) : undefined;
  if (silent !== undefined) network.at(silent).signal("SIGSTOP");
  for (const place of victims) rig.arm(place);
  await Promise.all([gone, rig.payUntil(gone)]);
  expect(await gone).toEqual(victims.map(() => "SIGKILL"));
  if (silent !== undefined) network.at(silent).signal("SIGCONT");
}

describe("four members, one of them killed −9", () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.start(4, EVERY_POINT.slice(0, 4));
  });

  test("at every persistence point: it comes back, and nothing acknowledged is lost", async () => {
    for (const [turn, point] of EVERY_POINT.entries()) {
      const victim = turn % 4;
      const t0 = performance.now();
      await killAt(rig, point, [victim]);
      const t1 = performance.now();
      rig.points.set(victim, EVERY_POINT[turn + 4] ?? "");
      await rig.restart(victim);
      const t2 = performance.now();
      await rig.nothingLost(2);
      console.log(point, victim, (t1 - t0) | 0, (t2 - t1) | 0, (performance.now() - t2) | 0, rig.payments);
    }
    await rig.judge();
  }, 400_000);
});
