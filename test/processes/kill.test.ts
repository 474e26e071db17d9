// Kill −9 at every persistence point (spec/persistence#points), of one member and of all at once, on real processes.
// Scenarios 1, 53 and 57 of spec/scenarios.
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Rig, stopRigs } from "./rig.js";

afterEach(stopRigs);

/**
 * The whole matrix takes minutes of CPU: MABEAM_PROCESSES=all runs it. Else some of it, chosen so that with four
 * members every persistence point occurs, for one that dies and for all; every moment occurs as well.
 */
const WHOLE = process.env.MABEAM_PROCESSES === "all";

const TIME_MS = WHOLE ? 3_600_000 : 600_000;

const at = (moments: readonly string[], points: readonly string[]): readonly string[] =>
  points.flatMap((point) => moments.map((moment) => `${moment}:${point}`));
/** P2 to P5, of which the guard is written first; then P6 (with it P1), P7 and P10, which sign nothing. */
const SIGNING = ["propose", "ack", "commit", "skip"];
const EVERY_POINT = [
  ...at(["guard", "batch", "sending", "sent"], SIGNING),
  ...at(["before", "batch", "sent"], ["ackCert", "skipCert", "commitCert", "final", "operation"]),
];
const OF_ONE = WHOLE
  ? EVERY_POINT
  : [
      ...["guard:propose", "guard:ack", "guard:commit", "guard:skip"],
      ...["batch:operation", "before:ackCert", "batch:final"],
    ];
const OF_FOUR = WHOLE
  ? EVERY_POINT
  : [
      ...["guard:propose", "batch:ack", "sent:commit", "sending:skip"],
      ...["before:ackCert", "before:final", "batch:operation"],
    ];
const OF_TWO = WHOLE ? EVERY_POINT : ["guard:commit", "batch:skip"];
/** A lone member skips nothing; what it says goes nowhere, so that a half of it is nothing special. */
const ALONE = [
  ...at(["guard", "batch", "sent"], ["propose", "ack", "commit"]),
  ...at(["before", "batch", "sent"], ["ackCert", "commitCert", "final", "operation"]),
];
const OF_NONE_BESIDE = WHOLE ? ALONE : ["guard:propose", "batch:ack", "before:final"];

/** Members that come to the same point within this time die there by themselves; the others wherever they are. */
const GRACE_MS = 300;

/** How long a member is paused, so that the others skip its turn, and then let go, so that a quorum can say so. */
const PAUSED_MS = 3000;
const FREE_MS = 1500;

/**
 * A member skips only where a leader is silent: then one that need not come to the point itself is paused. Where
 * nobody can be spared (n = 2), it is let go from time to time.
 */
function silence(rig: Rig, point: string, others: readonly number[], over: Promise<unknown>): number | null {
  const silent = point.includes("skip") ? others[0] : undefined;
  if (silent === undefined) return null;
  rig.network.at(silent).signal("SIGSTOP");
  if (point.endsWith("skipCert") && rig.seats === 2) void pauseInTurn(rig, silent, over);
  return silent;
}

async function pauseInTurn(rig: Rig, silent: number, over: Promise<unknown>): Promise<void> {
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  for (let signal = "SIGCONT" as "SIGCONT" | "SIGSTOP"; !isOver; ) {
    await Promise.race([over, wait(signal === "SIGCONT" ? PAUSED_MS : FREE_MS)]);
    if (isOver || !rig.network.at(silent).isAlive) return;
    rig.network.at(silent).signal(signal);
    signal = signal === "SIGCONT" ? "SIGSTOP" : "SIGCONT";
  }
}

/** The member dies when it comes to its point, while the others are paid through. */
async function killOneAt(rig: Rig, point: string, victim: number): Promise<void> {
  const { ended } = rig.network.at(victim);
  const silent = silence(
    rig,
    point,
    rig.places.filter((place) => place !== victim),
    ended,
  );
  rig.arm(victim);
  await rig.payUntil(ended);
  expect([point, await ended]).toEqual([point, "SIGKILL"]);
  if (silent !== null) rig.network.at(silent).signal("SIGCONT");
}

/** All die: the first when it comes to its point, whoever comes there then as well, and then the rest. */
async function killAllAt(rig: Rig, point: string): Promise<void> {
  const all = rig.places.map((place) => rig.network.at(place));
  const first = Promise.race(all.map(({ ended }) => ended));
  const silent = silence(rig, point, rig.places.slice(-1), first);
  for (const place of rig.places) if (place !== silent) rig.arm(place);
  await rig.payUntil(first);
  expect([point, await first]).toEqual([point, "SIGKILL"]);
  await wait(GRACE_MS);
  await Promise.all(all.map((peer) => peer.kill()));
}

test(
  "four members, one killed −9 at every persistence point: it comes back, nothing acknowledged is lost, nobody signs twice",
  async () => {
    const rig = await Rig.start(4, OF_ONE.slice(0, 4));
    for (const [turn, point] of OF_ONE.entries()) {
      const victim = turn % 4;
      await killOneAt(rig, point, victim);
      rig.points.set(victim, OF_ONE[turn + 4] ?? "");
      await rig.restart(victim);
      await rig.nothingLost();
    }
    await rig.judge();
    await rig.historyIsWhatTheLogMakes();
  },
  TIME_MS,
);

describe("all members killed −9 at once go on by themselves (R13), with everything acknowledged", () => {
  test.each([
    [1, OF_NONE_BESIDE],
    [2, OF_TWO],
    [4, OF_FOUR],
  ] as const)(
    "n = %i, at every persistence point",
    async (seats, points) => {
      const rig = await Rig.start(seats, Array(seats).fill(points[0]) as string[]);
      for (const [turn, point] of points.entries()) {
        await killAllAt(rig, point);
        for (const place of rig.places) rig.points.set(place, points[turn + 1] ?? "");
        await rig.restart(...rig.places);
        await rig.nothingLost();
      }
      await rig.judge();
      await rig.historyIsWhatTheLogMakes();
    },
    TIME_MS,
  );
});
