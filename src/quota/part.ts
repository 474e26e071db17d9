// One gateway's part of a key that several share: what it lends and borrows, and what they tell one another.
import { invariant } from "../base/index.js";
import type { Limits } from "./limits.js";
import {
  BILLIONTHS_A_PART,
  type Borrowed,
  type Flowed,
  type Loan,
  type ToldLevel,
  WHOLE_PARTS,
} from "./parts.js";
import type { Entry } from "./request.js";

/** A request that is next. */
export interface Next {
  readonly id: string;
  /** since when it waits */
  readonly sinceMs: number;
  /** it is greater than the part, and only others' help lets it go */
  readonly isGreater: boolean;
}

/** Of its own part a lender keeps so much back, for who asks next: bp. */
const RESERVE_BP = 1_000;

/** What a part is of, as it is now. */
export interface Using {
  waiting(): number;
  running(): number;
  /** what the request that is next lacks, where nothing but limits holds it back: billionths; null: no loan would help */
  shortfall(nowMs: number): number | null;
  /** what waits may fit no more */
  relimited(): void;
  /** what goes next, whatever holds it back; null: nothing waits */
  next(): Pick<Entry, "id" | "since" | "estimate"> | null;
}

/** Of a pool; a gateway that has a key alone has all parts. */
export class Part {
  constructor(
    private readonly limits: Limits,
    private readonly using: Using,
  ) {}

  /** 0 to 1,000 */
  get parts(): number {
    return this.limits.parts;
  }

  /**
   * Other parts from now on. Those that are gained begin full; of those that are lost what is used is somebody else's. With none,
   * nothing begins. The pool is to be asked for its turn.
   */
  set(parts: number, nowMs: number): void {
    this.limits.setParts(parts, nowMs);
    this.using.relimited();
  }

  /** What the request that is next lacks: billionths of the key's limits, > 0; null: nothing that could be lent. */
  shortfall(nowMs: number): number | null {
    return this.using.shortfall(nowMs);
  }

  /** What is next; null: nothing waits. */
  get next(): Next | null {
    const one = this.using.next();
    if (one === null) return null;
    const isGreater = this.parts > 0 && this.limits.isGreater(one.estimate);
    return { id: one.id, sinceMs: one.since.atMs, isGreater };
  }

  /** Nothing begins, and all that there is may be lent: or not any more. @returns whether that is new */
  hold(isHeld: boolean): boolean {
    const isNew = isHeld !== this.limits.isHeld;
    this.limits.isHeld = isHeld;
    return isNew;
  }

  /** What it would lend now: billionths of the key's limits, ≥ 0. Unless it is held nothing while anybody waits, nor what is kept back. */
  lendable(nowMs: number): number {
    if (this.limits.isHeld) return this.limits.lendable(nowMs, null);
    return this.using.waiting() > 0 ? 0 : this.limits.lendable(nowMs, RESERVE_BP);
  }

  /**
   * Lends at once: it counts as used here.
   * @param asked billionths of the key's limits, > 0 @returns no more than that; null: nothing
   */
  lend(asked: number, nowMs: number): Loan | null {
    invariant(Number.isSafeInteger(asked) && asked > 0, "what is asked for is a whole number above 0");
    if (this.lendable(nowMs) === 0) return null;
    // What runs here may turn out to have been less: then what is lent flows off at once.
    const standsMs = this.using.running() > 0 ? 0 : this.limits.standsMs(nowMs);
    const share = Math.min(asked, this.lendable(nowMs));
    this.limits.lend(share, nowMs);
    return { share, parts: this.parts, standsMs, isOwed: this.using.waiting() > 0 };
  }

  /** Loans arrive, for the turn that follows at once. What is not used in it is lost. */
  borrow(loans: readonly Borrowed[], nowMs: number): void {
    for (const loan of loans) {
      invariant(isLoan(loan), "a loan is checked as it comes");
      this.limits.borrow(loan, nowMs);
    }
  }

  /** How full its limits are, for others to know. */
  levels(nowMs: number): readonly ToldLevel[] {
    return this.limits.told(nowMs);
  }

  /** How full another gateway's part is, by its word: what it uses is not somebody else's. @param parts its own */
  hear(gateway: string, parts: number, levels: readonly ToldLevel[], nowMs: number): void {
    this.limits.hear(gateway, parts, levels, nowMs);
  }

  /** Another gateway has no part any more. */
  forget(gateway: string): void {
    this.limits.forget(gateway);
  }

  /** What has flowed off of each limit since the pool began, for receipts: `flowedMost` says what that is of a time. */
  flowed(nowMs: number): readonly Flowed[] {
    return this.limits.flowed(nowMs);
  }
}

const isLoan = ({ share, parts, standsMs, elapsedMs }: Borrowed): boolean =>
  [share, parts, standsMs, elapsedMs].every((one) => Number.isSafeInteger(one) && one >= 0) &&
  share <= WHOLE_PARTS * BILLIONTHS_A_PART &&
  parts <= WHOLE_PARTS;

/** Between two times what was used, and what was lent, of the limit that was used most, part·ms: together no more than the parts in each of its milliseconds. */
export function flowedMost(
  before: readonly Flowed[],
  after: readonly Flowed[],
): { readonly used: number; readonly lent: number } {
  let most = { used: 0, lent: 0 };
  for (const { dimension, windowMs, used, lent } of after) {
    const once = before.find((one) => one.dimension === dimension && one.windowMs === windowMs);
    const lentSince = lent - (once?.lent ?? 0);
    const since = { used: Math.max(0, used - (once?.used ?? 0)), lent: Math.max(0, lentSince) };
    if (since.used + since.lent > most.used + most.lent) most = since;
  }
  return most;
}
