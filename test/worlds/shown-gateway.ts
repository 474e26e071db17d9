// A gateway as the API sees it, of which a test says what has happened: no socket and no upstream.
import type { ReadGateway, ShownLine } from "../../node/api/hosted.js";
import { Agents } from "../../node/gateway/agents.js";
import type { Caller } from "../../node/gateway/caller.js";
import type { Plan } from "../../node/gateway/dialect.js";
import { GatewayMetrics } from "../../node/gateway/metrics.js";
import { NamedAgents } from "../../node/gateway/named/named-agents.js";
import type { Passed } from "../../node/gateway/passed.js";
import { RecentRequests } from "../../node/gateway/recent-requests.js";
import { termsOf } from "../../node/gateway/terms.js";

export const GATEWAY_START_MS = Date.parse("2026-03-06T12:00:00Z");

export class ShownGateway implements ReadGateway {
  readonly url = "http://127.0.0.1:4170";
  readonly upstream = new URL("https://api.example.com/");
  readonly startedAtMs = GATEWAY_START_MS;
  readonly limits = [
    { dimension: "requests", limit: 60, windowMs: 60_000 },
    { dimension: "tokens", limit: 100_000, windowMs: 60_000 },
  ] as const;
  readonly headroomBp = 200;
  readonly counts = { waiting: 2, running: 1 };
  readonly agents = new Agents();
  readonly recent = new RecentRequests(10_000);

  readonly named = NamedAgents.open(null);
  plan: Plan | null = null;
  readonly lines = new Map<string, ShownLine>([["all", { counts: this.counts, parked: null }]]);
  readonly pools = { all: () => this.lines };

  readonly metrics = new GatewayMetrics(this);

  termsOf(caller: Caller) {
    return termsOf(this.named, this.agents, caller);
  }

  /** One more request of a session; without an end it waits or runs still. */
  asked(who: string, end: Partial<Passed> | null = {}, parent: string | null = null, agent?: string): void {
    const told =
      agent === undefined
        ? ({ agent: "unknown", toldBy: "fields" } as const)
        : ({ agent, toldBy: "key" } as const);
    const caller: Caller = { who, parent, session: who, ...told };
    this.agents.meet(caller, 0);
    if (end === null) return;
    const passed: Passed = {
      id: `req_${who}`,
      caller,
      model: "gpt-upstream",
      waitedMs: 0,
      tookMs: 1_500,
      used: { inputTokens: 10, outputTokens: 20 },
      cost: 250,
      end: "answered",
      ...end,
    };
    this.agents.count(passed);
    const share = this.termsOf(caller)?.flow ?? who;
    const past = { ...passed, share, endedMs: GATEWAY_START_MS + 10_000 };
    this.recent.add(past);
    this.metrics.happened({ kind: "passed", passed: past });
  }
}
