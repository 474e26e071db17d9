// Anthropic's family: paths, keys, three limits apart, and what headers and refusals say.
import type { IncomingHttpHeaders } from "node:http";
import type { Dimension, Over, Reading } from "../amounts.js";
import { type Dialect, type Headers, json, type Moment, type Trouble } from "../dialect.js";
import { secondsUp } from "../durations.js";
import type { Reply } from "../exchange.js";
import { messages, requestId } from "./anthropic-messages.js";
import { isSubscription, unified } from "./anthropic-unified.js";
import { bearerIn, single } from "./openai.js";

export const anthropic: Dialect = {
  find(method, { pathname }) {
    if (pathname === "/v1/models" && method === "GET") return { kind: "models" };
    if (method !== "POST") return null;
    if (pathname === "/v1/messages") return { kind: "write", shape: messages };
    return pathname === "/v1/messages/count_tokens" ? { kind: "count", shape: counting } : null;
  },
  keyIn,
  // What the cache had counts nothing. Of its output a request needs room for the first token.
  asks: (_, prompt, cached) => ({
    requests: 1,
    tokens: prompt - cached + 1,
    inputTokens: prompt - cached,
    outputTokens: 1,
  }),
  counts: () => ["outputTokens", "tokens"],
  told: (readings, key, { nowMs }) =>
    isSubscription(key) ? unified(readings, nowMs) : rates(readings, nowMs),
  signed: ({ id }) => ({ "request-id": requestId(id), "anthropic-organization-id": "upstream" }),
  refusal,
  trouble,
  models: (names) => ({
    data: names.map((id) => ({ type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  count: (tokens) => ({ input_tokens: tokens }),
};

/** Counting asks for no output, so that a body need not say how much there may be. */
const counting: typeof messages = {
  ...messages,
  read: (body, url) => messages.read({ ...body, max_tokens: 1 }, url),
};

function keyIn(headers: IncomingHttpHeaders): string | null {
  return single(headers["x-api-key"]) ?? bearerIn(headers);
}

const NAMES: Readonly<Record<Dimension, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
};

/** What is left of tokens is told in whole thousands. */
const GRAIN = 1_000;

const rfc3339 = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function rates(readings: readonly Reading[], nowMs: number): Headers {
  const headers: Record<string, string> = {};
  const tell = (name: string, limit: number, remaining: number, resetMs: number): void => {
    headers[`anthropic-ratelimit-${name}-limit`] = `${limit}`;
    headers[`anthropic-ratelimit-${name}-remaining`] = `${remaining}`;
    headers[`anthropic-ratelimit-${name}-reset`] = rfc3339(nowMs + resetMs);
  };
  const sum = { limit: 0, remaining: 0, resetMs: 0 };
  for (const { limit, remaining, resetMs } of readings) {
    const isRequests = limit.dimension === "requests";
    const left = Math.max(0, isRequests ? remaining : Math.round(remaining / GRAIN) * GRAIN);
    tell(NAMES[limit.dimension], limit.limit, left, resetMs);
    if (isRequests) continue;
    sum.limit += limit.limit;
    sum.remaining += left;
    sum.resetMs = Math.max(sum.resetMs, resetMs);
  }
  if (sum.limit > 0) tell("tokens", sum.limit, sum.remaining, sum.resetMs);
  return headers;
}

function refusal(over: readonly Over[], moment: Moment): Reply {
  const { limit, waitMs, reason } = over[0]!;
  const name = NAMES[limit.dimension].replace("-", " ");
  const why =
    reason === "acceleration"
      ? "Your organization's use grows faster than is allowed: raise it step by step"
      : `This request would pass your organization's rate limit of ${limit.limit} ${name} per minute`;
  const longest = Math.max(...over.map((one) => one.waitMs ?? one.limit.windowMs));
  const waits: Headers = waitMs === null ? {} : { "retry-after": `${Math.max(1, secondsUp(longest))}` };
  return told(429, "rate_limit_error", `${why}.`, moment, waits);
}

const told = (status: number, type: string, message: string, { id }: Moment, headers: Headers = {}): Reply =>
  json(status, { type: "error", error: { type, message }, request_id: requestId(id) }, headers);

function trouble(trouble: Trouble, moment: Moment): Reply {
  switch (trouble.kind) {
    case "key":
      return told(401, "authentication_error", "invalid x-api-key", moment);
    case "path":
      return told(404, "not_found_error", "Not Found", moment);
    case "body":
      return told(400, "invalid_request_error", trouble.why, moment);
    case "size":
      return told(413, "request_too_large", "The body is too large.", moment);
    case "overloaded":
      return told(529, "overloaded_error", "Overloaded", moment, { "x-should-retry": "true" });
    case "broken":
      return told(500, "api_error", "Internal server error", moment);
    case "bare":
      return told(429, "rate_limit_error", "Error", moment, { "x-should-retry": "true" });
    case "unpaid":
      return told(400, "invalid_request_error", "Your credit balance is too low for this request.", moment);
  }
}
