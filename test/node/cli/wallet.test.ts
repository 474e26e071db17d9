// `mabeam wallet`, of an agent that spends by a budget: who pays is named, for what it may do, what it holds and what it did.
import { afterEach, expect, test } from "vitest";
import { fromHex, toHex } from "../../../src/base/index.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME } from "../../worlds/lone-peer.js";
import { CREDIT, sold } from "../../worlds/trades.js";
import { closeAll, world } from "./cli-fixture.js";

afterEach(closeAll);

const BOB = toHex(idOf("bob"));

/** Bob lets `me` spend of his, on terms that `me` agrees to. */
async function backedByBob(lone: LonePeer): Promise<void> {
  const most = 1000n * CREDIT;
  const terms = { perAuction: most, perPeriod: most, total: null, untilMs: lone.nowMs + 600_000 };
  const wish = { kind: "agreeToBudget", owner: idOf("bob"), child: fromHex(ME)!, terms } as const;
  const agreed = await lone.command(wish);
  if (!agreed.ok || agreed.agreed === undefined) throw new Error("nobody agreed");
  const { nth, consent } = agreed.agreed;
  const opening = { kind: "openBudget", from: idOf("bob"), child: fromHex(ME)!, terms } as const;
  expect(lone.by("bob", { ...opening, sent: { nth, consent } })).toMatchObject({ ok: true });
  lone.pass(1000);
}

test("names the payer of what an agent does, of each lock, and of each movement", async () => {
  const lone = new LonePeer({ lienBp: 0 });
  const { run, json } = await world(lone);
  expect((await run("wallet balance")).out.join("\n")).not.toMatch(/^Payer/m);
  await backedByBob(lone);
  const [trade] = sold(lone, "sue", { me: 4n * CREDIT });
  const wallet = (await run("wallet balance")).out.join("\n");
  expect(wallet).toMatch(new RegExp(`^Payer +${BOB}, by its budget: \`budget show\`$`, "m"));
  const lock = `1 for the price of the trade ${toHex(trade!.id).slice(0, 10)}, of ${BOB.slice(0, 10)}`;
  expect(wallet).toContain(lock);
  const { document } = await json("wallet balance");
  expect(document).toMatchObject({ budget: { owner: BOB, payer: BOB, standing: "live" } });
  const own = (document as { locks: { payer: string | null }[] }).locks.map(({ payer }) => payer);
  expect(own.sort()).toEqual([BOB, null]);
  const history = (await run("wallet history")).out.join("\n");
  expect(history).toMatch(new RegExp(` fee +-0\\.001 .* of ${BOB.slice(0, 10)}$`, "m"));
  expect(history).toMatch(/ paid +-2\.5 .* own$/m);
  lone.by("bob", { kind: "closeBudget", from: idOf("bob"), child: fromHex(ME)! });
  lone.pass(1000);
  expect((await run("wallet balance")).out.join("\n")).toMatch(
    new RegExp(`^Payer +itself: its budget of ${BOB.slice(0, 10)} is closed$`, "m"),
  );
});
