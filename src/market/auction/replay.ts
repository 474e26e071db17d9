// Replay: one auction lived again from headers and operations, by the very rules that executed it.
import { encode, equalBytes, err, MAX_AMOUNT, ok, type Result, toHex } from "../../base/index.js";
import {
  ACCOUNTS,
  type AgentId,
  BASIS_POINTS,
  CLOCK,
  freeStake,
  type Genesis,
  type Ledger,
  lienAmount,
  type Moment,
  maxSpentMs,
  networkOf,
  newAccount,
  RATED_FROM_WEIGHT,
  reject,
} from "../../ledger/index.js";
import { emptyLedger } from "../birth.js";
import { type EntryOutcome, type EntryRules, executeEntry } from "../execute.js";
import { STAKE_RULES } from "../money/stake.js";
import {
  auctionOfOperation,
  criticalAmong,
  laneOf,
  type Operation,
  openingsAmong,
  signedForm,
} from "../operation.js";
import { CONGESTION, congestionAfter } from "../packing/congestion.js";
import { Purses } from "../packing/purse.js";
import { OPERATION_RULES, type OperationRules } from "../rulebook.js";
import { STANDINGS, type Standing } from "../standing/standing.js";
import { TRADE_RULES } from "../trade/deadlines.js";
import { type Auction, type Commit, isEnded } from "./auction.js";
import { auctionOf, commitOf, commitsOf } from "./auctions.js";
import type { AuctionId } from "./id.js";
import { PHASE_RULES } from "./phase-rules.js";
import { auctionTerms } from "./terms.js";

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
  /** how far outages before it were used up when it was created */
  readonly spentMs: number;
  /** by height, the operations that the state took: the auction's creation, and of each bidder one commit */
  readonly taken: ReadonlyMap<number, readonly Operation[]>;
  /** what the creation and the commits lock together */
  readonly locked: bigint;
}

export interface Replayed {
  readonly auction: Auction;
  /** in the order of their bidders */
  readonly commits: readonly Commit[];
  /** bidders whose bids are not as they were signed, and one more if the auction is not (spec/transcript#N1) */
  readonly passedOver: number;
}

/** An entry with all its operations counted, but only those on the auction left. */
interface OwnEntry extends LoggedEntry {
  readonly critical: number;
  readonly openings: number;
}

/**
 * Lives one auction again, in a ledger that holds nothing else. Money is not in the log, so all who sign are lent what
 * they need, stake too. What the state took is lived to the end: phases, reveals, the reserve, the outcome. And all that was
 * signed is lived to the close, to tell where the state is something else.
 * @param entries without gaps, from the one that creates the auction
 * @returns the auction as it ended, or in words why the rules do not lead to an end at `endedAt`
 */
export function replayAuction(
  genesis: Genesis,
  claim: Claim,
  entries: readonly LoggedEntry[],
): Result<Replayed, string> {
  const { id, endedAt, dueMs, taken, locked } = claim;
  if (locked > MAX_AMOUNT) return err("more is locked than there is money");
  if (claim.spentMs > maxSpentMs(genesis.params)) return err("more outages are used up than there can be");
  const late = [...taken.keys()].find((height) => height > endedAt);
  if (late !== undefined) return err(`the state took an operation at height ${late}, after the end`);
  const own = ownEntries(genesis, claim, entries);
  const ledger = firstLedger(genesis, claim, own);
  for (const entry of own) {
    const { height } = entry.at;
    const its = taken.get(height) ?? [];
    const ops = entry.ops.filter((op) => op.authority === null || its.includes(op));
    const { receipts, settlements } = live(ledger, entry, ops, LENT_BUT_FOR_PLACES);
    for (const [i, { authority, body }] of ops.entries()) {
      const { code } = receipts[i]!;
      if (code === null || authority === null) continue;
      return err(`the rules refuse the ${body.kind} that the state took at height ${height}: ${code}`);
    }
    const auction = auctionOf(ledger, id);
    if (auction === null) return err(`the auction is not created at height ${height}`);
    if (settlements.length > 0) {
      if (height !== endedAt)
        return err(`by the rules it ends at height ${height}, the state says ${endedAt}`);
      const { phase } = auction;
      if (!isEnded(phase) || phase.dueMs !== dueMs) {
        return err(`by the rules REVEAL was not due at ${dueMs}, as the state says`);
      }
      const commits = commitsOf(ledger, id);
      const signed = asSigned(firstLedger(genesis, claim, own), id, own);
      return ok({ auction, commits, passedOver: differences(auction, commits, signed) });
    }
  }
  return err(`by the rules it has not ended at height ${endedAt}`);
}

function ownEntries(
  genesis: Genesis,
  { id, endedAt }: Claim,
  entries: readonly LoggedEntry[],
): readonly OwnEntry[] {
  const network = networkOf(genesis);
  const isOwn = (op: Operation): boolean => equalBytes(auctionOfOperation(network, op) ?? NO_AUCTION, id);
  return entries
    .filter(({ at }) => at.height <= endedAt)
    .map(({ at, ops }) => ({
      at,
      ops: ops.filter(isOwn),
      critical: criticalAmong(ops),
      openings: openingsAmong(ops),
    }));
}

const NO_AUCTION = new Uint8Array(0);

/** A ledger of nobody, in which live time is that of the first entry, and outages are used up as the state says. */
function firstLedger(genesis: Genesis, { spentMs }: Claim, [first]: readonly OwnEntry[]): Ledger {
  const ledger = emptyLedger(genesis);
  const spentToMs = (first?.at.timeMs ?? 0) + spentMs;
  ledger.changeOne(CLOCK, (row) => void Object.assign(row, { outagesMs: 0, spentToMs }));
  return ledger;
}

