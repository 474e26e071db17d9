// Settlement: what the close of REVEAL means for everyone's money. Pure, so that any peer or reader can recompute it.
import { invariant, toHex } from "../../base/index.js";
import { type AgentId, type Params, PRIOR_STANDING } from "../../ledger/index.js";
import type { Auction, Commit } from "./auction.js";
import { type Award, type RevealedBid, UNSOLD } from "./formats/format.js";
import { FORMATS } from "./formats/index.js";
import { lienFor, lienOfCreation, lockupIsLien } from "./lien.js";
import { type AuctionTerms, isDelivered } from "./terms.js";

/** What becomes of one commit's lockup: paid, kept, returned and burned sum to it. */
export interface Share {
  readonly bidder: AgentId;
  readonly lockup: bigint;
  readonly paid: bigint;
  /** until the trade ends: of a sale its price, of a purchase the lien behind it */
  readonly kept: bigint;
  /** out of what a purchase has locked */
  readonly received: bigint;
  readonly returned: bigint;
  readonly burned: bigint;
}

/** What an award of a lot that is delivered promises: its price stays locked, and so much stake answers for it. */
export interface TradeTerms {
  readonly bidder: AgentId;
  readonly units: number;
  readonly price: bigint;
  /** the trade's part of the performer's lien */
  readonly lien: bigint;
}

export interface Settlement {
  readonly outcome: "done" | "unsold" | "void";
  /** none unless it is done */
  readonly awards: readonly Award[];
  /** null unless it is done */
  readonly clearingPrice: bigint | null;
  /** the reserve that applied */
  readonly reserve: bigint;
  /** in the order of the commits given */
  readonly shares: readonly Share[];
  /** one for each award, in their order, where the lot is delivered; else none */
  readonly trades: readonly TradeTerms[];
  /** the creator's bond, if it did not open its hidden reserve; else 0 */
  readonly bondBurned: bigint;
  /** the creator's deposit, if the sale came to nothing by its own terms; else 0 */
  readonly depositBurned: bigint;
  /** all that burns: forfeits, the bond and the deposit */
  readonly burned: bigint;
}

/**
 * Who wins, at what price, and who gets what back (spec/auctions#settlement).
 *
 * An unrevealed commit forfeits its whole lockup, burned, in every outcome: any smaller forfeit, or one that somebody
 * receives, makes withholding pay. A hidden reserve that was not opened costs the seller its whole bond, and the public
 * one applies. VOID: a bid was valid, but the lot's window had lapsed when REVEAL was due to close, so there was nothing
 * left to trade. The entry that settles has no say in it: who leads it, and when, is nobody's promise.
 * @param dueMs ledger time at which REVEAL was due to close
 *
 * Where the lot is delivered no price is paid yet: it stays in the lock that holds it, and stake answers for the delivery.
 * @param deposit what the auction's creation locked
 */
export function settlementOf(
  auction: Pick<Auction, "id" | "terms" | "openedReserve">,
  commits: readonly Pick<Commit, "bidder" | "lockup" | "standing" | "opening">[],
  dueMs: number,
  deposit: bigint,
  params: Pick<Params, "lienBp">,
): Settlement {
  const { terms } = auction;
  const reserve = auction.openedReserve ?? terms.reserve;
  const { direction, lot } = terms;
  const standingWeight = terms.standingWeight ?? 0;
  const offer = { auction: auction.id, direction, units: lot.units, reserve, standingWeight };
  const found = FORMATS[terms.format.kind].outcome(offer, revealed(commits, terms));
  const lapsed = lot.toMs !== null && lot.toMs <= dueMs;
  const outcome = found.clearingPrice === null ? "unsold" : lapsed ? "void" : "done";
  const { awards, clearingPrice } = outcome === "done" ? found : UNSOLD;
  const awardOf = new Map(awards.map((award) => [toHex(award.bidder), award]));
  const shares = commits.map((one) => shareOf(one, awardOf.get(toHex(one.bidder)), terms, params));
  const bondBurned = terms.reserveHash !== null && auction.openedReserve === null ? terms.bond : 0n;
  const depositBurned = outcome === "void" ? deposit : 0n;
  return {
    outcome,
    awards,
    clearingPrice,
    reserve,
    shares,
    trades: isDelivered(terms) ? tradeTerms(terms, awards, commits, params) : [],
    bondBurned,
    depositBurned,
    burned: shares.reduce((sum, one) => sum + one.burned, bondBurned + depositBurned),
  };
}

const revealed = (
  commits: readonly Pick<Commit, "bidder" | "standing" | "opening">[],
  { standingWeight }: Pick<AuctionTerms, "standingWeight">,
): RevealedBid[] =>
  commits.flatMap(({ bidder, standing, opening }) => {
    if (opening === null) return [];
    invariant(standingWeight === null || standing !== null, "a commit keeps the standing that is weighed");
    return [{ bidder, ...opening.bid, salt: opening.salt, standing: standing ?? PRIOR_STANDING }];
  });

function shareOf(
  { bidder, lockup, opening }: Pick<Commit, "bidder" | "lockup" | "opening">,
  award: Pick<Award, "pays" | "receives"> | undefined,
  terms: AuctionTerms,
  params: Pick<Params, "lienBp">,
): Share {
  const none = { bidder, lockup, paid: 0n, kept: 0n, received: 0n, returned: 0n, burned: 0n };
  if (opening === null) return { ...none, burned: lockup };
  if (award === undefined) return { ...none, returned: lockup };
  const { pays, receives } = award;
  if (!isDelivered(terms)) return { ...none, paid: pays, received: receives, returned: lockup - pays };
  const kept = lockupIsLien(terms, params) ? lockup : pays;
  return { ...none, kept, returned: lockup - kept };
}

/**
 * The price of each award, and its part of the lien (spec/trades#B4). Who is bought from has its own lockup under lien. Of
 * a sale as much as the prices ask for stays of the one lien that the creation took, shared by price and rounded down.
 */
function tradeTerms(
  terms: AuctionTerms,
  awards: readonly Award[],
  commits: readonly Pick<Commit, "bidder" | "lockup">[],
  params: Pick<Params, "lienBp">,
): readonly TradeTerms[] {
  if (terms.direction === "buy") {
    const isLien = lockupIsLien(terms, params);
    const lockups = new Map(commits.map(({ bidder, lockup }) => [toHex(bidder), lockup]));
    return awards.map(({ bidder, units, receives }) => {
      const behind = isLien ? lockups.get(toHex(bidder))! : 0n;
      return { bidder, units, price: receives, lien: behind };
    });
  }
  const sum = awards.reduce((total, { pays }) => total + pays, 0n);
  const taken = lienOfCreation(terms, params);
  const asked = lienFor(sum, params);
  const lien = asked < taken ? asked : taken;
  return awards.map(({ bidder, units, pays }) => {
    return { bidder, units, price: pays, lien: sum === 0n ? 0n : (lien * pays) / sum };
  });
}
