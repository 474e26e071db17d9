// Funds: what an operation should pay, and what its sender can still promise beside all that waits here (ADR 0030).
import { type Hex, toHex } from "../base/index.js";
import { type AgentId, exceeded, type Ledger, levelsOf, lienAmount, treeBelow } from "../ledger/index.js";
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
  stakeIsEnough,
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

function refusalOf({ limit, isLockable, whole, left, needed }: Shortfall): Refusal {
  const promised = (whole - left).toString();
  if (isLockable) {
    return {
      code: "LOCKABLE_TOO_LOW",
      detail: { lockable: whole.toString(), promised, locks: needed.toString() },
    };
  }
  if (limit !== null) {
    const { code, detail } = exceeded(limit.level, limit.limit, needed);
    return { code, detail: { ...detail, promised } };
  }
  return { code: "FUNDS_TOO_LOW", detail: { free: whole.toString(), promised, needed: needed.toString() } };
}

/** Why free stake, or the room for parts that unbond, does not cover a wish beside what waits of its sender; or null. */
export function promisedStake(peer: Peer, from: AgentId, body: OperationBody): Refusal | null {
  const liens = new WaitingLiens(peer.ledger, from);
  if (liens.wantedBy(body) <= 0n) return null;
  const bidIn = signedForm(body)?.replaces(body)?.id ?? null;
  // In the order of their nonces: a later commit in an auction replaces an earlier one.
  for (const { operation } of peer.mempool.of(toHex(from))) liens.take(operation.body);
  for (const opening of unpublishedOf(peer, toHex(from), bidIn)) liens.take(commitBody(opening));
  const wanted = liens.wantedBy(body);
  if (wanted <= 0n) return null;
  const isWithdrawal = signedForm(body)!.unbonds(body) > 0;
  return (
    (isWithdrawal ? null : stakeIsEnough(peer.ledger, from, liens.withdrawn)) ??
    stakeIsFree(peer.ledger, from, wanted, liens.promised) ??
    (isWithdrawal ? partIsLeft(peer.ledger, from, liens.parts) : null)
  );
}

/** What of an agent's free stake is promised to operations that come before. */
class WaitingLiens {
  promised = 0n;
  /** of it what is withdrawn, and so is stake no more */
  withdrawn = 0n;
  /** parts that begin to unbond */
  parts = 0;
  /** by hex of the auction: what was counted for liens that a later operation replaces */
  private readonly counted = new Map<Hex, bigint>();

  constructor(
    private readonly ledger: Ledger,
    private readonly agent: AgentId,
  ) {}

  /** What an operation takes after those counted; at most 0: nothing. */
  wantedBy(body: OperationBody): bigint {
    const form = signedForm(body);
    if (form === null || form.isVain(this.ledger, body)) return 0n;
    const replaced = form.replaces(body);
    return form.takesStake(this.ledger, body, replaced === null ? 0n : this.heldUnder(toHex(replaced.id)));
  }

  /** Counts an operation that is on its way. What a lien would return is there only once it is executed. */
  take(body: OperationBody): void {
    const wanted = this.wantedBy(body);
    this.promised += wanted > 0n ? wanted : 0n;
    const form = signedForm(body);
    const parts = form?.unbonds(body) ?? 0;
    this.parts += parts;
    if (parts > 0) this.withdrawn += wanted;
    const replaced = form?.replaces(body) ?? null;
    if (replaced === null) return;
    const id = toHex(replaced.id);
    this.counted.set(id, this.heldUnder(id) + wanted);
  }

  private heldUnder(id: Hex): bigint {
    const account = this.ledger.accountOf(this.agent);
    return this.counted.get(id) ?? (account === null ? 0n : lienAmount(account, id));
  }
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
