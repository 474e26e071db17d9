// agree: one entry per height among honest peers, told by each without a gap; a fork that one of them proves counts too.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Checker, Trial } from "./checker.js";

export function agreeChecker(trial: Trial): Checker {
  const ids = new Map<number, { readonly id: Hex; readonly host: number }>();
  const told = new Map<number, number>();
  return {
    noticed(host, notice) {
      if (!trial.isHonest(host)) return;
      if (notice.kind === "fork") {
        trial.report("agree", `peer ${host.index} halted: it holds two conflicting finalisations`);
      }
      if (notice.kind !== "entry") return;
      const id = toHex(notice.id);
      const known = ids.get(notice.height);
      if (known === undefined) ids.set(notice.height, { id, host: host.index });
      else if (known.id !== id) {
        const both = `peer ${known.host} has ${known.id.slice(0, 8)}, peer ${host.index} ${id.slice(0, 8)}`;
        trial.report("agree", `height ${notice.height}: ${both}`);
      }
      const last = told.get(host.index);
      if (last !== undefined && notice.height > last + 1) {
        trial.report("agree", `peer ${host.index} tells height ${notice.height} after ${last}`);
      }
      told.set(host.index, notice.height);
    },
    // Notices of a step whose process died before telling them are lost: a new life may begin further on.
    crashed: (host) => void told.delete(host.index),
  };
}
