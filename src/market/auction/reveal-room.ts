// Reveal room: whether one more commit can be revealed in time, and who may take what is left (spec/auctions#reveal-room).
import { type Clock, type Ledger, type Params, REVEAL_SHARE_DIVISOR } from "../../ledger/index.js";
import type { Auction } from "./auction.js";
import { AUCTIONS } from "./auctions.js";
import type { RevealLoad, Stretch } from "./reveal-load.js";

/** What keeps a commit out, and in which stretch of ledger time. */
export interface Shortage {
  /** `all`: the stretch; `half`: what others than auctions with default windows may have; `eighth`: the seller's share */
  readonly full: "all" | "half" | "eighth";
  readonly waiting: number;
  readonly capacity: number;
  /** ledger time at which the stretch ends: who reveals later is not concerned */
  readonly untilMs: number;
}

/** At most twice the network's default windows: half of the room is theirs alone. */
export const hasShortWindows = (
  { terms }: Pick<Auction, "terms">,
  p: Pick<Params, "defaultCommitMs" | "defaultRevealMs">,
): boolean => terms.commitMs <= 2 * p.defaultCommitMs && terms.revealMs <= 2 * p.defaultRevealMs;

/**
 * What keeps one more commit out of the auction, or null.
 *
 * Only what is not yet revealed takes room, and no more of it than one reveal's share of the time around. Past half,
 * a seller's auctions hold at most an eighth, and longer windows than the usual nothing more. A bidder never holds an
 * eighth: it has that many locks at most, by the parameters' relations.
 */
export const revealShortage = (ledger: Ledger, auction: Auction): Shortage | null =>
  shortageIn(ledger.table(AUCTIONS).index.revealLoad, ledger.clock, ledger.params, auction);

/** The same of a load that stands in no ledger. */
export function shortageIn(
  load: RevealLoad,
  clock: Clock,
  params: Params,
  auction: Auction,
): Shortage | null {
  const { stretches, ofSeller } = load.around(auction, clock);
  const isShort = hasShortWindows(auction, params);
  for (const [i, stretch] of stretches.entries()) {
    const { waiting, capacity, toMs: untilMs } = stretch;
    if (waiting >= capacity) return { full: "all", waiting, capacity, untilMs };
    if (waiting < halfOf(stretch)) continue;
    if (!isShort) return { full: "half", waiting, capacity: halfOf(stretch), untilMs };
    const share = Math.floor(capacity / REVEAL_SHARE_DIVISOR);
    if (i === 0 && ofSeller >= share) return { full: "eighth", waiting: ofSeller, capacity: share, untilMs };
  }
  return null;
}

const halfOf = ({ capacity }: Stretch): number => Math.floor(capacity / 2);
