// The sign guard: a second, small record of the messages signed last, and its reconciliation with the database (spec/persistence#guard).
import { type Bytes, decode, encode, equalBytes, fixed, struct } from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import { type GuardRecord, guardRecord, type SignedMark } from "../log/message.js";

/** A guard record as it is written: with a checksum. */
export const sealedGuard = struct({ record: [0, guardRecord], check: [1, fixed(8)] });
const MAX_GUARD_BYTES = 4096;

const checkOf = (record: GuardRecord): Bytes => taggedHash("guard", encode(guardRecord, record)).slice(0, 8);

export const sealGuard = (record: GuardRecord): Bytes =>
  encode(sealedGuard, { record, check: checkOf(record) });

/** The record in these bytes; null if they are torn, changed, or none. */
export function openGuard(bytes: Bytes | null): GuardRecord | null {
  if (bytes === null) return null;
  const decoded = decode(sealedGuard, bytes, MAX_GUARD_BYTES);
  if (!decoded.ok) return null;
  const { record, check } = decoded.value;
  return equalBytes(check, checkOf(record)) ? record : null;
}

/** The verdict of guard and database together on the messages that this seat has signed. */
export type Reconciled =
  | { readonly kind: "complete" }
  /** the crash came between the guard and the batch: these messages count as sent */
  | { readonly kind: "restore"; readonly marks: readonly SignedMark[] }
  | { readonly kind: "amnesia" };

/**
 * Equal numbers: go. The guard one ahead: restore its marks. Anything else, a missing one included, means that
 * messages may have been signed of which nothing is known (spec/persistence#U3).
 * @param dbSeq the database's number of signing batches; null: it has none
 */
export function reconcile(guard: GuardRecord | null, dbSeq: number | null): Reconciled {
  if (guard === null) return { kind: "amnesia" };
  // A fresh seat's first batch was cut short: it signs nothing (restart.ts), and no guard of a later one is so low.
  if (dbSeq === null) return guard.voteSeq === 0 ? { kind: "restore", marks: [] } : { kind: "amnesia" };
  if (guard.voteSeq === dbSeq) return { kind: "complete" };
  if (guard.voteSeq !== dbSeq + 1) return { kind: "amnesia" };
  return { kind: "restore", marks: guard.marks };
}
