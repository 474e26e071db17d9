// An owner: lets a child spend of its funds within limits, as long as both trade; by their two peers, as agents of different people do.
import type { BudgetTerms } from "../../src/ledger/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal } from "./journal.js";
import type { MarketAccess } from "./market-access.js";

const CREDIT = 1_000_000n;
const HOUR_MS = 60 * 60 * 1000;
/** What a child may spend: any demo lot, but not all of those that are on offer at once. */
const OF_CHILD = { perAuction: 30n * CREDIT, perPeriod: 150n * CREDIT, total: null };
/** And what it passes on of that. */
const OF_GRANDCHILD = { perAuction: 15n * CREDIT, perPeriod: 45n * CREDIT, total: null };

/** Who lets whom spend, by their places among the demo bidders: three children of one owner, and one of the first of them. */
const TREE = [
  { owner: 0, child: 1, limits: OF_CHILD },
  { owner: 0, child: 2, limits: OF_CHILD },
  { owner: 0, child: 3, limits: OF_CHILD },
  { owner: 1, child: 4, limits: OF_GRANDCHILD },
] as const;
/** So many bidders pay for themselves besides, at least. */
const OTHERS = 2;

export interface Ownership {
  readonly owner: PlannedAgent;
  readonly child: PlannedAgent;
  readonly limits: Omit<BudgetTerms, "untilMs">;
  /** the owner has nothing to let others spend but what it is let itself */
  readonly isNested: boolean;
}

/** None, where too few bid. @param bidders in the order of their places */
export const ownershipsAmong = (bidders: readonly PlannedAgent[]): readonly Ownership[] =>
  bidders.length < 1 + TREE.length + OTHERS
    ? []
    : TREE.map(({ owner, child, limits }) => ({
        ...{ owner: bidders[owner]!, child: bidders[child]!, limits },
        isNested: TREE.some((one) => one.child === owner),
      }));

export interface OwnerWorld {
  /** of the owner's peer, and of the child's */
  readonly access: MarketAccess;
  readonly childs: MarketAccess;
  readonly journal: Journal;
}

export class Owner {
  /** ledger time up to which an opening that was asked for is waited for */
  private askedUntilMs = 0;

  constructor(
    private readonly ownership: Ownership,
    private readonly world: OwnerWorld,
  ) {}

  /** Sees to it until the returned function is called that the child has its budget: opens it, and again when it has ended. */
  start(): () => void {
    return this.world.access.subscribe((notice) => {
      if (notice.kind === "entry") void this.look(notice.timeMs);
    });
  }

  private async look(timeMs: number): Promise<void> {
    const { owner, child, isNested } = this.ownership;
    const { access } = this.world;
    if (timeMs < this.askedUntilMs || access.spendsOfOthers(child.key.publicKey)) return;
    if (isNested && !access.spendsOfOthers(owner.key.publicKey)) return;
    this.askedUntilMs = timeMs + PATIENCE_MS;
    await this.open(timeMs);
  }

  private async open(timeMs: number): Promise<void> {
    const { owner, child, limits } = this.ownership;
    const { access, childs, journal } = this.world;
    const terms = { ...limits, untilMs: timeMs + HOUR_MS };
    const from = owner.key.publicKey;
    const agents = { owner: from, child: child.key.publicKey };
    const word = await childs.command({ kind: "agreeToBudget", ...agents, terms });
    if (!word.ok) return journal.refused(child.name, "budget", word.refusal);
    const { nth, consent } = word.agreed!;
    const sent = { nth, consent };
    const result = await access.command({
      ...{ kind: "openBudget", from, child: child.key.publicKey },
      ...{ terms, sent },
    });
    if (!result.ok) journal.refused(owner.name, "budget", result.refusal);
  }
}

/** Ledger ms until it is asked again: more than an operation waits. */
const PATIENCE_MS = 10_000;
