// The honest peer that has executed most, and what of the log it has executed: what its accounts must follow from.
import type { AccountBook } from "../machine.js";
import type { Host } from "../world/host.js";
import { isHonestAndUp, type Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";

export interface Executed {
  readonly host: Host;
  readonly height: number;
  readonly accounts: readonly AccountBook[];
}

/** Null: nobody is up, or nobody could tell of some height. */
export function mostExecuted(trial: Trial, chronicle: Chronicle): Executed | null {
  const hosts = trial.hosts.filter((host) => isHonestAndUp(trial, host));
  const [first] = hosts.sort((a, b) => b.machine!.height - a.machine!.height);
  if (first === undefined) return null;
  const { height } = first.machine!;
  if (!chronicle.isComplete(1, height) || chronicle.steps().length < height) return null;
  return { host: first, height, accounts: first.machine!.accounts() };
}
