// What requests on their way through a gateway share.
import type { Band } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import type { Ground } from "./attempt.js";
import type { Passed } from "./passed.js";

/** What a caller may rely on. */
export interface Standing {
  readonly weight: number;
  readonly band: Band;
}

export interface Place extends Ground {
  /** the credential that the upstream is given */
  readonly key: string;
  /** calls that no dialect knows are refused, not passed on */
  readonly isStrict: boolean;
  readonly agents: Agents;
  /** @param flow the agent whose share it is */
  standingOf(flow: string): Standing;
  /** told of every request that asked for a turn, once it is over */
  over(passed: Passed): void;
}
