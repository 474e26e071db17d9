// How a gateway looks from outside.
import { type GatewayAgent, type GatewayRequest, type GatewayView, timeOf } from "../../contract/index.js";
import type { SeenAgent } from "../../gateway/agents.js";
import type { PastRequest } from "../../gateway/recent-requests.js";
import type { ReadGateway } from "../hosted.js";

/** @param most agents that are shown, the ones that were seen last */
export function gatewayView(gateway: ReadGateway, most: number): GatewayView {
  const seen = [...gateway.agents.values()];
  const waits = gateway.recent.waitsByAgent();
  return {
    url: gateway.url,
    upstream: gateway.upstream.href.replace(/\/$/, ""),
    startedAt: timeOf(gateway.startedAtMs),
    limits: gateway.limits.map(({ dimension, limit, windowMs }) => ({ dimension, limit, windowMs })),
    headroomBp: gateway.headroomBp,
    ...gateway.counts,
    agentCount: seen.length,
    agents: seen
      .slice(Math.max(0, seen.length - most))
      .map((one) => agentView(gateway, one, waits.get(one.caller.who) ?? []))
      .sort((a, b) => (a.who < b.who ? -1 : 1)),
  };
}

function agentView(
  gateway: ReadGateway,
  { caller, counts }: SeenAgent,
  waits: readonly number[],
): GatewayAgent {
  const { asked, answered, refused, failed, left, inputTokens, outputTokens } = counts;
  const share = gateway.agents.topOf(caller);
  return {
    who: caller.who,
    toldBy: caller.toldBy,
    parent: caller.parent,
    share,
    ...gateway.standingOf(share),
    ...{ asked, answered, refused, failed, left, inputTokens, outputTokens },
    waits: waits.length === 0 ? null : waitsView(waits),
  };
}

function waitsView(waits: readonly number[]): NonNullable<GatewayAgent["waits"]> {
  const sorted = [...waits].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.ceil(sorted.length * part) - 1]!;
  return { requests: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: sorted.at(-1)! };
}

export const gatewayRequestView = (one: PastRequest): GatewayRequest => ({
  id: one.id,
  agent: one.caller.who,
  toldBy: one.caller.toldBy,
  parent: one.caller.parent,
  share: one.share,
  model: one.model,
  askedAt: timeOf(one.endedMs - one.tookMs),
  waitedMs: one.waitedMs,
  tookMs: one.tookMs,
  used: one.used,
  end: one.end,
});
