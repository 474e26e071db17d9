// kill -9 of a gateway in the middle of streams: started again in its folder, it has charged each request once, and clients come back to it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { Books } from "../../node/gateway/books/books.js";
import { runningClock } from "../../testnet/upstream/clock.js";
import { plainRules, USUAL_KEY } from "../../testnet/upstream/rules.js";
import { startUpstream } from "../../testnet/upstream/upstream.js";
import { testFolder } from "../node/folder.js";

const CLIENTS = 4;

interface Gateway {
  readonly url: string;
  readonly child: ChildProcess;
  /** what it tells, line by line; null: it has ended */
  next(): Promise<{ readonly kind: string; readonly [field: string]: unknown } | null>;
  kill(): Promise<void>;
}

async function start(...argv: string[]): Promise<Gateway> {
  const child = spawn(process.execPath, ["bin/mabeam.mjs", "gateway", "--json", ...argv], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => {
    const line = await lines.next();
    return line.done ? null : JSON.parse(line.value);
  };
  const { url } = await next();
  return { url, child, next, kill };
}

const asked = (url: string, client: number, text: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer any", "content-type": "application/json", "session-id": `c${client}` },
    body: JSON.stringify({
      model: "gpt-upstream",
      stream: true,
      messages: [{ role: "user", content: text }],
    }),
  });

test("G16 killed with -9 in the middle of streams, it charges each once, and answers those who come back", async () => {
  const plain = plainRules("openai", runningClock(1, Date.now()), 1, {});
  const upstream = await startUpstream({ ...plain, pace: { firstByteMs: 0, tokensPerSecond: 2_000 } });
  onTestFinished(upstream.close);
  const folder = await testFolder();
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, `${USUAL_KEY}\n`, { mode: 0o600 });
  const home = join(folder, "dev");
  const flags = [
    "--upstream",
    new URL(upstream.url).origin,
    "--key-file",
    keyFile,
    "--rpm",
    "1000",
    "--home",
    home,
  ];
  const listen = ["--listen", "127.0.0.1:0"];

  const first = await start(...flags, ...listen);
  const whole = await asked(first.url, 0, "hi [write 10 tokens]");
  await whole.text();
  // Each streams for seconds; the kill comes when all have content.
  const streams = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, i) => {
      const answer = await asked(first.url, i + 1, `go on [write ${4_000 + i} tokens]`);
      const reader = answer.body!.getReader();
      let got = 0;
      while (got < 80_000) got += (await reader.read()).value?.length ?? 0;
      return reader;
    }),
  );
  await first.kill();
  for (const reader of streams) await reader.read().catch(() => undefined);

  // At the same address, as clients that were cut off would look for it.
  const second = await start(...flags, "--listen", new URL(first.url).host);
  expect(await second.next()).toMatchObject({ kind: "GatewayWarning", code: "REQUESTS_CUT" });
  const back = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, i) =>
      (await asked(second.url, i + 1, "hi [write 10 tokens]")).text(),
    ),
  );
  for (const text of back) expect(text).toContain("[DONE]");
  await second.kill();

  const books = await Books.open(join(home, "gateway"), Date.now());
  onTestFinished(async () => void (await books.close()));
  const records = await books.recent(1_000);
  // Each attempt that reached the upstream is there once, whatever its end.
  const sent = upstream.journal.visits.filter(({ model }) => model !== null);
  expect(sent).toHaveLength(1 + 2 * CLIENTS);
  expect(records).toHaveLength(sent.length);
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  const cut = records.filter(({ end, estimate }) => end === "cut" && estimate.inputTokens > 0);
  const streamed = cut.filter(({ payers }) => /^session:c[1-4]$/.test(payers[0]!));
  expect(streamed.length).toBeGreaterThanOrEqual(CLIENTS);
  // Content had come of each: more than its input is charged, and less than its whole.
  for (const { used } of streamed.slice(-CLIENTS)) {
    expect(used!.outputTokens).toBeGreaterThan(0);
    expect(used!.outputTokens).toBeLessThan(4_000 + CLIENTS);
  }
  const sum = records.reduce((all, { cost }) => all + cost, 0);
  expect(books.spent("agent:unknown", "all", Date.now())).toBe(sum);
});
