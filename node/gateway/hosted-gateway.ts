// A gateway inside a daemon: started with it, told of to its API, ended before it.
import type { Limit } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import { Books } from "./books/books.js";
import { MemoryDisk } from "./books/memory-disk.js";
import { LedgerBudgets } from "./budgets/ledger-budgets.js";
import { BudgetSettler, type LedgerSide, type Settled } from "./budgets/settler.js";
import type { Caller } from "./caller.js";
import type { Plan } from "./dialect.js";
import { type GatewayEvent, type GatewayOptions, type RunningGateway, startGateway } from "./gateway.js";
import { GatewayMetrics } from "./metrics.js";
import { NamedAgents } from "./named/named-agents.js";
import type { Passed } from "./passed.js";
import type { Pools } from "./pools.js";
import { type PastRequest, RecentRequests } from "./recent-requests.js";
import { type Terms, termsOf } from "./terms.js";

export { Books, MemoryDisk, NamedAgents };

/** Enough to explain what happened in the last minutes of a busy key. */
const REMEMBERED = 10_000;
/** Budgets without a last moment are renewed long before the ledger ends them. */
const SETTLE_EVERY_MS = 6 * 60 * 60 * 1_000;

/** Of a request what is remembered of it. */
export type HostedEvent =
  | Exclude<GatewayEvent, { readonly kind: "passed" }>
  | { readonly kind: "passed"; readonly passed: PastRequest };

type Given = Omit<GatewayOptions, "onEvent" | "budgets">;

export class HostedGateway {
  private settling: NodeJS.Timeout | undefined;

  private constructor(
    private readonly running: RunningGateway,
    private readonly given: Given,
    private readonly tell: (event: HostedEvent) => void,
    private readonly settler: BudgetSettler,
    readonly recent: RecentRequests,
    readonly metrics: GatewayMetrics,
    /** ms since 1970 */
    readonly startedAtMs: number,
  ) {}

  /**
   * @param onEvent told of whatever happens, once it is remembered
   * @throws Accident PORT_TAKEN, ADDRESS_UNUSABLE
   */
  static async start(
    given: Given,
    ledger: LedgerSide,
    onEvent: (event: HostedEvent) => void,
  ): Promise<HostedGateway> {
    const { nowMs } = ledger;
    const recent = new RecentRequests(REMEMBERED);
    const remembered = (passed: Passed): PastRequest => {
      const share = termsOf(given.named, running.agents, passed.caller)?.flow ?? passed.caller.who;
      const request = { ...passed, share, endedMs: nowMs() };
      recent.add(request);
      return request;
    };
    const running: RunningGateway = await startGateway({
      ...given,
      budgets: new LedgerBudgets(() => ledger.state),
      onEvent(event) {
        const happened = event.kind === "passed" ? { ...event, passed: remembered(event.passed) } : event;
        metrics.happened(happened);
        onEvent(happened);
      },
    });
    const metrics = new GatewayMetrics(running);
    const settler = new BudgetSettler(given.named, ledger);
    return new HostedGateway(running, given, onEvent, settler, recent, metrics, nowMs());
  }

  /** The peer goes on with its log: the ledger is told what it has not been told yet, and from time to time. */
  keepBudgets(): void {
    const settle = () => {
      this.settle().catch((error) => this.tell({ kind: "accident", error }));
    };
    settle();
    this.settling = setInterval(settle, SETTLE_EVERY_MS);
    this.settling.unref();
  }

  /** Tells the ledger of the budgets that named agents are to have. @throws KeyError */
  async settle(): Promise<Settled> {
    const settled = await this.settler.settle();
    for (const [agent, { code }] of settled.refused) this.tell({ kind: "unsettled", agent, code });
    return settled;
  }

  /** where clients find it */
  get url(): string {
    return this.running.url;
  }

  get upstream(): URL {
    return this.given.upstream;
  }

  /** as its owner gave them */
  get limits(): readonly Limit[] {
    return this.given.rules.limits;
  }

  /** of each limit, left alone, bp */
  get headroomBp(): number {
    return this.given.rules.headroomBp;
  }

  get named(): NamedAgents {
    return this.given.named;
  }

  get books(): Books {
    return this.given.books;
  }

  /** As they are now; null: its agent was removed. */
  termsOf(caller: Caller): Terms | null {
    return termsOf(this.given.named, this.running.agents, caller);
  }

  get spending(): RunningGateway["spending"] {
    return this.running.spending;
  }

  get counts(): RunningGateway["counts"] {
    return this.running.counts;
  }

  get pools(): Pools {
    return this.running.pools;
  }

  /** the subscription behind the key; null: nothing speaks of one */
  get plan(): Plan | null {
    return this.running.plan;
  }

  get agents(): Agents {
    return this.running.agents;
  }

  close(): Promise<void> {
    clearInterval(this.settling);
    return this.running.close();
  }
}
