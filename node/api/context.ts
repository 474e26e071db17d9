// What the routes share: which peer is meant, which thing an id names, and how a command is answered.
import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { type Bytes, fromHex, type Hash, toHex } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import type { AuctionId } from "../../src/market/index.js";
import type { Command, CommandResult } from "../../src/peer/event.js";
import type { Backend, Host } from "./backend.js";
import { within } from "./deadline.js";
import type { IdempotencyStore } from "./idempotency.js";
import { problem } from "./problem.js";
import { refusalProblem } from "./refusal.js";
import { asDocument, hex32, problemDocument, queryCount, type Receipt, timeOf } from "./shape/index.js";

/** Fastify that takes the types of requests and answers from their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface RouteContext {
  readonly host: Host;
  readonly idempotency: IdempotencyStore;
  readonly commandMs: number;
  readonly nowMs: () => number;
  /** uniform in [0, 1): when a delayed commit is published */
  readonly random: () => number;
  /** told of an item of a list that could not be shown */
  readonly onUnshown: (error: unknown) => void;
}

/** Every route takes it; so does the header `Mabeam-Peer`. */
export const peerQuery = { peer: queryCount(9999).optional().describe("which peer of this process, from 0") };
export const onlyPeer = z.strictObject(peerQuery);
const pageOptions = {
  limit: queryCount(200)
    .refine((value) => value >= 1, "at least 1")
    .default(50),
};
/** Pages whose cursor is the id of their last item. */
export const pagedById = {
  cursor: hex32.optional().describe("nextCursor of the page before"),
  ...pageOptions,
};
/** Pages whose cursor is the height of their last item. */
/** Pages whose cursor is the place of their last item in the log: height, and place among what its entry did. */
export const pagedByPlace = {
  cursor: z
    .string()
    .regex(/^[0-9]{16}\.[0-9]{5}$/, "the id of the last item")
    .optional()
    .describe("nextCursor of the page before"),
  ...pageOptions,
};
export const pagedByHeight = {
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/, "a height")
    .optional()
    .describe("nextCursor of the page before"),
  ...pageOptions,
};

/** The answers of a route: the document, or a problem. */
export const answers = <S extends z.ZodType, N extends 200 | 202>(status: N, schema: S) =>
  ({ [status]: schema, default: problemDocument }) as unknown as Record<N, S> & {
    default: typeof problemDocument;
  };

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

/** @throws Problem PEER_UNKNOWN */
export function backendOf(context: RouteContext, request: FastifyRequest): Backend {
  const n = peerNumber(request);
  const backend = context.host.peer(n);
  if (backend !== null) return backend;
  throw problem(
    "PEER_UNKNOWN",
    `peer ${n} is not running; this process numbers 0 to ${context.host.peerCount - 1}`,
  );
}

/** Bytes of hexadecimal text that a schema has passed. */
export const bytesOf = (hex: string): Bytes => fromHex(hex)!;

/** The auction that an id or a unique prefix names. @throws Problem AUCTION_UNKNOWN, ID_AMBIGUOUS */
export async function auctionNamed(backend: Backend, text: string): Promise<AuctionId> {
  const whole = await wholeId(text, (prefix) => backend.auctionsLike(prefix, 5));
  if (whole === null) throw problem("AUCTION_UNKNOWN", auctionUnknown(text));
  return bytesOf(whole);
}

const auctionUnknown = (text: string) =>
  `no auction's id begins with ${text}; others' auctions are forgotten some time after their end, unless their proof is kept here`;

/** The agent that an id or a unique prefix names. @throws Problem AGENT_UNKNOWN, ID_AMBIGUOUS */
export async function agentNamed(backend: Backend, text: string): Promise<AgentId> {
  const whole = await wholeId(text, (prefix) => backend.agentsLike(prefix, 5));
  if (whole === null) throw problem("AGENT_UNKNOWN", `no agent's id begins with ${text}`);
  return bytesOf(whole);
}

/** The slash that an id or a unique prefix names. @throws Problem SLASH_UNKNOWN, ID_AMBIGUOUS */
export async function slashNamed(backend: Backend, text: string): Promise<Hash> {
  const whole = await wholeId(text, (prefix) => backend.slashesLike(prefix, 5));
  if (whole === null) throw slashUnknown(text);
  return bytesOf(whole);
}

export const slashUnknown = (text: string) => problem("SLASH_UNKNOWN", `no slash's id begins with ${text}`);

async function wholeId(
  text: string,
  like: (prefix: string) => Promise<readonly string[]>,
): Promise<string | null> {
  const matches = await like(text);
  if (matches.length > 1) {
    const some = matches.slice(0, 4).map((id) => id.slice(0, text.length + 6));
    throw problem("ID_AMBIGUOUS", `${text} begins ${matches.length} or more ids: ${some.join(", ")} …`);
  }
  return matches[0] ?? null;
}

/** The agent a write acts for: the one it names, or the daemon's own. @throws Problem NO_AGENT */
export async function actingAgent(backend: Backend, named: string | undefined): Promise<AgentId> {
  const agent = named ?? (await backend.node()).agent;
  if (agent === null) throw problem("NO_AGENT");
  return bytesOf(agent);
}

type Wish = Pick<Receipt, "action"> & Partial<Pick<Receipt, "agent" | "auction">>;

/**
 * Grants a wish, once per Idempotency-Key, and answers with its receipt.
 * @throws Problem for a refusal, or TIMED_OUT
 */
export async function grant(
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  prepare: (backend: Backend) => Promise<{ readonly wish: Wish; readonly run: () => Promise<CommandResult> }>,
) {
  const backend = backendOf(context, request);
  const granted = context.idempotency.once(request, reply, peerNumber(request), async () => {
    const { wish, run } = await prepare(backend);
    return { wish, result: await run() };
  });
  const { wish, result } = await within(context.commandMs, granted);
  if (!result.ok) throw refusalProblem(result.refusal);
  reply.code(202);
  return asDocument("Receipt", {
    action: wish.action,
    operation: result.operation && toHex(result.operation),
    auction: result.auction === null ? (wish.auction ?? null) : toHex(result.auction),
    agent: wish.agent ?? null,
    fee: result.fee === undefined ? null : result.fee.toString(),
    commitment: result.bid === undefined ? null : toHex(result.bid.commitment),
    publishesAt: result.bid === undefined ? null : timeOf(result.bid.publishesAtMs),
    replaces: result.bid?.replaces ? toHex(result.bid.replaces) : null,
    warnings: warningsOf(result),
  });
}

function warningsOf({ operation, bid }: Extract<CommandResult, { readonly ok: true }>): string[] {
  if (bid === undefined) return [];
  const warnings: string[] = [];
  if (bid.isBelowReserve) warnings.push("the bid is under the public reserve: it cannot win");
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
export const wishFor = (backend: Backend, wish: Wish, command: Command) => ({
  wish,
  run: () => backend.command(command),
});
