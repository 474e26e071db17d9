// What users of the official clients meet: what happens behind the gateway, and what they have in hand for it.
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../../../../testnet/upstream/faults.js";
import { USUAL_KEY } from "../../../../testnet/upstream/rules.js";
import type { Client, Settings, Wanted } from "./client.js";
import type { ClientTime } from "./client-time.js";
import type { Stage, Staged } from "./stage.js";

/** As `outcomeOf` says it, and how often client and gateway asked for it. */
type Cell = string | { readonly whole?: string; readonly stream: string };

export interface Row {
  readonly what: string;
  readonly staged?: Staged;
  readonly wanted?: Partial<Wanted>;
  readonly settings?: Pick<Settings, "maxRetries" | "timeoutMs">;
  /** when the user breaks off: once the upstream has the request, or with the sixth piece of a stream */
  readonly leavesAt?: "once" | "piece";
  /** the client has asked once before, and taken all that there is */
  readonly isFull?: true;
  /** what is done before the client asks */
  readonly before?: (stage: Stage, client: Client) => Promise<void>;
  /** done again and again until the client has its end; then its time passes only here. @param isWaiting the gateway has it in a line */
  readonly meanwhile?: (stage: Stage, time: ClientTime, isWaiting: boolean) => void;
  /** ms that the client waits for before it comes again: at least, and at most */
  readonly waits?: readonly [least: number, most: number];
  readonly cells: Readonly<Record<Client["name"], Cell>>;
  /** where the newest clients differ from those that run on this project's Node */
  readonly newest?: Partial<Row["cells"]>;
  /** of the error's message */
  readonly says?: RegExp;
  /** of the answer */
  readonly text?: RegExp;
}

/** undefined: what happens does not happen there. */
export function cellOf(
  { cells, newest }: Row,
  { name }: Pick<Client, "name">,
  isStream: boolean,
  areNewest: boolean,
): string | undefined {
  const cell = (areNewest ? newest?.[name] : undefined) ?? cells[name];
  return typeof cell === "string" ? cell : isStream ? cell.stream : cell.whole;
}

/** Words of three letters. */
const WORDS = /^([a-z]{3} )+$/;

const all = (cell: Cell): Row["cells"] => ({
  "openai chat": cell,
  "openai responses": cell,
  "azure chat": cell,
  anthropic: cell,
  google: cell,
});
const openai = (cell: Cell) => ({ "openai chat": cell, "openai responses": cell, "azure chat": cell });
const times = (count: number, fault: Fault): readonly Fault[] => Array.from({ length: count }, () => fault);

const ALWAYS = 12;
const MINUTE_TOKENS = 60_000;
const MINUTES = (["tokens", "inputTokens"] as const).map((dimension) => ({
  dimension,
  limit: MINUTE_TOKENS,
  windowMs: 60_000,
  ends: "refill" as const,
}));
const ONE_A_MINUTE = { limits: [{ dimension: "requests", limit: 1, windowMs: 60_000 }] } as const;
const ONE_A_DAY = { limits: [{ dimension: "requests", limit: 1, windowMs: 86_400_000 }] } as const;

/** The longest for which the gateway sends a client away. */
const LONGEST_WAIT_MS = 75_000;

/** One request that takes all there is, and others that wait. */
const occupied =
  (count: number) =>
  async (stage: Stage): Promise<void> => {
    const body = JSON.stringify({ model: "any", messages: [{ role: "user", content: "hello" }] });
    const headers = { "session-id": "somebody-else" };
    for (let n = 0; n < count; n++) {
      void fetch(`${stage.url}/v1/chat/completions`, { method: "POST", headers, body }).catch(
        () => undefined,
      );
    }
    const { visits } = stage.upstream.journal;
    while (visits.length === 0 || stage.counts.waiting < count - 1) await wait(2);
  };

