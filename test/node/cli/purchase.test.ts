// A purchase with delivery from the command line, from either side: asked, awarded, delivered, accepted and paid.
import { afterEach, expect, test } from "vitest";
import { fromHex, toHex } from "../../../src/base/index.js";
import { auctionOf, tradesOf } from "../../../src/market/index.js";
import { bidding, idOf } from "../../peer/cluster.js";
import { type LonePeer, ME, OTHER } from "../../worlds/lone-peer.js";
import { CREDIT, DELIVER_MS, SETTLE_MS, staked, TERMS, trusting } from "../../worlds/trades.js";
import { closeAll, file, world } from "./cli-fixture.js";

afterEach(closeAll);

const HASH = "ab".repeat(32);
const reaches = (lone: LonePeer, auction: string, phase: string) => {
  for (let s = 0; s < 60 && auctionOf(lone.peer.ledger, auction)?.phase.kind !== phase; s++) lone.pass(500);
  expect(auctionOf(lone.peer.ledger, auction)?.phase.kind).toBe(phase);
};

test("who buys locks the ceiling, is left with the price locked, and pays it once it accepts", async () => {
  const lone = trusting();
  const { run, json } = await world(lone);
  const windows = `--commit 4s --reveal 2s --deliver ${DELIVER_MS}ms --settle ${SETTLE_MS}ms`;
  const { document } = await json(`auction create gpu.a100 --buy --ceiling 5 --lockup 10 ${windows}`);
  const auction = String(document.auction);
  reaches(lone, auction, "open");
  expect((await run("wallet balance")).out.join("\n")).toContain(`5 for ceiling ${auction.slice(0, 10)}`);
  for (const [name, ask] of [
    ["sue", 3n],
    ["bob", 4n],
  ] as const)
    expect(lone.by(name, bidding(name, fromHex(auction)!, ask * CREDIT))).toMatchObject({ ok: true });
  reaches(lone, auction, "done");
  const [trade] = tradesOf(lone.peer.ledger, fromHex(auction)!);
  const id = toHex(trade!.id);
  expect(trade).toMatchObject({ performer: idOf("sue"), buyer: fromHex(ME), price: 4n * CREDIT });
  expect((await run("wallet balance")).out.join("\n")).toContain(
    `4 for the price of the trade ${id.slice(0, 10)}`,
  );
  expect((await run(`auction show ${auction.slice(0, 8)}`)).out.join("\n")).toMatch(
    new RegExp(`^${id.slice(0, 10)} +due +1 × gpu.a100 +4 +${OTHER.slice(0, 10)} +${ME.slice(0, 10)} `, "m"),
  );
  expect((await run(`trade accept ${id}`)).exit).toBe(6);
  lone.by("sue", { kind: "deliver", from: idOf("sue"), trade: trade!.id, hash: fromHex(HASH)! });
  lone.pass(1000);
  expect((await run(`trade accept ${id.slice(0, 8)}`)).exit).toBe(0);
  lone.pass(1000);
  const shown = (await run(`trade show ${id}`)).out.join("\n");
  expect(shown).toMatch(/^State +paid$/m);
  expect(shown).toMatch(/^Received +3.98 credits: 4 less 0.5 %, rounded down$/m);
  expect((await run("wallet history")).out.join("\n")).toMatch(/ paid +-4 +/);
  expect((await run("wallet balance")).out.join("\n")).not.toContain(id.slice(0, 10));
});

test("who asks stands for it with stake and locks no funds; it is paid for what it delivers, and its stake is free again", async () => {
  const lone = await staked(0n);
  const { run, json, home } = await world(lone);
  const terms = { ...TERMS, direction: "buy", reserve: 5n * CREDIT, commitMs: 6000 } as const;
  const auction = toHex(lone.auction("sue", terms, {}));
  const early = await run(`bid place ${auction} 3 --now`);
  expect([early.exit, early.err]).toEqual([7, expect.stringContaining("`npx mabeam stake add 100`")]);
  expect((await run("stake add 100")).exit).toBe(0);
  lone.pass(1000);
  const free = String((await json("wallet balance")).document.free);
  expect((await run(`bid place ${auction} 3 --now`)).exit).toBe(0);
  lone.pass(1000);
  const wallet = (await json("wallet balance")).document;
  expect(BigInt(free) - BigInt(String(wallet.free))).toBe(lone.peer.ledger.params.minFee);
  expect(wallet.liens).toEqual([{ id: auction, amount: "10000000", kind: "trade", trades: [] }]);
  reaches(lone, auction, "done");
  const [trade] = tradesOf(lone.peer.ledger, fromHex(auction)!);
  const id = toHex(trade!.id);
  expect(trade).toMatchObject({ performer: fromHex(ME), price: 5n * CREDIT, lien: 10n * CREDIT });
  expect((await run("stake list")).out.join("\n")).toContain(`10 for the trade ${id.slice(0, 10)}`);
  const path = file(home, "delivery", "a render");
  expect((await run(["trade", "deliver", id.slice(0, 8), "--file", path])).exit).toBe(0);
  lone.pass(1000);
  lone.by("sue", { kind: "accept", from: idOf("sue"), trade: trade!.id });
  lone.pass(1000);
  expect((await json(`trade show ${id}`)).document).toMatchObject({
    state: "paid",
    end: { cause: "accepted", received: "4975000", fee: "25000", returned: "0" },
  });
  expect((await run("wallet history")).out.join("\n")).toMatch(/ sold +\+4.975 /);
  expect((await json("wallet balance")).document).toMatchObject({ liens: [], freeStake: "100000000" });
});
