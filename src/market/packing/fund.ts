// Funds: what operations take from, each counted down as they are counted: free funds, and what limits of budgets leave.
import { type Hash, type Hex, toHex } from "../../base/index.js";
import {
  ACCOUNTS,
  auctionLimitOf,
  type Budget,
  type Ledger,
  type Limit,
  limitsOf,
} from "../../ledger/index.js";
import { Credit } from "./credit.js";

/** Something that operations take from: an account's free funds, or what a limit of a budget leaves. */
export interface Fund {
  /** before anything was counted */
  readonly whole: bigint;
  left: bigint;
  /** of free funds: what locks may take besides; null: a budget's limit gives no credit */
  readonly credit: Credit | null;
  /** whether anything was counted */
  isUsed: boolean;
  /** an operation that will fail for want of it is counted: nothing is, beside it */
  isClosed: boolean;
  /** of a budget's limit */
  readonly limit: { readonly level: Budget; readonly limit: Limit } | null;
}

interface LevelFunds {
  /** of what is spent in the period, and in all */
  readonly inAll: readonly Fund[];
  /** by auction */
  readonly inAuction: Map<Hex, Fund>;
}

/** What one operation takes of one fund. */
export interface Part {
  readonly fund: Fund;
  readonly sum: bigint;
  /** what has to be there, or it takes no more than its fee: of free funds all but its lock, for which credit may stand in */
  readonly least: bigint;
  /** what it locks, less what comes back of the lock that it replaces; 0: nothing, or more comes back */
  readonly locked: bigint;
  /** whether what it locks has to be lockable: standing limits it, and credit may stand in for it */
  readonly isLimited: boolean;
}

/** What an operation takes, its payer's free funds first. */
export type Parts = readonly [Part, ...Part[]];

/** The funds of a state, begun as they are asked for. */
export class Funds {
  /** free funds, by account */
  private readonly free = new Map<Hex, Fund>();
  /** what is left of limits, by the row of their level */
  private readonly limits = new Map<Budget, LevelFunds>();

  /** @param period in which it is counted */
  constructor(
    private readonly ledger: Ledger,
    private readonly period: number,
  ) {}

  /** The free funds of an account, by hex of its agent. */
  freeOf(account: Hex): Fund {
    const known = this.free.get(account);
    if (known !== undefined) return known;
    const left = this.ledger.get(ACCOUNTS, account)?.free ?? 0n;
    const fund = begin(left, null, new Credit(this.ledger, account));
    this.free.set(account, fund);
    return fund;
  }

  /** What its limits leave a level, each begun once: in all, and in the auction. */
  limitsOf(level: Budget, auction: Hash | null): readonly Fund[] {
    const known = this.limits.get(level);
    const { inAll, inAuction } = known ?? this.beginLevel(level);
    if (auction === null) return inAll;
    const scope = toHex(auction);
    const fund = inAuction.get(scope) ?? beginLimit(level, auctionLimitOf(this.ledger, level, scope));
    inAuction.set(scope, fund);
    return [...inAll, fund];
  }

  private beginLevel(level: Budget): LevelFunds {
    const limits = limitsOf(this.ledger, level, this.period, null);
    const funds = { inAll: limits.map((limit) => beginLimit(level, limit)), inAuction: new Map() };
    this.limits.set(level, funds);
    return funds;
  }
}

function beginLimit(level: Budget, limit: Limit): Fund {
  const { most, counted } = limit;
  return begin(most > counted ? most - counted : 0n, { level, limit }, null);
}

const begin = (whole: bigint, limit: Fund["limit"], credit: Credit | null): Fund => ({
  whole,
  left: whole,
  credit,
  isUsed: false,
  isClosed: false,
  limit,
});

/** A part that is there whole, or not taken. */
export const hardPart = (fund: Fund, sum: bigint): Part => ({
  fund,
  sum,
  least: sum,
  locked: 0n,
  isLimited: false,
});

export const isCovered = (parts: Parts): boolean => parts.every(({ fund, least }) => fund.left >= least);

/** Whether who pays may lock so much more. */
export const isLockable = ([{ fund, least, locked, isLimited }]: Parts): boolean =>
  !isLimited || locked === 0n || locked <= fund.credit!.lockable(fund.left, least);

/** Takes a part of its fund; one that does not cover it pays the fee, and nothing beside it. */
export function take({ fund, sum, least, locked }: Part, fee: bigint): void {
  if (fund.left < least) {
    close(fund, fee);
    return;
  }
  const taken = sum < fund.left ? sum : fund.left;
  fund.credit?.count({ locked, fromStake: sum - taken });
  fund.left -= taken;
  fund.isUsed = true;
}

/** Whatever else it may have taken, it takes its fee, and nothing is counted beside it any more. */
export function close(fund: Fund, fee: bigint): void {
  fund.left -= fee < fund.left ? fee : fund.left;
  fund.isUsed = true;
  fund.isClosed = true;
}
