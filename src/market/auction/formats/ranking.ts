// The order of sealed bids: the better score first, and among equals by a key in which nobody has a say.
import { type Bytes, compareBytes, type Hash } from "../../../base/index.js";
import { taggedHashes } from "../../../crypto/index.js";
import { type AgentId, BASIS_POINTS } from "../../../ledger/index.js";
import type { AuctionId } from "../id.js";
import type { Offer, RevealedBid } from "./format.js";

/**
 * The tie keys of those who are tied at one score, by bidder: H('tie', auction ‖ sorted salts of all valid bids of the
 * score ‖ bidder). Every tied bidder fixed its salt before the close, and nobody outside the tie has a say
 * (spec/auctions#tie-key). The salts are hashed once for all: ties are the rule where lockups are uniform, and others choose
 * how many there are.
 * @param salts of all valid bids of the score, in any order
 */
export const tieKeys = (auction: AuctionId, salts: readonly Bytes[]): ((bidder: AgentId) => Hash) =>
  taggedHashes("tie", [auction, ...[...salts].sort(compareBytes)]);

type Ranked = Omit<Offer, "units">;

/**
 * Bids that reach the reserve, best first: of a sale the highest score, of a purchase the lowest, among equals by tie
 * key ascending.
 * @param bids at most one of each bidder, in any order
 */
export function ranking(offer: Ranked, bids: readonly RevealedBid[]): readonly RevealedBid[] {
  const { auction, direction, reserve } = offer;
  const isBetter = (a: bigint, b: bigint): boolean => (direction === "sell" ? a > b : a < b);
  const levels = new Map<bigint, RevealedBid[]>();
  for (const one of bids) {
    if (isBetter(reserve, one.amount)) continue;
    const score = one.amount * factorOf(offer, one);
    const level = levels.get(score);
    if (level === undefined) levels.set(score, [one]);
    else level.push(one);
  }
  return [...levels]
    .sort(([a], [b]) => (isBetter(a, b) ? -1 : 1))
    .flatMap(([, tied]) => (tied.length === 1 ? tied : byTieKey(auction, tied)));
}

/** The amount at which `winner` would tie with a bid ranked behind it, rounded down: of equal standing its amount. */
export const tyingAmount = (offer: Ranked, winner: RevealedBid, runnerUp: RevealedBid): bigint =>
  (runnerUp.amount * factorOf(offer, runnerUp)) / factorOf(offer, winner);

const WHOLE = BigInt(BASIS_POINTS) ** 2n;

/** What an amount is multiplied by for its score: the more, the less standing its bidder has (spec/auctions#score). */
const factorOf = ({ standingWeight }: Ranked, { standing }: RevealedBid): bigint =>
  standingWeight === 0 ? WHOLE : WHOLE + BigInt(standingWeight) * BigInt(BASIS_POINTS - standing);

function byTieKey(auction: AuctionId, tied: readonly RevealedBid[]): readonly RevealedBid[] {
  const keyOf = tieKeys(
    auction,
    tied.map(({ salt }) => salt),
  );
  return tied
    .map((one) => ({ one, key: keyOf(one.bidder) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ one }) => one);
}
