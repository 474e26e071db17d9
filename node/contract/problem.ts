// Every way in which a request can fail, as RFC 9457 tells it, with what a program needs beside: code, retry, remedy.
import { z } from "zod";
import { schemas } from "./document.js";

export const problemDocument = z.strictObject({
  type: z.string().describe("urn:mabeam:problem:<code>"),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  code: z.string(),
  retryable: z.boolean(),
  /** the command or change that helps */
  fix: z.string(),
  /** what the refusal rests on, such as the two amounts that were compared */
  context: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
  /** where a request does not have its shape */
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});
export type ProblemDocument = z.output<typeof problemDocument>;

schemas.add(problemDocument, { id: "Problem" });

export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly fix: string;
  readonly retryable?: true;
  readonly retryAfterSeconds?: number;
}

/** Failures that the API itself finds. */
export const PROBLEMS = {
  REQUEST_INVALID: {
    status: 400,
    title: "The request does not have the expected shape",
    fix: "compare it with /openapi.json",
  },
  TOKEN_MISSING: {
    status: 401,
    title: "The request carries no token",
    fix: "send `Authorization: Bearer <token>`; the token is in the file that api.json names",
  },
  TOKEN_WRONG: {
    status: 401,
    title: "The token is not this daemon's",
    fix: "read the token anew from the file that api.json names: a new data folder has a new one",
  },
  HOST_NOT_ALLOWED: {
    status: 403,
    title: "The Host header names another host",
    fix: "call it by a loopback name, at any port, or start the daemon with `--allowed-hosts <name>`",
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    title: "Web pages of other origins may not call this API",
    fix: "call it from a program, without an Origin header",
  },
  ROUTE_UNKNOWN: { status: 404, title: "There is no such route", fix: "see /openapi.json for the routes" },
  PEER_UNKNOWN: {
    status: 404,
    title: "This process hosts no such peer",
    fix: "choose a running peer with `--peer n`, counted from 0",
  },
  AUCTION_UNKNOWN: {
    status: 404,
    title: "No such auction",
    fix: "see the known ones with `mabeam auction list`",
  },
  TRADE_UNKNOWN: {
    status: 404,
    title: "No such trade",
    fix: "see the known ones with `mabeam trade list`",
  },
  GOODS_UNKNOWN: {
    status: 404,
    title: "Nothing of these goods is here",
    fix: "see how far they are with `mabeam trade show <trade>`; the other party's daemon may not have been met so far",
    retryable: true,
    retryAfterSeconds: 1,
  },
  SLASH_UNKNOWN: {
    status: 404,
    title: "No such slash",
    fix: "see what was taken, and from whom, with `mabeam slash list`",
  },
  AGENT_UNKNOWN: {
    status: 404,
    title: "No such agent has an account",
    fix: "check the agent's id; an account begins with a grant, `mabeam wallet grant` of a granter or the network's faucet, and no transfer opens one",
  },
  GATEWAY_AGENT_UNKNOWN: {
    status: 404,
    title: "No agent of the gateway has this name",
    fix: "see those that there are with `mabeam gateway agents`, or add one with `mabeam gateway agents add <name>`",
  },
  GATEWAY_AGENT_EXISTS: {
    status: 409,
    title: "An agent of the gateway has this name",
    fix: "change it with `mabeam gateway agents set <name>`, or choose another name",
  },
  GATEWAY_AGENT_BUILT_IN: {
    status: 409,
    title: "`unknown` is the agent of callers that show no key: it has none, stands alone, and stays",
    fix: "change its figures with `mabeam gateway agents set unknown`",
  },
  GATEWAY_AGENT_HAS_CHILDREN: {
    status: 409,
    title: "Agents stand below this one",
    fix: "remove them first, or move each with `mabeam gateway agents set <child> --parent none`",
  },
  GATEWAY_AGENTS_IN_A_CIRCLE: {
    status: 409,
    title: "The agent stands above its parent already",
    fix: "see who stands where with `mabeam gateway agents`",
  },
  GATEWAY_AGENTS_TOO_DEEP: {
    status: 409,
    title: "A tree of agents has four levels at most",
    fix: "choose a parent nearer to the top: see `mabeam gateway agents`",
  },
  GATEWAY_AGENTS_FULL: {
    status: 409,
    title: "The gateway has as many agents as it can",
    fix: "remove some with `mabeam gateway agents remove <name>`; sessions need no agent of their own",
  },
  NO_GATEWAY: {
    status: 404,
    title: "This daemon runs no gateway",
    fix: "start one with `mabeam gateway --upstream <url> --key-file <file>`",
  },
  REQUEST_UNKNOWN: {
    status: 404,
    title: "The gateway knows no such request",
    fix: "see the last ones with `mabeam gateway requests`; one that is not over yet is not among them",
  },
  ID_AMBIGUOUS: { status: 409, title: "Several ids begin like this", fix: "give more digits of the id" },
  CURSOR_GONE: {
    status: 410,
    title: "What this cursor names is not held any more",
    fix: "begin again without a cursor",
  },
  LOG_PRUNED: {
    status: 410,
    title: "This peer does not keep its log from so far back",
    fix: "ask a peer that keeps all of it, one that runs with `mabeam daemon --keep all`",
  },
  OUTCOME_PENDING: {
    status: 409,
    title: "The auction is not settled yet",
    fix: "follow it with `mabeam auction watch <id>`",
    retryable: true,
  },
  PROOF_PENDING: {
    status: 409,
    title: "The auction has ended, and no final entry attests its end yet",
    fix: "ask again in a few seconds: a peer proves ends one after another",
    retryable: true,
    retryAfterSeconds: 2,
  },
  AUCTION_CANCELLED: {
    status: 409,
    title: "The auction was cancelled before anybody bid: there is no outcome to prove",
    fix: "see it with `mabeam auction show <id>`",
  },
  TRANSCRIPT_TOO_LARGE: {
    status: 409,
    title: "The auction's log is longer than a transcript may be",
    fix: "read the outcome with `mabeam auction show <id>` of a peer that you trust, or of your own, which has checked every entry",
  },
  NOT_A_PARTY: {
    status: 409,
    title: "No agent of this daemon is that party of the trade",
    fix: "ask the daemon of the party; `mabeam trade show <trade>` names both",
  },
  GOODS_INCOMPLETE: {
    status: 409,
    title: "The goods are still on their way",
    fix: "ask again: what is missing is being asked for",
    retryable: true,
    retryAfterSeconds: 1,
  },
  GOODS_UNPROVEN: {
    status: 409,
    title: "What is here is not what the log says was delivered",
    fix: "see the hash that was delivered with `mabeam trade show <trade>`",
  },
  GOODS_GIVEN: {
    status: 409,
    title: "The goods were given already, and the other party may have them",
    fix: "nothing is to be done; see them with `mabeam trade show <trade>`",
  },
  GOODS_CLOSED: {
    status: 409,
    title: "The trade is past its delivery: nothing is given any more",
    fix: "see it with `mabeam trade show <trade>`",
  },
  GOODS_CUT_SHORT: {
    status: 400,
    title: "The body ended before it was whole, and nothing of it was kept",
    fix: "send it again, all of it within 15 s",
    retryable: true,
  },
  GOODS_TOO_LARGE: {
    status: 413,
    title: "Goods have 64 MiB at most",
    fix: "pack them, or give the address of what is larger",
  },
  DISK_FULL: {
    status: 507,
    title: "The daemon's disk is full, and nothing was kept",
    fix: "make room where the data folder is, then send it again",
    retryable: true,
  },
  SHELF_FULL: {
    status: 507,
    title: "The daemon holds as many goods as it may",
    fix: "goods of trades that are over go first; send it again when some have ended",
    retryable: true,
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 409,
    title: "This Idempotency-Key was used for another request",
    fix: "use a fresh key for each new wish",
  },
  AGENT_NAME_TAKEN: {
    status: 409,
    title: "A key of another purpose has this name",
    fix: "choose another name: `mabeam agent list` shows those of agents; names that begin with gateway- are the gateway's",
  },
  AGENTS_FULL: {
    status: 409,
    title: "The daemon holds as many agents as it takes",
    fix: "let an agent that is there do the work, or run a further daemon with `mabeam daemon --home <folder>`",
  },
  AGENTS_FIXED: {
    status: 409,
    title: "This peer takes no further agents",
    fix: "use one that it holds: `mabeam agent list`",
  },
  NO_AGENT: {
    status: 409,
    title: "This daemon holds no agent key",
    fix: "make one with `mabeam key create`, then start the daemon again",
  },
  BODY_TOO_LARGE: { status: 413, title: "The body is over 256 KiB", fix: "send less" },
  NOT_JSON: {
    status: 415,
    title: "Only application/json is accepted",
    fix: "send `Content-Type: application/json`, and `{}` where there is nothing to say",
  },
  NOT_BYTES: {
    status: 415,
    title: "Goods are sent as the bytes that they are",
    fix: "send `Content-Type: application/octet-stream`, and the bytes as the body",
  },
  CONNECTIONS_EXHAUSTED: {
    status: 503,
    title: "Too many connections are in use",
    fix: "close some, or send one request after another over one",
    retryable: true,
    retryAfterSeconds: 1,
  },
  STREAMS_EXHAUSTED: {
    status: 503,
    title: "Too many event streams are open",
    fix: "close some, or share one between listeners",
    retryable: true,
    retryAfterSeconds: 5,
  },
  TRANSCRIPTS_EXHAUSTED: {
    status: 503,
    title: "Others are reading long transcripts from this daemon",
    fix: "ask again in a few seconds, or ask another peer",
    retryable: true,
    retryAfterSeconds: 5,
  },
  INTERNAL: { status: 500, title: "The daemon failed", fix: "see its log; then report it", retryable: true },
  TIMED_OUT: {
    status: 504,
    title: "No answer in time; the wish may still be granted",
    fix: "ask again with the same Idempotency-Key: it is joined, not repeated",
    retryable: true,
  },
} as const satisfies Record<string, ProblemKind>;
export type ProblemCode = keyof typeof PROBLEMS;
