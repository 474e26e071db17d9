// Agents of the SDK at a real peer: they register, value, bid, work and deliver, and a mistake of their author costs no more than a lot.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../../../../node/sdk/index.js";
import { strategies } from "../../../../node/sdk/index.js";
import { AgentWorld, CREDIT } from "./agent-world.js";

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.start(41);
});
afterAll(() => world?.stop());

describe("an agent", () => {
  it("asks in purchases of what it works on, works when it has won, and delivers", async () => {
    const tasks: Task[] = [];
    const shown: (number | string)[] = [];
    const agent = world.run({ name: "render-1", onProgress: (_, how) => shown.push(how) }, (one) =>
      one
        .value("task.render", (lot) => BigInt(lot.units) * 4n * CREDIT)
        .bid(strategies.truthful())
        .work("task.render", async (task, { progress }) => {
          tasks.push(task);
          progress(0.5);
          progress("almost");
          return { output: `picture of ${task.id}` };
        }),
    );
    await agent.said(/^render-1 is [0-9a-f]{64}$/);
    const auction = await world.buy();
    const trade = await world.trade(auction, (state) => state === "delivered" || state === "paid");
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({
      id: trade.id,
      auction,
      capability: "task.render",
      units: 1,
      fence: trade.fence,
      buyer: trade.buyer,
      price: 10n * CREDIT,
      input: null,
      attempt: 1,
    });
    expect(trade.fence).toBeGreaterThan(0);
    expect(await world.output(trade.id)).toBe(`picture of ${trade.id}`);
    expect(shown).toEqual([0.5, "almost"]);
    await agent.said(/task\.render: 50 %$/);
    await agent.said(/delivered [0-9a-f]{10}$/);
    const paid = await world.trade(auction, (state) => state === "paid");
    expect(paid.end?.cause).toBe("unopposed");
    await agent.stop();
  });

  it("waits for the input that its work needs, and works on it", async () => {
    const agent = world.run({ name: "needs-input" }, (one) =>
      one
        .value("task.render", () => 4n * CREDIT)
        .work("task.render", ({ input }) => ({ output: `seen: ${Buffer.from(input!).toString()}` }), {
          needsInput: true,
        }),
    );
    await agent.said(/is [0-9a-f]{64}$/);
    const auction = await world.buy();
    const due = await world.trade(auction, (state) => state === "due");
    await agent.said(/works on it$/);
    async function* scene() {
      yield new TextEncoder().encode("a scene");
    }
    await world.client.give("giveInput", { params: { id: due.id } }, scene(), "could not give it");
    await world.trade(auction, (state) => state === "delivered" || state === "paid");
    expect(await world.output(due.id)).toBe("seen: a scene");
    await agent.stop();
  });

  it("gives a task up whose input does not come in time", async () => {
    const agent = world.run({ name: "no-input" }, (one) =>
      one
        .value("task.render", () => 4n * CREDIT)
        .work("task.render", () => ({ output: "never" }), { needsInput: true }),
    );
    await agent.said(/is [0-9a-f]{64}$/);
    const auction = await world.buy({ deliverMs: 3000 });
    expect((await world.trade(auction, (state) => state === "refunded")).end?.cause).toBe("failed");
    await agent.said(/given up: the time for it is over/);
    await agent.stop();
  });

  it("buys in sales what it values and does not work on, and lets all else be", async () => {
    const agent = world.run({ name: "buyer" }, (one) => one.value("gpu.a100", () => 15n * CREDIT));
    await agent.said(/is [0-9a-f]{64}$/);
    const [purchase, other, sale] = [
      await world.auction({ direction: "buy" }),
      await world.auction({ lot: { capability: "gpu.b200", units: 1, from: null, to: null } }),
      await world.auction({}),
    ];
    const outcome = await world.ended(sale);
    expect(outcome.awards.map(({ pays }) => pays)).toEqual([String(10n * CREDIT)]);
    await agent.said(/won: pays 10 credits$/);
    for (const one of [purchase, other]) expect((await world.ended(one)).awards).toEqual([]);
    await agent.stop();
  });

  it("bids for several units of a lot that goes by units, and no more than they are worth", async () => {
    const agent = world.run({ name: "unit-buyer" }, (one) =>
      one.value("gpu.a100", () => ({ value: 9n * CREDIT, units: 3 })),
    );
    await agent.said(/is [0-9a-f]{64}$/);
    const auction = await world.auction({
      format: "uniform",
      lot: { capability: "gpu.a100", units: 5, from: null, to: null },
      reserve: String(CREDIT),
    });
    const { awards } = await world.ended(auction);
    expect(awards.map(({ units, pays }) => [units, pays])).toEqual([[3, String(3n * CREDIT)]]);
    await agent.said(/bid 3 credits for each of 3$/);
    await agent.stop();
  });

  it("is there once: what is open when it starts is bid on, and nothing twice", async () => {
    const auction = await world.auction({ commitMs: 4000 });
    const bids = async () =>
      (await world.client.ask("ownBids", { query: { limit: 200 } }, "no bids")).items.filter(
        (one) => one.auction === auction,
      );
    const author = (amount: bigint) => (one: Parameters<Parameters<AgentWorld["run"]>[1]>[0]) =>
      one.value("gpu.a100", () => amount);
    const first = world.run({ name: "twice" }, author(12n * CREDIT));
    await first.said(/gpu\.a100: bid 12 credits$/);
    await first.stop();
    // It has forgotten everything but its name, and values the lot otherwise now: the daemon's record decides.
    const second = world.run({ name: "twice", folder: `${world.folder}/elsewhere` }, author(15n * CREDIT));
    await second.said(/is [0-9a-f]{64}$/);
    await world.ended(auction);
    expect((await bids()).map(({ amount }) => amount)).toEqual([String(12n * CREDIT)]);
    expect(second.lines.some((line) => /bid 15 credits/.test(line))).toBe(false);
    await second.stop();
  });
});

