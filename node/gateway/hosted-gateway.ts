// A gateway inside a daemon: started with it, told of to its API, ended before it.
import type { Limit } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import { AgentsDesk } from "./agents-desk.js";
import type { Books } from "./books/books.js";
import { ComingBudgets } from "./budgets/coming-budgets.js";
import type { BudgetSettler, Settled } from "./budgets/settler.js";
import type { Caller } from "./caller.js";
import type { Plan } from "./dialect.js";
import { type GatewayOptions, type RunningGateway, startGateway } from "./gateway.js";
import type { HostedEvent } from "./hosted-event.js";
import type { KeyRefused } from "./key-watch.js";
import { GatewayMetrics } from "./metrics.js";
import type { NamedAgents } from "./named/named-agents.js";
import type { Passed } from "./passed.js";
import type { Pools } from "./pools.js";
import { type PastRequest, RecentRequests } from "./recent-requests.js";
import type { SharedKey } from "./shared/shared-key.js";
import type { BudgetsOfLedger } from "./spending/spending.js";
import { type Terms, termsOf } from "./terms.js";
import type { WaitingRequest } from "./waiting-requests.js";

/** Enough to explain what happened in the last minutes of a busy key. */
const REMEMBERED = 10_000;
/** Budgets without a last moment are renewed long before the ledger ends them. */
const SETTLE_EVERY_MS = 6 * 60 * 60 * 1_000;

/** What a gateway is told of itself as it starts: of its budgets it hears later. */
type Options = Omit<GatewayOptions, "onEvent" | "budgets">;
/** As far as its owner says it. */
export type GatewayTerms = Omit<Options, "named" | "books">;

export class HostedGateway {
  private settling: NodeJS.Timeout | undefined;
  private settler: BudgetSettler | null = null;
  private sharedKey: SharedKey | null = null;
  private closed: Promise<void> | null = null;

  private constructor(
    private readonly running: RunningGateway,
    private readonly options: Options,
    private readonly tell: (event: HostedEvent) => void,
    private readonly budgets: ComingBudgets,
    private readonly nowMs: () => number,
    readonly recent: RecentRequests,
    readonly metrics: GatewayMetrics,
    /** ms since 1970 */
    readonly startedAtMs: number,
  ) {}

  /**
   * It serves before its peer has begun: agents with a budget of the ledger wait until it joins.
   * @param nowMs since 1970 @param onEvent told of whatever happens, once it is remembered
   * @throws Accident PORT_TAKEN, ADDRESS_UNUSABLE
   */
  static async start(
    given: Options,
    nowMs: () => number,
    onEvent: (event: HostedEvent) => void,
  ): Promise<HostedGateway> {
    const recent = new RecentRequests(REMEMBERED);
    const budgets = new ComingBudgets();
    /** null: it does not serve yet, and what happens before is no figure: that its books cannot be written is told at once */
    let figures: GatewayMetrics | null = null;
    const remembered = (passed: Passed): PastRequest => {
      const share = termsOf(given.named, running.agents, passed.caller)?.flow ?? passed.caller.who;
      const request = { ...passed, share, endedMs: nowMs() };
      recent.add(request);
      return request;
    };
    const running: RunningGateway = await startGateway({
      ...given,
      budgets,
      onEvent(event) {
        const happened = event.kind === "passed" ? { ...event, passed: remembered(event.passed) } : event;
        figures?.happened(happened);
        onEvent(happened);
      },
    });
    const metrics = new GatewayMetrics(running);
    figures = metrics;
    return new HostedGateway(running, given, onEvent, budgets, nowMs, recent, metrics, nowMs());
  }

  /** Its peer runs: budgets are read of it from now on, and those that have waited for it go on. */
  join(budgets: BudgetsOfLedger, settler: BudgetSettler | null): void {
    this.settler = settler;
    this.budgets.join(budgets);
  }

  /** Its key is shared with gateways of other owners, now that its peer runs. */
  share(key: SharedKey): void {
    this.sharedKey = key;
  }

  /** null: it has the key alone, or its peer has not begun */
  get shared(): SharedKey | null {
    return this.sharedKey;
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

  /** Tells the ledger of the budgets that named agents are to have, once the peer runs. @throws KeyError */
  async settle(): Promise<Settled> {
    if (this.settler === null) return { isPending: this.budgets.begun !== null, refused: new Map() };
    const settled = await this.settler.settle();
    for (const [agent, { code }] of settled.refused) this.tell({ kind: "unsettled", agent, code });
    return settled;
  }

  /** where clients find it */
  get url(): string {
    return this.running.url;
  }

  get upstream(): URL {
    return this.options.upstream;
  }

  /** as its owner gave them */
  get limits(): readonly Limit[] {
    return this.options.rules.limits;
  }

  /** of each limit, left alone, bp */
  get headroomBp(): number {
    return this.options.rules.headroomBp;
  }

  get named(): NamedAgents {
    return this.options.named;
  }

  get books(): Books {
    return this.options.books;
  }

  /** what its owner asks of named agents */
  get desk(): AgentsDesk {
    const { named, books } = this.options;
    return new AgentsDesk(named, books, this.running.spending, this.budgets, () => this.settle(), this.nowMs);
  }

  /** As they are now; null: its agent was removed. */
  termsOf(caller: Caller): Terms | null {
    return termsOf(this.options.named, this.running.agents, caller);
  }

  /** of the prices that come with it */
  get pricesDate(): string {
    return this.running.prices.date;
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

  /** null: the upstream takes the key, as far as anybody knows */
  get keyRefused(): KeyRefused | null {
    return this.running.keyRefused;
  }

  /** Those that wait now and whose ids begin so. */
  waiting(prefix: string): readonly WaitingRequest[] {
    return this.running.waiting(prefix);
  }

  get agents(): Agents {
    return this.running.agents;
  }

  /** Ends once what runs is over, or after ten seconds; the same end for all who ask for it. */
  close(): Promise<void> {
    clearInterval(this.settling);
    this.sharedKey?.close();
    this.closed ??= this.running.stop();
    return this.closed;
  }
}