export const ROWS: readonly Row[] = [
  { what: "nothing goes wrong", cells: all("answer"), text: WORDS },
  {
    what: "the model calls a tool, and is told what it said",
    wanted: { shape: "tool" },
    cells: all("answer, asked 2×"),
    text: WORDS,
  },
  {
    what: "the user waits for 5 s, and wants no repetition",
    settings: { maxRetries: 0, timeoutMs: 5_000 },
    cells: all("answer"),
    text: WORDS,
  },
  { what: "the conversation has some turns", wanted: { shape: "turns" }, cells: all("answer"), text: WORDS },
  {
    what: "the user breaks off before anything comes",
    leavesAt: "once",
    staged: { faults: [{ kind: "slow", ms: 600_000 }] },
    cells: { ...openai("APIUserAbortError"), anthropic: "APIUserAbortError", google: "DOMException" },
  },
  {
    what: "the user breaks off in the middle of a stream",
    leavesAt: "piece",
    staged: { faults: [{ kind: "stall", afterFrames: 8 }] },
    wanted: { text: "hello [write 60 tokens]" },
    cells: {
      ...openai({ stream: "part" }),
      anthropic: { stream: "APIUserAbortError" },
      google: { stream: "DOMException" },
    },
  },
  {
    what: "429 of a limit that somebody else has used up with the same key",
    staged: { limits: MINUTES },
    before: async ({ direct }, client) => {
      const settings = { url: direct, key: USUAL_KEY };
      const text = "four".repeat(MINUTE_TOKENS - 2);
      await client.ask(settings, { isStream: false, shape: "plain", text, maxTokens: 1 });
    },
    cells: all("answer, sent 2×"),
    text: WORDS,
  },
  {
    what: "429, which says nothing",
    staged: { faults: times(1, { kind: "bare" }) },
    cells: all("answer, sent 2×"),
    text: WORDS,
  },
  {
    what: "429, every time",
    staged: { faults: times(ALWAYS, { kind: "bare" }) },
    cells: {
      ...openai("RateLimitError 429, sent 3×"),
      anthropic: "RateLimitError 429 rate_limit_error, sent 3×",
      google: "ApiError 429 RESOURCE_EXHAUSTED, sent 3×",
    },
  },
  {
    what: "nothing is left to pay with",
    staged: { paidTokens: 0 },
    cells: {
      ...openai("RateLimitError 429 insufficient_quota"),
      anthropic: "BadRequestError 400 invalid_request_error",
      google: "ApiError 429 RESOURCE_EXHAUSTED",
    },
    says: /used up|credit balance/,
  },
  {
    what: "the gateway knows that nothing is left to pay with",
    isFull: true,
    staged: { paidTokens: 0 },
    cells: {
      ...openai("APIError 402 KEY_EXHAUSTED, never sent"),
      anthropic: "PaymentRequiredError 402 KEY_EXHAUSTED, never sent",
      google: "ApiError 402 KEY_EXHAUSTED, never sent",
    },
    says: /what its key was paid for is used up/,
  },
  {
    what: "the upstream does not know the gateway's key",
    staged: { key: "sk-unknown" },
    cells: {
      ...openai("AuthenticationError 401 invalid_api_key"),
      anthropic: "AuthenticationError 401 authentication_error",
      google: "ApiError 400 INVALID_ARGUMENT",
    },
    says: /key/,
  },
  {
    what: "the upstream refuses the body",
    staged: { upstream: { maxBodyBytes: 10 } },
    cells: {
      "openai chat": "APIError 413 request_too_large",
      "openai responses": "APIError 413 request_too_large",
      "azure chat": "APIError 413 request_too_large",
      anthropic: "ContentTooLargeError 413 request_too_large",
      google: "ApiError 413 INVALID_ARGUMENT",
    },
    says: /too large/,
  },
  {
    what: "500, once",
    staged: { faults: times(1, { kind: "broken" }) },
    cells: { ...all("answer, asked 2×"), google: "ApiError 500 INTERNAL" },
  },
  {
    what: "500, every time",
    staged: { faults: times(ALWAYS, { kind: "broken" }) },
    cells: {
      ...openai("InternalServerError 500 server_error, asked 3×"),
      anthropic: "InternalServerError 500 api_error, asked 3×",
      google: "ApiError 500 INTERNAL",
    },
  },
  {
    what: "overloaded, once",
    staged: { faults: times(1, { kind: "overloaded" }) },
    cells: all("answer, sent 2×"),
    text: WORDS,
  },
  {
    what: "overloaded, inside of a success",
    staged: { faults: times(1, { kind: "inside" }) },
    cells: all("answer, sent 2×"),
    text: WORDS,
  },
  {
    what: "the model fails in the middle of a stream",
    staged: {
      faults: times(1, { kind: "failure", afterFrames: 8 }),
      upstream: { pace: { firstByteMs: 0, tokensPerSecond: 1_000 } },
    },
    wanted: { text: "hello [write 60 tokens]" },
    cells: {
      "openai chat": { stream: "APIError server_error" },
      "openai responses": { stream: "part" },
      "azure chat": { stream: "APIError server_error" },
      anthropic: { stream: "APIError overloaded_error" },
      google: { stream: "ApiError 503" },
    },
    newest: { "openai responses": { stream: "APIError server_error" } },
  },
  {
    what: "the connection is reset before the first byte",
    staged: { faults: times(1, { kind: "cut", afterBytes: 0 }) },
    cells: all("answer, sent 2×"),
    text: WORDS,
  },
  {
    what: "the connection is reset in the middle of an answer",
    staged: {
      faults: times(1, { kind: "cut", afterBytes: 1_500 }),
      upstream: { pace: { firstByteMs: 0, tokensPerSecond: 10_000 } },
    },
    wanted: { text: "hello [write 300 tokens]", maxTokens: 300 },
    cells: {
      ...openai("TypeError"),
      anthropic: { whole: "TypeError", stream: "AnthropicError" },
      google: "TypeError",
    },
    says: /terminated/,
  },
  {
    what: "bytes that mean nothing",
    staged: { faults: times(1, { kind: "garbage" }) },
    cells: {
      ...openai({ whole: "SyntaxError", stream: "nothing" }),
      anthropic: { whole: "SyntaxError", stream: "AnthropicError" },
      google: { whole: "SyntaxError", stream: "Error" },
    },
  },
  {
    what: "it needs more than the limit ever holds",
    staged: { pool: { limits: [{ dimension: "tokens", limit: 20, windowMs: 60_000 }] } },
    cells: {
      ...openai("BadRequestError 400 NEVER_FITS, never sent"),
      anthropic: "BadRequestError 400 NEVER_FITS, never sent",
      google: "ApiError 400 NEVER_FITS, never sent",
    },
    says: /needs more tokens than the limit of 20 ever holds/,
  },
  {
    what: "too many wait already, and the user wants no repetition",
    staged: { pool: { ...ONE_A_MINUTE, maxWaiting: 1 } },
    before: occupied(2),
    settings: { maxRetries: 0 },
    cells: {
      ...openai("RateLimitError 429 QUEUE_FULL, never sent"),
      anthropic: "RateLimitError 429 QUEUE_FULL, never sent",
      google: "ApiError 429 QUEUE_FULL, never sent",
    },
    says: /1 requests wait already/,
  },
  {
    what: "it has waited as long as the user does, who wants no repetition",
    staged: { pool: ONE_A_MINUTE },
    before: occupied(1),
    settings: { maxRetries: 0, timeoutMs: 4_000 },
    cells: {
      ...openai("RateLimitError 429 WAITED_TOO_LONG, never sent"),
      anthropic: "RateLimitError 429 WAITED_TOO_LONG, never sent",
      google: "ApiError 429 WAITED_TOO_LONG, never sent",
    },
    says: /has waited \d s for its turn, as long as its client does/,
  },
  {
    what: "too many wait already, each time",
    staged: { pool: { ...ONE_A_DAY, maxWaiting: 1 }, isStill: true },
    before: occupied(2),
    meanwhile: (_, time) => time.pass(LONGEST_WAIT_MS),
    waits: [5_000, LONGEST_WAIT_MS],
    cells: {
      ...openai("RateLimitError 429 QUEUE_FULL, asked 3×, never sent"),
      anthropic: "RateLimitError 429 QUEUE_FULL, asked 3×, never sent",
      google: "ApiError 429 QUEUE_FULL, never sent",
    },
    says: /1 requests wait already/,
  },
  {
    what: "too many wait already, and later there is room",
    staged: { pool: { ...ONE_A_MINUTE, maxWaiting: 1 }, isStill: true },
    before: occupied(2),
    meanwhile: (stage, time) => {
      if (stage.passed.some(({ code }) => code === "QUEUE_FULL")) stage.pass(60_000);
      time.pass(LONGEST_WAIT_MS);
    },
    waits: [5_000, LONGEST_WAIT_MS],
    cells: { ...all("answer, asked 2×, sent 1×"), google: "ApiError 429 QUEUE_FULL, never sent" },
  },
  {
    what: "it has waited as long as the user does, each time",
    staged: { pool: ONE_A_DAY, isStill: true },
    before: occupied(1),
    settings: { timeoutMs: 90_000 },
    meanwhile: (stage, time, isWaiting) => {
      if (isWaiting) stage.pass(17_000);
      time.pass(LONGEST_WAIT_MS);
    },
    waits: [1_000, 1_250],
    cells: {
      ...openai("RateLimitError 429 WAITED_TOO_LONG, asked 3×, never sent"),
      anthropic: "RateLimitError 429 WAITED_TOO_LONG, asked 3×, never sent",
      google: "ApiError 429 WAITED_TOO_LONG, never sent",
    },
    says: /has waited 85 s for its turn/,
  },
  {
    what: "the user's time is over while it waits, and the user wants no repetition",
    staged: { pool: ONE_A_DAY, isStill: true },
    before: occupied(1),
    settings: { maxRetries: 0, timeoutMs: 9_000 },
    meanwhile: (_, time, isWaiting) => {
      if (isWaiting) time.pass(9_000);
    },
    waits: [9_000, 9_000],
    cells: {
      ...openai("APIConnectionTimeoutError, never sent"),
      anthropic: "APIConnectionTimeoutError, never sent",
      google: "DOMException, never sent",
    },
  },
  {
    what: "the user's time is over while it waits, each time",
    staged: { pool: ONE_A_DAY, isStill: true },
    before: occupied(1),
    settings: { timeoutMs: 9_000 },
    meanwhile: (_, time, isWaiting) => time.pass(isWaiting ? 9_000 : 1_000),
    cells: {
      ...openai("APIConnectionTimeoutError, asked 3×, never sent"),
      anthropic: "APIConnectionTimeoutError, asked 3×, never sent",
      google: "DOMException, never sent",
    },
  },
  {
    what: "what its agent may spend is used up",
    staged: { perWeek: 1n },
    cells: {
      ...openai("APIError 402 BUDGET_EXCEEDED, never sent"),
      anthropic: "PaymentRequiredError 402 BUDGET_EXCEEDED, never sent",
      google: "ApiError 402 BUDGET_EXCEEDED, never sent",
    },
    says: /week/,
  },
  {
    what: "nobody answers at the upstream's address, and the user wants no repetition",
    before: ({ upstream }) => upstream.close(),
    settings: { maxRetries: 0 },
    cells: {
      ...openai("InternalServerError 502 UPSTREAM_DOWN, never sent"),
      anthropic: "InternalServerError 502 UPSTREAM_DOWN, never sent",
      google: "ApiError 502 UPSTREAM_DOWN, never sent",
    },
    says: /the upstream did not answer/,
  },
];
