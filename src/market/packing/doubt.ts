// Doubt: whether an operation that is executed before is passed over, because its period ends in between (spec/budgets#K5).
import { type Hex, toHex } from "../../base/index.js";
import { type Budget, countedIn, type Ledger, levelsOf, periodOf } from "../../ledger/index.js";
import { type Operation, signedForm } from "../operation.js";

/**
 * What budgets leave of the state's period, where the entry is of a later one. An operation between them is executed in
 * either: what is covered in the new period need not be in the old, and then its nonce is not used.
 */
export class Doubts {
  /** by hex of the level's child */
  private readonly left = new Map<Hex, bigint>();
  /** owners that an operation before may give an agent */
  private readonly owners = new Map<Hex, Hex[]>();
  private readonly period: number;
  private readonly isLater: boolean;

  /** @param executedMs ledger time of the state; @param timeMs that of the entry */
  constructor(
    private readonly ledger: Ledger,
    private readonly executedMs: number,
    timeMs: number,
  ) {
    this.period = periodOf(ledger, executedMs);
    this.isLater = periodOf(ledger, timeMs) > this.period;
  }

  /** Whether its fee may not be covered, after those asked about before. Each counts as if it took all that it can. */
  isPassedOver({ authority, body }: Operation): boolean {
    if (!this.isLater) return false;
    const { from, fee } = authority!;
    const form = signedForm(body)!;
    const taken = form.takes(this.ledger, body, 0n, this.executedMs);
    const sum = fee + (taken > 0n ? taken : 0n);
    let isCovered = true;
    for (const level of this.levelsOver(toHex(from))) {
      const left = this.leftOf(level);
      if (left < fee) isCovered = false;
      this.left.set(toHex(level.child), left > sum ? left - sum : 0n);
    }
    const child = form.changesBudgetOf(this.ledger, body, from);
    if (child !== null) this.owners.set(toHex(child), [...this.ownersOf(toHex(child)), toHex(from)]);
    return !isCovered;
  }

  private leftOf(level: Budget): bigint {
    const known = this.left.get(toHex(level.child));
    if (known !== undefined) return known;
    const counted = countedIn(level, this.period);
    return counted < level.terms.perPeriod ? level.terms.perPeriod - counted : 0n;
  }

  private ownersOf = (agent: Hex): readonly Hex[] => this.owners.get(agent) ?? [];

  /** Each level that may let an agent, by the time that it is executed. */
  private levelsOver(agent: Hex): readonly Budget[] {
    const levels = new Map<Hex, Budget>();
    const seen = new Set([agent]);
    for (const one of seen) {
      for (const level of levelsOf(this.ledger, one)) {
        levels.set(toHex(level.child), level);
        seen.add(toHex(level.owner));
      }
      for (const owner of this.ownersOf(one)) seen.add(owner);
    }
    return [...levels.values()];
  }
}
