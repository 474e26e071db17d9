// Who was granted what, and who lent to whom: by windows, in what fairness counts (spec/gateway#G48).

/** What there is to show of a flow: whole costs. */
export interface Evidence {
  /** what it was charged, corrections included */
  readonly granted: number;
  /** of its part of what all were granted, what it left to others; of windows that are over */
  readonly lent: number;
  /** what it was granted beyond its part; of windows that are over */
  readonly borrowed: number;
}

interface Account {
  weight: number;
  /** how many of its requests wait or run: as long as there are any, it has a part */
  open: number;
  granted: number;
  lent: number;
  borrowed: number;
  inWindow: number;
  /** the last window in which it was there */
  window: number;
}

const WINDOW_MS = 60_000;
/** Flows that have not been there for so many windows are forgotten. */
const KEPT_WINDOWS = 1_440;
/** Where there are more than so many, those that have no part any more are forgotten at once: names may be made up. */
const MOST_KEPT = 10_000;
const PARTED_WINDOWS = 1;
const NONE: Evidence = { granted: 0, lent: 0, borrowed: 0 };

/**
 * What was granted in a window is parted by weight among the flows that were there in it or in the one before, in whole
 * costs: so much as one was granted beyond its part, others have lent. Over all flows, lent is borrowed.
 */
export class Lending {
  private readonly accounts = new Map<string, Account>();
  /** sums of flows that were forgotten */
  forgotten = NONE;
  private window = Number.NEGATIVE_INFINITY;

  /** A flow asks, runs or is done. @param opened how many more of its requests wait or run now */
  meet(flow: string, weight: number, opened: -1 | 0 | 1, nowMs: number): void {
    this.pass(nowMs);
    const account = this.accounts.get(flow) ?? { weight, open: 0, ...NONE, inWindow: 0, window: this.window };
    account.weight = weight;
    account.open += opened;
    account.window = this.window;
    this.accounts.set(flow, account);
  }

  /** A flow that is there is charged; less than 0: it is given back. */
  grant(flow: string, cost: number): void {
    const account = this.accounts.get(flow)!;
    account.granted += cost;
    account.inWindow += cost;
  }

  of(flow: string): Evidence {
    const { granted, lent, borrowed } = this.accounts.get(flow) ?? NONE;
    return { granted, lent, borrowed };
  }

  private pass(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS);
    if (window <= this.window) return;
    this.close();
    const kept = this.accounts.size > MOST_KEPT ? PARTED_WINDOWS : KEPT_WINDOWS;
    for (const [flow, account] of this.accounts) {
      if (account.open > 0) account.window = window;
      else if (account.window < window - kept) this.forget(flow, account);
    }
    this.window = window;
  }

  /** Parts what was granted in the window that is over. */
  private close(): void {
    const there = [...this.accounts.values()].filter(({ window }) => window >= this.window - 1);
    const all = BigInt(there.reduce((sum, { inWindow }) => sum + inWindow, 0));
    const weights = BigInt(there.reduce((sum, { weight }) => sum + weight, 0));
    let before = 0n;
    let upTo = 0n;
    for (const account of there) {
      upTo += BigInt(account.weight);
      const parted = (all * upTo) / weights;
      const beyond = account.inWindow - Number(parted - before);
      before = parted;
      if (beyond > 0) account.borrowed += beyond;
      else account.lent -= beyond;
      account.inWindow = 0;
    }
  }

  private forget(flow: string, { granted, lent, borrowed }: Account): void {
    const { forgotten } = this;
    this.forgotten = {
      granted: forgotten.granted + granted,
      lent: forgotten.lent + lent,
      borrowed: forgotten.borrowed + borrowed,
    };
    this.accounts.delete(flow);
  }
}
