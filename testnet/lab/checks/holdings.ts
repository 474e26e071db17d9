// What agents hold in auctions and disputes of the money of whoever pays for them, and who earns what comes of it (spec/budgets#who-pays).
import type { Hex } from "../../../src/base/index.js";
import type { BudgetTree, Payer } from "./budget-tree.js";

/** Of what an agent has locked or deposited: whose it is, since which period, and how much of it is another's. */
interface Stand {
  readonly payer: Payer;
  readonly period: number;
  readonly lent: bigint;
}

export class Holdings {
  private readonly stands = new Map<string, Stand>();
  /** whose budget let an agent bid or sell: also where its lockup is stake, which is always its own */
  private readonly behind = new Map<string, Payer>();
  private readonly earners = new Map<string, Hex>();

  constructor(private readonly tree: BudgetTree) {}

  /** What agents hold of others' money. */
  get lent(): readonly { readonly agent: Hex; readonly payer: Hex; readonly amount: bigint }[] {
    return [...this.stands].flatMap(([key, { payer, lent }]) =>
      lent === 0n ? [] : [{ agent: key.split("/")[1] as Hex, payer: payer.who, amount: lent }],
    );
  }

  /** Whose money an agent had locked in an auction, or under a trade's id in its dispute. */
  holderOf(about: Hex, agent: Hex): Hex {
    return this.stands.get(keyOf(about, agent))?.payer.who ?? agent;
  }

  /** Who received what an agent earned in an auction. */
  earnerOf(auction: Hex, agent: Hex): Hex {
    return this.earners.get(keyOf(auction, agent)) ?? agent;
  }

  /** Locks or deposits an amount of a payer's for an agent, which has nothing there, or nothing any more. */
  take(about: Hex, agent: Hex, amount: bigint, payer: Payer, period: number): void {
    const isLent = payer.levels.length > 0;
    this.stands.set(keyOf(about, agent), { payer, period, lent: isLent ? amount : 0n });
    this.standBehind(about, agent, payer);
    this.tree.move(payer, about, period, amount, amount);
  }

  standBehind(about: Hex, agent: Hex, payer: Payer): void {
    this.behind.set(keyOf(about, agent), payer);
  }

  giveBack(about: Hex, agent: Hex, amount: bigint): void {
    this.release(about, agent, amount, -amount);
  }

  giveAllBack(about: Hex, agent: Hex): void {
    this.giveBack(about, agent, this.stands.get(keyOf(about, agent))?.lent ?? 0n);
  }

  /** It was paid, or has burned. */
  letGo(about: Hex, agent: Hex, amount: bigint): void {
    this.release(about, agent, amount, 0n);
  }

  /** What an agent earns now is its owner's, as long as the budget is there that let it bid or sell. */
  earn(auction: Hex, agent: Hex): void {
    const payer = this.behind.get(keyOf(auction, agent));
    const own = payer?.levels[0];
    const isThere = own !== undefined && this.tree.of(agent) === own;
    this.earners.set(keyOf(auction, agent), isThere ? payer!.who : agent);
  }

  private release(about: Hex, agent: Hex, amount: bigint, returned: bigint): void {
    const key = keyOf(about, agent);
    const stand = this.stands.get(key);
    if (stand === undefined || stand.payer.levels.length === 0) return;
    this.stands.set(key, { ...stand, lent: stand.lent - amount });
    this.tree.move(stand.payer, about, stand.period, returned, -amount);
  }
}

const keyOf = (about: Hex, agent: Hex): string => `${about}/${agent}`;
