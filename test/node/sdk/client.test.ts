// The client and the server have one contract: what the one asks, the other reads, and each answer is of its route.
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readToken } from "../../../node/api/index.js";
import { kindsOf, ROUTES, type Route, type RouteName } from "../../../node/contract/index.js";
import { ApiClient } from "../../../node/sdk/client.js";
import { DONE_AUCTION, ME, OTHER } from "../../worlds/lone-peer.js";
import { ShownGateway } from "../../worlds/shown-gateway.js";
import { closeAll, world } from "../cli/cli-fixture.js";

afterEach(closeAll);

const WHAT = "could not ask";

async function client(hasGateway = false): Promise<ApiClient> {
  const { api, home, host } = await world();
  if (hasGateway) host.hosted[0].gateway = new ShownGateway();
  return new ApiClient({ url: api.url, token: readToken(join(home, "token")), remedy: "" }, null, 30_000);
}

/** Questions that a peer whom nobody contradicted has an answer to. */
const QUESTIONS = (Object.keys(ROUTES) as RouteName[]).filter((name) => {
  const { method, answer }: Route = ROUTES[name];
  return (
    method === "GET" &&
    answer !== null &&
    !["slash", "trade", "penaltyQuotes", "handover", "gatewayRequest"].includes(name)
  );
});

test("every question is answered with the document of its route", async () => {
  const asking = await client(true);
  expect(QUESTIONS).toHaveLength(26);
  for (const name of QUESTIONS) {
    const route: Route = ROUTES[name];
    const params = route.params === undefined ? {} : { id: DONE_AUCTION };
    const document = await asking.ask(name as "auction", { params: params as { id: string } }, WHAT);
    expect([name, document.kind]).toEqual([name, kindsOf(route.answer!)]);
  }
});

test("parameters, query and body arrive as they were given, and what is undefined is not asked", async () => {
  const asking = await client();
  const query = { limit: 1, creator: OTHER, phase: undefined };
  const first = await asking.ask("auctions", { query }, WHAT);
  expect([first.items.length, first.nextCursor]).toEqual([1, first.items[0]!.id]);
  const next = { ...query, cursor: first.nextCursor ?? undefined };
  const second = await asking.ask("auctions", { query: next }, WHAT);
  expect([second.items[0]!.id === first.items[0]!.id, second.nextCursor]).toEqual([false, null]);
  const receipt = await asking.ask("transfer", { body: { to: OTHER, amount: "1" } }, WHAT);
  expect(receipt).toMatchObject({ kind: "Receipt", action: "transfer", agent: ME });
});

test("what a route does not take, or lacks, does not compile, and is refused", async () => {
  const asking = await client();
  // @ts-expect-error no query of an auction has this name
  await expect(asking.ask("auctions", { query: { stat: "open" } }, WHAT)).rejects.toMatchObject({
    reason: 400,
  });
  // @ts-expect-error nor has any of this peer
  await expect(asking.ask("node", { query: { stat: "open" } }, WHAT)).rejects.toMatchObject({ reason: 400 });
  // @ts-expect-error a transfer has an amount
  await expect(asking.ask("transfer", { body: { to: OTHER } }, WHAT)).rejects.toMatchObject({ reason: 400 });
  // @ts-expect-error an auction is named
  await expect(asking.ask("auction", {}, WHAT)).rejects.toMatchObject({ reason: 400 });
});
