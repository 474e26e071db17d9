// A gateway inside a daemon: started with it, told of to its API, ended before it.
import type { Limit } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import { Books } from "./books/books.js";
import { MemoryDisk } from "./books/memory-disk.js";
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

/** Of a request what is remembered of it. */
export type HostedEvent =
  | Exclude<GatewayEvent, { readonly kind: "passed" }>
  | { readonly kind: "passed"; readonly passed: PastRequest };

export class HostedGateway {
  private constructor(
    private readonly running: RunningGateway,
    private readonly options: Omit<GatewayOptions, "onEvent">,
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
    given: Omit<GatewayOptions, "onEvent">,
    onEvent: (event: HostedEvent) => void,
    nowMs: () => number,
  ): Promise<HostedGateway> {
    const recent = new RecentRequests(REMEMBERED);
    const remembered = (passed: Passed): PastRequest => {
      const share = termsOf(given.named, running.agents, passed.caller)?.flow ?? passed.caller.who;
      const request = { ...passed, share, endedMs: nowMs() };
      recent.add(request);
      return request;
    };
    const running: RunningGateway = await startGateway({
      ...given,
      onEvent(event) {
        const happened = event.kind === "passed" ? { ...event, passed: remembered(event.passed) } : event;
        metrics.happened(happened);
        onEvent(happened);
      },
    });
    const metrics = new GatewayMetrics(running);
    return new HostedGateway(running, given, recent, metrics, nowMs());
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

  /** As they are now; null: its agent was removed. */
  termsOf(caller: Caller): Terms | null {
    return termsOf(this.options.named, this.running.agents, caller);
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
    return this.running.close();
  }
}
