// `gateway top`: who shares the key's limits, and how it goes with each; on a terminal anew every second.
import { setTimeout as wait } from "node:timers/promises";
import type { GatewayAgent, GatewayView } from "../../contract/index.js";
import { grouped, UNITS } from "../../gateway/limit-words.js";
import type { Session } from "../session.js";
import { clock, creditsOf, short, table } from "../show.js";
import { limitsWords, shortly } from "./gateway-words.js";

const EVERY_MS = 1_000;

interface TopOptions {
  readonly once?: true;
  readonly shares?: true;
  readonly agents: number;
}

export async function top(session: Session, { once, shares, agents }: TopOptions): Promise<void> {
  const { screen } = session.terminal;
  const ask = () => session.client.ask("gateway", { query: { agents } }, "could not see the gateway");
  if (session.json || once === true || screen === null) {
    const view = await ask();
    session.show(view, () => {
      for (const line of linesOf(view, Date.now(), shares)) session.terminal.out(line);
    });
    return;
  }
  for (;;) {
    screen.show(linesOf(await ask(), Date.now(), shares));
    await wait(EVERY_MS);
  }
}

/** For people. @param nowMs ms since 1970 @param isOfShares who was granted what, in the place of counts */
export function linesOf(view: GatewayView, nowMs: number, isOfShares = false): readonly string[] {
  const lines: string[] = [];
  const io = { out: (line: string) => void lines.push(line), err: (line: string) => void lines.push(line) };
  const rest = { colors: false, progress: false, self: "mabeam", outlive: () => undefined };
  const upMs = Math.max(0, nowMs - Date.parse(view.startedAt));
  lines.push(`${view.url} before ${view.upstream}, for ${shortly(upMs)}`);
  lines.push(`Limits  ${limitsWords(view.limits, view.headroomBp)}`);
  lines.push(...sharedLines(view));
  lines.push(`Prices  as published on ${view.pricesDate}`);
  lines.push(`Now     ${view.waiting} waiting, ${view.running} running; ${seenIn(view)}`);
  lines.push(...view.pools.flatMap(poolLines), ...planLines(view.plan), ...keyLines(view), "");
  if (isOfShares) {
    table({ ...io, ...rest }, ["SHARE", "WEIGHT", "GRANTED", "LENT", "BORROWED"], shareRows(view), NOBODY);
    return lines;
  }
  table(
    { ...io, ...rest },
    [
      "AGENT",
      "WEIGHT",
      "BAND",
      "WAITS",
      "RUNS",
      "ASKED",
      "ANSWERED",
      "REFUSED",
      "FAILED",
      "LEFT",
      "INPUT",
      "OUTPUT",
      "TODAY",
      "WAIT P50",
      "P99",
      "LONGEST",
    ],
    inTree(view.agents).map(({ agent, level }) => rowOf(agent, level)),
    NOBODY,
  );
  return lines;
}

/** Whose the key is now, where gateways of several owners share it. */
function sharedLines({ shared }: GatewayView): readonly string[] {
  if (shared === null) return [];
  const { capability, parts, agent, window } = shared;
  const others = window
    .filter(({ holder }) => holder !== agent)
    .map(({ holder, parts: its, isHeard }) => `${short(holder)} ${its}${isHeard ? "" : " (silent)"}`);
  const until = window.filter(({ holder }) => holder === agent).map((one) => one.until);
  const own = `${parts} of 1,000 parts of ${capability}${until[0] === undefined ? "" : ` until ${clock(until[0])}`}`;
  const rest = window.length === 0 ? ["no window that runs was sold of it"] : others;
  return [`Shared  ${[own, ...rest].join("; ")}`];
}

const NOBODY =
  "No agent has asked for anything since it started; `mabeam gateway agents` knows what named ones have spent, `mabeam gateway requests` what was before.";

/** Parts of what all shares that are shown were granted. */
function shareRows({ agents }: GatewayView): readonly (readonly string[])[] {
  const shares = agents.flatMap(({ who, weight, evidence }) =>
    evidence === null ? [] : [{ who, weight, ...evidence }],
  );
  const all = shares.reduce((sum, { granted }) => sum + granted, 0);
  const part = (cost: number): string => (all === 0 ? "–" : `${((cost * 100) / all).toFixed(1)} %`);
  return shares.map(({ who, weight, granted, lent, borrowed }) => [
    nameOf(who),
    weight === null ? "–" : String(weight),
    ...[granted, lent, borrowed].map(part),
  ]);
}

