// What flows off of a limit, counted: by which one who holds a part of a key says what it used and what it lent.
import type { Limit } from "./amounts.js";

/**
 * Counted in part·ms: `parts` of 1,000 that are in use all the time flow off as many in each millisecond, never more. What is lent
 * flows off first. What was taken for more than it was, and had flowed off, has not been used.
 */
export class Drain {
  private used = 0n;
  private lent = 0n;
  /** lent, and not yet flowed off */
  private owed = 0n;
  /** of figures that do not hold any more: part·ms */
  private usedBefore = 0n;
  private lentBefore = 0n;

  lend(amount: bigint): void {
    this.owed += amount;
  }

  /** So much has flowed off. */
  flow(amount: bigint): void {
    const lent = amount < this.owed ? amount : this.owed;
    this.owed -= lent;
    this.lent += lent;
    this.used += amount - lent;
  }

  /** So much had flowed off of what was never used. */
  undo(amount: bigint): void {
    this.used -= amount;
  }

  /** Another figure of the limit from now on. */
  relimit(before: Limit): void {
    const { used, lent } = this.read(before);
    this.usedBefore = used;
    this.lentBefore = lent;
    this.used = 0n;
    this.lent = 0n;
  }

  /** part·ms, rounded down */
  read({ limit }: Limit): { readonly used: bigint; readonly lent: bigint } {
    return {
      used: this.usedBefore + this.used / BigInt(limit),
      lent: this.lentBefore + this.lent / BigInt(limit),
    };
  }
}
