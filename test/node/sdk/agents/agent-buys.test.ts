// Two agents do business: one orders rendering and gives the scene, the other renders it, and the first looks at the picture and accepts it.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Delivery } from "../../../../node/sdk/index.js";
import { AgentWorld, CREDIT } from "./agent-world.js";

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.start(61);
});
afterAll(() => world?.stop());

const idOf = async (agent: { said(what: RegExp): Promise<string> }): Promise<string> =>
  (await agent.said(/ is [0-9a-f]{64}$/)).slice(-64);

it("input goes one way, output the other, and what is accepted is paid at once", async () => {
  const performer = world.run({ name: "painter" }, (one) =>
    one
      .value("task.render", () => 4n * CREDIT)
      .work("task.render", ({ input }) => ({ output: `picture of ${Buffer.from(input!).toString()}` }), {
        needsInput: true,
      }),
  );
  const delivered: Delivery[] = [];
  const buyer = world.run({ name: "orderer" }, (one) =>
    one.receive(
      "task.render",
      (delivery) => {
        delivered.push(delivery);
        return Buffer.from(delivery.output).toString() === "picture of a scene";
      },
      { input: () => "a scene" },
    ),
  );
  const [, by] = await Promise.all([idOf(performer), idOf(buyer)]);
  const auction = await world.buy({ agent: by, settleMs: 10_000 });
  const trade = await world.trade(auction, (state) => state === "paid");
  expect([trade.end?.cause, trade.buyer]).toEqual(["accepted", by]);
  expect(delivered).toEqual([
    expect.objectContaining({ id: trade.id, auction, fence: trade.fence, performer: trade.performer }),
  ]);
  await buyer.said(/gave 7 bytes to work on$/);
  await buyer.said(/accepted$/);
  await performer.stop();
  await buyer.stop();
});

it("what it does not like it does not accept, and an error of its own costs nobody anything", async () => {
  const performer = world.run({ name: "painter" }, (one) =>
    one.value("task.render", () => 4n * CREDIT).work("task.render", () => ({ output: "blank" })),
  );
  const buyer = world.run({ name: "orderer" }, (one) =>
    one.receive("task.render", () => {
      throw new Error("not what was asked for");
    }),
  );
  const [, by] = await Promise.all([idOf(performer), idOf(buyer)]);
  const auction = await world.buy({ agent: by });
  const trade = await world.trade(auction, (state) => state === "paid");
  expect(trade.end?.cause).toBe("unopposed");
  await buyer.said(/not what was asked for$/);
  await performer.stop();
  await buyer.stop();
});
