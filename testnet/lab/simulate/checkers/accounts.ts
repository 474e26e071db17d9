// The honest peer that has executed most, and what of the log it has executed: what its accounts must follow from.
import type { Executed } from "../../checks/books.js";
import type { History } from "../../checks/history.js";
import { isHonestAndUp, type Trial } from "./checker.js";

/** None: nobody is up, or nobody could tell of some height. */
export function mostExecuted(trial: Trial, history: History): readonly Executed[] {
  const hosts = trial.hosts.filter((host) => isHonestAndUp(trial, host));
  const [first] = hosts.sort((a, b) => b.machine!.height - a.machine!.height);
  if (first === undefined) return [];
  const { height } = first.machine!;
  if (!history.isComplete(1, height) || history.windows().height < height) return [];
  const { machine } = first;
  return [{ height, accounts: machine!.accounts(), trades: machine!.trades(), budgets: machine!.budgets() }];
}
