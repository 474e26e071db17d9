// conservation and non-negative, at every entry that an honest peer tells.
import { type Hex, toHex } from "../../../../src/base/index.js";
import { booksWrongs } from "../../checks/books.js";
import type { Checker, Trial } from "./checker.js";

export function booksChecker(trial: Trial): Checker {
  /** States that were audited already: equal roots are equal books. */
  const audited = new Set<Hex>();
  return {
    noticed(host, notice) {
      if (notice.kind !== "entry" || !trial.isHonest(host) || host.machine === null) return;
      const { machine } = host;
      const root = toHex(machine.root());
      if (audited.has(root)) return;
      audited.add(root);
      for (const { law, what } of booksWrongs(machine.books()))
        trial.report(law, `height ${machine.height}: ${what}`);
    },
  };
}
