// How a gateway looks from outside.
import { toHex } from "../../../src/base/index.js";
import { holderOf } from "../../../src/market/index.js";
import { type GatewayAgent, type GatewayRequest, type GatewayView, timeOf } from "../../contract/index.js";
import { type Counts, NO_COUNTS, type SeenAgent } from "../../gateway/agents.js";
import type { Window } from "../../gateway/books/windows.js";
import type { Caller } from "../../gateway/caller.js";
import type { Plan } from "../../gateway/dialect.js";
import type { KeyRefused } from "../../gateway/key-watch.js";
import { type NamedAgent, UNKNOWN, whoOf } from "../../gateway/named/named-agent.js";
import type { PastRequest } from "../../gateway/recent-requests.js";
import type { WaitStory } from "../../gateway/wait-story.js";
import type { WaitingRequest } from "../../gateway/waiting-requests.js";
import type { ReadGateway, ReadShared, ShownLine } from "../hosted.js";

/** @param most agents without a name that are shown, the ones that were seen last @param nowMs since 1970 */
export function gatewayView(gateway: ReadGateway, most: number, nowMs: number): GatewayView {
  const { named, plan, keyRefused } = gateway;
  const isNamed = ({ caller }: SeenAgent) => caller.who === whoOf(caller.agent);
  const seen = [...gateway.agents.values()];
  const known = new Map(seen.filter(isNamed).map((one) => [one.caller.agent, one]));
  const others = seen.filter((one) => !isNamed(one) || named.get(one.caller.agent) === null);
  const owned = named.values().filter(({ name }) => name !== UNKNOWN);
  const shown = others.slice(Math.max(0, others.length - most));
  const waits = gateway.recent.waitsByAgent();
  const view = (caller: Caller, counts: Counts) =>
    agentView(gateway, caller, counts, waits.get(caller.who) ?? [], nowMs);
  return {
    url: gateway.url,
    upstream: gateway.upstream.href.replace(/\/$/, ""),
    startedAt: timeOf(gateway.startedAtMs),
    limits: gateway.limits.map(({ dimension, limit, windowMs }) => ({ dimension, limit, windowMs })),
    headroomBp: gateway.headroomBp,
    pricesDate: gateway.pricesDate,
    ...gateway.counts,
    pools: [...gateway.pools.all()].map(poolView),
    shared: gateway.shared === null ? null : sharedView(gateway.shared),
    plan: plan === null ? null : planView(plan),
    keyRefused: keyRefused === null ? null : keyView(keyRefused),
    agentCount: owned.length + others.length,
    agents: [
      ...owned.map((one) => view(callerNamed(one), known.get(one.name)?.counts ?? NO_COUNTS)),
      ...shown.map((one) => view(one.caller, one.counts)),
    ].sort((a, b) => (a.who < b.who ? -1 : 1)),
  };
}

function poolView([name, { counts, parked, taken, fairness, foreign }]: readonly [
  string,
  ShownLine,
]): GatewayView["pools"][number] {
  const why = parked === null ? null : { why: parked.why, until: untilOf(parked.untilMs) };
  return {
    name,
    waiting: counts.waiting,
    running: counts.running,
    parked: why,
    limits: taken.map(({ limit: { dimension, limit, windowMs }, taken: used }) => ({
      dimension,
      limit,
      windowMs,
      taken: used,
    })),
    fairness: { gap: fairness.gap, bound: fairness.bound },
    foreign: foreign.map(({ limit: { dimension, limit, windowMs }, amount, forMs, quietMs }) => ({
      ...{ dimension, limit, windowMs, amount, forMs, quietMs },
    })),
  };
}

function sharedView(key: ReadShared): NonNullable<GatewayView["shared"]> {
  const { seller, capability } = key.terms.shared;
  return {
    seller: toHex(seller),
    capability,
    agent: key.agent,
    parts: key.parts,
    window: key.window.map(({ owner, row, units }) => ({
      owner: toHex(owner),
      holder: toHex(holderOf(row).agent),
      parts: units,
      until: timeOf(row.untilMs),
      isHeard: key.isHeard(toHex(holderOf(row).agent)),
    })),
    deputies: key.terms.deputies.map(toHex),
  };
}

export const planView = ({ isRejected, claim, untilMs, usedBp }: Plan): NonNullable<GatewayView["plan"]> => ({
  isRejected,
  window: claim,
  until: untilOf(untilMs),
  usedBp,
});

