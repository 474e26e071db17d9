// Purses: what accounts can still pay when the operations that come before are counted (ADR 0030), and what budgets let them.
import { fromHex, type Hash, type Hex, toHex } from "../../base/index.js";
import {
  ACCOUNTS,
  type Budget,
  isLive,
  type Ledger,
  type Limit,
  type LockName,
  type LockParts,
  levelsOf,
  lockKey,
  NOTHING_RETURNED,
  periodOf,
  type Returned,
  returnedBy,
} from "../../ledger/index.js";
import { signedForm } from "../operation.js";
import type { OperationBody } from "../subjects.js";
import { close, Funds, hardPart, isCovered, isLockable, type Part, type Parts, take } from "./fund.js";

/** What somebody would send, signed or not yet. */
export interface Spending {
  /** hex of the sender */
  readonly account: Hex;
  readonly fee: bigint;
  readonly body: OperationBody;
  /** the auction that it is about, or makes; null: none, or nobody knows it yet */
  readonly auction: Hash | null;
}

/** Who pays for an account, as far as it is known before what is in flight is executed. */
interface Payer {
  /** the levels that let it, its own first; none: it pays for itself */
  readonly levels: readonly Budget[];
  /** hex of whose free funds pay */
  readonly root: Hex;
  /** false: a budget expires between the state and the entry */
  readonly isSure: boolean;
}

/** Why a spending is not covered: a fund, and what is asked of it after those before. */
export interface Shortfall {
  /** null: free funds, or what they and credit let it lock */
  readonly limit: { readonly level: Budget; readonly limit: Limit } | null;
  readonly isLockable: boolean;
  /** what it has, and what is left of that */
  readonly whole: bigint;
  readonly left: bigint;
  readonly needed: bigint;
}

/**
 * Counts what operations would take, fee and purpose, from free funds and from every budget above their senders, as if
 * each were applied. Returning locks count as nothing: what they free is there only once they are executed. Who is to be
 * paid for by somebody else once an operation before is executed spends nothing until then (spec/budgets#K1).
 *
 * A lock takes what is left of free funds, if that is less: whether credit covers the rest, or the lock fails, nothing
 * more is taken. So what is left never hangs on how much may be locked, and is no more than what execution leaves.
 */
export class Purses {
  private readonly funds: Funds;
  private readonly payers = new Map<Hex, Payer>();
  /** what was counted for locks that the next operation of the kind replaces, by account and `lockKey` */
  private readonly locked = new Map<string, LockParts>();
  /** agents whose budget an operation before may open or close, with owners that it may give them */
  private readonly changing = new Map<Hex, Hex[]>();
  private readonly period: number;

  /**
   * @param timeMs ledger time at which what is counted is taken
   * @param isGone whether an auction was forgotten: a bid in it takes nothing, as in one that has ended
   * @param executedMs ledger time of the state: from then on operations before may be executed
   */
  constructor(
    private readonly ledger: Ledger,
    private readonly timeMs: number,
    private readonly isGone: (auction: Hash) => boolean = () => false,
    private readonly executedMs = timeMs,
  ) {
    this.period = periodOf(ledger, timeMs);
    this.funds = new Funds(ledger, this.period);
  }

  /** What the spending takes beside its fee of who pays for it, after those counted before; at least nothing. */
  need(one: Spending, timeMs = this.timeMs): bigint {
    return this.taken(one, timeMs, this.returned(one, this.payerOf(one.account)).all);
  }

  /** The first of what a spending takes from that does not cover it, after those counted before; null: all do. */
  shortfall(one: Spending): Shortfall | null {
    const parts = this.partsOf(one, this.timeMs);
    const short = parts.find(({ fund, least }) => fund.left < least);
    if (short !== undefined) {
      const { limit, whole, left } = short.fund;
      return { limit, isLockable: false, whole, left, needed: short.sum };
    }
    if (isLockable(parts)) return null;
    const [{ fund, least, locked }] = parts;
    const credit = fund.credit!;
    const left = credit.lockable(fund.left, least);
    return credit.givesStake || fund.left >= least + locked
      ? { limit: null, isLockable: true, whole: credit.whole, left, needed: locked }
      : { limit: null, isLockable: false, whole: fund.whole, left: fund.left, needed: least + locked };
  }

