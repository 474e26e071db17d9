// budgets, while a run goes on: what honest peers counted at a height now and then is what the log says of it.
import { type BudgetReading, budgetWrongs } from "../../checks/budgets.js";
import type { History } from "../../checks/history.js";
import type { PayerRates } from "../../checks/payers.js";
import type { Checker, Trial } from "./checker.js";

/** Read at heights that are multiples of this. */
const EVERY = 4;

export function budgetsChecker(trial: Trial, history: History, rates: PayerRates): Checker {
  const readings = new Map<number, BudgetReading>();
  return {
    noticed(host, notice) {
      const { machine } = host;
      if (notice.kind !== "entry" || !trial.isHonest(host) || machine === null) return;
      const { height } = machine;
      if (height % EVERY === 0 && !readings.has(height))
        readings.set(height, { height, budgets: machine.budgets() });
    },
    ended() {
      const whole = [...readings.values()].filter(
        ({ height }) => history.isComplete(1, height) && height <= history.windows().height,
      );
      for (const wrong of budgetWrongs(history, rates, whole)) trial.report("budgets", wrong);
    },
  };
}
