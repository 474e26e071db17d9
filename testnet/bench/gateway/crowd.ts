// Who shares the key: agents with lanes (a session, its subagents), each of which works as recorded coding agents do.
import type { Band } from "../../../src/quota/index.js";

export interface Member {
  readonly name: string;
  readonly band: Band;
  readonly weight: number;
  /** calls that it has at once */
  readonly lanes: number;
}

/** Of five agents one is spoken with, one has far more subagents than it is entitled to, three have two lanes. */
const KINDS = [
  { band: "normal", lanes: 8 },
  { band: "interactive", lanes: 1 },
  { band: "normal", lanes: 2 },
  { band: "normal", lanes: 2 },
  { band: "normal", lanes: 2 },
] as const;

/** So many agents of the same weight. */
export const crowdOf = (agents: number): readonly Member[] =>
  Array.from({ length: agents }, (_, at) => ({
    name: `agent-${at}`,
    weight: 1,
    ...KINDS[at % KINDS.length]!,
  }));
