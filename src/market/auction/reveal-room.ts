// Reveal room: whether one more commit can be revealed in time, and what its place costs (spec/auctions#reveal-room).
import {
  type Authority,
  type Clock,
  type Ledger,
  MAX_COMMITS,
  type Params,
  type Rejection,
  ROOM_FEE_STEPS,
  reject,
} from "../../ledger/index.js";
import { feeUnit } from "../packing/fee-class.js";
import type { Auction } from "./auction.js";
import { AUCTIONS, auctionOf, commitOf } from "./auctions.js";
import type { AuctionId } from "./id.js";
import type { RevealLoad, Stretch } from "./reveal-load.js";

/** What keeps a commit out, and in which stretch of ledger time. */
export interface Shortage {
  /** `all`: the stretch; `half`: what others than auctions with default windows may have */
  readonly full: "all" | "half";
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
 * longer windows than the usual hold nothing more. Nobody else has a share: past half the room has a price.
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
  const isShort = hasShortWindows(auction, params);
  for (const { waiting, capacity, toMs: untilMs } of load.around(auction, clock)) {
    const half = halfOf(capacity);
    if (waiting >= capacity) return { full: "all", waiting, capacity, untilMs };
    if (!isShort && waiting >= half) return { full: "half", waiting, capacity: half, untilMs };
  }
  return null;
}

const halfOf = (capacity: number): number => Math.floor(capacity / 2);

type Room = Pick<Stretch, "waiting" | "capacity">;

/** How often the fee of one more commit is doubled: once at half of the room, and with each sixteenth that is taken. */
function doublings({ waiting, capacity }: Room): number {
  const beyond = waiting - halfOf(capacity);
  if (beyond < 0) return 0;
  return Math.min(1 + Math.floor((beyond * ROOM_FEE_STEPS) / capacity), ROOM_FEE_STEPS / 2);
}

/** What one more commit of the auction takes room of: the slots around its window, and the auction's own bidders. */
const roomsOf = (load: RevealLoad, clock: Clock, auction: Auction): readonly Room[] => [
  ...load.around(auction, clock),
  { waiting: auction.commits, capacity: MAX_COMMITS },
];

/**
 * The least fee of one more commit, by the fullest of what it takes room of (spec/auctions#M5).
 * @param ahead price of the step after the present one: for a commit that is executed later
 */
export function roomFeeIn(
  load: RevealLoad,
  clock: Clock,
  { minFee }: Pick<Params, "minFee">,
  auction: Auction,
  ahead = false,
): bigint {
  const rooms = roomsOf(load, clock, auction).map(({ waiting, capacity }) =>
    doublings({ waiting: waiting + (ahead ? Math.ceil(capacity / ROOM_FEE_STEPS) : 0), capacity }),
  );
  const most = Math.max(...rooms);
  return most === 0 ? minFee : feeUnit(minFee) << BigInt(most);
}

const roomFee = (ledger: Ledger, auction: Auction, ahead = false): bigint =>
  roomFeeIn(ledger.table(AUCTIONS).index.revealLoad, ledger.clock, ledger.params, auction, ahead);

/** Why the fee of a commit does not pay for its place, or null. A replacement takes no new one. */
export function roomFeeRefusal(
  ledger: Ledger,
  { auction: id }: { readonly auction: AuctionId },
  { from, fee }: Pick<Authority, "from" | "fee">,
): Rejection<"REVEAL_ROOM_FEE_TOO_LOW"> | null {
  const auction = auctionOf(ledger, id);
  if (auction === null || commitOf(ledger, id, from) !== null) return null;
  const least = roomFee(ledger, auction);
  if (fee >= least) return null;
  return reject("REVEAL_ROOM_FEE_TOO_LOW", { fee: fee.toString(), least: least.toString() });
}

/** What a commit should pay for its place if others come before it: a sixteenth of the room may be taken until then. */
export function suggestedRoomFee(
  ledger: Ledger,
  { auction: id }: { readonly auction: AuctionId },
  from: Authority["from"],
): bigint {
  const auction = auctionOf(ledger, id);
  if (auction === null || commitOf(ledger, id, from) !== null) return ledger.params.minFee;
  return roomFee(ledger, auction, true);
}