/** The state once nobody can bid or cancel, if everybody had what it signed for: the log tells of no other. */
function asSigned(ledger: Ledger, id: AuctionId, entries: readonly OwnEntry[]): Ledger {
  for (const entry of entries) {
    live(ledger, entry, entry.ops, LENT);
    const auction = auctionOf(ledger, id);
    if (auction === null || isDecided(auction)) break;
  }
  return ledger;
}

/** Whether no bid can come any more, nor a cancel: REVEAL of an auction without bids can be called off. */
const isDecided = ({ phase, commits }: Auction): boolean =>
  phase.kind === "reveal" ? commits > 0 : isEnded(phase);

function differences({ id, terms }: Auction, commits: readonly Commit[], signed: Ledger): number {
  const offered = auctionOf(signed, id)?.terms;
  const isAsOffered =
    offered !== undefined && equalBytes(encode(auctionTerms, offered), encode(auctionTerms, terms));
  const others = commits.filter((one) => !isSameBid(one, commitOf(signed, id, one.bidder)));
  const bidders = new Set([...commits, ...commitsOf(signed, id)].map(({ bidder }) => toHex(bidder)));
  return (isAsOffered ? 0 : 1) + others.length + bidders.size - commits.length;
}

const isSameBid = (a: Commit, b: Commit | null): boolean =>
  b !== null &&
  equalBytes(a.commitment, b.commitment) &&
  equalBytes(a.recovery, b.recovery) &&
  a.lockup === b.lockup;

/** Executes what concerns the auction of an entry that was as full as it was. */
function live(
  ledger: Ledger,
  { at, critical, openings }: OwnEntry,
  ops: readonly Operation[],
  rules: EntryRules,
): EntryOutcome {
  const before = { ...ledger.one(CONGESTION) };
  const outcome = executeEntry(ledger, { ...at, judgeEvidence: () => null }, ops, rules);
  const after = congestionAfter(before, at.height, critical, openings);
  ledger.changeOne(CONGESTION, (row) => void Object.assign(row, after));
  return outcome;
}

/**
 * The rules of the market where each sender has the money that it needs, and the nonce unless it has used it. What is
 * refused uses none: it may have come before its turn.
 */
const LENT = lent(OPERATION_RULES.articleFault);

/** And a commit pays no price for its place: it may have replaced one that had it. No rule comes behind that of the price. */
const LENT_BUT_FOR_PLACES = lent((ledger, op, at) => {
  const fault = OPERATION_RULES.articleFault(ledger, op, at);
  return fault?.code === "REVEAL_ROOM_FEE_TOO_LOW" ? null : fault;
});

/** Lends its sender the stake that it puts under a lien, and as much as who promises anything has. */
function lendStake(ledger: Ledger, { authority, body }: Operation): void {
  const account = ledger.accountOf(authority!.from)!;
  const form = signedForm(body)!;
  const lock = form.replaces(body);
  const wanted = form.takesStake(ledger, body, lock === null ? 0n : lienAmount(account, lock.id));
  const stake = account.stake - freeStake(account) + (wanted > 0n ? wanted : 0n);
  const { minStake } = ledger.params;
  if (stake > MAX_AMOUNT) return;
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.stake = stake < minStake ? minStake : stake;
  });
}

/** Asks as if an agent might lock all that it was lent: what it really might, the log does not tell. */
function inGoodStanding<T>(ledger: Ledger, agent: AgentId, ask: () => T): T {
  const before = ledger.get(STANDINGS, agent);
  ledger.put(STANDINGS, agent, TRUSTED);
  const answer = ask();
  if (before === null) ledger.table(STANDINGS).delete(agent);
  else ledger.put(STANDINGS, agent, before);
  return answer;
}
const TRUSTED: Standing = { score: BASIS_POINTS, weight: RATED_FROM_WEIGHT, blocked: "no", recent: [] };

function lent(articleFault: OperationRules["articleFault"]): EntryRules {
  const operations: OperationRules = {
    ...OPERATION_RULES,
    standingFault(ledger, op, at) {
      const { authority, body } = op;
      if (authority === null) return OPERATION_RULES.standingFault(ledger, op, at);
      const { from, fee, nonce } = authority;
      if (ledger.accountOf(from) === null) ledger.put(ACCOUNTS, from, newAccount(from, 0n));
      const lane = laneOf(body.kind);
      const next = ledger.accountOf(from)!.nonces[lane];
      if (nonce < next) return reject("NONCE_NOT_NEXT", { nonce, next });
      lendStake(ledger, op);
      const need = new Purses(ledger, at.timeMs).need({ account: toHex(from), fee, body, auction: null });
      ledger.change(ACCOUNTS, from, (account) => {
        account.free = need > MAX_AMOUNT ? 0n : fee + need;
      });
      const fault = inGoodStanding(ledger, from, () => articleFault(ledger, op, at));
      ledger.change(ACCOUNTS, from, (account) => {
        if (fault === null) account.nonces = { ...account.nonces, [lane]: nonce };
        else account.free = 0n;
      });
      return fault ?? OPERATION_RULES.standingFault(ledger, op, at);
    },
    // What a sender signed was asked above.
    articleFault: (ledger, op, at) =>
      op.authority === null ? OPERATION_RULES.articleFault(ledger, op, at) : null,
    apply: OPERATION_RULES.apply,
  };
  return { phases: PHASE_RULES, operations, stake: STAKE_RULES, trades: TRADE_RULES };
}
