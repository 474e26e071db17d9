// `mabeam gateway` as a process: one program with one API, which finds its folder again and says what keeps it from starting.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gatewayEvents } from "../../../node/contract/index.js";
import { decodeGenesis } from "../../../src/ledger/index.js";
import { runningClock } from "../../../testnet/upstream/clock.js";
import { plainRules, USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { startUpstream } from "../../../testnet/upstream/upstream.js";
import { testFolder } from "../folder.js";
import { start } from "../program.js";

/** An upstream, and how to start gateways before it. */
async function stage() {
  const upstream = await startUpstream(plainRules("openai", runningClock(1, Date.now()), 1, {}));
  onTestFinished(upstream.close);
  const folder = await testFolder();
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, `${USUAL_KEY}\n`, { mode: 0o600 });
  const home = join(folder, "dev");
  const flags = ["--upstream", new URL(upstream.url).origin, "--key-file", keyFile, "--rpm", "60"];
  const gateway = (...more: string[]) => start("gateway", ...flags, "--home", home, ...more);
  return { home, gateway };
}

const asked = (url: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer any", "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-upstream", messages: [{ role: "user", content: "hello" }] }),
  });

test("it says once that it serves, passes requests on, ends when its API is told to, and is the same daemon again", async () => {
  const { home, gateway } = await stage();
  const chains: unknown[] = [];
  for (const turn of [1, 2]) {
    const running = gateway("--listen", "127.0.0.1:0", "--json");
    const ready = JSON.parse((await running.line())!);
    expect(gatewayEvents.ready.parse(ready)).toEqual({
      apiVersion: "v1",
      kind: "GatewayReady",
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    const answer = await asked(ready.url);
    expect(answer.status).toBe(200);
    await answer.text();
    expect(gatewayEvents.passed.parse(await running.document("GatewayPassed"))).toMatchObject({
      id: answer.headers.get("x-mabeam-request"),
      end: "answered",
    });
    if (turn === 1) {
      const top = start("gateway", "top", "--home", home, "--json");
      const view = JSON.parse((await top.line())!);
      expect(view).toMatchObject({ kind: "Gateway", url: ready.url, agentCount: 1, waiting: 0, running: 0 });
    }
    const status = start("status", "--home", home, "--json");
    chains.push(JSON.parse((await status.line())!).chain);
    if (turn === 1) start("stop", "--home", home);
    else running.child.kill("SIGTERM");
    expect([await running.ended, await running.line(), running.said()]).toEqual([0, null, ""]);
  }
  expect(chains[1]).toBe(chains[0]);
  const genesis = decodeGenesis(new Uint8Array(readFileSync(join(home, "genesis.cbor"))));
  if (!genesis.ok) throw new Error("it is one");
  const { timeMs, params } = genesis.value;
  expect([params.periodMs, timeMs % params.periodMs]).toEqual([86_400_000, 0]);
});

test("a folder that a daemon holds, and a port that another holds, keep it from starting, and it says what mends that", async () => {
  const { home, gateway } = await stage();
  const first = gateway("--listen", "127.0.0.1:0", "--json");
  const { url } = JSON.parse((await first.line())!);
  const second = gateway("--listen", "127.0.0.1:0");
  expect([await second.ended, second.said()]).toEqual([
    10,
    expect.stringMatching(
      /process \d+ is using it\nFix: stop it with `\S+ stop --home \S+`: a gateway is that daemon/,
    ),
  ]);
  const third = gateway("--listen", new URL(url).host, "--home", `${home}-2`);
  expect([await third.ended, third.said()]).toEqual([
    10,
    expect.stringMatching(/port \d+ is taken\nFix: choose another with --listen/),
  ]);
});
