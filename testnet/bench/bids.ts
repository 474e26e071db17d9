// Bids for measurements: sealed like real ones, for an auction that need not exist.
import { randomBytes } from "node:crypto";
import { type AuctionId, type OperationBody, RECOVERY_BYTES } from "../../src/market/index.js";

/** A commit whose sealed parts are random, as anyone's are to everyone else. @param auction none that is known, where none is named */
export const bidBody = (ordinal: number, auction = unknownAuction(ordinal)): OperationBody => ({
  kind: "commit",
  auction,
  commitment: new Uint8Array(randomBytes(32)),
  lockup: BID_LOCKUP,
  recovery: new Uint8Array(randomBytes(RECOVERY_BYTES)),
});

export const BID_LOCKUP = 10_000_000n;

const unknownAuction = (ordinal: number): AuctionId =>
  Uint8Array.from({ length: 32 }, (_, i) => (i + ordinal) & 0xff);