  /**
   * Counts an operation that an entry is to hold. One that will fail for want of funds, or may not lock so much, still
   * pays its fee; it may stand as the only one that takes from them, so that it does not wait for ever; but not on
   * another's account. False: it must wait.
   */
  include(one: Spending): boolean {
    return this.stands(one, (parts) => isCovered(parts) && isLockable(parts));
  }

  /**
   * Likewise of what another has packed, however much may be locked now: standing, stake and own funds may be less than
   * they were when it was chosen, and a lock that fails pays its fee.
   */
  includeAnyLock(one: Spending): boolean {
    return this.stands(one, isCovered);
  }

  private stands(one: Spending, isCoveredBy: (parts: Parts) => boolean): boolean {
    const payer = this.payerOf(one.account);
    if (!payer.isSure || this.isChanging(one.account)) return false;
    const parts = this.partsOf(one, this.timeMs);
    if (parts.some(({ fund }) => fund.isClosed)) return false;
    if (!isCoveredBy(parts)) {
      if (payer.levels.length > 0) return false;
      const [{ fund }] = parts;
      if (fund.isUsed || fund.left < one.fee) return false;
      close(fund, one.fee);
    } else this.count(one, parts, this.timeMs);
    this.noteChange(one);
    return true;
  }

  /** Counts an operation that is on its way already: it takes what it can. @param timeMs the earliest at which it may */
  concede(one: Spending, timeMs = this.timeMs): void {
    const isSure = this.payerOf(one.account).isSure && !this.isChanging(one.account);
    const parts = isSure ? this.partsOf(one, timeMs) : this.possibleParts(one, timeMs);
    if (isCovered(parts)) this.count(one, parts, timeMs);
    else for (const part of parts) take(part, one.fee);
    this.noteChange(one);
  }

  private count(one: Spending, parts: Parts, timeMs: number): void {
    const [{ fund, sum, locked }] = parts;
    const fromStake = sum > fund.left ? sum - fund.left : 0n;
    for (const part of parts) take(part, one.fee);
    const form = signedForm(one.body)!;
    const stake = form.takesStake(this.ledger, one.body, 0n);
    if (stake > 0n) this.funds.freeOf(one.account).credit!.promiseStake(stake);
    const lock = form.replaces(one.body);
    if (lock === null) return;
    const all = form.takes(this.ledger, one.body, 0n, timeMs);
    const lent = fromStake < locked ? fromStake : locked;
    this.locked.set(lockedKey(one.account, lock), { fromFree: all - lent, fromStake: lent });
  }

  /** What it takes beside its fee of who pays for it. @param returned what a lock before it returns to who pays now */
  private taken({ body }: Spending, timeMs: number, returned: bigint): bigint {
    const form = signedForm(body)!;
    if (this.isNothing(body)) return 0n;
    const taken = form.takes(this.ledger, body, returned, timeMs);
    return taken > 0n ? taken : 0n;
  }

  /** What it locks beyond what comes back of the lock that it replaces. */
  private lockedBy({ body }: Spending, returned: bigint): bigint {
    const locks = this.isNothing(body) ? 0n : signedForm(body)!.locks(this.ledger, body);
    return locks > returned ? locks - returned : 0n;
  }

  /** Whether it will only fail: it came too late, or what it is about is gone. */
  private isNothing(body: OperationBody): boolean {
    const form = signedForm(body)!;
    const lock = form.replaces(body);
    return form.isVain(this.ledger, body) || (lock !== null && this.isGone(lock.id));
  }

  /** What the lock that it replaces returns: one that was counted, or the state's. */
  private returned({ account, body }: Spending, { levels }: Payer): Returned {
    const lock = signedForm(body)!.replaces(body);
    if (lock === null) return NOTHING_RETURNED;
    const counted = this.locked.get(lockedKey(account, lock));
    if (counted !== undefined) {
      const all = counted.fromFree + counted.fromStake;
      return { all, inPeriod: all, parts: counted };
    }
    const row = this.ledger.get(ACCOUNTS, account);
    return row === null ? NOTHING_RETURNED : returnedBy(this.ledger, row.id, lock, { levels }, this.period);
  }

