// Funds: what an operation should pay, and what its sender can still promise beside all that waits here (ADR 0030).
import { type Hex, toHex } from "../base/index.js";
import { type AgentId, exceeded, levelsOf, treeBelow } from "../ledger/index.js";
import {
  type AuctionId,
  auctionOf,
  isEnded,
  laneOf,
  type OperationBody,
  Purses,
  partIsLeft,
  RECOVERY_BYTES,
  type Shortfall,
  type Spending,
  signedForm,
  spendingOf,
  stakeIsFree,
} from "../market/index.js";
import type { Refusal } from "./event.js";
import type { Waiting } from "./mempool.js";
import type { Opening } from "./own/custody.js";
import type { Peer } from "./state.js";

/**
 * The fee that a request names, or what the operation has to pay now: for a place in the next entry, and for what its
 * kind asks for a place of its own. In micro-credits.
 */
export function feeFor(peer: Peer, from: AgentId, body: OperationBody, named: bigint | null): bigint {
  if (named !== null) return named;
  const fee = peer.estimates.of(peer, laneOf(body.kind));
  const place = signedForm(body)?.placeFee(peer.ledger, body, from) ?? 0n;
  return fee > place ? fee : place;
}

/** What goes when a wish is granted, and so takes no part of the funds. */
export interface Replaced {
  /** the agent's unpublished bid in this auction */
  readonly bidIn?: AuctionId | null;
  readonly waiting?: Waiting;
}

/**
 * Why a wish is not covered by what is left, or null. The ledger alone does not tell: what waits in the mempool, and
 * sealed bids whose time has not come, will take their part first.
 */
export function promisedFunds(peer: Peer, wish: Spending, replaced: Replaced = {}): Refusal | null {
  const purses = new Purses(peer.ledger, peer.tip.timeMs);
  for (const account of togetherWith(peer, wish.account)) {
    // In the order of their nonces: a later commit in an auction replaces an earlier one.
    for (const one of peer.mempool.of(account)) {
      if (one !== replaced.waiting) purses.concede(spendingOf(one.operation));
    }
    const replacing = account === wish.account ? (replaced.bidIn ?? null) : null;
    for (const opening of unpublishedOf(peer, account, replacing)) {
      const body = commitBody(opening);
      const { auction } = opening;
      purses.concede({ account, fee: feeFor(peer, opening.bidder, body, opening.fee), body, auction });
    }
  }
  const short = purses.shortfall(wish);
  return short === null ? null : refusalOf(short);
}

/** The accounts whose operations are paid by the same owner, itself included: those of one tree of budgets. */
function togetherWith({ ledger }: Peer, account: Hex): readonly Hex[] {
  const owner = levelsOf(ledger, account).at(-1)?.owner;
  return treeBelow(ledger, owner === undefined ? account : toHex(owner));
}

function refusalOf({ limit, whole, left, needed }: Shortfall): Refusal {
  const promised = (whole - left).toString();
  if (limit !== null) {
    const { code, detail } = exceeded(limit.level, limit.limit, needed);
    return { code, detail: { ...detail, promised } };
  }
  return { code: "FUNDS_TOO_LOW", detail: { free: whole.toString(), promised, needed: needed.toString() } };
}

/** Why free stake, or the room for parts that unbond, does not cover a wish beside what waits of its sender; or null. */
export function promisedStake(peer: Peer, from: AgentId, body: OperationBody): Refusal | null {
  const wanted = stakeTakenBy(body);
  if (wanted.amount === 0n) return null;
  const waiting = peer.mempool.of(toHex(from)).map(({ operation }) => stakeTakenBy(operation.body));
  const promised = waiting.reduce((sum, { amount }) => sum + amount, 0n);
  const parts = waiting.reduce((sum, one) => sum + one.parts, 0);
  return (
    stakeIsFree(peer.ledger, from, wanted.amount, promised) ??
    (wanted.parts > 0 ? partIsLeft(peer.ledger, from, parts) : null)
  );
}

/** What an operation takes of free stake, and how many parts of it begin to unbond. */
function stakeTakenBy(body: OperationBody): { readonly amount: bigint; readonly parts: number } {
  const form = signedForm(body);
  return form === null
    ? { amount: 0n, parts: 0 }
    : { amount: form.takesStake(body), parts: form.unbonds(body) };
}

/** Bids that are kept here and will still be published. */
const unpublishedOf = (peer: Peer, account: Hex, replacing: AuctionId | null): readonly Opening[] =>
  peer.custody.unpublishedOf(account).filter(({ auction }) => {
    if (replacing !== null && toHex(replacing) === toHex(auction)) return false;
    const phase = auctionOf(peer.ledger, auction)?.phase;
    return phase !== undefined && phase.kind !== "reveal" && !isEnded(phase);
  });

/** A commit of an opening, as far as its funds are concerned. */
export const commitBody = ({
  auction,
  commitment,
  lockup,
}: Pick<Opening, "auction" | "commitment" | "lockup">) =>
  ({ kind: "commit", auction, commitment, lockup, recovery: new Uint8Array(RECOVERY_BYTES) }) as const;