function seenIn({ agentCount, agents }: GatewayView): string {
  const all = `${agentCount} ${agentCount === 1 ? "agent" : "agents"}`;
  return agents.length < agentCount ? `${all}, of which the last ${agents.length} are shown` : all;
}

/** Of a pool of which something is used, waits, or is used up. */
function poolLines({
  name,
  waiting,
  running,
  parked,
  limits,
  foreign,
}: GatewayView["pools"][number]): readonly string[] {
  const used = limits.map(
    ({ dimension, limit, taken }) =>
      `${Math.round((taken * 100) / limit)} % of ${grouped(limit)} ${UNITS[dimension]} taken`,
  );
  const isUsed = limits.some(({ taken }) => taken > 0);
  const now = waiting + running === 0 && !isUsed ? [] : [`${waiting} waiting, ${running} running`, ...used];
  const why = parked === null ? [] : [`refused, as the key is used up${untilWords(parked.until)}`];
  const others = foreign.map(
    ({ dimension, amount, forMs, quietMs, windowMs }) =>
      `somebody else has used ${grouped(amount)} ${UNITS[dimension]} in ${shortly(forMs)}${quietMs < windowMs ? "" : `, last seen ${shortly(quietMs)} ago`}`,
  );
  const said = [...why, ...now, ...others];
  return said.length === 0 ? [] : [`  ${name}: ${said.join("; ")}`];
}

function planLines(plan: GatewayView["plan"]): readonly string[] {
  if (plan === null) return [];
  const used = plan.usedBp === null ? "in use" : `used to ${plan.usedBp / 100} %`;
  const window = plan.window === null ? "" : ` (${plan.window})`;
  return [`Plan    ${plan.isRejected ? "used up" : used}${window}${untilWords(plan.until)}`];
}

function keyLines({ keyRefused }: GatewayView): readonly string[] {
  if (keyRefused === null) return [];
  const { isKnown, model, since } = keyRefused;
  const what = isKnown ? "the upstream does not let it be used" : "the upstream does not take it";
  return [`Key     ${what}${model === null ? "" : ` for ${model}`}, since ${since}`];
}

const untilWords = (until: string | null): string => (until === null ? "" : ` until ${until}`);

interface Placed {
  readonly agent: GatewayAgent;
  /** how many stand above it */
  readonly level: number;
}

/** Each below the one from which it came. Whoever names nobody that is shown stands at the top. */
function inTree(agents: readonly GatewayAgent[]): readonly Placed[] {
  const shown = new Set(agents.map(({ who }) => who));
  const placed: Placed[] = [];
  const seen = new Set<string>();
  const add = (agent: GatewayAgent, level: number): void => {
    if (seen.has(agent.who)) return;
    seen.add(agent.who);
    placed.push({ agent, level });
    for (const one of agents) if (one.parent === agent.who) add(one, level + 1);
  };
  for (const one of agents) if (one.parent === null || !shown.has(one.parent)) add(one, 0);
  // Clients may name each other in a circle.
  for (const one of agents) add(one, 0);
  return placed;
}

/** Names of sessions are long: what tells them apart is at their beginning. */
const NAME_LETTERS = 40;

const nameOf = (who: string): string =>
  who.length > NAME_LETTERS ? `${who.slice(0, NAME_LETTERS - 1)}…` : who;

function rowOf(one: GatewayAgent, level: number): readonly string[] {
  const counts = [one.asked, one.answered, one.refused, one.failed, one.left] as const;
  const waiting = one.asked - one.answered - one.refused - one.failed - one.left - one.running;
  const { waits } = one;
  return [
    `${"  ".repeat(level)}${nameOf(one.who)}`,
    ...(one.weight === null ? ["–", "removed"] : [String(one.weight), one.band ?? "–"]),
    ...[waiting, one.running, ...counts, one.inputTokens, one.outputTokens].map(grouped),
    creditsOf(one.spent.day),
    ...(waits === null ? ["–", "–", "–"] : [waits.p50Ms, waits.p99Ms, waits.longestMs].map(shortly)),
  ];
}
