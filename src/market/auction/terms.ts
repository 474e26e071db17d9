// What is sold, and on which terms: fixed for good when an auction is created.
import {
  amount,
  fixed,
  hash,
  instant,
  lawful,
  list,
  oneOf,
  optional,
  struct,
  type TypeOf,
  uint,
  word,
} from "../../base/index.js";
import { RECOVERY_BYTES } from "../../crypto/index.js";
import { agentId, BASIS_POINTS, WINDOW_PARTS } from "../../ledger/index.js";
import { type Bid, bid, DIRECTIONS } from "./formats/format.js";
import { FORMATS, formatTerms } from "./formats/index.js";

export { RECOVERY_BYTES };

/** The name of what can be sold. In lower case, so that `GPU.A100` and `gpu.a100` are one. */
export const capability = word(64);

/** What is sold: units of a capability, in a window of time where it lapses (spec/auctions#lots). */
export const lot = lawful(
  struct({
    capability: [0, capability],
    units: [1, uint(undefined, 1)],
    fromMs: [2, optional(instant)],
    toMs: [3, optional(instant)],
  }),
  (one) => one.fromMs === null || one.toMs === null || one.fromMs < one.toMs,
  "a lot's window begins before it ends",
);
export type Lot = TypeOf<typeof lot>;

export { type Bid, bid };

const lockups = lawful(
  list(amount, 8, 1),
  (amounts) => amounts.every((one, i) => one > 0n && (i === 0 || one > amounts[i - 1]!)),
  "lockups are positive and ascend",
);

const anyTerms = struct({
  format: [0, formatTerms],
  /** whether the creator sells the lot, or buys it: then bids are what bidders ask for it */
  direction: [1, oneOf(DIRECTIONS)],
  lot: [2, lot],
  /** the public reserve: the least price of a sale, the greatest of a purchase. A bid beyond it never wins. */
  reserve: [3, amount],
  lockups: [4, lockups],
  /** ledger time before which bids are not taken; in the past: at once */
  openMs: [5, instant],
  commitMs: [6, uint(undefined, 1)],
  revealMs: [7, uint(undefined, 1)],
  bond: [8, amount],
  /** of a sale, `reserveHash` of crypto/commitment.ts: a reserve of at least the public one, shown in REVEAL */
  reserveHash: [9, optional(hash)],
  /** of a purchase as a whole: by how much, in bp, an ask counts for more whose bidder has no standing at all */
  standingWeight: [10, optional(uint(BASIS_POINTS, 1))],
  /** from the outcome, or from the lot's begin where that is later, until when the performer delivers; 0: nothing is delivered, and the outcome pays */
  deliverMs: [11, uint()],
  /** how long the buyer may look at what was delivered */
  settleMs: [12, uint()],
  /** of a sale by units: what it is worth at most, by which its lien is reckoned */
  value: [13, optional(amount)],
});

/** What its creator fixes for good when an auction is created (spec/auctions#T1). */
export const auctionTerms = lawful(
  anyTerms,
  ({ format, direction, reserve, reserveHash, standingWeight, deliverMs, settleMs, value }) => {
    const { isDivisible } = FORMATS[format.kind];
    const declares = direction === "sell" && isDivisible && deliverMs > 0;
    if (settleMs > 0 !== deliverMs > 0 || (value !== null) !== declares) return false;
    return direction === "sell"
      ? standingWeight === null && (reserveHash === null || !isDivisible)
      : reserve > 0n && reserveHash === null && (standingWeight === null || !isDivisible);
  },
  "a purchase has a price, only a sale as a whole hides one, only a purchase as a whole weighs standing; what is delivered is looked at, and by units its sale declares a value",
);
export type AuctionTerms = TypeOf<typeof auctionTerms>;

/** 0 without lockups: terms that are decoded have one. */
export const highestLockup = (terms: Pick<AuctionTerms, "lockups">): bigint => terms.lockups.at(-1) ?? 0n;

/** The terms of an auction that its outcome pays at once. */
export const PAID_AT_ONCE = { deliverMs: 0, settleMs: 0, value: null } as const;

/** Whether the outcome begins trades, which end when their lot is delivered or their time is over (spec/trades#B1). */
export const isDelivered = ({ deliverMs }: Pick<AuctionTerms, "deliverMs">): boolean => deliverMs > 0;

/** The window that a lot is of. */
export interface LeasedLot extends Lot {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The lot of a sale by whose outcome alone its winners hold it: parts of a window, and nothing is delivered; else null
 * (spec/leases#L1).
 */
export function leasedLot(terms: Pick<AuctionTerms, "direction" | "lot" | "deliverMs">): LeasedLot | null {
  const { direction, lot } = terms;
  const { fromMs, toMs } = lot;
  if (direction !== "sell" || isDelivered(terms) || lot.units > WINDOW_PARTS) return null;
  if (fromMs === null || toMs === null) return null;
  return { ...lot, fromMs, toMs };
}

/** The operations of auctions: their tags and bodies. */
export const AUCTION_OPERATIONS = {
  createAuction: [2, auctionTerms],
  cancel: [3, struct({ auction: [0, hash] })],
  commit: [
    4,
    struct({
      auction: [0, hash],
      commitment: [1, hash],
      lockup: [2, amount],
      recovery: [3, fixed(RECOVERY_BYTES)],
    }),
  ],
  reveal: [5, struct({ auction: [0, hash], bidder: [1, agentId], bid: [2, bid], salt: [3, fixed(32)] })],
  openReserve: [6, struct({ auction: [0, hash], reserve: [1, amount], salt: [2, fixed(32)] })],
} as const;
