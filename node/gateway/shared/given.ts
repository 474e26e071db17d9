// What an owner says of a key that is to be shared, and what follows from it on a network.

import { compareBytes } from "../../../src/base/index.js";
import type { AgentId, Params } from "../../../src/ledger/index.js";
import { leastTermMs } from "../../../src/market/index.js";
import { Accident } from "../../accident.js";
import type { Buying, SharedTerms } from "./shared-terms.js";

/** As flags say it. */
export interface GivenShared {
  /** the name under which windows are sold */
  readonly capability: string;
  /** who sells them; null: this daemon's own agent */
  readonly seller: AgentId | null;
  readonly buying: Buying | null;
  readonly windowMs: number;
  /** offered ahead of the one that runs */
  readonly ahead: number;
  /** parts that are not offered */
  readonly kept: number;
  /** micro-credits a part, > 0 */
  readonly reserve: bigint;
  readonly deputies: readonly AgentId[];
  /** null: the shortest that this network allows */
  readonly termMs: number | null;
}

/** @throws Accident TERM_TOO_SHORT, WINDOW_TOO_SHORT */
export function sharedTermsOf(given: GivenShared, agent: AgentId, params: Params): SharedTerms {
  const { capability, seller, buying, windowMs, ahead, kept, reserve, deputies } = given;
  const leastMs = leastTermMs(params);
  const termMs = given.termMs ?? leastMs;
  if (termMs < leastMs)
    throw new Accident(
      "TERM_TOO_SHORT",
      "could not share the key",
      `with clocks ${params.precisionMs} ms apart a lease is not used for the last ${leastMs / 2} ms of a term: one of ${termMs} ms leaves too little`,
      `give --term at least ${leastMs}ms`,
    );
  const windows = { commitMs: 2 * params.minCommitMs, revealMs: params.minRevealMs };
  const leadMs = windows.commitMs + windows.revealMs + 4 * params.deltaMs;
  if (windowMs < 2 * params.lotSlackMs)
    throw new Accident(
      "WINDOW_TOO_SHORT",
      "could not share the key",
      `on this network what is sold lasts ${params.lotSlackMs} ms beyond its auction at least`,
      `give --window at least ${2 * params.lotSlackMs}ms`,
    );
  return {
    shared: { seller: seller ?? agent, capability },
    buying,
    selling: seller === null ? { windowMs, ahead, leadMs, kept, reserve, ...windows } : null,
    deputies: deputies.toSorted(compareBytes),
    termMs,
  };
}
