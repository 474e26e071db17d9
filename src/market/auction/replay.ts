// Replay: one auction lived again from headers and operations, by the very rules that executed it.
import { equalBytes, err, type Hex, MAX_AMOUNT, ok, type Result, toHex } from "../../base/index.js";
import {
  ACCOUNTS,
  CLOCK,
  type Clock,
  clocksBefore,
  type Genesis,
  type Ledger,
  type Moment,
  newAccount,
  reject,
} from "../../ledger/index.js";
import { emptyLedger } from "../birth.js";
import { type EntryRules, executeEntry } from "../execute.js";
import { criticalAmong, laneOf, type Operation, openingsAmong } from "../operation.js";
import { CONGESTION, congestionAfter } from "../packing/congestion.js";
import { OPERATION_RULES, type OperationRules } from "../rulebook.js";
import type { EntryContext } from "../subject.js";
import { type Auction, type Commit, isEnded } from "./auction.js";
import { auctionOf, commitsOf } from "./auctions.js";
import type { AuctionId } from "./id.js";
import { PHASE_RULES } from "./phase-rules.js";
import { makesCommit } from "./signed.js";

/** A final entry: what its header says, and all its operations in their order. */
export interface LoggedEntry {
  readonly at: Moment;
  readonly ops: readonly Operation[];
}

/** What the state says of the auction, and which signed operations it rests on. */
export interface Claim {
  readonly id: AuctionId;
  /** the height at which it ended, and the ledger time at which REVEAL was due */
  readonly endedAt: number;
  readonly dueMs: number;
  /** by height, the operations that the state took: the auction's creation, and of each bidder one commit */
  readonly taken: ReadonlyMap<number, readonly Operation[]>;
  /** what the creation and the commits lock together */
  readonly locked: bigint;
}

export interface Replayed {
  readonly auction: Auction;
  /** in the order of their bidders */
  readonly commits: readonly Commit[];
  /** signed commits that the state does not have, though as the log is lived again it could have them (spec/transcript#N1) */
  readonly passedOver: number;
}

/**
 * Lives one auction again, in a ledger that holds nothing else. Money is not in the log: whoever signs a taken
 * operation is given what it needs, and a commit that is not taken was refused for want of it, or left out by a quorum
 * that lies: it is counted. All else follows from the entries: phases, reveals, the reserve, the outcome.
 * @param entries without gaps, from the one that creates the auction
 * @returns the auction as it ended, or in words why the rules do not lead to an end at `endedAt`
 */
export function replayAuction(
  genesis: Genesis,
  claim: Claim,
  entries: readonly LoggedEntry[],
): Result<Replayed, string> {
  if (claim.locked > MAX_AMOUNT) return err("more is locked than there is money");
  const late = [...claim.taken.keys()].find((height) => height > claim.endedAt);
  if (late !== undefined) return err(`the state took an operation at height ${late}, after the end`);
  const moments = entries.map(({ at }) => at);
  const bids = bidsIn(claim, entries);
  // What outages before the auction left of those that stop live time, its log does not tell.
  const [fresh, ...spent] = clocksBefore(moments, genesis.params, MAX_CLOCKS);
  const lived = replayFrom(fresh!, genesis, claim, entries, bids);
  if (lived.ok) return lived;
  for (const clock of spent) {
    const other = replayFrom(clock, genesis, claim, entries, bids);
    if (other.ok) return other;
  }
  return lived;
}

/** Ways in which gaps may be outages that are tried: a log of more was made to keep its reader busy. */
const MAX_CLOCKS = 32;

function replayFrom(
  clock: Clock,
  genesis: Genesis,
  claim: Claim,
  entries: readonly LoggedEntry[],
  bids: readonly Bids[],
): Result<Replayed, string> {
  let passedOver = 0;
  const ledger = emptyLedger(genesis);
  ledger.changeOne(CLOCK, (row) => void Object.assign(row, clock));
  for (const [i, { at, ops }] of entries.entries()) {
    const { untaken } = bids[i]!;
    const context: EntryContext = { ...at, judgeEvidence: () => null };
    const taken = claim.taken.get(at.height) ?? [];
    const own = ops.filter((op) => taken.includes(op) || untaken.has(op) || opensIn(claim.id, op));
    // What is lent to a bidder must not meet what a sale pays the seller.
    if (taken.some((op) => bidsOn(claim.id, op) && isSellers(ledger, claim.id, op)))
      return err(`the seller bids in its own auction at height ${at.height}`);
    const before = { ...ledger.one(CONGESTION) };
    for (const op of taken) fund(ledger, op);
    const rules = rulesFor(bids[i]!, () => passedOver++);
    const { receipts, settlements } = executeEntry(ledger, context, own, rules);
    for (const op of taken) spendRest(ledger, op);
    for (const [i, op] of own.entries()) {
      const { code } = receipts[i]!;
      if (code === null || !taken.includes(op)) continue;
      return err(`the rules refuse the ${op.body.kind} that the state took at height ${at.height}: ${code}`);
    }
    const after = congestionAfter(before, at.height, criticalAmong(ops), openingsAmong(ops));
    ledger.changeOne(CONGESTION, (row) => void Object.assign(row, after));
    const auction = auctionOf(ledger, claim.id);
    if (auction === null) return err(`the auction is not created at height ${at.height}`);
    if (settlements.length > 0) {
      if (at.height !== claim.endedAt) {
        return err(`by the rules it ends at height ${at.height}, the state says ${claim.endedAt}`);
      }
      const { phase } = auction;
      if (!isEnded(phase) || phase.dueMs !== claim.dueMs) {
        return err(`by the rules REVEAL was not due at ${claim.dueMs}, as the state says`);
      }
      return ok({ auction, commits: commitsOf(ledger, claim.id), passedOver });
    }
    if (at.height >= claim.endedAt) break;
  }
  return err(`by the rules it has not ended at height ${claim.endedAt}`);
}

