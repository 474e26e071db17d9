// How the books' records of a gateway's requests look from outside: each request once, however often it was sent.
import { type GatewayRequest, timeOf } from "../../contract/index.js";
import { isPassing } from "../../gateway/books/payers.js";
import type { Record, Running } from "../../gateway/books/record.js";
import { UNKNOWN, whoOf } from "../../gateway/named/named-agent.js";

type Sent = Running | Record;

/** Each time that a request is sent has an id of its own: the request's, and a number. */
export const requestIdOf = ({ id }: Sent): string => id.replace(/-\d+$/, "");

/** Whether an agent made it, itself or in a session of its: of those who pay the named one that is nearest to the caller stands first. */
export const isRecordOf = ({ payers }: Sent, agent: string): boolean =>
  payers[0] === agent || payers.find((who) => !isPassing(who)) === agent;

/** Requests in the order of their first records. */
export function recordViews(records: readonly Sent[], nowMs: number): readonly GatewayRequest[] {
  const byRequest = new Map<string, Sent[]>();
  for (const one of records) {
    const id = requestIdOf(one);
    const own = byRequest.get(id);
    if (own === undefined) byRequest.set(id, [one]);
    else own.push(one);
  }
  return [...byRequest].map(([id, sent]) => recordView(id, sent, nowMs));
}

function recordView(id: string, sent: readonly Sent[], nowMs: number): GatewayRequest {
  const inOrder = [...sent].sort((a, b) => a.atMs - b.atMs);
  const [first, last] = [inOrder[0]!, inOrder.at(-1)!];
  const [agent, parent = null] = last.payers;
  const askedMs = first.atMs - first.waitedMs;
  const endedMs = "end" in last ? last.endedMs : nowMs;
  const uses = inOrder.flatMap((one) => ("used" in one && one.used !== null ? [one.used] : []));
  return {
    id,
    agent: agent!,
    toldBy: null,
    parent: parent === whoOf(UNKNOWN) ? null : parent,
    share: last.flow,
    model: last.model,
    instead: null,
    askedAt: timeOf(askedMs),
    waitedMs: last.waitedMs,
    wait: null,
    waitsFor: null,
    tookMs: Math.max(0, endedMs - askedMs),
    used:
      uses.length === 0
        ? null
        : {
            inputTokens: uses.reduce((sum, one) => sum + one.inputTokens, 0),
            outputTokens: uses.reduce((sum, one) => sum + one.outputTokens, 0),
          },
    cost: String(inOrder.reduce((sum, { cost }) => sum + cost, 0)),
    end: "end" in last ? last.end : "running",
    code: null,
    status: null,
  };
}
