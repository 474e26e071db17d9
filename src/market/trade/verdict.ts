// The seats judge a disputed delivery, a vote each, until a quorum of them has decided (spec/disputes#verdicts).
import { invariant } from "../../base/index.js";
import { type AgentId, type Ledger, type Moment, reject } from "../../ledger/index.js";
import type { Signed } from "../subject.js";
import { decisionOf, type Opinion } from "./decision.js";
import { endTrade } from "./end.js";
import { isParty, jurorsOf, seatOf } from "./jury.js";
import {
  isDisputed,
  isInTime,
  OF_TRADES,
  type TradeFact,
  type TradeRefusal,
  type TradeRule,
  tradeExists,
} from "./rules.js";
import type { DisputedTrade, TradeId } from "./trade.js";
import { setState, tradeOf } from "./trades.js";

interface VerdictBody {
  readonly trade: TradeId;
  /** what of the delivery is wrong, in bp of it; null: nothing */
  readonly share: Opinion;
}

const senderHasSeat: TradeRule = (ledger, _, by) =>
  seatOf(ledger, by.from) === null ? reject("NOT_A_JUROR") : null;

const senderIsNoParty: TradeRule = (ledger, { trade }, by) =>
  isParty(tradeOf(ledger, trade)!, by.from) ? reject("JUROR_IS_PARTY") : null;

const votesOnce: TradeRule = (ledger, { trade }, by) => {
  const { dispute } = disputed(ledger, trade).state;
  const seat = seatOf(ledger, by.from)!;
  return dispute.votes.some((one) => one.seat === seat) ? reject("VERDICT_REPEATED", { seat }) : null;
};

/** A trade of which the rules have shown that it is disputed. */
function disputed(ledger: Ledger, id: TradeId): DisputedTrade {
  const trade = tradeOf(ledger, id);
  invariant(trade?.state.kind === "disputed", "a verdict is on a disputed trade");
  return trade as DisputedTrade;
}

function addVote(ledger: Ledger, trade: TradeId, seat: number, share: Opinion): DisputedTrade {
  const { state, outagesMs } = disputed(ledger, trade);
  const { dispute } = state;
  const votes = [...dispute.votes, { seat, share }];
  setState(ledger, trade, { state: { ...state, dispute: { ...dispute, votes } }, outagesMs });
  return { ...disputed(ledger, trade) };
}

function judge(
  ledger: Ledger,
  { trade: id, share }: VerdictBody,
  juror: AgentId,
  at: Pick<Moment, "height" | "timeMs">,
): readonly TradeFact[] {
  const seat = seatOf(ledger, juror)!;
  const trade = addVote(ledger, id, seat, share);
  const judged = { kind: "judged", trade, seat, share } as const;
  const shares = trade.state.dispute.votes.map((one) => one.share);
  const decision = decisionOf(shares, jurorsOf(ledger, trade).length);
  if (decision === null) return [judged];
  return [judged, { kind: "tradeEnded", ...endTrade(ledger, trade, decision, at) }];
}

export const VERDICT: Signed<VerdictBody, TradeRefusal, TradeFact> = {
  ...OF_TRADES,
  rules: [tradeExists, senderHasSeat, senderIsNoParty, isDisputed, isInTime, votesOnce],
  effect: (ledger, body, by, at) => judge(ledger, body, by.from, at),
};