const opensIn = (id: AuctionId, { body }: Operation): boolean =>
  (body.kind === "reveal" || body.kind === "openReserve") && toHex(body.auction) === toHex(id);

const bidsOn = (id: AuctionId, { body }: Operation): boolean =>
  body.kind === "commit" && toHex(body.auction) === toHex(id);

function isSellers(ledger: Ledger, id: AuctionId, { authority }: Operation): boolean {
  const auction = auctionOf(ledger, id);
  return auction !== null && equalBytes(auction.seller, authority!.from);
}

/** What the log tells of the bids in one of its entries: an operation may stand in several, and be another thing in each. */
interface Bids {
  /** commits that the state does not have, though it has none that their bidder wished for later */
  readonly untaken: ReadonlySet<Operation>;
  /** commits behind another of their bidder, which may have had the place */
  readonly followers: ReadonlySet<Operation>;
}

const NO_BIDS: Bids = { untaken: new Set(), followers: new Set() };

/**
 * Of two bids of a bidder one alone explains that the state does not have the other, or a quorum could choose: that of
 * the higher nonce, wherever in the log a leader put them, and put them again; of one nonce that which came first. The
 * state's comes where the state says: what stands before, be it the same, may have been refused there.
 */
function bidsIn({ id, taken }: Claim, entries: readonly LoggedEntry[]): readonly Bids[] {
  const stated = new Map<Hex, { readonly op: Operation; readonly height: number }>();
  for (const [height, ops] of taken)
    for (const op of ops) if (bidsOn(id, op)) stated.set(bidderOf(op), { op, height });
  const bidders = new Set<Hex>();
  /** whose stated bid has come */
  const seen = new Set<Hex>();
  return entries.map(({ at, ops }) => {
    const bids = ops.filter((op) => bidsOn(id, op));
    if (bids.length === 0) return NO_BIDS;
    const followers = new Set<Operation>();
    const untaken = new Set<Operation>();
    for (const op of bids) {
      const bidder = bidderOf(op);
      if (bidders.has(bidder)) followers.add(op);
      bidders.add(bidder);
      const its = stated.get(bidder);
      if (its !== undefined && isSameBid(op, its.op)) {
        if (op === its.op && at.height === its.height) seen.add(bidder);
        continue;
      }
      const ahead = its === undefined ? 1 : op.authority!.nonce - its.op.authority!.nonce;
      if (ahead > 0 || (ahead === 0 && !seen.has(bidder))) untaken.add(op);
    }
    return { untaken, followers };
  });
}

const bidderOf = ({ authority }: Operation): Hex => toHex(authority!.from);

const isSameBid = (op: Operation, { authority, body }: Operation): boolean =>
  body.kind === "commit" && makesCommit(op, body.auction, { ...body, bidder: authority!.from });

/**
 * The rules of the market, but for the price of a place: of a bidder's commits only the last is lived again, and it
 * paid none if one before it had the place. No rule comes behind that of the price. A commit that the state does not
 * have changes nothing. It is told if it could be taken where it stands, judged as those that are.
 */
function rulesFor({ untaken, followers }: Bids, tell: (op: Operation) => void): EntryRules {
  const operations: OperationRules = {
    standingFault(ledger, op, at) {
      if (!untaken.has(op)) return OPERATION_RULES.standingFault(ledger, op, at);
      const { from } = op.authority!;
      const { free, nonces } = ledger.accountOf(from) ?? newAccount(from, 0n);
      fund(ledger, op);
      const fault = OPERATION_RULES.standingFault(ledger, op, at) ?? operations.articleFault(ledger, op, at);
      ledger.change(ACCOUNTS, from, (account) => void Object.assign(account, { free, nonces }));
      if (fault === null) tell(op);
      return fault ?? reject("NONCE_NOT_NEXT");
    },
    articleFault(ledger, op, at) {
      const fault = OPERATION_RULES.articleFault(ledger, op, at);
      return fault?.code === "REVEAL_ROOM_FEE_TOO_LOW" && followers.has(op) ? null : fault;
    },
  };
  return { phases: PHASE_RULES, operations };
}

/** Gives its sender the nonce of the operation, and more than it can cost: its fee, and what it locks. */
function fund(ledger: Ledger, { authority, body }: Operation): void {
  if (authority === null) return;
  const { from, nonce, fee } = authority;
  if (ledger.accountOf(from) === null) ledger.put(ACCOUNTS, from, newAccount(from, 0n));
  ledger.change(ACCOUNTS, from, (account) => {
    account.free = fee + MAX_AMOUNT;
    account.nonces = { ...account.nonces, [laneOf(body.kind)]: nonce };
  });
}

function spendRest(ledger: Ledger, { authority }: Operation): void {
  if (authority === null) return;
  ledger.change(ACCOUNTS, authority.from, (account) => {
    account.free = 0n;
  });
}