describe("a value function", () => {
  it.each([
    ["a number", () => 5 as never, /it is 5, and a value is a bigint/],
    ["NaN", () => Number.NaN as never, /it is NaN, and a value is a bigint/],
    ["nothing", () => undefined as never, /it is undefined, and a value is a bigint/],
    ["a text", () => "9" as never, /it is "9", and a value is a bigint/],
    ["less than nothing", () => -1n, /it is -1, and a value is not negative/],
    [
      "one micro-credit above its budget",
      () => 50n * CREDIT + 1n,
      /50000001, which is above the budget of 50000000/,
    ],
    ["units of a lot without", () => ({ value: CREDIT, units: 1 }), /the lot does not go by units/],
    [
      "what it throws",
      () => {
        throw new Error("no idea");
      },
      /its value function threw: no idea/,
    ],
    ["what never was a lot to it", () => 0n, /worth nothing to this agent/],
    ["less than the reserve", () => 10n * CREDIT - 1n, /below the reserve of 10000000/],
  ])("that answers %s is told of, and nothing is bid", async (what, value, words) => {
    const name = `nonsense-${what.replace(/[^a-z]/gi, "-").toLowerCase()}`;
    const agent = world.run({ name }, (one) => one.value("gpu.a100", value as never));
    await agent.said(/is [0-9a-f]{64}$/);
    const auction = await world.auction({ commitMs: 1000 });
    await agent.said(words);
    await agent.stop();
    const { items } = await world.client.ask("ownBids", { query: { limit: 200 } }, "no bids");
    expect(items.filter((one) => one.auction === auction)).toEqual([]);
  });
});

describe("work", () => {
  const failing: readonly [
    string,
    Parameters<Parameters<Parameters<AgentWorld["run"]>[1]>[0]["work"]>[1],
    RegExp,
  ][] = [
    [
      "throws",
      () => {
        throw new Error("out of paint");
      },
      /given up: its work threw: out of paint/,
    ],
    ["rejects", () => Promise.reject(new Error("later")), /given up: its work threw: later/],
    [
      "answers nothing",
      () => undefined as never,
      /given up: its work answered undefined, and no \{ output \}/,
    ],
    ["answers what has no bytes", () => ({ output: undefined }), /given up: its work threw: .*no bytes/],
    ["never ends", () => new Promise(() => undefined), /given up: the time for it is over/],
  ];
  it.each(failing)("that %s is a failed task, and the agent goes on", async (what, work, words) => {
    const name = `fails-${what.replace(/[^a-z]/g, "-")}`;
    const signals: AbortSignal[] = [];
    const agent = world.run({ name }, (one) =>
      one
        .value("task.render", () => 4n * CREDIT)
        .work("task.render", (task, working) => {
          signals.push(working.signal);
          return work(task, working);
        }),
    );
    await agent.said(/is [0-9a-f]{64}$/);
    const auction = await world.buy({ deliverMs: 3000 });
    await agent.said(words);
    const trade = await world.trade(auction, (state) => state === "refunded");
    expect(trade.end?.cause).toBe("failed");
    expect(signals[0]!.aborted).toBe(what === "never ends");
    await agent.stop();
  });
});
