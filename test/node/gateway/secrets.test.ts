// Keys and bodies are told nowhere: whatever happens to a request, what it carries is in no event, book, file, view, metric or message of the gateway's own.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { gatewayRequestView, gatewayView } from "../../../node/api/views/gateway.js";
import { eventWords } from "../../../node/gateway/event-words.js";
import type { HostedEvent } from "../../../node/gateway/hosted-event.js";
import { Books, HostedGateway, NamedAgents } from "../../../node/gateway/hosted-gateway.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { faultsInOrder } from "../../../testnet/upstream/faults.js";
import { plainRules } from "../../../testnet/upstream/rules.js";
import { startUpstream } from "../../../testnet/upstream/upstream.js";
import { testFolder } from "../folder.js";
import { perMinute, RULES, until } from "./stage.js";
import { testClock } from "./test-clock.js";

const UPSTREAM_KEY = "sk-upstream-Zq7vN3";
const CLIENT_KEY = "sk-client-Wp4kM8";
const IN_BODY = "prompt-Xr9tB2";
const IN_ANSWER = "answer-Hc5yD6";
const IN_QUERY = "query-Jm1sF0";

let printed: string[] = [];
beforeEach(() => {
  printed = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
});
afterEach(() => void vi.restoreAllMocks());

/** Everything below a folder, whatever it is. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"));

/** As a program may show it: with what is not enumerable of errors. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    one instanceof Error ? { ...one, message: one.message, stack: one.stack } : one,
  ) ?? "";

test("G44 what a request carries is told by nothing that the gateway says, keeps or shows", async () => {
  const folder = await testFolder();
  const clock = testClock();
  const faults = [
    null,
    { kind: "bare" },
    { kind: "broken" },
    { kind: "garbage" },
    { kind: "cut", afterBytes: 0 },
  ] as const;
  const plain = plainRules("openai", clock, 1, {});
  const upstream = await startUpstream({
    ...plain,
    customers: plain.customers.map((one) => ({ ...one, key: UPSTREAM_KEY })),
    faults: faultsInOrder(faults),
  });
  onTestFinished(upstream.close);
  const events: HostedEvent[] = [];
  const named = NamedAgents.open(join(folder, "agents.json"));
  const figures = { weight: 1, band: "normal", parent: null, limits: NO_SPENDING_LIMITS } as const;
  const added = await named.add("ada", figures, 0n);
  if (!added.ok) throw new Error(added.error.code);
  const agentKey = added.value.key;
  const ledger = { nowMs: clock.wallMs, state: { halted: null }, owner: null } as never;
  const hosted = await HostedGateway.start(
    {
      upstream: new URL(new URL(upstream.url).origin),
      key: UPSTREAM_KEY,
      rules: { ...RULES, limits: perMinute({ rpm: 100, tpm: 100_000 }) },
      listen: { host: "127.0.0.1", port: 0 },
      named,
      books: await Books.open(join(folder, "books"), clock.wallMs()),
      clock,
    },
    ledger,
    (event) => events.push(event),
  );
  let isOpen = true;
  const close = async () => {
    if (isOpen) await hosted.close();
    isOpen = false;
  };
  onTestFinished(close);
  clock.goOn(500);

  const ownWords: string[] = [];
  const ask = async (credential: string, body: string, path = "/v1/chat/completions", more = {}) => {
    const headers = { authorization: `Bearer ${credential}`, "content-type": "application/json", ...more };
    const answer = await fetch(`${hosted.url}${path}`, { method: "POST", headers, body }).catch(() => null);
    const text = (await answer?.text().catch(() => "")) ?? "";
    const fields = shown([...(answer?.headers ?? [])]);
    // What the upstream answers is its own; what the gateway refuses is said here.
    ownWords.push(fields, /"code":"[A-Z_]{6,}"/.test(text) ? text : "");
  };
  const wanted = (more: object = {}) =>
    JSON.stringify({
      model: "gpt-upstream",
      max_tokens: 20,
      messages: [{ role: "user", content: `${IN_BODY} [write 12 tokens]` }],
      metadata: { note: IN_ANSWER },
      ...more,
    });
  for (const credential of [CLIENT_KEY, agentKey]) {
    for (let n = 0; n < faults.length; n++) await ask(credential, wanted({ stream: n % 2 === 0 }));
    await ask(credential, wanted(), `/v1/chat/completions?api-key=${IN_QUERY}`);
    await ask(credential, `{"model": "${IN_BODY}`);
    await ask(credential, wanted({ max_tokens: 10_000_000 }));
    await ask(credential, wanted(), `/v1/other/${"x".repeat(8)}`);
    await ask(credential, wanted(), "/v1/chat/completions", { host: "elsewhere" });
  }
  await ask(`${agentKey.slice(0, -4)}zzzz`, wanted());
  await until(() => hosted.counts.waiting + hosted.counts.running === 0);

  expect(events.filter(({ kind }) => kind === "accident")).toEqual([]);
  const requests = hosted.recent.newest(1_000, null);
  expect(requests.length).toBeGreaterThan(10);
  const views = [
    shown(gatewayView(hosted, 100, clock.wallMs())),
    ...requests.map((one) => shown(gatewayRequestView(one))),
    await hosted.metrics.text(),
  ];
  const told = events.flatMap((one) => [shown(one), eventWords(one as never) ?? ""]);
  await close();
  const kept = filesIn(folder);
  expect(kept.length).toBeGreaterThan(2);
  expect(kept.join("").includes("gpt-upstream")).toBe(true);
  const secrets = [UPSTREAM_KEY, CLIENT_KEY, agentKey, IN_BODY, IN_ANSWER, IN_QUERY];
  for (const [place, texts] of Object.entries({ told, kept, views, ownWords, printed }))
    for (const secret of secrets)
      expect([place, secret, texts.filter((text) => text.includes(secret))]).toEqual([place, secret, []]);
});
