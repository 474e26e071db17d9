// The gateway's own refusals: what it says where it is not the upstream that answers.
import type { AskFault } from "../../src/quota/index.js";
import { MAX_BODY_BYTES } from "./body.js";
import type { GatewayFault } from "./dialect.js";
import type { Exhausted } from "./parking.js";

/** A refusal, before it is known which request it answers. */
export type Fault = Omit<GatewayFault, "requestId">;

export const bodyTooLarge = (): Fault => ({
  status: 413,
  code: "BODY_TOO_LARGE",
  message: `the request's body is larger than ${MAX_BODY_BYTES >> 20} MiB`,
  retryMs: null,
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
  message: "the gateway passes on only calls that it knows, and this is none of them",
  retryMs: null,
});

/** @param retryMs when a gateway that was only started again will be back */
export const stopping = (retryMs: number): Fault => ({
  status: 503,
  code: "STOPPING",
  message: "the gateway is being stopped",
  retryMs,
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

export const waitedTooLong = (waitedMs: number): Fault => ({
  status: 429,
  code: "WAITED_TOO_LONG",
  message: `the request has waited ${Math.round(waitedMs / 1_000)} s for its turn, as long as its client does`,
  retryMs: 1_000,
});

/** Why a request may not even wait. */
export function mayNotWait(fault: AskFault): Fault {
  switch (fault.code) {
    case "NEVER_FITS":
      return {
        status: 400,
        code: fault.code,
        message: `the request needs more ${fault.limit.dimension} than the limit of ${fault.limit.limit} ever holds`,
        retryMs: null,
      };
    case "QUEUE_FULL":
      return {
        status: 429,
        code: fault.code,
        message: `${fault.waiting} requests wait already${fault.of === "flow" ? " of this agent" : ""}`,
        retryMs: 5_000,
      };
  }
}

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
