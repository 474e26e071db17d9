// durable: what an honest peer has told as final, and what it has signed, is still its own after any crash.
import type { Checker, Trial } from "./checker.js";

export function durableChecker(trial: Trial): Checker {
  const told = new Map<number, number>();
  return {
    noticed(host, notice) {
      if (!trial.isHonest(host)) return;
      if (notice.kind === "amnesia" && !notice.released) {
        trial.report(
          "durable",
          `peer ${host.index} no longer knows what it signed, and its disk kept everything`,
        );
      }
      if (notice.kind !== "entry") return;
      told.set(host.index, Math.max(notice.height, told.get(host.index) ?? 0));
    },
    started(host) {
      const height = told.get(host.index);
      if (height === undefined || host.machine === null || !trial.isHonest(host)) return;
      if (host.machine.height >= height) return;
      trial.report(
        "durable",
        `peer ${host.index} told height ${height} and restarts at ${host.machine.height}`,
      );
    },
  };
}
