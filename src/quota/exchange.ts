// Gateways of one key among themselves: when one tells how full its part is, when it asks whom for a loan, and what it lends.
import { LoanRound } from "./loan-round.js";
import type { Next, Part } from "./part.js";
import { BILLIONTHS_A_PART, type Borrowed, type Loan, type ToldLevel } from "./parts.js";
import { isBefore, WANT_MS, Wants } from "./wants.js";

/** What gateways of one key say to each other of one pool. */
export type ExchangeMessage =
  /** how full the sender's part is; `lendable` billionths are not needed there */
  | { readonly kind: "told"; readonly levels: readonly ToldLevel[]; readonly lendable: number }
  /** a loan is asked for: billionths, > 0 */
  | { readonly kind: "ask"; readonly round: number; readonly share: number }
  /** what of it is lent; null: nothing */
  | { readonly kind: "loan"; readonly round: number; readonly loan: Loan | null }
  /** the sender's nth request that is greater than its part has waited so long, ms; null: none waits any more */
  | { readonly kind: "want"; readonly nth: number; readonly waitedMs: number | null };

export interface Outgoing {
  readonly to: string;
  readonly message: ExchangeMessage;
}

/** What is to be done now. */
export interface Step {
  /** in this order */
  readonly send: readonly Outgoing[];
  /** loans have arrived, or nothing is held any more: the pool is to be asked for its turn at once, and this for another step */
  readonly isTurnDue: boolean;
  /** to be asked again then, if nothing happens before; null: not before something does */
  readonly wakeAtMs: number | null;
}

/** Levels are told so often at least. */
const TELL_MS = 1_000;
/** A change by so much is told at once: a hundredth of a limit. */
const TELL_AT = 10 * BILLIONTHS_A_PART;
/** That something may be lent, or not any more, is told no more often. */
const LENDABLE_MS = 100;
/** In a window all gateways together have room for any request. */
const HELD_WINDOWS = 1.5;

interface Other {
  parts: number;
  /** by its word, less what was asked for since; it grows as its limits flow */
  lendable: number;
  atMs: number;
}

/** Of one pool of one gateway. Times are of its clock, which never goes back. To be asked for its step after each turn of the pool. */
export class Exchange {
  private readonly others = new Map<string, Other>();
  private outgoing: Outgoing[] = [];
  private told: {
    readonly atMs: number;
    readonly levels: readonly ToldLevel[];
    /** who may have what there is, and whether there is anything */
    readonly isOpen: string;
  } | null = null;
  private round: LoanRound | null = null;
  private rounds = 0;
  private readonly wants = new Wants();
  /** what request here is greater than its part, and when others were told so last; null: none is */
  private wanted: { readonly id: string; readonly toldMs: number } | null = null;
  private wanteds = 0;
  /** whom all that there is is lent to; `all`: what is owed */
  private heldFor: string | "all" | null = null;
  /** borrowed from those who waited: billionths that are owed, and until when others may have them */
  private debt = { share: 0, untilMs: Number.NEGATIVE_INFINITY };

  /** @param name by which others know it */
  constructor(
    private readonly name: string,
    private readonly part: Part,
  ) {}

  /** Who else has parts of the key, and how many. */
  hold(others: ReadonlyMap<string, number>, nowMs: number): void {
    for (const gateway of [...this.others.keys()]) {
      if (others.has(gateway)) continue;
      this.others.delete(gateway);
      this.part.forget(gateway);
      this.wants.forget(gateway);
      this.round?.answered(gateway, null);
    }
    for (const [gateway, parts] of others) {
      const known = this.others.get(gateway);
      if (known === undefined) this.others.set(gateway, { parts, lendable: 0, atMs: nowMs });
      else known.parts = parts;
    }
    this.told = null;
  }

