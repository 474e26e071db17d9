// conservation and non-negative: at every entry, what is held and burned is what was minted, and nothing is below zero.
import { type Hex, toHex } from "../../../src/base/index.js";
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
      const { minted, holdings } = machine.books();
      let sum = 0n;
      for (const { what, amount } of holdings) {
        sum += amount;
        if (amount < 0n) trial.report("non-negative", `height ${machine.height}: ${what} is ${amount}`);
      }
      if (sum !== minted) {
        trial.report("conservation", `height ${machine.height}: ${sum} held and burned, ${minted} minted`);
      }
    },
  };
}
