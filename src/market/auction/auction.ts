// Auctions and commits as the ledger keeps them: terms that never change, and how far the auction has come.
import {
  amount,
  type Bytes,
  fixed,
  hash,
  list,
  optional,
  struct,
  type TypeOf,
  uint,
  union,
} from "../../base/index.js";
import { RECOVERY_BYTES } from "../../crypto/index.js";
import {
  type AgentId,
  agentId,
  BASIS_POINTS,
  type Clock,
  MAX_EXTENSIONS,
  MAX_GENESIS_SEATS,
  type Moment,
  type Network,
  spentMs,
} from "../../ledger/index.js";
import { award } from "./formats/format.js";
import { type AuctionId, auctionIdOf } from "./id.js";
import { type AuctionTerms, auctionTerms, bid } from "./terms.js";

/** What both running phases keep: since when, and which leaders of `epoch` have led an entry knowing it (spec/auctions#counted-leaders). */
const watch = {
  openedAt: [0, uint()],
  openedMs: [1, uint()],
  epoch: [2, uint()],
  /** seats, ascending */
  leaders: [3, list(uint(MAX_GENESIS_SEATS - 1), MAX_GENESIS_SEATS)],
  /** the outages before `closeMs` was set; those since then move it */
  outagesMs: [4, uint()],
} as const;

const ended = { endedAt: [0, uint()], endedMs: [1, uint()] } as const;

/** What settlement leaves; `dueMs` is when REVEAL was due to close, or `endedMs` if it closed before. */
const settled = { ...ended, burned: [2, amount], dueMs: [3, uint()] } as const;

export const phase = union({
  scheduled: [0, struct({})],
  open: [1, struct({ ...watch, closeMs: [5, uint()], extensions: [6, uint(MAX_EXTENSIONS)] })],
  /** `closeMs` is absent until F+1 leaders have known the phase: only then its window runs */
  reveal: [
    2,
    struct({
      ...watch,
      closeMs: [5, optional(uint())],
      /** live time at which OPEN was due to close: its reveals are counted there */
      plannedMs: [6, uint()],
    }),
  ],
  done: [3, struct({ ...settled, clearingPrice: [4, amount] })],
  /** no valid bid */
  unsold: [4, struct(settled)],
  /** bids were valid, and no trade is possible any more */
  void: [5, struct(settled)],
});
export type Phase = TypeOf<typeof phase>;
export type PhaseKind = Phase["kind"];
export type OpenPhase = Extract<Phase, { kind: "open" }>;
export type RevealPhase = Extract<Phase, { kind: "reveal" }>;
export type RunningPhase = OpenPhase | RevealPhase;
export type EndedPhase = Extract<Phase, { readonly endedMs: number }>;

export const isEnded = (one: Phase): one is EndedPhase => "endedMs" in one;

export interface Auction {
  readonly id: AuctionId;
  readonly creator: AgentId;
  readonly terms: AuctionTerms;
  readonly createdAt: number;
  readonly createdMs: number;
  /** how far outages were used up ahead of live time at its creation: its log alone does not tell */
  readonly spentMs: number;
  /** live commits */
  readonly commits: number;
  /** commits that were revealed */
  readonly reveals: number;
  /** the hidden reserve, once it is shown */
  readonly openedReserve: bigint | null;
  readonly phase: Phase;
}

/** Ledger time of a phase's close, as far as outages are known; null: its window does not run yet. */
export function closeMsOf(phase: OpenPhase, clock: Clock): number;
export function closeMsOf(phase: RunningPhase, clock: Clock): number | null;
export function closeMsOf({ closeMs, outagesMs }: RunningPhase, clock: Clock): number | null {
  return closeMs === null ? null : closeMs + clock.outagesMs - outagesMs;
}

/** Whether nothing is left to reveal: each live commit is opened, and a hidden reserve is. */
export const everythingIsShown = ({ commits, reveals, terms, openedReserve }: Auction): boolean =>
  reveals === commits && (terms.reserveHash === null || openedReserve !== null);

/** The auction that `creator` makes with the bulk nonce of its operation, in an entry at `at`. */
export const newAuction = (
  network: Network,
  creator: AgentId,
  nonce: number,
  terms: AuctionTerms,
  at: Pick<Moment, "height" | "timeMs">,
  clock: Clock,
): Auction => ({
  id: auctionIdOf(network, creator, nonce),
  creator,
  terms: termsOf(terms),
  createdAt: at.height,
  createdMs: at.timeMs,
  spentMs: spentMs(clock, at.timeMs),
  commits: 0,
  reveals: 0,
  openedReserve: null,
  phase: { kind: "scheduled" },
});

/** The terms of a creation, without what else its body holds. */
function termsOf(body: AuctionTerms): AuctionTerms {
  const { format, direction, lot, reserve, lockups, reserveHash, bond, standingWeight } = body;
  const { openMs, commitMs, revealMs, deliverMs, settleMs, value } = body;
  return {
    format,
    direction,
    lot,
    reserve,
    lockups,
    openMs,
    commitMs,
    revealMs,
    bond,
    reserveHash,
    standingWeight,
    deliverMs,
    settleMs,
    value,
  };
}

/** From when until when bids are taken, as long as neither full lanes nor an outage hold the end back. */
export function plannedWindow(
  { openMs, commitMs }: Pick<AuctionTerms, "openMs" | "commitMs">,
  createdMs: number,
): { readonly opensMs: number; readonly closesMs: number } {
  const opensMs = Math.max(openMs, createdMs);
  return { opensMs, closesMs: opensMs + commitMs };
}

/** An auction's row, under its id. A proof of it against a certified root proves its clearing price. */
export const auctionRow = struct({
  creator: [0, agentId],
  terms: [1, auctionTerms],
  createdAt: [2, uint()],
  createdMs: [3, uint()],
  spentMs: [4, uint()],
  commits: [5, uint()],
  reveals: [6, uint()],
  openedReserve: [7, optional(amount)],
  phase: [8, phase],
});
export type AuctionRow = TypeOf<typeof auctionRow>;

/** What opens a commitment, once it was shown. */
export const shownBid = struct({ bid: [0, bid], salt: [1, fixed(32)] });
export type ShownBid = TypeOf<typeof shownBid>;

/** One bidder's live commit in one auction; a later commit replaces it while bids are taken. */
export interface Commit {
  readonly bidder: AgentId;
  readonly commitment: Bytes;
  readonly lockup: bigint;
  /** the opening, sealed to the bidder itself (spec/auctions#R6) */
  readonly recovery: Bytes;
  /** height of the entry that included it */
  readonly committedAt: number;
  /** the bidder's standing then, in bp; null: the auction weighs none */
  readonly standing: number | null;
  readonly opening: ShownBid | null;
  /** what it won, once the auction is done; null: nothing */
  readonly award: TypeOf<typeof award> | null;
}

/** A commit's row, under its auction and bidder. A proof of it proves what its bidder won. */
export const commitRow = struct({
  commitment: [0, hash],
  lockup: [1, amount],
  recovery: [2, fixed(RECOVERY_BYTES)],
  committedAt: [3, uint()],
  opening: [4, optional(shownBid)],
  award: [5, optional(award)],
  standing: [6, optional(uint(BASIS_POINTS))],
});
export type CommitRow = TypeOf<typeof commitRow>;
