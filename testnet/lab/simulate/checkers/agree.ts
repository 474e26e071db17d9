// agree: one entry per height among honest peers, told by each without a gap; a fork that one of them proves counts too.
import { toHex } from "../../../../src/base/index.js";
import { FirstSaid } from "../../checks/agreement.js";
import type { Checker, Trial } from "./checker.js";

export function agreeChecker(trial: Trial): Checker {
  const ids = new FirstSaid();
  const told = new Map<number, number>();
  return {
    noticed(host, notice) {
      if (!trial.isHonest(host)) return;
      const name = `peer ${host.index}`;
      if (notice.kind === "fork") {
        trial.report("agree", `${name} halted: it holds two conflicting finalisations`);
      }
      if (notice.kind !== "entry") return;
      const { height } = notice;
      const id = toHex(notice.id);
      const first = ids.contradicts(height, id, name);
      if (first !== null) {
        const both = `${first.by} has ${first.value.slice(0, 8)}, ${name} ${id.slice(0, 8)}`;
        trial.report("agree", `height ${height}: ${both}`);
      }
      const last = told.get(host.index);
      if (last !== undefined && height > last + 1) {
        trial.report("agree", `${name} tells height ${height} after ${last}`);
      }
      told.set(host.index, height);
    },
    // Notices of a step whose process died before telling them are lost: a new life may begin further on.
    crashed: (host) => void told.delete(host.index),
  };
}