const keyView = ({ isKnown, model, atMs }: KeyRefused): NonNullable<GatewayView["keyRefused"]> => ({
  ...{ isKnown, model },
  since: timeOf(atMs),
});

/** null stays null: nobody knows when it is over. */
export const untilOf = (ms: number | null): string | null => (ms === null ? null : timeOf(ms));

const callerNamed = ({ name, parent }: NamedAgent): Caller => ({
  who: whoOf(name),
  agent: name,
  parent: parent === null ? null : whoOf(parent),
  session: null,
  toldBy: "key",
});

function agentView(
  gateway: ReadGateway,
  caller: Caller,
  counts: Counts,
  waits: readonly number[],
  nowMs: number,
): GatewayAgent {
  const { asked, answered, refused, failed, left, running, inputTokens, outputTokens } = counts;
  const terms = gateway.termsOf(caller);
  const spent = (window: Window) => String(gateway.books.spent(caller.who, window, nowMs));
  return {
    who: caller.who,
    toldBy: caller.toldBy,
    named: caller.agent,
    share: terms?.flow ?? null,
    parent: caller.parent,
    weight: terms?.weight ?? null,
    band: terms?.band ?? null,
    ...{ asked, answered, refused, failed, left, running, inputTokens, outputTokens },
    cost: String(counts.cost),
    spent: { day: spent("day"), all: spent("all") },
    evidence: terms?.flow === caller.who ? evidenceOf(gateway, caller.who) : null,
    waits: waits.length === 0 ? null : waitsView(waits),
  };
}

/** In all pools together. */
function evidenceOf({ pools }: ReadGateway, flow: string): NonNullable<GatewayAgent["evidence"]> {
  const sum = { granted: 0, lent: 0, borrowed: 0 };
  for (const [, line] of pools.all()) {
    const { granted, lent, borrowed } = line.evidenceOf(flow);
    sum.granted += granted;
    sum.lent += lent;
    sum.borrowed += borrowed;
  }
  return sum;
}

function waitsView(waits: readonly number[]): NonNullable<GatewayAgent["waits"]> {
  const sorted = [...waits].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.ceil(sorted.length * part) - 1]!;
  return { requests: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: sorted.at(-1)! };
}

function waitView({ before, limits, held, others, turnMs, ledgerMs }: WaitStory): GatewayRequest["wait"] {
  return {
    before: before === null ? null : { inShare: before.inFlow, shares: before.flows },
    limits: limits.map(({ dimension, limit, windowMs, taken, share }) => ({
      ...{ dimension, limit, windowMs, taken, share },
    })),
    held: { ...held },
    others: { ...others },
    turnMs,
    ledgerMs,
  };
}

export const gatewayRequestView = (one: PastRequest): GatewayRequest => ({
  id: one.id,
  agent: one.caller.who,
  toldBy: one.caller.toldBy,
  parent: one.caller.parent,
  share: one.share,
  model: one.model,
  instead: one.instead,
  askedAt: timeOf(one.endedMs - one.tookMs),
  waitedMs: one.waitedMs,
  wait: waitView(one.story),
  waitsFor: null,
  tookMs: one.tookMs,
  used: one.used,
  cost: String(one.cost),
  end: one.end,
  code: one.code,
  status: one.status,
});

/** @param nowMs since 1970 */
export const waitingRequestView = (one: WaitingRequest, nowMs: number): GatewayRequest => ({
  id: one.id,
  agent: one.caller.who,
  toldBy: one.caller.toldBy,
  parent: one.caller.parent,
  share: one.share,
  model: one.model,
  instead: one.instead,
  askedAt: timeOf(nowMs - one.tookMs),
  waitedMs: one.waitedMs,
  wait: waitView(one.story),
  waitsFor: waitsForView(one, nowMs),
  tookMs: one.tookMs,
  used: null,
  cost: "0",
  ...{ end: "waiting", code: null, status: null },
});

function waitsForView({ for: what, leftMs }: WaitingRequest, nowMs: number): GatewayRequest["waitsFor"] {
  const until = timeOf(nowMs + leftMs);
  if (what === null) return null;
  if (what === "ledger")
    return { before: null, cause: what, isNext: false, nextMs: null, aboutMs: null, until };
  const { place, cause, isNext, nextMs, aboutMs } = what;
  return { before: { inShare: place.inFlow, shares: place.flows }, cause, isNext, nextMs, aboutMs, until };
}
