// fair: after the last fault, every honest member whose clock is right leads entries again: no turn is taken from it.
import { longestIdleMs, type Timing } from "../../../../src/quorum/index.js";
import type { Host } from "../world/host.js";
import { type Checker, isHonestAndUp, type Trial } from "./checker.js";

export interface Turns {
  readonly seats: number;
  readonly timing: Timing;
  /** what a right clock shows at virtual time 0 */
  readonly epochMs: number;
  readonly liveMs: number;
  readonly endMs: number;
}

/** Two rounds of turns, the failed ones among them at their slowest. */
const roundsMs = ({ seats, timing }: Turns): number =>
  2 * seats * (longestIdleMs(timing) + 6 * timing.deltaMs) + 20 * timing.deltaMs;

export function fairChecker(trial: Trial, turns: Turns): Checker {
  const ledAtMs = new Map<number, number>();
  const silenced = new Set<number>();
  let owedFromMs = Number.POSITIVE_INFINITY;

  const isOwed = (host: Host): boolean =>
    host.index < turns.seats &&
    isHonestAndUp(trial, host) &&
    !silenced.has(host.index) &&
    Math.abs(host.clockMs - turns.epochMs - trial.nowMs()) <= turns.timing.precisionMs;

  return {
    healed: () => {
      owedFromMs = trial.nowMs() + turns.liveMs;
    },
    noticed(host, notice) {
      if (!trial.isHonest(host)) return;
      if (notice.kind === "entry") ledAtMs.set(notice.leader, trial.nowMs());
      if (notice.kind === "amnesia" && !notice.released) silenced.add(host.index);
      if (notice.kind === "amnesia" && notice.released) silenced.delete(host.index);
    },
    ended() {
      for (const host of trial.hosts) {
        if (!isOwed(host)) continue;
        const sinceMs = Math.max(owedFromMs, ledAtMs.get(host.index) ?? 0);
        const waitedMs = turns.endMs - sinceMs;
        if (waitedMs <= roundsMs(turns)) continue;
        trial.report("fair", `seat ${host.index} led nothing for the last ${Math.round(waitedMs)} ms`);
      }
    },
  };
}
