// What every checker has in common: it watches, knows who is honest and nothing of the faults, and reports.
import type { Host } from "../world/host.js";
import type { Witness } from "../world/world.js";

/** The names of spec/scenarios and of the simulator's own laws; `bug` is a machine that threw. */
export const INVARIANTS = [
  "agree",
  "conservation",
  "non-negative",
  "once",
  "honest",
  "durable",
  "written",
  "converge",
  "live",
  "fair",
  "pace",
  "prompt",
  "time",
  "final",
  "secrecy",
  "window",
  "led",
  "outage",
  "forfeit",
  "outcome",
  "deposit",
  "room",
  "nonce",
  "paid",
  "unbonding",
  "trade-money",
  "liens",
  "budgets",
  "funds",
  "turn",
  "caught",
  "just",
  "goodput",
  "bug",
] as const;
export type Invariant = (typeof INVARIANTS)[number];

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
  /** virtual ms */
  readonly atMs: number;
}

/** What a checker is told of a run. */
export interface Trial {
  readonly hosts: readonly Host[];
  isHonest(host: Host): boolean;
  nowMs(): number;
  report(invariant: Invariant, detail: string): void;
}

export interface Checker extends Witness {
  /** the last fault is over: from here on liveness is owed */
  healed?(): void;
  ended?(): void;
}

/** A law that is asked once, at the end. */
export const atEnd = (trial: Trial, invariant: Invariant, wrongs: () => readonly string[]): Checker => ({
  ended() {
    for (const wrong of wrongs()) trial.report(invariant, wrong);
  },
});

export const isHonestAndUp = (trial: Trial, host: Host): boolean => trial.isHonest(host) && host.isUp;
