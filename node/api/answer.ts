// What the handlers share: what is asked of which peer, which thing an id names, and how a command is answered.
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Bytes, fromHex, toHex } from "../../src/base/index.js";
import { ACCOUNTS, type AgentId } from "../../src/ledger/index.js";
import type { Command, CommandResult, Refusal } from "../../src/peer/event.js";
import {
  type AnswerOf,
  type Asked,
  asDocument,
  type Receipt,
  type Route,
  timeOf,
} from "../contract/index.js";
import { within } from "./deadline.js";
import type { Host, HostedPeer } from "./hosted.js";
import type { IdempotencyStore } from "./idempotency.js";
import { problem } from "./problem.js";
import { refusalProblem } from "./refusal.js";
import type { Streams } from "./streams.js";
import type { Transcripts } from "./transcripts.js";

/** What the server gives to every handler. */
export interface Serving {
  readonly host: Host;
  readonly idempotency: IdempotencyStore;
  readonly streams: Streams;
  readonly transcripts: Transcripts;
  readonly commandMs: number;
  readonly nowMs: () => number;
  /** uniform in [0, 1): when a delayed commit is published */
  readonly random: () => number;
  /** told of an item of a list that could not be shown */
  readonly onUnshown: (error: unknown) => void;
}

/** A request, as the schemas of its route read it. */
export interface Ask<R extends Route> extends Asked<R> {
  readonly serving: Serving;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The peer that the request means. @throws Problem PEER_UNKNOWN, REQUEST_INVALID */
  readonly peer: HostedPeer;
}

/** What a handler returns: nothing, where it writes the answer itself. */
type Answered<R extends Route> = R extends { readonly streamed: true } ? undefined : AnswerOf<R>;

/** A handler for each of these routes: one that is missing does not compile. */
export type Answers<Rows extends Readonly<Record<string, Route>>> = {
  readonly [N in keyof Rows]: (ask: Ask<Rows[N]>) => Promise<Answered<Rows[N]>>;
};

export const askOf = (serving: Serving, request: FastifyRequest, reply: FastifyReply): Ask<Route> => ({
  params: request.params as never,
  query: request.query as never,
  body: request.body as never,
  serving,
  request,
  reply,
  get peer() {
    return peerMeant(serving.host, request);
  },
});

/** The number of the peer that a request means. @throws Problem REQUEST_INVALID */
export function peerNumber(request: FastifyRequest): number {
  const header = request.headers["mabeam-peer"];
  const query = (request.query as { readonly peer?: number }).peer;
  if (header === undefined) return query ?? 0;
  if (typeof header !== "string" || !/^[0-9]{1,4}$/.test(header))
    throw problem("REQUEST_INVALID", "the header Mabeam-Peer is the number of a peer");
  if (query !== undefined && query !== Number(header))
    throw problem("REQUEST_INVALID", "the query and the header name different peers");
  return Number(header);
}

function peerMeant(host: Host, request: FastifyRequest): HostedPeer {
  const n = peerNumber(request);
  const peer = host.peer(n);
  if (peer !== null) return peer;
  throw problem("PEER_UNKNOWN", `peer ${n} is not running; this process numbers 0 to ${host.peerCount - 1}`);
}

/** Bytes of hexadecimal text that a schema has passed. */
export const bytesOf = (hex: string): Bytes => fromHex(hex)!;

/** Ids among `ids` that begin with `prefix`, at most `limit`. */
export function startingWith(ids: Iterable<string>, prefix: string, limit: number): readonly string[] {
  const found: string[] = [];
  for (const id of ids) {
    if (id.startsWith(prefix)) found.push(id);
    if (found.length >= limit) break;
  }
  return found;
}

/** So many ids tell that a prefix is not unique. */
export const SOME_IDS = 5;

/** The one of these ids, which all begin with `text`; null: there is none. @throws Problem ID_AMBIGUOUS */
export function wholeId(text: string, matches: readonly string[]): string | null {
  if (matches.length > 1) {
    const some = matches.slice(0, 4).map((id) => id.slice(0, text.length + 6));
    throw problem("ID_AMBIGUOUS", `${text} begins ${matches.length} or more ids: ${some.join(", ")} …`);
  }
  return matches[0] ?? null;
}

