// converge and live: equal roots at equal heights always; after the last fault, everyone moves on and nobody is left.
import { toHex } from "../../../../src/base/index.js";
import { FirstSaid } from "../../checks/agreement.js";
import type { Host } from "../world/host.js";
import { type Checker, isHonestAndUp, type Trial } from "./checker.js";

export interface ProgressBounds {
  /** virtual ms from healing within which every honest peer finalises */
  readonly liveMs: number;
  /** virtual ms before the end: what is final somewhere by then is final everywhere at the end */
  readonly settleMs: number;
  readonly endMs: number;
}

/** @param at schedules a look at a virtual time */
export function progressChecker(
  trial: Trial,
  bounds: ProgressBounds,
  at: (atMs: number, look: () => void) => void,
): Checker {
  const roots = new FirstSaid();
  let owed = 0;

  function heights(): [Host, number][] {
    return trial.hosts
      .filter((host) => isHonestAndUp(trial, host))
      .map((host) => [host, host.machine!.height]);
  }

  return {
    noticed(host, notice) {
      if (!trial.isHonest(host) || host.machine === null) return;
      if (notice.kind === "corrupt") {
        trial.report(
          "converge",
          `peer ${host.index} halted: the quorum has another root at height ${notice.height}`,
        );
      }
      if (notice.kind !== "entry") return;
      const { height } = host.machine;
      const first = roots.contradicts(height, toHex(host.machine.root()), String(host.index));
      if (first === null) return;
      trial.report("converge", `height ${height}: peers ${first.by} and ${host.index} have different roots`);
    },
    healed() {
      const before = new Map(heights());
      const start = Math.max(0, ...before.values());
      at(trial.nowMs() + bounds.liveMs, () => {
        for (const [host, height] of heights()) {
          if (height > start) continue;
          trial.report(
            "live",
            `peer ${host.index} is at height ${height} ${bounds.liveMs} ms after healing at ${start}`,
          );
        }
      });
      at(bounds.endMs - bounds.settleMs, () => {
        owed = Math.max(0, ...heights().map(([, height]) => height));
      });
    },
    ended() {
      for (const host of trial.hosts) {
        if (!trial.isHonest(host)) continue;
        if (host.machine === null) trial.report("live", `peer ${host.index} is down at the end`);
        else if (host.machine.height < owed) {
          trial.report(
            "converge",
            `peer ${host.index} ends at height ${host.machine.height}, others had ${owed}`,
          );
        }
      }
    },
  };
}
