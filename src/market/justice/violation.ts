// A trade that failed: what its performer pays for it, and what is remembered of it (spec/standing#violations).
import {
  amount,
  type Hash,
  invariant,
  least,
  oneOf,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../../base/index.js";
import { type AgentId, BASIS_POINTS, type Ledger, MAX_REPEAT, type Moment } from "../../ledger/index.js";
import { VIOLATIONS, type Violation } from "../standing/deeds.js";
import { historyOf, recordDeed } from "../standing/standing.js";
import { quotePenalty } from "./penalties.js";
import { type Taking, takenBy, takePenalty } from "./take.js";

/** What a trade's violation cost, with all numbers that this was computed from. */
export const penalty = struct({
  condition: [0, oneOf(VIOLATIONS)],
  /** the trade's part of its lien */
  base: [1, amount],
  penaltyBp: [2, uint(BASIS_POINTS)],
  severity: [3, uint()],
  grace: [4, uint()],
  /** recent violations of the performer before it */
  violations: [5, uint()],
  repeat: [6, uint(MAX_REPEAT, 1)],
  /** what of the delivery was found wrong: of a misdelivery; else all */
  shareBp: [7, uint(BASIS_POINTS, 1)],
  /** forgiven: nothing was due, though it counts */
  isWarning: [8, oneOf(["no", "yes"])],
  due: [9, amount],
  /** what could be taken: half burned, half to the insurance pool */
  taken: [10, amount],
});
export type Penalty = TypeOf<typeof penalty>;

export interface TradeViolation {
  /** who was to deliver */
  readonly agent: AgentId;
  readonly condition: Violation;
  /** the auction's, which names the lien of kind `trade` */
  readonly auction: Hash;
  /** the trade's part of that lien; 0: nothing answers for it */
  readonly lien: bigint;
  readonly price: bigint;
  /** 1 to 10,000; all, where nothing was judged */
  readonly shareBp?: number;
}

/** What a violation cost, and where that was taken from. */
export interface ChargedViolation extends Penalty {
  readonly taking: Taking;
}

/** Takes what a violation costs, and counts it for its agent's standing, also where nothing answers for it. */
export function chargeViolation(
  ledger: Ledger,
  { agent, condition, auction, lien, price, shareBp = BASIS_POINTS }: TradeViolation,
  at: Pick<Moment, "timeMs">,
): ChargedViolation {
  const account = ledger.accountOf(agent);
  invariant(account !== null, "who was to deliver has an account");
  const id = toHex(auction);
  const held = account.liens.get(id);
  invariant(
    lien === 0n || (held?.kind === "trade" && lien <= held.amount),
    "a trade's part is of a lien for trades",
  );
  const { isWarning, ...quote } = quotePenalty(condition, lien, historyOf(ledger, agent, at.timeMs), shareBp);
  const taking = takePenalty(ledger, account, quote.due, { id, most: lien });
  const taken = takenBy(taking);
  recordDeed(ledger, agent, condition, price, at, taken > 0n ? 1 : 0);
  return { ...quote, condition, isWarning: isWarning ? "yes" : "no", taken, taking };
}

/** What a penalty left of the trade's part of the lien: it is taken from there first. */
export const lienLeft = ({ base, due }: Pick<Penalty, "base" | "due">): bigint => base - least(base, due);
