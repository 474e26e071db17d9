// kill -9 of an agent at each step of bid, work and delivery: no lockup is lost, nothing is bid or delivered twice, and who comes back goes on.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApiEvent } from "../../../../node/contract/index.js";
import { follow } from "../../../../node/sdk/follow.js";
import { eventually } from "../../../e2e/eventually.js";
import { childOf, startChild } from "../../child.js";
import { AgentWorld, CREDIT } from "./agent-world.js";

let world: AgentWorld;
const heard: ApiEvent[] = [];
const listening = new AbortController();
beforeAll(async () => {
  world = await AgentWorld.start(43);
  // Who comes for the first time waits for the faucet, while lots go by.
  const asking = { body: { name: "mortal" } };
  await eventually(
    "it has an account",
    async () => (await world.client.ask("addAgent", asking, "could not register")).hasAccount,
  );
  void (async () => {
    for await (const event of follow(world.client, "*", listening.signal))
      if (event !== null) heard.push(event);
  })();
});
afterAll(async () => {
  listening.abort();
  await world?.stop();
});

let lives = 0;
/** The same agent in this process, which need not start first: a window does not wait. */
const here = (folder: string) => {
  const said: string[] = [];
  const agent = world.run({ name: "mortal", folder }, (one) =>
    one
      .value("task.render", () => 4n * CREDIT)
      .work("task.render", (task) => {
        said.push(`work ${task.id} ${task.attempt}`);
        return { output: `picture of ${task.id}` };
      }),
  );
  return { said, reading: Promise.resolve(), kill: agent.stop };
};

type Language = "TypeScript" | "Python";
const PYTHON = fileURLToPath(new URL("../python/mortal.py", import.meta.url));
const CLIENT = fileURLToPath(new URL("../../../../python", import.meta.url));
const agentThat = (step: string, folder: string, language: Language = "TypeScript") => {
  const args = [world.api.url, world.api.token, folder, step];
  const child =
    language === "Python" ? childOf(["python3", "-B", PYTHON, CLIENT, ...args]) : startChild("agent", args);
  const said: string[] = [];
  const reading = (async () => {
    for (let line = await child.line(); line !== null; line = await child.line()) said.push(line);
  })();
  const isThere = (): Promise<unknown> =>
    eventually("it is there", () => said.some((line) => /^mortal is /.test(line)));
  return { ...child, said, reading, isThere };
};

const STEPS = [
  "while it values",
  "before bids",
  "after bids",
  "after win",
  "as work begins",
  "mid work",
  "before deliveries",
  "after deliveries",
];

const LIVES: readonly (readonly [Language, string])[] = [
  ...STEPS.map((step) => ["TypeScript", step] as const),
  ...STEPS.map((step) => ["Python", step] as const),
];

it.each(LIVES)(
  "in %s killed %s, it comes back, and its trade is delivered and paid, once",
  async (language, step) => {
    const folder = join(world.folder, `life-${lives++}`);
    const first = agentThat(step, folder, language);
    await first.isThere();
    const hasBid = step !== STEPS[0] && step !== STEPS[1];
    const auction = await world.buy({ commitMs: hasBid ? 1000 : 10_000, deliverMs: 15_000 });
    expect(await first.ended()).toBe("SIGKILL");
    const second = hasBid || language === "Python" ? agentThat("never", folder, language) : here(folder);
    const trade = await world.trade(auction, (state) => state === "paid");
    expect(trade.end?.cause).toBe("unopposed");
    expect(await world.output(trade.id)).toBe(`picture of ${trade.id}`);
    const outcome = await world.ended(auction);
    expect([outcome.burned, outcome.forfeits]).toEqual(["0", []]);
    const { items } = await world.client.ask("ownBids", { query: { limit: 200 } }, "no bids");
    expect(items.filter((one) => one.auction === auction).map(({ state }) => state)).toEqual(["won"]);
    const told = (type: string) =>
      heard.filter((one) => one.type === type && "auction" in one && one.auction === auction);
    expect([told("bid.committed").length, told("trade.delivered").length]).toEqual([1, 1]);
    // Work that was done before the end is delivered, and not done again.
    await second.kill();
    await Promise.all([first.reading, second.reading]);
    const works = [...first.said, ...second.said].filter((line) => line.startsWith("work "));
    const again = ["as work begins", "mid work"].includes(step);
    expect(works).toEqual(again ? [`work ${trade.id} 1`, `work ${trade.id} 2`] : [`work ${trade.id} 1`]);
  },
);

it("an agent that its work kills each time gives the task up, which costs the least", async () => {
  const folder = join(world.folder, `life-${lives++}`);
  const first = agentThat("always mid work", folder);
  await first.isThere();
  const auction = await world.buy({ deliverMs: 40_000 });
  expect(await first.ended()).toBe("SIGKILL");
  for (let life = 2; life <= 3; life++)
    expect(await agentThat("always mid work", folder).ended()).toBe("SIGKILL");
  const last = agentThat("always mid work", folder);
  const trade = await world.trade(auction, (state) => state === "refunded");
  expect(trade.end?.cause).toBe("failed");
  await last.kill();
  await last.reading;
  expect(last.said.some((line) => /given up: the agent has ended 3 times/.test(line))).toBe(true);
});
