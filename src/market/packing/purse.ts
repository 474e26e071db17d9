// Purses: what accounts can still pay when the operations that come before are counted (ADR 0030).
import type { Hash, Hex } from "../../base/index.js";
import { ACCOUNTS, type Ledger, type LockName, lockedAmount, lockKey, lockOf } from "../../ledger/index.js";
import { signedForm } from "../operation.js";
import type { OperationBody } from "../subjects.js";

/** What somebody would send, signed or not yet. */
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
  /** what was counted for locks that the next operation of the kind replaces, by `lockKey` */
  readonly locked: Map<string, bigint>;
}

/**
 * Counts what operations would take from free funds, fee and purpose, as if each were applied. Returning locks count
 * as nothing: what they free is there only once they are executed.
 */
export class Purses {
  private readonly purses = new Map<Hex, Purse>();

  /**
   * @param timeMs ledger time at which what is counted is taken
   * @param isGone whether an auction was forgotten: a bid in it takes nothing, as in one that has ended
   */
  constructor(
    private readonly ledger: Ledger,
    private readonly timeMs: number,
    private readonly isGone: (auction: Hash) => boolean = () => false,
  ) {}

  /** Free funds of an account less what was counted, in micro-credits. */
  left = (account: Hex): bigint => this.purseOf(account).free;

  /** What the spending takes beside its fee, after those counted before; at least nothing. */
  need({ account, body }: Spending, timeMs = this.timeMs): bigint {
    const form = signedForm(body)!;
    const lock = form.replaces(body);
    if (form.isVain(this.ledger, body) || (lock !== null && this.isGone(lock.id))) return 0n;
    const held = lock === null ? 0n : this.lockedUnder(account, lock);
    const taken = form.takes(this.ledger, body, held, timeMs);
    return taken > 0n ? taken : 0n;
  }

  /** Counts a spending that is covered whole. False: it is not, and nothing was counted. */
  spend(one: Spending, timeMs = this.timeMs): boolean {
    const purse = this.purseOf(one.account);
    const sum = one.fee + this.need(one, timeMs);
    if (purse.free < sum) return false;
    purse.free -= sum;
    purse.isUsed = true;
    const form = signedForm(one.body)!;
    const lock = form.replaces(one.body);
    if (lock !== null) purse.locked.set(lockKey(lock), form.takes(this.ledger, one.body, 0n, timeMs));
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

  /** Counts an operation that is on its way already: it takes what it can. @param timeMs the earliest at which it may */
  concede(one: Spending, timeMs = this.timeMs): void {
    if (!this.spend(one, timeMs)) this.close(this.purseOf(one.account), one.fee);
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

  private lockedUnder(account: Hex, name: LockName): bigint {
    const counted = this.purses.get(account)?.locked.get(lockKey(name));
    if (counted !== undefined) return counted;
    const row = this.ledger.get(ACCOUNTS, account);
    const lock = row === null ? null : lockOf(row, name);
    return lock === null ? 0n : lockedAmount(lock);
  }
}