/** The agent that an id or a unique prefix names. @throws Problem AGENT_UNKNOWN, ID_AMBIGUOUS */
export function agentNamed({ state }: HostedPeer, text: string): AgentId {
  const whole = wholeId(text, startingWith(state.ledger.table(ACCOUNTS).keys(), text, SOME_IDS));
  if (whole === null) throw problem("AGENT_UNKNOWN", `no agent's id begins with ${text}`);
  return bytesOf(whole);
}

/** The agent a write acts for: the one it names, or the daemon's own. @throws Problem NO_AGENT */
export function actingAgent({ around }: HostedPeer, named: string | undefined): AgentId {
  const agent = named === undefined ? around.defaultAgent : bytesOf(named);
  if (agent === null) throw problem("NO_AGENT");
  return agent;
}

/** What a caller asks to be done: how the receipt names it, and what does it. */
export interface Wish {
  readonly receipt: Pick<Receipt, "action"> & Partial<Pick<Receipt, "agent" | "auction" | "trade">>;
  readonly run: () => Promise<CommandResult>;
}

type Granted = Extract<CommandResult, { readonly ok: true }>;
type Preparing = (peer: HostedPeer) => Wish | Promise<Wish>;

/** Grants a wish, once per Idempotency-Key, and answers with its receipt. @throws Problem for a refusal, or TIMED_OUT */
export async function grant(ask: Ask<Route>, prepare: Preparing) {
  const { receipt, ...result } = await granted(ask, prepare);
  return asDocument("Receipt", {
    action: receipt.action,
    operation: result.operation && toHex(result.operation),
    auction: result.auction === null ? (receipt.auction ?? null) : toHex(result.auction),
    trade: receipt.trade ?? null,
    agent: receipt.agent ?? null,
    fee: result.fee === undefined ? null : result.fee.toString(),
    commitment: result.bid === undefined ? null : toHex(result.bid.commitment),
    publishesAt: result.bid === undefined ? null : timeOf(result.bid.publishesAtMs),
    replaces: result.bid?.replaces ? toHex(result.bid.replaces) : null,
    warnings: warningsOf(result),
  });
}

/**
 * Grants a wish, once per Idempotency-Key. Where the peer had no time for it nothing was done, so that is not remembered:
 * the same wish may be granted under the same key a moment later. @throws Problem for a refusal, or TIMED_OUT
 */
export async function granted({ peer, serving, request, reply }: Ask<Route>, prepare: Preparing) {
  const once = serving.idempotency.once(request, reply, peerNumber(request), async () => {
    const { receipt, run } = await prepare(peer);
    const result = await run();
    const busy = busyWith(result);
    if (busy !== null) throw refusalProblem(busy);
    return { receipt, result };
  });
  const { receipt, result } = await within(serving.commandMs, once);
  if (!result.ok) throw refusalProblem(result.refusal);
  reply.code(202);
  return { ...result, receipt };
}

/** Why the peer had no time for a wish, or for any of many: nothing was done. */
function busyWith(result: CommandResult): Refusal | null {
  const refusals = (result.ok ? (result.each ?? []) : [result]).map((one) => (one.ok ? null : one.refusal));
  return refusals.every((one) => one?.code === "BUSY") ? (refusals[0] ?? null) : null;
}

function warningsOf({ operation, bid }: Pick<Granted, "operation" | "bid">): string[] {
  if (bid === undefined) return [];
  const warnings: string[] = [];
  if (bid.cannotWin) warnings.push("the bid is beyond the public reserve: it cannot win");
  if (operation === null)
    warnings.push(
      "the lockup is set aside by this peer alone until the bid is in the log: another program with this key may " +
        "spend it before, and the bid then fails",
    );
  return warnings;
}

/** The fee that a request names, as a part of a command. */
export const feeOf = (fee: string | undefined): { readonly fee?: bigint } =>
  fee === undefined ? {} : { fee: BigInt(fee) };

/** A wish that is one command of the peer's. */
export const wishFor = (peer: HostedPeer, receipt: Wish["receipt"], command: Command): Wish => ({
  receipt,
  run: () => peer.node.command(command),
});
