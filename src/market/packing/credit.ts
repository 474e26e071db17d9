// Credit of a purse: how much more an account may lock when the operations that come before are counted (spec/money#credit).
import type { Hex } from "../../base/index.js";
import { ACCOUNTS, creditLeft, type Ledger, lockableWith, type Means, meansOf } from "../../ledger/index.js";
import { multiplierBpOf } from "../standing/credit.js";

const NO_MEANS: Means = { free: 0n, locked: { fromFree: 0n, fromStake: 0n }, stake: 0n };

/** What one operation locks of what an account owns, in micro-credits. */
interface Counted {
  /** what it locks beyond the lock that it replaces */
  readonly locked: bigint;
  /** of this what free funds did not cover */
  readonly fromStake: bigint;
}

/** Counts what operations lock, each as if it were applied after those before. */
export class Credit {
  private locked = 0n;
  private fromStake = 0n;
  /** what operations put under liens or withdraw */
  private stake = 0n;

  private known: { readonly means: Means; readonly multiplierBp: number } | null = null;

  /** @param account hex of whose */
  constructor(
    private readonly ledger: Ledger,
    private readonly account: Hex,
  ) {}

  /** Read when it is asked for: most operations lock nothing. */
  private get all() {
    if (this.known === null) {
      const row = this.ledger.get(ACCOUNTS, this.account);
      const means = row === null ? NO_MEANS : meansOf(row);
      this.known = { means, multiplierBp: multiplierBpOf(this.ledger, this.account) };
    }
    return this.known;
  }

  /** What could be locked before anything was counted. */
  get whole(): bigint {
    return lockableWith(this.all.means, this.all.multiplierBp);
  }

  /** Whether free stake may stand in for free funds. */
  get givesStake(): boolean {
    return creditLeft(this.all.means, this.all.multiplierBp) > 0n;
  }

  /** The most that an operation can lock now. @param free what is left of free funds @param paid what it takes of them beside */
  lockable(free: bigint, paid: bigint): bigint {
    return lockableWith(this.left(free), this.all.multiplierBp, { paid, lien: 0n });
  }

  count({ locked, fromStake }: Counted): void {
    this.locked += locked;
    this.fromStake += fromStake < locked ? fromStake : locked;
  }

  /** Counts stake that an operation binds otherwise; what it would return is there only once it is executed. */
  promiseStake(amount: bigint): void {
    this.stake += amount;
  }

  /** What there is beside what is left of free funds: locks hold what they took, and stake is less by what is promised. */
  private left(free: bigint): Means {
    const { locked, stake } = this.all.means;
    return {
      free,
      locked: {
        fromFree: locked.fromFree + this.locked - this.fromStake,
        fromStake: locked.fromStake + this.fromStake,
      },
      stake: stake - this.stake - this.fromStake,
    };
  }
}