  /** What it takes of which fund, its payer's free funds first. */
  private partsOf(one: Spending, timeMs: number): Parts {
    const payer = this.payerOf(one.account);
    const returned = this.returned(one, payer);
    const own = signedForm(one.body)!.takesOwn(one.body);
    const { fromFree } = returned.parts;
    const sum = one.fee + this.taken(one, timeMs, fromFree);
    const parts: [Part, ...Part[]] =
      payer.levels.length === 0
        ? [this.payersPart(one, one.account, sum + own, returned)]
        : [this.payersPart(one, payer.root, sum, returned)];
    if (payer.levels.length === 0) return parts;
    if (own > 0n) parts.push(hardPart(this.funds.freeOf(one.account), own));
    const inPeriod = one.fee + this.taken(one, timeMs, returned.inPeriod);
    const inAll = one.fee + this.taken(one, timeMs, returned.all);
    for (const level of payer.levels) this.addLevel(parts, one, level, inAll, inPeriod);
    return parts;
  }

  /** What it takes of the free funds of an account: of what it locks, as much as they have. */
  private payersPart(one: Spending, account: Hex, sum: bigint, { all, parts }: Returned): Part {
    const isLimited = signedForm(one.body)!.isLimited;
    const least = isLimited ? sum - this.lockedBy(one, parts.fromFree) : sum;
    return { fund: this.funds.freeOf(account), sum, least, locked: this.lockedBy(one, all), isLimited };
  }

  private addLevel(parts: Part[], one: Spending, level: Budget, sum: bigint, inPeriod: bigint): void {
    for (const fund of this.funds.limitsOf(level, one.auction)) {
      parts.push(hardPart(fund, fund.limit!.limit.kind === "perPeriod" ? inPeriod : sum));
    }
  }

  /** What it may take, whoever pays for it in the end: all, of everybody who may. */
  private possibleParts(one: Spending, timeMs: number): Parts {
    const sum = one.fee + this.taken(one, timeMs, 0n);
    const own = signedForm(one.body)!.takesOwn(one.body);
    const parts: [Part, ...Part[]] = [this.payersPart(one, one.account, sum + own, NOTHING_RETURNED)];
    const seen = new Set([one.account]);
    for (const agent of seen) {
      if (agent !== one.account) parts.push(this.payersPart(one, agent, sum, NOTHING_RETURNED));
      const [level] = levelsOf(this.ledger, agent);
      if (level !== undefined) {
        this.addLevel(parts, one, level, sum, sum);
        seen.add(toHex(level.owner));
      }
      for (const owner of this.changing.get(agent) ?? []) seen.add(owner);
    }
    return parts;
  }

  /** Remembers whose budget the operation may open or close. */
  private noteChange({ account, body }: Spending): void {
    const form = signedForm(body)!;
    // A sender whom the state does not know may have been made by an operation before.
    const child = form.changesBudgetOf(this.ledger, body, fromHex(account)!);
    if (child === null) return;
    const owners = this.changing.get(toHex(child)) ?? [];
    this.changing.set(toHex(child), [...owners, account]);
  }

  private isChanging(account: Hex): boolean {
    if (this.changing.size === 0) return false;
    if (this.changing.has(account)) return true;
    return levelsOf(this.ledger, account).some(({ child }) => this.changing.has(toHex(child)));
  }

  private payerOf(account: Hex): Payer {
    const known = this.payers.get(account);
    if (known !== undefined) return known;
    const payer = this.findPayer(account);
    this.payers.set(account, payer);
    return payer;
  }

  private findPayer(account: Hex): Payer {
    const chain = levelsOf(this.ledger, account);
    if (chain.length === 0) return { levels: chain, root: account, isSure: true };
    const isLiveAt = (timeMs: number): boolean => chain.every((level) => isLive(level, timeMs));
    if (!isLiveAt(this.executedMs)) return { levels: [], root: account, isSure: true };
    return { levels: chain, root: toHex(chain.at(-1)!.owner), isSure: isLiveAt(this.timeMs) };
  }
}

const lockedKey = (account: Hex, lock: LockName): string => `${account}/${lockKey(lock)}`;
