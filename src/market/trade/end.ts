// The end of a trade: its price is paid or returns, and its part of the lien is free again (spec/trades#ending).
import { invariant } from "../../base/index.js";
import {
  BASIS_POINTS,
  behind,
  earnerOf,
  type Ledger,
  type LockName,
  lienAmount,
  lockedAmount,
  lockOf,
  lowerLien,
  lowerLock,
  type Moment,
  releaseLock,
  spendLock,
} from "../../ledger/index.js";
import { auctionOf } from "../auction/auctions.js";
import type { Taking } from "../justice/take.js";
import { chargeViolation, type Penalty } from "../justice/violation.js";
import type { Deed } from "../standing/deeds.js";
import { recordDeed } from "../standing/standing.js";
import { bondLock } from "./dispute.js";
import { type TradeMoney, tradeMoney } from "./money.js";
import { type EndCause, type Ending, hasEnded, type Trade, type TradeEnd } from "./trade.js";
import { setState } from "./trades.js";

/** Ends a trade that runs. */
export function endTrade(
  ledger: Ledger,
  trade: Trade,
  ending: Ending,
  at: Pick<Moment, "height" | "timeMs">,
): TradeEnd {
  const { cause } = ending;
  const { state } = trade;
  const money = tradeMoney(ending, trade.price, ledger.params);
  const whose = ownersOf(ledger, trade);
  movePrice(ledger, trade, money);
  if (state.kind === "disputed") moveBond(ledger, trade, state.dispute.bond, cause);
  const { penalty, taking } = answer(ledger, trade, ending, at);
  const ended = setState(ledger, trade.id, {
    outagesMs: trade.outagesMs,
    state: {
      kind: "ended",
      cause,
      endedAt: at.height,
      endedMs: at.timeMs,
      hash: "hash" in state ? state.hash : null,
      ...money,
      penalty,
      dispute: state.kind === "disputed" ? state.dispute : null,
    },
  });
  invariant(hasEnded(ended), "what was ended has ended");
  return { trade: ended, taking, money: whose };
}

/** Before anything moves: with its last money a budget may leave the state, and nobody could tell any more. */
const ownersOf = (ledger: Ledger, { id, auction, buyer, performer }: Trade): TradeEnd["money"] => ({
  buyer: behind(ledger, auction, buyer),
  performer: behind(ledger, auction, performer),
  bond: behind(ledger, id, buyer),
});

/** Pays, burns and returns the price out of the lock that has held it since before the outcome: the bid's, or the ceiling. */
function movePrice(ledger: Ledger, trade: Trade, { received, fee }: TradeMoney): void {
  if (trade.price === 0n) return;
  const buyer = ledger.accountOf(trade.buyer)!;
  const { direction } = auctionOf(ledger, trade.auction)!.terms;
  const lock: LockName = { id: trade.auction, reason: direction === "sell" ? "bid" : "ceiling" };
  const left = lockedAmount(lockOf(buyer, lock)!) - trade.price;
  if (received > 0n) spendLock(ledger, buyer, lock, received, ledger.accountOf(trade.performer)!);
  if (fee > 0n) spendLock(ledger, buyer, lock, fee, null);
  lowerLock(ledger, buyer, lock, left);
}

/** Whose the bond of a dispute is that ended so. */
export const bondTo = (cause: EndCause): "buyer" | "performer" =>
  cause === "rejected" ? "performer" : "buyer";

/** Returns the bond of a dispute, or pays it to the performer whom the seats found right (spec/disputes#bond). */
function moveBond(
  ledger: Ledger,
  { id, auction, buyer, performer }: Trade,
  bond: bigint,
  cause: EndCause,
): void {
  const account = ledger.accountOf(buyer)!;
  const lock = bondLock(id);
  if (bondTo(cause) === "performer") {
    const earner = earnerOf(ledger, auction, ledger.accountOf(performer)!);
    spendLock(ledger, account, lock, bond, earner);
  }
  releaseLock(ledger, account, lock);
}

/** What the performer did where a trade ends so; null: nobody knows. */
const DEED: Readonly<Record<EndCause, Exclude<Deed, "unrevealed"> | null>> = {
  accepted: "delivered",
  unopposed: "delivered",
  failed: "failure",
  timedOut: "timeout",
  upheld: "misdelivery",
  rejected: "delivered",
  hung: null,
};

/** What the performer pays for an end, and where that was taken from. */
interface Answer {
  readonly penalty: Penalty | null;
  readonly taking: Taking | null;
}

const NOTHING: Answer = { penalty: null, taking: null };

/**
 * Charges what the end is punished with, counts the deed for the performer's standing, and gives back what is left of the
 * trade's part of the lien: under the auction's id the parts of its other trades stay.
 */
function answer(ledger: Ledger, trade: Trade, ending: Ending, at: Pick<Moment, "timeMs">): Answer {
  const { auction, performer, lien } = trade;
  const account = ledger.accountOf(performer)!;
  const others = lienAmount(account, auction) - lien;
  const answered = countDeed(ledger, trade, ending, at);
  lowerLien(ledger, account, auction, others);
  return answered;
}

function countDeed(
  ledger: Ledger,
  { auction, performer, lien, price }: Trade,
  ending: Ending,
  at: Pick<Moment, "timeMs">,
): Answer {
  const deed = DEED[ending.cause];
  if (deed === null) return NOTHING;
  if (deed !== "delivered") {
    const shareBp = ending.cause === "upheld" ? ending.shareBp : BASIS_POINTS;
    const violation = { agent: performer, condition: deed, auction, lien, price, shareBp };
    const { taking, ...penalty } = chargeViolation(ledger, violation, at);
    return { penalty, taking };
  }
  recordDeed(ledger, performer, deed, price, at);
  return NOTHING;
}