  /** Another gateway says something; who has no part of the key is not heard. */
  receive(from: string, message: ExchangeMessage, nowMs: number): void {
    const other = this.others.get(from);
    if (other === undefined) return;
    switch (message.kind) {
      case "told":
        this.part.hear(from, other.parts, message.levels, nowMs);
        other.lendable = message.lendable;
        other.atMs = nowMs;
        return;
      case "ask":
        this.send(from, { kind: "loan", round: message.round, loan: this.lend(from, message.share, nowMs) });
        return;
      case "want":
        this.wants.hear(from, message.nth, message.waitedMs, nowMs);
        return;
      case "loan":
        if (message.round !== this.round?.id) return;
        // Its parts are known by the leases: what is said too low would be lent twice.
        if (message.loan === null) other.lendable = 0;
        this.round.answered(
          from,
          message.loan && { ...message.loan, parts: Math.max(other.parts, message.loan.parts) },
        );
    }
  }

  step(nowMs: number): Step {
    const isBorrowed = this.endRound(nowMs);
    const isTurnDue = isBorrowed || this.decide(nowMs);
    if (!isTurnDue) this.ask(nowMs);
    this.tell(nowMs);
    const send = this.outgoing;
    this.outgoing = [];
    const tellAtMs = this.others.size === 0 || this.told === null ? null : this.told.atMs + TELL_MS;
    const wantAtMs = this.wanted === null ? null : this.wanted.toldMs + WANT_MS;
    const heldAtMs = this.heldFor === null ? null : nowMs + LENDABLE_MS;
    const wakes = [tellAtMs, this.round?.untilMs ?? null, wantAtMs, heldAtMs].filter((one) => one !== null);
    return { send, isTurnDue, wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes) };
  }

  /** @returns whether anything was lent in it */
  private endRound(nowMs: number): boolean {
    if (this.round === null || !this.round.isOver(nowMs)) return false;
    const loans = this.round.loansAt(nowMs);
    this.round = null;
    if (loans.length === 0) return false;
    // Whoever is before it by now is let go with the next.
    this.part.hold(false);
    this.part.borrow(loans, nowMs);
    this.owe(loans, nowMs);
    return true;
  }

  /**
   * Whoever has waited for longest with a request that is greater than its part is let go by all: whose own have waited less begin
   * none, and lend it what there is. Whoever had that of others who waited leaves them as much before anything of its own.
   * @returns whether what was held is not any more
   */
  private decide(nowMs: number): boolean {
    const { next } = this.part;
    const isOwing = this.debt.share > 0 && nowMs < this.debt.untilMs;
    const own = next === null || isOwing ? null : { gateway: this.name, sinceMs: next.sinceMs };
    const { least } = this.windows(nowMs);
    const first = this.wants.first(nowMs, HELD_WINDOWS * least);
    const isHeld = first !== null && (own === null || isBefore(first, own));
    this.heldFor = isHeld ? first.gateway : isOwing ? "all" : null;
    const isReleased = this.part.hold(this.heldFor !== null) && this.heldFor === null;
    this.want(this.heldFor === null ? next : null, nowMs);
    return isReleased;
  }

  private want(next: Next | null, nowMs: number): void {
    const isWanting = next?.isGreater === true && this.part.shortfall(nowMs) !== null;
    const { wanted } = this;
    if (!isWanting) {
      if (wanted !== null) this.sayAll({ kind: "want", nth: this.wanteds, waitedMs: null });
      this.wanted = null;
      return;
    }
    if (next.id === wanted?.id && nowMs < wanted.toldMs + WANT_MS) return;
    if (next.id !== wanted?.id) this.wanteds += 1;
    this.wanted = { id: next.id, toldMs: nowMs };
    this.sayAll({ kind: "want", nth: this.wanteds, waitedMs: nowMs - next.sinceMs });
  }

  private owe(loans: readonly Borrowed[], nowMs: number): void {
    const owed = loans.reduce((sum, { share, isOwed }) => (isOwed ? sum + share : sum), 0);
    if (owed === 0 || this.part.parts === 0) return;
    const flowsMs = Math.ceil((owed * this.windows(nowMs).least) / (this.part.parts * BILLIONTHS_A_PART));
    const { share, untilMs } = this.debt;
    this.debt = {
      share: nowMs < untilMs ? share + owed : owed,
      untilMs: Math.max(nowMs, untilMs) + flowsMs,
    };
  }

  private lendableTo(gateway: string, nowMs: number): number {
    const isMeant = this.heldFor === null || this.heldFor === "all" || this.heldFor === gateway;
    return isMeant ? this.part.lendable(nowMs) : 0;
  }

  private lend(to: string, share: number, nowMs: number): Loan | null {
    if (this.lendableTo(to, nowMs) === 0) return null;
    const loan = this.part.lend(share, nowMs);
    if (loan !== null) this.debt.share = Math.max(0, this.debt.share - loan.share);
    return loan;
  }

  private windows(nowMs: number): { readonly least: number; readonly most: number } {
    const all = this.part.levels(nowMs).map(({ windowMs }) => windowMs);
    return all.length === 0 ? { least: 1, most: 1 } : { least: Math.min(...all), most: Math.max(...all) };
  }

  /** For what whoever is next lacks, where it is to be had: what were too little would be lost. */
  private ask(nowMs: number): void {
    if (this.round !== null) return;
    const lack = this.part.shortfall(nowMs);
    if (lack === null) return;
    const lenders = [...this.others]
      .map(([gateway, other]) => ({ gateway, parts: other.parts, lendable: this.lendableOf(other, nowMs) }))
      .filter(({ lendable }) => lendable > 0)
      .sort((a, b) => b.lendable - a.lendable || (a.gateway < b.gateway ? -1 : 1));
    const round = LoanRound.of(this.rounds + 1, lack, lenders, nowMs);
    if (round === null) return;
    this.rounds += 1;
    this.round = round;
    for (const [gateway, share] of round.asked) {
      const other = this.others.get(gateway)!;
      other.lendable = Math.max(0, this.lendableOf(other, nowMs) - share);
      other.atMs = nowMs;
      this.send(gateway, { kind: "ask", round: round.id, share });
    }
  }

  /** Of what it has lent, and used, some has flowed off since it told; that nothing may be lent holds until it tells anew. */
  private lendableOf({ lendable, parts, atMs }: Other, nowMs: number): number {
    if (lendable === 0) return 0;
    const all = parts * BILLIONTHS_A_PART;
    return Math.min(all, lendable + Math.floor((all * (nowMs - atMs)) / this.windows(nowMs).most));
  }

  private tell(nowMs: number): void {
    if (this.others.size === 0) return;
    const levels = this.part.levels(nowMs);
    const isOpen = `${this.heldFor ?? ""} ${this.part.lendable(nowMs) > 0}`;
    const { told } = this;
    const sinceMs = nowMs - (told?.atMs ?? 0);
    const isNews =
      told === null ||
      sinceMs >= TELL_MS ||
      (isOpen !== told.isOpen && sinceMs >= LENDABLE_MS) ||
      levels.some((one) => Math.abs(one.level - this.believed(one, sinceMs)) >= TELL_AT);
    if (!isNews) return;
    this.told = { atMs: nowMs, levels, isOpen };
    for (const gateway of this.others.keys())
      this.send(gateway, { kind: "told", levels, lendable: this.lendableTo(gateway, nowMs) });
  }

  /** What others take a level for by now. */
  private believed({ dimension, windowMs }: ToldLevel, sinceMs: number): number {
    const one = this.told?.levels.find((it) => it.dimension === dimension && it.windowMs === windowMs);
    if (one === undefined) return Number.NEGATIVE_INFINITY;
    return Math.max(0, one.level - (this.part.parts * BILLIONTHS_A_PART * sinceMs) / windowMs);
  }

  private sayAll(message: ExchangeMessage): void {
    for (const gateway of this.others.keys()) this.send(gateway, message);
  }

  private send(to: string, message: ExchangeMessage): void {
    this.outgoing.push({ to, message });
  }
}
