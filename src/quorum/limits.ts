// The limits of the quorum log, by name, and the relations between them.
import { invariant } from "../base/index.js";

export const MAX_SEATS = 128;
/** One operation's bytes (PROTOCOL §1.6). */
export const MAX_OP_BYTES = 64 * 1024;
export const MAX_ENTRY_OPS = 2000;
export const MAX_ENTRY_OPS_BYTES = 1024 * 1024;
/** One frame on a quorum or sync stream (PROTOCOL §4.4). */
export const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** Certificates in one justification pull (R2). */
export const MAX_JUSTIFY_ITEMS = 4096;
export const MAX_CATCH_UP_ENTRIES = 64;
/** W: votes and proposals further ahead than this of the greatest certified term are dropped (R0). */
export const TERM_WINDOW = 64;
/** KEEP: terms below the floor for which others' votes and certificates are kept (§1.5). */
export const KEEP_TERMS = 256;
/** Beyond so many unfinalised ancestors only empty entries are proposed (§1.11). */
export const MAX_UNFINALISED = 4;

invariant(MAX_ENTRY_OPS_BYTES * 2 <= MAX_FRAME_BYTES, "a proposal fits one frame");
invariant(MAX_OP_BYTES <= MAX_ENTRY_OPS_BYTES, "an operation fits an entry");
