// Standing: an agent's reputation as the ledger knows it, with what of its deeds is recent (spec/standing#row).
import { type Hash, type Hex, list, oneOf, struct, type TypeOf, uint } from "../../base/index.js";
import {
  type AgentId,
  BASIS_POINTS,
  Deadlines,
  FORGOTTEN_BEYOND_MADE,
  ID_PART,
  type Ledger,
  type Moment,
  PRIOR_STANDING,
  periodOf,
  RECENT_PERIODS,
  type Reputation,
  STANDING_BLOCKED_BELOW,
  STANDING_FREE_FROM,
  table,
} from "../../ledger/index.js";
import { type Deed, type History, historyIn, periodDeeds, recentIn, weightOf, withDeed } from "./deeds.js";

const standing = struct({
  /** in basis points: the prior until ratings count */
  score: [0, uint(BASIS_POINTS)],
  /** Σw of the ratings behind it: none counts yet */
  weight: [1, uint()],
  /** it fell below `STANDING_BLOCKED_BELOW`, and has not come back to `STANDING_FREE_FROM` since */
  blocked: [2, oneOf(["no", "yes"])],
  /** by period, ascending: those in which something was done, and that were recent when the row was last written */
  recent: [3, list(periodDeeds, RECENT_PERIODS + 1)],
});
export type Standing = TypeOf<typeof standing>;

/** Of whoever has no row. */
const NEWCOMER: Standing = { score: PRIOR_STANDING, weight: 0, blocked: "no", recent: [] };

/** Under the agent. A row that says what no row says does not stay. */
export const STANDINGS = table({
  name: "standing",
  parts: [ID_PART],
  codec: standing,
  stored: (one: Standing) => one,
  row: (one: Standing) => one,
  indices: ({ periodMs }) => ({
    /** by when the last deed is recent no more, in ms since genesis */
    lapses: new Deadlines<Standing>(({ recent }) => {
      const last = recent.at(-1);
      return last === undefined ? null : (last.period + RECENT_PERIODS + 1) * periodMs;
    }),
  }),
});

const standingOf = (ledger: Ledger, agent: AgentId | Hex): Standing =>
  ledger.get(STANDINGS, agent) ?? NEWCOMER;

/** What of an agent's standing decides how much credit it has. */
export const reputationOf = (ledger: Ledger, agent: AgentId | Hex): Reputation => standingOf(ledger, agent);

/** An agent's standing in basis points. */
export const standingScore = (ledger: Ledger, agent: AgentId): number => standingOf(ledger, agent).score;

/** Whether an agent's standing is too low to take a new lien (spec/standing#R3). */
export const isBlocked = (ledger: Ledger, agent: AgentId): boolean =>
  standingOf(ledger, agent).blocked === "yes";

/** What counts of an agent's deeds for its next violation at a ledger time. */
export const historyOf = (ledger: Ledger, agent: AgentId, timeMs: number): History =>
  historyIn(recentIn(standingOf(ledger, agent).recent, periodOf(ledger, timeMs)));

/**
 * Counts a deed in the period of an entry, and lets go of what is recent no more.
 * @param atStake the trade's price, or the lockup of a bid that was not shown, in micro-credits
 * @param slashes 1 if a slash took something for it, else 0
 */
export function recordDeed(
  ledger: Ledger,
  agent: AgentId,
  deed: Deed,
  atStake: bigint,
  at: Pick<Moment, "timeMs">,
  slashes: 0 | 1 = 0,
): void {
  const before = standingOf(ledger, agent);
  const period = periodOf(ledger, at.timeMs);
  const weight = weightOf(atStake, ledger.params);
  const recent = withDeed(recentIn(before.recent, period), period, deed, weight, slashes);
  write(ledger, agent, { ...before, recent });
}

/**
 * Lets go of the deeds of those of whom nothing is recent any more, the longest lapsed first, and of rows of which
 * nothing is left then: as many as the entry's operations were applied, and some more. A row is made for an auction's
 * creator or for a bidder, so that there are no more of them than such operations, and what is overdue dwindles.
 * @param applied operations of the entry that were applied
 */
export function forgetStandings(ledger: Ledger, at: Pick<Moment, "timeMs">, applied: number): void {
  const { lapses } = ledger.table(STANDINGS).index;
  const sinceGenesisMs = at.timeMs - ledger.genesis.timeMs;
  let open = applied + FORGOTTEN_BEYOND_MADE;
  for (let next = lapses.first; open > 0 && next !== null; next = lapses.first) {
    if (next.dueMs > sinceGenesisMs) break;
    write(ledger, next.id, { ...ledger.get(STANDINGS, next.id)!, recent: [] });
    open--;
  }
}

/** The one place that writes standings: the block follows the score, and a newcomer's needs no row. */
function write(ledger: Ledger, agent: Hash | string, row: Standing): void {
  const blocked = isBlockedAt(row.score, row.blocked === "yes") ? "yes" : "no";
  const isNewcomers =
    row.score === NEWCOMER.score && row.weight === 0 && blocked === "no" && row.recent.length === 0;
  if (isNewcomers) ledger.table(STANDINGS).delete(agent);
  else ledger.put(STANDINGS, agent, { ...row, blocked });
}

/** A block begins below one score and ends at a higher one, so that nobody goes in and out by a hair. */
export const isBlockedAt = (score: number, wasBlocked: boolean): boolean =>
  score < (wasBlocked ? STANDING_FREE_FROM : STANDING_BLOCKED_BELOW);
