// The limits of the ledger that are the same in every network, and the relations between them.
import { invariant } from "../base/index.js";

/** An entry's operations and bytes (PROTOCOL §1.6); what the quorum checks, shared out here among the lanes. */
export const ENTRY_OPS = 2000;
export const ENTRY_BYTES = 1024 * 1024;
/** At least this share of an entry is the critical lane's (PROTOCOL §2.3). */
export const CRITICAL_SHARE_BP = 5000;
/** What an account may have of its lane in one entry: a 16th. */
export const ACCOUNT_LANE_DIVISOR = 16;
/** A lane is full from this share on. */
export const LANE_FULL_BP = 9500;
/** A full critical lane holds OPEN open at most so often. */
export const MAX_EXTENSIONS = 8;
/** An outage moves a phase's close at most so often (PROTOCOL §2.2). */
export const MAX_OUTAGE_MOVES = 4;
/** How far ahead of its lane's nonce an operation is taken in (PROTOCOL, Appendix A). */
export const NONCE_WINDOW = 64;
/** Locks of one account at one time: they are written with it. */
export const MAX_LOCKS = 256;
/** Auctions of one seller that have not ended. */
export const MAX_UNFINISHED_PER_SELLER = 256;
/** Ended auctions that one entry forgets at most. */
export const MAX_PRUNED_PER_ENTRY = 32;
/** The window of what is sold lies within so much after the last moment at which its auction could open. */
export const LOT_HORIZON_MS = 365 * 24 * 60 * 60 * 1000;
export const MAX_GENESIS_SEATS = 128;
/** Ratios are in basis points of this. */
export const BASIS_POINTS = 10_000;
/** A state row's bytes: the largest is an account with all its locks. */
export const MAX_ROW_BYTES = 64 * 1024;

/** Operations of the critical lane in one entry. */
export const CRITICAL_OPS = (ENTRY_OPS * CRITICAL_SHARE_BP) / BASIS_POINTS;

invariant(Number.isInteger(CRITICAL_OPS), "lanes have whole operations");
invariant(MAX_LOCKS * 64 + 16 * 1024 < MAX_ROW_BYTES, "an account with all its locks fits a row");
