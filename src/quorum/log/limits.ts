// The limits of the quorum log, by name, and the relations between them.
import { invariant } from "../../base/index.js";

export const MAX_SEATS = 128;
/** One operation's bytes (spec/log#V3). */
export const MAX_OP_BYTES = 64 * 1024;
export const MAX_ENTRY_OPS = 2000;
export const MAX_ENTRY_OPS_BYTES = 1024 * 1024;
/**
 * An operation or a certificate that evidence shows as invalid (ADR 0014): a larger one costs its leader only the term.
 */
export const MAX_FLAW_LEAF_BYTES = 56 * 1024;
/** Evidence: two signed messages take less than 2 KiB, a flaw with its leaf takes the rest (ADR 0014). */
export const MAX_EVIDENCE_BYTES = 62 * 1024;
/** One frame on a quorum or sync stream (spec/network#frames). */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** Certificates of one gap that travel as a justification or stay with a final entry (R2). */
export const MAX_JUSTIFY_ITEMS = 4096;
/** Bytes of certificates or entries in one answer; the rest is asked for again. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** Bytes of a justification that stays with its final entry. */
export const MAX_KEPT_JUSTIFICATION_BYTES = 512 * 1024;
export const MAX_CATCH_UP_ENTRIES = 64;
/** Headers between the last entry of a `log` answer and the certificate that finalises it. */
export const MAX_DESCENDANTS = 1024;
/** W: votes and proposals further ahead than this of the greatest certified term are dropped (R0). */
export const TERM_WINDOW = 64;
/** KEEP: terms below the floor for which others' votes and certificates are kept (spec/log#rules). */
export const KEEP_TERMS = 256;
/** Beyond so many unfinalised ancestors only empty entries are proposed (spec/log#R2). */
export const MAX_UNFINALISED = 4;

/** How many operations of the bulk lane a member's entry holds, before entries have shown what members bear (Y10). */
export const FIRST_BULK_BOUND = 256;
/** So many are not too many for any entry (Y10). */
export const LEAST_BULK_BOUND = 64;

/** Idle operations of an entry that a member still acknowledges (spec/log#R3, ADR 0050). */
export const MAX_IDLE_OPS = 16;
/** Bytes of those. */
export const MAX_IDLE_BYTES = 16 * 1024;

/** Messages signed in one synced batch: what one guard record can hold (spec/persistence#U1). */
export const MAX_GUARD_MARKS = 16;
/** Terms ahead of the current one of which a proposal's body is kept. */
export const MAX_CACHED_BODIES = 8;
/** Bodies kept below the last final term, for stragglers that ask by id. */
export const RECENT_FINAL_TERMS = 8;
/** Operations forwarded to one leader (R1 ii). */
export const MAX_FORWARDED_OPS = 64;
/** Questions of one member that are answered in each interval of Δ. */
export const MAX_ANSWERS_PER_DELTA = 8;
/** A straggler's SKIP is answered so often at most (R6). */
export const STRAGGLER_ANSWER_MS = 1000;
/** Refused certificates remembered, so that a repeated one costs a hash. */
export const MAX_REFUSED_CERTIFICATES = 1024;

invariant(MAX_ENTRY_OPS_BYTES * 2 <= MAX_FRAME_BYTES, "a proposal fits one frame");
invariant(
  MAX_ENTRY_OPS_BYTES + MAX_ENTRY_OPS * 5 + MAX_KEPT_JUSTIFICATION_BYTES + 64 * 1024 <= MAX_FRAME_BYTES,
  "a final entry with its justification fits one frame, and so one row",
);
invariant(MAX_OP_BYTES <= MAX_ENTRY_OPS_BYTES, "an operation fits an entry");
invariant(
  MAX_FLAW_LEAF_BYTES + 4 * 1024 <= MAX_EVIDENCE_BYTES,
  "a flaw's header and paths fit beside its leaf",
);
invariant(MAX_EVIDENCE_BYTES + 256 <= MAX_OP_BYTES, "evidence fits the operation that carries it");
invariant(160 + 72 * MAX_SEATS <= MAX_FLAW_LEAF_BYTES, "any certificate can be shown as evidence");
