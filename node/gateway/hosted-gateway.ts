// A gateway inside a daemon: started with it, told of to its API, ended before it.
import type { Limit } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import { type GatewayEvent, type GatewayOptions, type RunningGateway, startGateway } from "./gateway.js";
import type { Standing } from "./passage.js";
import { type PastRequest, RecentRequests } from "./recent-requests.js";

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
    const running: RunningGateway = await startGateway({
      ...given,
      onEvent(event) {
        if (event.kind !== "passed") return onEvent(event);
        const share = running.agents.topOf(event.passed.caller);
        const request = { ...event.passed, share, endedMs: nowMs() };
        recent.add(request);
        onEvent({ kind: "passed", passed: request });
      },
    });
    return new HostedGateway(running, given, recent, nowMs());
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

  standingOf(share: string): Standing {
    return this.options.standingOf(share);
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
