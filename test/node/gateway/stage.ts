// A gateway before the test upstream, for one test: on a clock that the test moves, and asked in few words.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import {
  type GatewayEvent,
  type GatewayOptions,
  type RunningGateway,
  startGateway,
} from "../../../node/gateway/gateway.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import type { Passed } from "../../../node/gateway/passed.js";
import type { PoolRules } from "../../../src/quota/index.js";
import type { DialectName } from "../../../testnet/upstream/dialects/dialects.js";
import type { LimiterRules } from "../../../testnet/upstream/limiter.js";
import { type Figures, limitsOf } from "../../../testnet/upstream/limits.js";
import { plainRules, type UpstreamRules, USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { startUpstream, type Upstream } from "../../../testnet/upstream/upstream.js";
import { RULES as QUOTA_RULES } from "../../quota/asking.js";
import { type TestClock, testClock } from "./test-clock.js";

/** Limits of a minute. */
export const perMinute = (figures: Figures): PoolRules["limits"] =>
  limitsOf("openai", figures).map(({ dimension, limit, windowMs }) => ({ dimension, limit, windowMs }));

export const RULES: PoolRules = {
  ...QUOTA_RULES,
  limits: [],
  headroomBp: 0,
  congestion: { first: 32, most: 32, pauseMs: 500 },
  maxWaiting: 200,
  maxWaitingPerFlow: 50,
};

export interface StageRules {
  readonly dialect?: DialectName;
  /** of the upstream's key */
  readonly figures?: Figures;
  readonly limiter?: Partial<LimiterRules>;
  readonly paidTokens?: number;
  readonly upstream?: Partial<UpstreamRules>;
  readonly pool?: Partial<PoolRules>;
  readonly gateway?: Partial<GatewayOptions>;
}

export interface Stage<T = Upstream> {
  readonly upstream: T;
  readonly gateway: RunningGateway;
  readonly clock: TestClock;
  readonly events: readonly GatewayEvent[];
  /** what became of requests that asked for a turn, in the order of their ends */
  passed(): readonly Passed[];
  /** A request of an agent's in the upstream's dialect. @param text of its prompt */
  ask(agent: string, more?: AskMore): Promise<Response>;
  /** The same to the upstream itself, under the gateway's key: somebody else uses it. */
  askBehind(text?: string): Promise<Response>;
  /** Nothing is left behind: nobody waits or runs. */
  expectIdle(): Promise<void>;
}

export interface AskMore {
  readonly model?: string;
  readonly text?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function stage(rules: StageRules = {}): Promise<Stage> {
  const { dialect = "openai", figures = {} } = rules;
  const clock = testClock();
  const plain = plainRules(dialect, clock, 1, figures);
  const customers = plain.customers.map((one) => ({
    ...one,
    limits: { ...one.limits, ...rules.limiter },
    paidTokens: rules.paidTokens ?? null,
  }));
  const upstream = await startUpstream({ ...plain, customers, ...rules.upstream });
  onTestFinished(upstream.close);
  return before(upstream, plain.models[0]!, rules, clock);
}

/** A gateway before any upstream. @param model that it has */
export async function before<T extends { readonly url: string }>(
  upstream: T,
  model: string,
  rules: StageRules = {},
  clock = testClock(),
): Promise<Stage<T>> {
  const { dialect = "openai" } = rules;
  const events: GatewayEvent[] = [];
  const gateway = await startGateway({
    upstream: new URL(new URL(upstream.url).origin),
    key: USUAL_KEY,
    rules: { ...RULES, ...rules.pool },
    listen: { host: "127.0.0.1", port: 0 },
    named: NamedAgents.open(null),
    books: await Books.open(new MemoryDisk(), clock.wallMs()),
    onEvent: (event) => events.push(event),
    clock,
    ...rules.gateway,
  });
  onTestFinished(() => gateway.close());
  return {
    upstream,
    gateway,
    clock,
    events,
    passed: () => events.flatMap((one) => (one.kind === "passed" ? [one.passed] : [])),
    ask(agent, more = {}) {
      const { path, headers, body } = askIn(
        dialect,
        more.model ?? model,
        more.text ?? "hello [write 12 tokens]",
      );
      return fetch(gateway.url + path, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": "application/json", "session-id": agent, ...headers, ...more.headers },
        body: JSON.stringify({ ...body, ...more.body }),
        ...(more.signal === undefined ? {} : { signal: more.signal }),
      });
    },
    askBehind(text = "hello [write 12 tokens]") {
      const { path, headers, body } = askIn(dialect, model, text);
      const credential = Object.keys(headers).find((name) => headers[name]!.endsWith("any"))!;
      return fetch(new URL(upstream.url).origin + path, {
        method: "POST",
        headers: { ...headers, [credential]: headers[credential]!.replace("any", USUAL_KEY) },
        body: JSON.stringify(body),
      });
    },
    async expectIdle() {
      await until(() => gateway.counts.running + gateway.counts.waiting === 0);
      expect(gateway.counts).toEqual({ waiting: 0, running: 0 });
    },
  };
}

/** An upstream that answers as a test says. */
export async function rawUpstream(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

interface AskIn {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

function askIn(dialect: DialectName, model: string, text: string): AskIn {
  const messages = [{ role: "user", content: text }];
  switch (dialect) {
    case "anthropic":
      return {
        path: "/v1/messages",
        headers: { "x-api-key": "any", "anthropic-version": "2023-06-01" },
        body: { model, max_tokens: 20, messages },
      };
    case "google":
      return {
        path: `/v1beta/models/${model}:generateContent`,
        headers: { "x-goog-api-key": "any" },
        body: { contents: [{ role: "user", parts: [{ text }] }], generationConfig: { maxOutputTokens: 20 } },
      };
    case "azure":
      return {
        path: "/openai/v1/responses",
        headers: { "api-key": "any" },
        body: { model, max_output_tokens: 20, input: text },
      };
    default:
      return {
        path: "/v1/chat/completions",
        headers: { authorization: "Bearer any" },
        body: { model, max_tokens: 20, messages },
      };
  }
}

export async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++) {
    if (looks > 10_000) throw new Error("what a test waited for did not come");
    await wait(5);
  }
}

/** Fields of an error of OpenAI's dialect. */
export async function errorOf(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  return ((await answer.json()) as { readonly error: Readonly<Record<string, unknown>> }).error;
}
