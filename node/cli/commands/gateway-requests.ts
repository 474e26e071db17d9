// `gateway requests`, `gateway explain`: what became of requests, and why they waited.
import type { GatewayRequest } from "../../contract/index.js";
import { grouped } from "../../gateway/limit-words.js";
import { whoOf } from "../../gateway/named/named-agent.js";
import type { Session } from "../session.js";
import { clock, creditsOf, table } from "../show.js";
import { waitedLines, waitingLines } from "./gateway-wait.js";
import { shortly } from "./gateway-words.js";

interface ListOptions {
  readonly limit: number;
  readonly agent?: string;
  readonly waiting?: true;
}

export async function requests(session: Session, { limit, agent, waiting }: ListOptions): Promise<void> {
  const what = "could not see the requests";
  const who = agent === undefined ? agent : whoMeant(agent);
  const state = waiting === true ? "waiting" : "over";
  const page = await session.client.ask("gatewayRequests", { query: { limit, agent: who, state } }, what);
  session.show(page, () =>
    table(
      session.terminal,
      ["ID", "ASKED", "AGENT", "MODEL", "WAITED", "TOOK", "INPUT", "OUTPUT", "COST", "END"],
      page.items.map(rowOf),
      noneWords(agent, state),
    ),
  );
}

function noneWords(agent: string | undefined, state: "over" | "waiting"): string {
  if (state === "waiting") return agent === undefined ? "No request waits." : `No request of ${agent} waits.`;
  return agent === undefined ? "No request has ended yet." : `No request of ${agent} is remembered.`;
}

/** What `gateway agents` shows is a name, and what `gateway top` shows says of what kind it is. */
const whoMeant = (agent: string): string => (agent.includes(":") ? agent : whoOf(agent));

const rowOf = (one: GatewayRequest): readonly string[] => [
  one.id,
  clock(one.askedAt),
  one.agent,
  one.model ?? "–",
  shortly(one.waitedMs),
  one.end === "cut" ? "–" : shortly(one.tookMs),
  one.used === null ? "–" : grouped(one.used.inputTokens),
  one.used === null ? "–" : grouped(one.used.outputTokens),
  creditsOf(one.cost),
  one.end,
];

export async function explain(session: Session, _options: unknown, id: string): Promise<void> {
  const what = `could not explain ${id}`;
  const request = await session.client.ask("gatewayRequest", { params: { id } }, what);
  session.show(request, () => {
    for (const line of wordsOf(request)) session.terminal.out(line);
  });
}

const TOLD_BY: Readonly<Record<NonNullable<GatewayRequest["toldBy"]>, string>> = {
  key: "whose key it showed",
  signature: "whose signature it carried",
  fields: "as its client's headers say",
  body: "as its body says",
  client: "by its credential and user agent, as it said nothing else",
};

const ENDS: Readonly<Record<GatewayRequest["end"], string>> = {
  answered: "it was answered",
  refused: "the gateway refused it: the answer said why",
  left: "its client went away",
  failed: "the upstream refused it, did not answer, or broke its answer off",
  cut: "the gateway's process ended: it is charged what is known to have come of it",
  running: "not yet",
  waiting: "not yet",
};

function endWords({ end, status, code }: GatewayRequest): string {
  if (end === "failed" && status !== null) return answerWords(status);
  return `${ENDS[end]}${code === null ? "" : ` (${code})`}`;
}

function answerWords(status: number): string {
  const said = `the upstream answered ${status}`;
  if (status === 401 || status === 403) return `${said}: of the gateway's key, not of its client's`;
  return status < 300 ? `${said}, and failed at it, or broke it off` : said;
}

/** Of one that was cut off it is known until when something was heard of it, and no more. */
const atLeast = (end: GatewayRequest["end"], ms: number): string =>
  end === "cut" ? `${shortly(ms)} or more` : shortly(ms);

const TROUBLES: Readonly<Record<NonNullable<GatewayRequest["instead"]>["on"], string>> = {
  limit: "the key had no room for the other",
  context: "the prompt was too long for the other",
  policy: "the other would not answer it",
  outage: "the upstream failed at the other",
};

/** In the order in which it happened. */
export function wordsOf(one: GatewayRequest): readonly string[] {
  const model = one.model === null ? "" : ` for ${one.model}`;
  const share = one.share === one.agent ? "" : `, of the share of ${one.share}`;
  const told = one.toldBy === null ? "" : ` (${TOLD_BY[one.toldBy]})`;
  const ranMs = one.tookMs - one.waitedMs;
  const asked = [`${one.id}${model}`, `Asked   at ${one.askedAt} by ${one.agent}${told}${share}`];
  if (one.end === "waiting") return [...asked, ...waitedLines(one), ...waitingLines(one)];
  return [
    ...asked,
    ...waitedLines(one),
    usedLine(one, ranMs),
    ...(one.instead === null ? [] : [`Instead ${one.instead.model} was asked: ${TROUBLES[one.instead.on]}`]),
    one.end === "running"
      ? `Cost    ${creditsOf(one.cost)} credits are set aside for it`
      : `Cost    ${creditsOf(one.cost)} credits`,
    one.end === "running"
      ? `Runs    for ${shortly(ranMs)} now`
      : `Ended   after ${atLeast(one.end, one.tookMs)}: ${endWords(one)}`,
  ];
}

function usedLine({ used, end }: GatewayRequest, ranMs: number): string {
  if (end === "running") return "Sent    and not answered in full yet";
  if (used === null) return "Sent    never: the upstream counts nothing for it";
  const { inputTokens, outputTokens } = used;
  return `Used    ${grouped(inputTokens)} input tokens, ${grouped(outputTokens)} output tokens, in ${atLeast(end, ranMs)}`;
}
