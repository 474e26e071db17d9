// The buyer disputes a delivery, and stakes a bond on being right (spec/disputes#disputes).
import { type Hash, invariant } from "../../base/index.js";
import { drawFault, type Ledger, MAX_LOCKS, type Moment, reject, setAside } from "../../ledger/index.js";
import type { Signed } from "../subject.js";
import { bondLock, leastBondFor } from "./dispute.js";
import { jurorsOf } from "./jury.js";
import {
  isDelivered,
  isInTime,
  OF_TRADES,
  senderBuys,
  type TradeFact,
  type TradeRefusal,
  type TradeRule,
  tradeExists,
} from "./rules.js";
import type { Trade, TradeId } from "./trade.js";
import { setState, tradeOf } from "./trades.js";

interface DisputeBody {
  readonly trade: TradeId;
  readonly evidence: Hash;
  readonly bond: bigint;
}

/** Where nobody may judge, a dispute would take its part of every price. */
const somebodyJudges: TradeRule = (ledger, { trade }) =>
  jurorsOf(ledger, tradeOf(ledger, trade)!).length === 0 ? reject("NO_JURY") : null;

const bondIsEnough: TradeRule<DisputeBody> = (ledger, { trade, bond }) => {
  const least = leastBondFor(tradeOf(ledger, trade)!.price, ledger.params);
  if (bond >= least) return null;
  return reject("DISPUTE_BOND_TOO_SMALL", { bond: bond.toString(), least: least.toString() });
};

const lockIsLeft: TradeRule = (ledger, _, by) =>
  ledger.accountOf(by.from)!.locks.size >= MAX_LOCKS ? reject("TOO_MANY_LOCKS") : null;

/** Free funds alone, whatever is locked: who locked all it may must still be heard. For budgets a dispute is a thing of its own, as an auction is: its bond is held under the trade's id (spec/budgets#N4). */
const bondIsFree: TradeRule<DisputeBody> = (ledger, { trade, bond }, { from, fee }, { timeMs }) =>
  drawFault(ledger, from, timeMs, {
    fee,
    taken: bond,
    locks: null,
    own: 0n,
    auction: trade,
    replaces: null,
  });

function markDisputed(
  ledger: Ledger,
  trade: Trade,
  { evidence, bond }: DisputeBody,
  { timeMs }: Pick<Moment, "timeMs">,
): Trade {
  const { state } = trade;
  invariant(state.kind === "delivered", "a dispute is of what was delivered");
  const verdictByMs = timeMs + ledger.params.verdictMs;
  return setState(ledger, trade.id, {
    state: { kind: "disputed", hash: state.hash, verdictByMs, dispute: { evidence, bond, votes: [] } },
    outagesMs: ledger.clock.outagesMs,
  });
}

export const DISPUTE: Signed<DisputeBody, TradeRefusal, TradeFact> = {
  ...OF_TRADES,
  rules: [
    tradeExists,
    senderBuys,
    isDelivered,
    isInTime,
    somebodyJudges,
    bondIsEnough,
    lockIsLeft,
    bondIsFree,
  ],
  effect(ledger, body, by, at) {
    setAside(ledger, ledger.accountOf(by.from)!, bondLock(body.trade), body.bond, at.timeMs);
    return [{ kind: "disputed", trade: markDisputed(ledger, tradeOf(ledger, body.trade)!, body, at) }];
  },
  takes: (_, body) => body.bond,
  locks: (_, body) => body.bond,
  isLimited: false,
  about: (body) => body.trade,
  replaces: (body) => bondLock(body.trade),
  isVain(ledger, { trade }) {
    const kind = tradeOf(ledger, trade)?.state.kind;
    return kind === "disputed" || kind === "ended";
  },
};
