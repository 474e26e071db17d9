// A gateway's agent from its first day to its last, as its owner plays it with commands: a key and a budget of the ledger, spent,
// refused, raised, killed with -9 in mid-stream and still counted, over, and nobody's.
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { answerTo, asked, gatewayRig } from "./gateway-process.js";

const DAY = { window: "day", most: "10000" };

test("G38 G39 G40 an agent spends its budget, is refused, gets more, is counted over a kill -9, comes to its end, and is nobody's", async () => {
  const { start, command } = await gatewayRig({ tokensPerSecond: 4_000 });
  const agents = (...argv: string[]) => command("gateway", "agents", ...argv);
  const first = await start();
  const named = async (name: string, { read } = first) =>
    (await read("/v1/gateway/agents")).items.find((one) => one.name === name);

  const { key: alice } = await agents("add", "alice", "--per-day", "0.01");
  const { key: kid } = await agents("add", "kid", "--parent", "alice");
  while ((await named("alice"))!.inLedger !== "live") await wait(100);

  // 1,000 tokens a day: six hundred, three hundred, and then too many of the child, whose parent's limit holds it.
  expect(await answerTo(first.url, alice, 600)).toMatchObject({ status: 200, warning: null });
  expect(await answerTo(first.url, kid, 300)).toMatchObject({
    status: 200,
    warning: expect.stringContaining("alice"),
  });
  expect(await named("alice")).toMatchObject({ spending: [{ ...DAY, used: "9000" }] });
  for (const key of [alice, kid]) {
    expect(await answerTo(first.url, key, 101)).toMatchObject({
      status: 402,
      error: {
        code: "BUDGET_EXCEEDED",
        type: "insufficient_quota",
        mabeam: {
          ...{ level: "alice", window: "day", used: "9000", limit: "10000" },
          fix: "mabeam gateway agents set alice --per-day <credits>",
        },
      },
    });
  }

  await agents("set", "alice", "--per-day", "1");
  const raised = { window: "day", most: "1000000" };
  expect(await answerTo(first.url, alice, 101)).toMatchObject({ status: 200, warning: null });
  expect(await named("alice")).toMatchObject({ spending: [{ ...raised, used: "10010" }] });

  // Killed in mid-stream, when more has come than what books may lack.
  const stream = (await asked(first.url, alice, 8_000, true))
    .body!.pipeThrough(new TextDecoderStream())
    .getReader();
  for (let chars = 0; chars < 10_000; ) {
    const { value } = await stream.read();
    if (value === undefined) throw new Error("it ended before it was killed");
    for (const [, content] of value.matchAll(/"content":"([^"]*)"/g)) chars += content!.length;
  }
  await first.kill();
  await stream.read().catch(() => undefined);

  const second = await start(new URL(first.url).host);
  const [cut] = (await command("gateway", "requests")).items;
  expect(cut).toMatchObject({ agent: "agent:alice", end: "cut" });
  expect(Number(cut.cost)).toBeGreaterThan(10_000);
  expect(Number(cut.cost)).toBeLessThan(80_000);
  const used = String(10_010 + Number(cut.cost));
  expect(await named("alice", second)).toMatchObject({ inLedger: "live", spending: [{ ...raised, used }] });
  expect(await answerTo(second.url, alice, 10)).toMatchObject({ status: 200 });

  await agents("set", "alice", "--until", new Date(Date.now() + 1_000).toISOString());
  let end = await answerTo(second.url, kid, 1);
  for (; end.status === 200; end = await answerTo(second.url, kid, 1)) await wait(100);
  expect(end).toMatchObject({
    status: 402,
    error: { code: "BUDGET_ENDED", mabeam: { fix: "mabeam gateway agents set alice --until <time>" } },
  });

  await agents("remove", "kid");
  await agents("remove", "alice");
  for (const key of [alice, kid])
    expect(await answerTo(second.url, key, 1)).toMatchObject({
      status: 401,
      error: { code: "AGENT_KEY_UNKNOWN" },
    });
  expect((await second.read("/v1/gateway/agents")).items.map(({ name }) => name)).toEqual(["unknown"]);
});
