// Budgets as the naive oracle keeps them: a list of movements that is added up anew for every question (spec/budgets).
import type { Hex } from "../../../src/base/index.js";
import type { BudgetTerms } from "../../../src/ledger/index.js";

/** One budget, from its opening on until it has left the state. */
export interface Level {
  readonly child: Hex;
  readonly owner: Hex;
  terms: BudgetTerms;
  isOpen: boolean;
  /** movements before this one are another budget's */
  readonly began: number;
  /** what it has spent counts from here, beside what was held by it then */
  renewed: number;
  carried: bigint;
}

/** Who pays for an agent, and the budgets that let it: the agent's own first. */
export interface Payer {
  readonly who: Hex;
  readonly levels: readonly Level[];
  /** it has budgets, and one of them lets nothing be spent any more */
  readonly hasEnded: boolean;
}

/** Micro-credits that left a payer's free funds, or came back. */
interface Movement {
  readonly children: ReadonlySet<Hex>;
  /** the auction or the disputed trade that it is about; null: none */
  readonly about: Hex | null;
  /** in which it left them, also of what came back later */
  readonly period: number;
  /** below 0: it came back */
  readonly amount: bigint;
  /** what is held by it, or no more */
  readonly held: bigint;
}

/** A limit of a level, and what counts against it. */
export interface Counted {
  readonly level: Level;
  readonly limit: string;
  readonly most: bigint;
  readonly counted: bigint;
}

const MOST = 2n ** 53n - 1n;

export class BudgetTree {
  private readonly levels = new Map<Hex, Level>();
  private readonly movements: Movement[] = [];

  of(child: Hex): Level | null {
    return this.levels.get(child) ?? null;
  }

  all(): readonly Level[] {
    return [...this.levels.values()];
  }

  /** The budgets above an agent, its own first. */
  above(agent: Hex): readonly Level[] {
    const chain: Level[] = [];
    for (let one = this.of(agent); one !== null && !chain.includes(one); one = this.of(one.owner))
      chain.push(one);
    return chain;
  }

  childrenOf(owner: Hex): readonly Level[] {
    return this.all().filter((level) => level.owner === owner);
  }

  payerOf(agent: Hex, timeMs: number): Payer {
    const levels = this.above(agent);
    const isLive = levels.every(({ isOpen, terms }) => isOpen && timeMs <= terms.untilMs);
    if (levels.length === 0 || !isLive) return { who: agent, levels: [], hasEnded: !isLive };
    return { who: levels.at(-1)!.owner, levels, hasEnded: false };
  }

  open(owner: Hex, child: Hex, terms: BudgetTerms): void {
    const known = this.of(child);
    const now = this.movements.length;
    if (known === null)
      this.levels.set(child, {
        ...{ child, owner, terms, isOpen: true },
        ...{ began: now, renewed: now, carried: 0n },
      });
    else Object.assign(known, { terms, isOpen: true, carried: this.held(known), renewed: now });
  }

  close(child: Hex): void {
    this.levels.get(child)!.isOpen = false;
    this.drop();
  }

  expire(timeMs: number): void {
    for (const level of this.all()) if (level.terms.untilMs < timeMs) level.isOpen = false;
    this.drop();
  }

  /** @param held of the amount: what may come back */
  move(
    { levels }: Pick<Payer, "levels">,
    about: Hex | null,
    period: number,
    amount: bigint,
    held: bigint,
  ): void {
    if (levels.length === 0 || (amount === 0n && held === 0n)) return;
    const children = new Set(levels.map(({ child }) => child));
    this.movements.push({ children, about, period, amount, held });
    this.drop();
  }

  /** All limits of some levels, as far as they are concerned. @param about null: no auction is */
  limits(levels: readonly Level[], period: number, about: Hex | null): readonly Counted[] {
    return levels.flatMap((level) => [
      {
        level,
        limit: "perPeriod",
        most: level.terms.perPeriod,
        counted: this.inPeriod(level, period),
      },
      { level, limit: "total", most: level.terms.total ?? MOST, counted: this.spent(level) },
      ...(about === null
        ? []
        : [
            {
              level,
              limit: "perAuction",
              most: level.terms.perAuction,
              counted: this.outlay(level, about),
            },
          ]),
    ]);
  }

  held(level: Level): bigint {
    return this.sum(level, level.began, ({ held }) => held);
  }

  spent(level: Level): bigint {
    return level.carried + this.sum(level, level.renewed, ({ amount }) => amount);
  }

  inPeriod(level: Level, period: number): bigint {
    return this.sum(level, level.began, (one) => (one.period === period ? one.amount : 0n));
  }

  /** An auction's outlays are its own: they outlast the budget. */
  outlay(level: Pick<Level, "child">, about: Hex): bigint {
    return this.sum(level, 0, (one) => (one.about === about ? one.amount : 0n));
  }

  private sum({ child }: Pick<Level, "child">, from: number, of: (movement: Movement) => bigint): bigint {
    let total = 0n;
    for (let i = from; i < this.movements.length; i++) {
      const one = this.movements[i]!;
      if (one.children.has(child)) total += of(one);
    }
    return total;
  }

  /** What is closed, holds nothing and is nobody's owner leaves; then its owner's may. */
  private drop(): void {
    const over = this.all().find(
      (level) => !level.isOpen && this.held(level) === 0n && this.childrenOf(level.child).length === 0,
    );
    if (over === undefined) return;
    this.levels.delete(over.child);
    this.drop();
  }
}
