// The limits of the ledger that are the same in every network, and the relations between them.
import { invariant } from "../base/index.js";

/** Operations of one entry, which the quorum checks and the lanes share (spec/log#V2). */
export const ENTRY_OPS = 2000;
/** Bytes of the operations of one entry. */
export const ENTRY_BYTES = 1024 * 1024;
/** At least this share of an entry is the critical lane's (spec/money#K1). */
export const CRITICAL_SHARE_BP = 5000;
/** Evidence in one entry; its bytes are those of the longest operation at most. */
export const MAX_ENTRY_EVIDENCE = 16;
/** What an account may have of its lane in one entry: a 16th. */
export const ACCOUNT_LANE_DIVISOR = 16;
/** A lane is full from this share on. */
export const LANE_FULL_BP = 9500;
/** A bidder holds at most this part of the room for reveals: so many times its locks are within it. */
export const REVEAL_SHARE_DIVISOR = 8;
/** Past half of a room for commits, the fee for a place in it doubles with each such part that is taken. */
export const ROOM_FEE_STEPS = 16;
/** A full critical lane holds OPEN open at most so often. */
export const MAX_EXTENSIONS = 8;
/** So many outages may follow upon each other (spec/time#O3). */
export const MAX_OUTAGES = 4;
/** Beyond that each needs so many times the outage limit of rest. */
export const OUTAGE_REST = 10;
/** How far ahead of its lane's nonce an operation is taken in (spec/network#N5). */
export const NONCE_WINDOW = 64;
/** Locks of one account at one time: they are written with it. */
export const MAX_LOCKS = 256;
/** Auctions of one creator that have not ended. */
export const MAX_UNFINISHED_PER_CREATOR = 256;
/** Live commits of one auction: what an auction ends with is proven whole, its own row and all of these. */
export const MAX_COMMITS = 4095;
/** Rows of ended auctions that an entry forgets beyond as many as its operations made. */
export const FORGOTTEN_BEYOND_MADE = 32;
/** The window of what is sold lies within so much after the last moment at which its auction could open. */
export const LOT_HORIZON_MS = 365 * 24 * 60 * 60 * 1000;
/** Seats of a genesis. */
export const MAX_GENESIS_SEATS = 128;
/** Liens on one account's stake at one time: they are written with it. */
export const MAX_LIENS = 256;
/** Parts of one account's stake that are unbonding at one time: they are written with it. */
export const MAX_UNBONDING = 64;
/** Trades whose deadline has passed that one entry ends; those beyond it end in the next. */
export const MAX_TRADE_ENDS = 128;
/** Parts that an entry sets free beyond as many as its operations began to unbond. */
export const RELEASED_BEYOND_MADE = 256;
/** A penalty is at most so many times its base, before repetition is counted (spec/standing#penalties). */
export const MAX_SEVERITY = 5;
/** A repeated fault costs at most so many times as much (spec/standing#L4). */
export const MAX_REPEAT = 5;
/** Ratios are in basis points of this. */
export const BASIS_POINTS = 10_000;
/** The standing of everyone, in basis points, as long as no rating counts. */
export const PRIOR_STANDING = 5_000;
/** Whose standing falls below this is blocked, in basis points: it takes no new lien. */
export const STANDING_BLOCKED_BELOW = 3_000;
/** Who is blocked stays so until its standing is this again, in basis points. */
export const STANDING_FREE_FROM = 3_500;
/** Ratings that weigh so much together, in thousandths, are more than a newcomer's: only then does standing give credit. */
export const RATED_FROM_WEIGHT = 20_000;
/** How many times its own funds a newcomer may lock, in basis points, and whoever stands no higher than the least step. */
export const NEWCOMER_CREDIT_BP = 8_000;
/** What happened so many periods ago is recent, and nothing before it (spec/standing#recent). */
export const RECENT_PERIODS = 30;
/** Budgets between an agent and the owner whose funds it spends. */
export const MAX_BUDGET_DEPTH = 4;
/** A budget ends within so long of its opening. */
export const MAX_BUDGET_MS = 365 * 24 * 60 * 60 * 1000;
/** Expired budgets that an entry closes beyond as many as its operations opened. */
export const BUDGETS_CLOSED_BEYOND_OPENED = 32;
/** What the sale of a window is of: parts of the whole. What of them is not sold stays its seller's (spec/leases#L2). */
export const WINDOW_PARTS = 1_000;
/** Who may take over one lease. */
export const MAX_DEPUTIES = 4;
/** Who has held one lease: each may say what it used. */
export const MAX_LEASE_HOLDERS = 8;
/** After failed terms a header may be so many times `precisionMs` ahead of honest clocks (spec/time#W4). */
export const PRECISION_GROWTH = 8;
/** A state row's bytes: the largest is an account with all its locks. */
export const MAX_ROW_BYTES = 64 * 1024;

/** Operations of the critical lane in one entry. */
export const CRITICAL_OPS = (ENTRY_OPS * CRITICAL_SHARE_BP) / BASIS_POINTS;

invariant(Number.isInteger(CRITICAL_OPS), "lanes have whole operations");
invariant(
  STANDING_BLOCKED_BELOW < STANDING_FREE_FROM && STANDING_FREE_FROM <= PRIOR_STANDING,
  "who is new is not blocked, and a block does not end where it began",
);
/** The most that a lock, a lien and an unbonding part take in their account's row. */
const PART_BYTES = 64;
invariant(
  (MAX_LOCKS + MAX_LIENS + MAX_UNBONDING) * PART_BYTES + 1024 < MAX_ROW_BYTES,
  "an account with all its parts fits a row",
);
