// Why a request that waited is not sent, in the words of a refusal.
import type { Caller } from "./caller.js";
import { type Fault, keyExhausted, mayNotWait, type Refused, stopping, waitedTooLong } from "./faults.js";
import type { Line } from "./line.js";
import type { Outcome } from "./line-ask.js";

/** How a wait ended for good. */
export type Settled = Exclude<Outcome, { kind: "sentOn" }>;
export type TurnedAway = Exclude<Settled, { kind: "go" }>;

export interface Waited {
  readonly caller: Caller;
  /** whose share it is */
  readonly flow: string;
  /** in which it waited */
  readonly line: Line;
  /** in all */
  readonly waitedMs: number;
  readonly wallMs: number;
}

/** null: nobody is there to be told */
export function faultOf(outcome: TurnedAway, waited: Waited): Fault | null {
  switch (outcome.kind) {
    case "left":
      return null;
    case "refused":
      return mayNotWait(outcome.fault, refusedOf(waited));
    case "late":
      return waitedTooLong(waited.waitedMs, refusedOf(waited));
    case "parked":
      return keyExhausted(outcome.why);
    case "stopped":
      return stopping(waited.caller.who);
  }
}

function refusedOf({ caller, flow, line, wallMs }: Waited): Refused {
  const { who, toldBy } = caller;
  const level = toldBy === "key" ? who : "unknown";
  const { counts, waitMs } = line;
  return { who, level, shares: line.shareOf(flow), waiting: counts.waiting, waitMs, wallMs };
}
