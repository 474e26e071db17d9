// Purses: what accounts can still pay when the operations that come before are counted (ADR 0030).
import { type Hex, toHex } from "../base/index.js";
import {
  ACCOUNTS,
  type AuctionId,
  auctionOf,
  type Ledger,
  lockedAmount,
  type OperationBody,
  takenBy,
} from "../ledger/index.js";

/** What somebody would send: an operation, or a wish that is not signed yet. */
export interface Spending {
  /** hex of the sender */
  readonly account: Hex;
  readonly fee: bigint;
  readonly body: OperationBody;
}

interface Purse {
  free: bigint;
  /** whether anything was counted */
  isUsed: boolean;
  /** an operation that will fail for want of funds is counted: nothing is, beside it */
  isClosed: boolean;
  /** lockups of commits that were counted, by auction: the next one of the auction replaces them */
  readonly locked: Map<Hex, bigint>;
}

/**
 * Counts what operations would take from free funds, fee and purpose, as if each were applied. Returning locks count
 * as nothing: what they free is there only once they are executed.
 */
export class Purses {
  private readonly purses = new Map<Hex, Purse>();

  /** @param timeMs ledger time at which what is counted is taken */
  constructor(
    private readonly ledger: Ledger,
    private readonly timeMs: number,
  ) {}

  /** Free funds of an account less what was counted, in micro-credits. */
  left = (account: Hex): bigint => this.purseOf(account).free;

  /** What the spending takes beside its fee, after those counted before; at least nothing. */
  need({ account, body }: Spending): bigint {
    if (body.kind === "commit" && takesNoMoreBids(this.ledger, body.auction)) return 0n;
    const locked = body.kind === "commit" ? this.lockedIn(account, toHex(body.auction)) : 0n;
    const taken = takenBy(body, locked, this.ledger.params, this.timeMs);
    return taken > 0n ? taken : 0n;
  }

  /** Counts a spending that is covered whole. False: it is not, and nothing was counted. */
  spend(one: Spending): boolean {
    const purse = this.purseOf(one.account);
    const sum = one.fee + this.need(one);
    if (purse.free < sum) return false;
    purse.free -= sum;
    purse.isUsed = true;
    if (one.body.kind === "commit") purse.locked.set(toHex(one.body.auction), one.body.lockup);
    return true;
  }

  /**
   * Counts an operation that an entry is to hold. One that will fail for want of funds still pays its fee; it may
   * stand as the only one of its account, so that it does not wait for ever. False: it must wait.
   */
  include(one: Spending): boolean {
    const purse = this.purseOf(one.account);
    if (purse.isClosed) return false;
    if (this.spend(one)) return true;
    if (purse.isUsed || purse.free < one.fee) return false;
    this.close(purse, one.fee);
    return true;
  }

  /** Counts an operation that is on its way already: it takes what it can. */
  concede(one: Spending): void {
    if (!this.spend(one)) this.close(this.purseOf(one.account), one.fee);
  }

  private close(purse: Purse, fee: bigint): void {
    purse.free -= fee < purse.free ? fee : purse.free;
    purse.isUsed = true;
    purse.isClosed = true;
  }

  private purseOf(account: Hex): Purse {
    const known = this.purses.get(account);
    if (known !== undefined) return known;
    const free = this.ledger.get(ACCOUNTS, account)?.free ?? 0n;
    const purse: Purse = { free, isUsed: false, isClosed: false, locked: new Map() };
    this.purses.set(account, purse);
    return purse;
  }

  private lockedIn(account: Hex, auction: Hex): bigint {
    const counted = this.purses.get(account)?.locked.get(auction);
    if (counted !== undefined) return counted;
    const lock = this.ledger.get(ACCOUNTS, account)?.locks.get(auction);
    return lock === undefined ? 0n : lockedAmount(lock);
  }
}

/** A commit that comes too late only fails. */
function takesNoMoreBids(ledger: Ledger, id: AuctionId): boolean {
  const phase = auctionOf(ledger, id)?.phase;
  return phase !== undefined && phase.kind !== "scheduled" && phase.kind !== "open";
}
