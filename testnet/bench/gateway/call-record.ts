// What became of a call, whoever stood between it and the upstream: what policies are judged by.
import type { Amounts } from "../../upstream/amounts.js";

/** Times are of the experiment's clock. */
export interface CallRecord {
  /** by its place in the crowd */
  readonly agent: number;
  /** its run ends with it */
  readonly isLast: boolean;
  /** the agent wants it answered from now on */
  readonly readyMs: number;
  /** the upstream has let it in; null: not yet */
  takenMs: number | null;
  /** what the upstream counts of it */
  counted: Amounts;
  /** of that, what it counted later than it let it in: output, as it was written */
  readonly later: Counted[];
  /** by the upstream, for its limits */
  refusedUpstream: number;
  /** that the client saw, from whomever */
  refusedToClient: number;
  /** null: it is not over */
  endMs: number | null;
  end: "open" | "answered" | "failed";
}

export interface Counted {
  readonly atMs: number;
  readonly amounts: Amounts;
}

export const NOTHING: Amounts = { requests: 0, tokens: 0, inputTokens: 0, outputTokens: 0 };

export const newRecord = (agent: number, isLast: boolean, readyMs: number): CallRecord => ({
  agent,
  isLast,
  readyMs,
  takenMs: null,
  counted: NOTHING,
  later: [],
  refusedUpstream: 0,
  refusedToClient: 0,
  endMs: null,
  end: "open",
});
