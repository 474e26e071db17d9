// The gateway's own refusals: what it says where it is not the upstream that answers.
import type { AskFault, FlowShare } from "../../src/quota/index.js";
import { BODY_MS, MAX_BODY_BYTES } from "./body.js";
import type { GatewayFault } from "./dialect.js";
import { UNITS } from "./limit-words.js";
import type { Exhausted } from "./parking.js";
import { jitteredMs } from "./retry-fields.js";

/** A refusal, before it is known which request it answers. */
export type Fault = Omit<GatewayFault, "requestId">;

export const bodyTooLarge = (): Fault => ({
  status: 413,
  code: "BODY_TOO_LARGE",
  message: `the request's body is larger than ${MAX_BODY_BYTES >> 20} MiB`,
  retryMs: null,
});

export const bodyTooSlow = (): Fault => ({
  status: 408,
  code: "BODY_TOO_SLOW",
  message: `the request's body did not come within ${BODY_MS / 1_000} s`,
  retryMs: 1_000,
});

/** @param who those that are sent away together come back apart */
export const bodiesFull = (who: string): Fault => ({
  status: 503,
  code: "BODIES_FULL",
  message: "the bodies of all requests that wait or run are more than the gateway holds at once",
  retryMs: jitteredMs(2_000, who),
});

export const notFromHere = (): Fault => ({
  status: 403,
  code: "NOT_FROM_HERE",
  message: "this gateway answers programs on its own machine, by that machine's own names for itself",
  retryMs: null,
});

/** @param why it is no request that everybody on its way reads alike */
export const requestUnclear = (why: string): Fault => ({
  status: 400,
  code: "REQUEST_UNCLEAR",
  message: why,
  retryMs: null,
});

export const signatureInvalid = (): Fault => ({
  status: 401,
  code: "SIGNATURE_INVALID",
  message: "x-mabeam-signed names no agent, or was not signed by it, or is over, or longer than 31 days",
  retryMs: null,
  fix: "mabeam key header <name>",
});

export const agentKeyUnknown = (): Fault => ({
  status: 401,
  code: "AGENT_KEY_UNKNOWN",
  message:
    "the credential looks like an agent's key of this gateway, and is none that it knows, or not any more",
  retryMs: null,
  fix: "mabeam gateway agents key <name>",
});

/** @param why the body is none that the dialect knows */
export const bodyUnreadable = (why: string): Fault => ({
  status: 400,
  code: "BODY_UNREADABLE",
  message: why,
  retryMs: null,
});

export const pathUnknown = (): Fault => ({
  status: 404,
  code: "PATH_UNKNOWN",
  message: "the gateway does not pass on such a call: it is none that it knows, or leads elsewhere",
  retryMs: null,
});

/** A gateway that is only started again is back by then. @param who those that are sent away together come back apart */
export const stopping = (who: string): Fault => ({
  status: 503,
  code: "STOPPING",
  message: "the gateway is being stopped",
  retryMs: jitteredMs(2_000, who),
});

export const upstreamDown = (why: string): Fault => ({
  status: 502,
  code: "UPSTREAM_DOWN",
  message: `the upstream did not answer: ${why}`,
  retryMs: 1_000,
});

/** What it costs could not be set aside (G39). */
export const booksUnwritable = (): Fault => ({
  status: 503,
  code: "BOOKS_UNWRITABLE",
  message: "the gateway cannot write down what requests cost, and sends none until it can",
  retryMs: 2_000,
});

/** Who is refused, and how it stands there. */
export interface Refused {
  /** by which those that are refused together come back apart */
  readonly who: string;
  /** as its owner names it on the command line */
  readonly level: string;
  /** of the limits, the agent's own part */
  readonly shares: readonly FlowShare[];
  /** how many wait where it would, and how long that takes at the present pace; null: not known */
  readonly waiting: number;
  readonly waitMs: number | null;
  /** since 1970 */
  readonly wallMs: number;
}

export const waitedTooLong = (waitedMs: number, refused: Refused): Fault => ({
  status: 429,
  code: "WAITED_TOO_LONG",
  message: `the request has waited ${secondsOf(waitedMs)} s for its turn, as long as its client does; ${placeWords(refused)}`,
  retryMs: jitteredMs(1_000, refused.who),
  ...ofShare(refused),
});

/** Why a request may not even wait. */
export function mayNotWait(fault: AskFault, refused: Refused): Fault {
  switch (fault.code) {
    case "NEVER_FITS":
      return {
        status: 400,
        code: fault.code,
        message: `the request needs more ${UNITS[fault.limit.dimension]} than the limit of ${fault.limit.limit} ever holds`,
        retryMs: null,
        fix: `mabeam gateway ${FLAGS[fault.limit.dimension]} <n>`,
      };
    case "QUEUE_FULL":
      return {
        status: 429,
        code: fault.code,
        message: `${fault.waiting} requests wait already${fault.of === "flow" ? " of this agent" : ""}; ${placeWords(refused)}`,
        retryMs: jitteredMs(Math.max(LEAST_RETRY_MS, refused.waitMs ?? LEAST_RETRY_MS), refused.who),
        ...ofShare(refused),
      };
  }
}

const LEAST_RETRY_MS = 5_000;

const placeWords = ({ waiting, waitMs }: Refused): string =>
  `one more would be number ${waiting + 1}${waitMs === null ? "" : `, and wait for about ${secondsOf(waitMs)} s`}`;

const secondsOf = (ms: number): number => Math.ceil(ms / 1_000);

const MINUTE_MS = 60_000;

/** The limit of which least is left to the agent, and what gives it more. */
function ofShare({ shares, level, wallMs }: Refused): Pick<Fault, "limit" | "fix"> {
  const [least] = [...shares].sort((a, b) => a.remaining / a.limit - b.remaining / b.limit);
  const fix = `mabeam gateway agents set ${level} --weight <n>`;
  if (least === undefined) return { fix };
  const { dimension, limit, remaining, resetMs, windowMs } = least;
  const name = windowMs === MINUTE_MS ? NAMES[dimension] : "share";
  return { limit: { name, used: limit - remaining, limit, resetsMs: wallMs + resetMs }, fix };
}

const NAMES = { requests: "rpm", tokens: "tpm", inputTokens: "itpm", outputTokens: "otpm" } as const;
const FLAGS = { requests: "--rpm", tokens: "--tpm", inputTokens: "--itpm", outputTokens: "--otpm" } as const;
const EXHAUSTED: Readonly<Record<Exhausted["why"], string>> = {
  credit: "the upstream says that what its key was paid for is used up",
  day: "the upstream says that its key's limit of a day is used up",
  plan: "the upstream says that its key's subscription is used up",
};

/** The key itself is used up: nobody who waits is helped. */
export function keyExhausted({ why, untilMs }: Exhausted): Fault {
  const until = untilMs === null ? "" : `, until ${new Date(untilMs).toISOString()}`;
  const message = `${EXHAUSTED[why]}${until}`;
  return { status: why === "credit" ? 402 : 429, code: "KEY_EXHAUSTED", message, retryMs: null };
}
