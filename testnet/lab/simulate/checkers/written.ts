// written: what a peer has written is its state, row by row: a change that forgot its row shows here, not at a restart.
import { type Hex, toHex } from "../../../../src/base/index.js";
import type { Host } from "../world/host.js";
import type { Checker, Trial } from "./checker.js";

/** Every row is read: at heights that are multiples of this, and at the end. */
const EVERY = 16;

export function writtenChecker(trial: Trial): Checker {
  /** States that were compared already: equal roots were written alike. */
  const compared = new Set<Hex>();

  function compare({ index, machine }: Host): void {
    if (machine === null) return;
    const root = toHex(machine.root());
    if (compared.has(root)) return;
    compared.add(root);
    const untouched = machine.untouched();
    if (untouched.length === 0) return;
    trial.report(
      "written",
      `host ${index} at height ${machine.height} did not write ${untouched.join(", ")}`,
    );
  }

  return {
    noticed(host, notice) {
      if (notice.kind === "entry" && notice.height % EVERY === 0 && trial.isHonest(host)) compare(host);
    },
    ended() {
      for (const host of trial.hosts) if (trial.isHonest(host)) compare(host);
    },
  };
}
