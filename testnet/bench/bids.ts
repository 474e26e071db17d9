// Bids for measurements: sealed like real ones, for an auction that need not exist.
import { randomBytes } from "node:crypto";
import { type OperationBody, RECOVERY_BYTES } from "../../src/market/index.js";

/** A commit whose sealed parts are random, as anyone's are to everyone else. */
export const bidBody = (ordinal: number): OperationBody => ({
  kind: "commit",
  auction: Uint8Array.from({ length: 32 }, (_, i) => (i + ordinal) & 0xff),
  commitment: new Uint8Array(randomBytes(32)),
  lockup: 10_000_000n,
  recovery: new Uint8Array(randomBytes(RECOVERY_BYTES)),
});
