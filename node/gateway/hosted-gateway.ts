// A gateway inside a daemon: started with it, told of to its API, ended before it.
import type { Limit } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import { type GatewayEvent, type GatewayOptions, type RunningGateway, startGateway } from "./gateway.js";
import { NamedAgents } from "./named/named-agents.js";
import { RecentRequests } from "./recent-requests.js";

export { NamedAgents };

/** Enough to explain what happened in the last minutes of a busy key. */
const REMEMBERED = 10_000;

export class HostedGateway {
  private constructor(
    private readonly running: RunningGateway,
    private readonly options: GatewayOptions,
    readonly recent: RecentRequests,
    /** ms since 1970 */
    readonly startedAtMs: number,
  ) {}

  /**
   * @param onEvent told of whatever happens, once it is remembered
   * @throws Accident PORT_TAKEN, ADDRESS_UNUSABLE
   */
  static async start(
    given: Omit<GatewayOptions, "onEvent">,
    onEvent: (event: GatewayEvent) => void,
    nowMs: () => number,
  ): Promise<HostedGateway> {
    const recent = new RecentRequests(REMEMBERED);
    const options: GatewayOptions = {
      ...given,
      onEvent(event) {
        if (event.kind === "passed") recent.add({ ...event.passed, endedMs: nowMs() });
        onEvent(event);
      },
    };
    return new HostedGateway(await startGateway(options), options, recent, nowMs());
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

  get counts(): RunningGateway["counts"] {
    return this.running.counts;
  }

  get agents(): Agents {
    return this.running.agents;
  }

  close(): Promise<void> {
    return this.running.close();
  }
}
