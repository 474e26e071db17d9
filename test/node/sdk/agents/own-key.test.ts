// An agent that holds its own key: no daemon can sign for it, and it does all by itself, over a crash too.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentKey } from "../../../../node/crypto/signer.js";
import { createAgent } from "../../../../node/sdk/index.js";
import { toHex } from "../../../../src/base/index.js";
import { startChild } from "../../child.js";
import { AgentWorld, CREDIT } from "./agent-world.js";

const seedOf = (name: string): Uint8Array => new Uint8Array(createHash("sha256").update(name).digest());

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.start(59);
});
afterAll(() => world?.stop());

const bidsIn = async (auction: string) =>
  (await world.client.ask("bids", { params: { id: auction } }, "no bids")).items;

it("asks, shows its ask, works and delivers, and the daemon never has its key", async () => {
  const key = seedOf("own render");
  const id = toHex(agentKey(key).publicKey);
  const agent = world.run({ name: "own-render", key }, (one) =>
    one
      .value("task.render", () => 4n * CREDIT)
      .work("task.render", (task) => ({ output: `for ${task.buyer}` })),
  );
  await agent.said(new RegExp(`^own-render is ${id}$`));
  const auction = await world.buy({ commitMs: 2000, revealMs: 3000 });
  const trade = await world.trade(auction, (state) => state === "paid");
  expect([trade.performer, trade.delivered]).toEqual([
    id,
    createHash("sha256").update(`for ${trade.buyer}`).digest("hex"),
  ]);
  expect((await bidsIn(auction)).map(({ state, amount }) => [state, amount])).toEqual([
    ["revealed", String(4n * CREDIT)],
  ]);
  const held = await world.client.ask("agents", {}, "no agents");
  expect(held.items.some((one) => one.agent === id)).toBe(false);
  await agent.stop();
});

it("buys, and bids once, whatever it values a lot at when it comes again", async () => {
  const key = seedOf("own buyer");
  const run = (value: bigint, folder: string) =>
    world.run({ name: "own-buyer", key, folder: join(world.folder, folder) }, (one) =>
      one.value("gpu.a100", () => value),
    );
  const first = run(12n * CREDIT, "own-a");
  await first.said(/is [0-9a-f]{64}$/);
  const auction = await world.auction({ commitMs: 6000, revealMs: 3000 });
  await first.said(/bid 12 credits$/);
  await first.stop();
  const second = run(15n * CREDIT, "own-a");
  await second.said(/is [0-9a-f]{64}$/);
  const outcome = await world.ended(auction);
  expect(outcome.awards.map(({ bidder }) => bidder)).toEqual([toHex(agentKey(key).publicKey)]);
  expect(outcome.burned).toBe("0");
  expect((await bidsIn(auction)).map(({ amount }) => amount)).toEqual([String(12n * CREDIT)]);
  await second.said(/won: pays 10 credits$/);
  await second.stop();
});

it.each(["before envelopes", "after envelopes"])(
  "killed %s, it hands in what it has signed, and shows it",
  async (step) => {
    const folder = join(world.folder, step.replace(" ", "-"));
    const first = startChild("own-agent", [world.api.url, world.api.token, folder, step, step]);
    expect(await first.line()).toMatch(/is [0-9a-f]{64}$/);
    const auction = await world.auction({ commitMs: 8000, revealMs: 3000 });
    expect(await first.ended()).toBe("SIGKILL");
    const kept = JSON.parse(readFileSync(join(folder, "openings.json"), "utf8")).openings[auction];
    expect(kept.amount).toBe(String(15n * CREDIT));
    // In this process, which need not start first: the window does not wait.
    const second = world.run({ name: "own", key: seedOf(step), folder }, (one) =>
      one.value("gpu.a100", () => 12n * CREDIT),
    );
    const outcome = await world.ended(auction);
    expect([outcome.status, outcome.burned]).toEqual(["sold", "0"]);
    expect((await bidsIn(auction)).map(({ amount }) => amount)).toEqual([String(15n * CREDIT)]);
    await second.stop();
  },
);

it("does not begin with openings that it cannot read: lockups hang on them", async () => {
  const folder = join(world.folder, "broken");
  const options = {
    name: "broken",
    capabilities: ["x"],
    budget: { perAuction: 1n },
    daemon: world.api,
    folder,
  };
  const ending = AbortSignal.timeout(20_000);
  const key = seedOf("broken");
  const quiet = { say: () => undefined };
  const first = world.run({ ...options, key }, () => undefined);
  await first.said(/is [0-9a-f]{64}$/);
  await first.stop();
  writeFileSync(join(folder, "openings.json"), '{"v":1,"ope');
  await expect(createAgent({ ...options, ...quiet, key }).run({ signal: ending })).rejects.toThrow(/JSON/);
  expect(readFileSync(join(folder, "openings.json"), "utf8")).toBe('{"v":1,"ope');
});

it("refuses a key that is none, and a budget that its owner would have to sign", () => {
  const options = { name: "a", capabilities: ["x"], budget: { perAuction: 1n } };
  for (const key of [new Uint8Array(31), new Uint8Array(33), "k" as never])
    expect(() => createAgent({ ...options, key })).toThrow(/32 bytes/);
  const budget = { perAuction: 1n, perPeriod: 1n };
  expect(() => createAgent({ ...options, budget, key: new Uint8Array(32) })).toThrow(/by its owner/);
});
