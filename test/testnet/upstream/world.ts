// An upstream for one test: a clock that only waiting moves, and requests to it in few words.
import { onTestFinished } from "vitest";
import type { Clock } from "../../../testnet/upstream/clock.js";
import type { CustomerRules } from "../../../testnet/upstream/customer.js";
import type { DialectName } from "../../../testnet/upstream/dialects/dialects.js";
import type { LimiterRules } from "../../../testnet/upstream/limiter.js";
import { type Figures, limitsOf } from "../../../testnet/upstream/limits.js";
import { plainRules, type UpstreamRules, USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { startUpstream, type Upstream } from "../../../testnet/upstream/upstream.js";

/** Some Friday noon. */
export const NOON_MS = Date.parse("2026-03-06T12:00:00Z");

const NO_LIMITS: LimiterRules = {
  limits: [],
  burstMs: null,
  countsFailed: false,
  acceleration: null,
  hidden: null,
};

export const customerOf = (
  change: Partial<CustomerRules>,
  limits: Partial<LimiterRules> = {},
): CustomerRules => ({ key: USUAL_KEY, paidTokens: null, ...change, limits: { ...NO_LIMITS, ...limits } });

export interface ManualClock extends Clock {
  pass(ms: number): void;
}

export function manualClock(): ManualClock {
  let nowMs = NOON_MS;
  const pass = (ms: number): void => {
    nowMs += Math.max(0, Math.floor(ms));
  };
  return { nowMs: () => nowMs, pass, sleep: async (ms) => pass(ms) };
}

/** JSON whose fields a test names and expects. */
// biome-ignore lint/suspicious/noExplicitAny: a field that is not there fails the test that names it
export type Loose = any;

export interface World extends Upstream {
  readonly clock: ManualClock;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** The answer as one body. */
  whole(path: string, body: unknown): Promise<Loose>;
  /** The answer as the events of its stream. */
  streamed(path: string, body: unknown): Promise<Loose[]>;
}

export async function worldOf(
  dialect: DialectName,
  figures: Figures = {},
  change: Partial<UpstreamRules> = {},
  limits: Partial<LimiterRules> = {},
): Promise<World> {
  const clock = manualClock();
  const plain = plainRules(dialect, clock, 7, figures);
  const customers = [customerOf({}, { limits: limitsOf(dialect, figures), ...limits })];
  const upstream = await startUpstream({ ...plain, customers, ...change });
  onTestFinished(upstream.close);
  const key: Readonly<Record<string, string>> = {
    openai: "authorization",
    azure: "api-key",
    anthropic: "x-api-key",
    google: "x-goog-api-key",
  };
  const credential = { [key[dialect]!]: dialect === "openai" ? `Bearer ${USUAL_KEY}` : USUAL_KEY };
  const post: World["post"] = (path, body, headers = {}) =>
    fetch(`${upstream.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...credential, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
      redirect: "manual",
    });
  return {
    ...upstream,
    clock,
    post,
    whole: async (path, body) => (await post(path, body)).json(),
    streamed: async (path, body) => eventsOf(await (await post(path, body)).text()),
  };
}

/** A prompt of so many tokens. */
export const promptOf = (tokens: number): string => "four".repeat(tokens);

/** The data of each event of a stream, as JSON where it is. */
export const eventsOf = (stream: string): Loose[] =>
  stream
    .split(/\r?\n\r?\n/)
    .map((event) => /^data: (.*)$/m.exec(event)?.[1])
    .filter((data) => data !== undefined)
    .map((data) => (data === "[DONE]" ? data : JSON.parse(data)));

export const headersOf = (response: Response): Record<string, string> => Object.fromEntries(response.headers);
