// What people see of history: prices, ended trades and penalties, page by page, and where history begins.
import { afterEach, expect, test } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { TRADES } from "../../../src/market/index.js";
import { historyBegins } from "../../../src/peer/history/history.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME } from "../../worlds/lone-peer.js";
import { CREDIT, DELIVER_MS, hexOf, sold, staked } from "../../worlds/trades.js";
import { closeAll, world } from "./cli-fixture.js";

afterEach(closeAll);

const BOB = toHex(idOf("bob"));

test("prices are listed newest first, by capability, in pages; none is said in words", async () => {
  const lone = new LonePeer();
  const { run, json } = await world(lone);
  const lot = { capability: "cpu", units: 1, fromMs: null, toMs: null };
  lone.auction("sue", { lot, reserve: 5n, lockups: [1000n], commitMs: 1000 }, { me: 20n, bob: 10n });
  lone.pass(5000);
  const all = await run("auction prices");
  expect([all.exit, all.err, all.out.length]).toEqual([0, "", 3]);
  expect(all.out[1]).toMatch(/ 1 × cpu +0\.00001 +lot +vickrey +2 +[0-9a-f]{10}$/);
  expect(all.out[2]).toMatch(/ 2 × gpu.a100 +2\.5 +lot +vickrey +2 /);
  const first = await run("auction prices --limit 1");
  const cursor = /More: --cursor (\S+)/.exec(first.err)![1]!;
  const words = (line: string | undefined) => line?.split(/ +/);
  const second = await run(`auction prices --limit 1 --cursor ${cursor}`);
  expect([second.out.slice(1).map(words), second.err]).toEqual([[words(all.out[2])], ""]);
  expect((await run("auction prices GPU.a100")).out.slice(1).map(words)).toEqual([words(all.out[2])]);
  expect((await json("auction prices cpu")).document).toMatchObject({ kind: "PriceList", from: 1 });
  expect(await run("auction prices disk")).toMatchObject({
    ...{ exit: 0, out: [], err: "No auction of disk has found a price." },
  });
  await lone.write(historyBegins(lone.peer.tip.height));
  expect((await run("auction prices disk")).err).toMatch(
    /found a price since height \d+, where history here begins/,
  );
  expect((await run("auction prices")).err).toMatch(/History here begins at height \d+; what was before/);
  expect((await run("auction prices --cursor soon")).exit).toBe(2);
});

test("trades that have ended are listed though the ledger has forgotten them, and their penalties with them", async () => {
  const lone = await staked(200n * CREDIT);
  const { run, json } = await world(lone);
  expect((await run("trade list --ended")).err).toBe("No trade has ended.");
  expect((await run("slash list")).err).toBe("Nobody was slashed, and nobody warned.");
  const ids: string[] = [];
  for (let nth = 0; nth < 2; nth++) {
    ids.push(hexOf(sold(lone, "me", { bob: 4n * CREDIT })[0]!));
    lone.pass(DELIVER_MS + 3000);
  }
  const [warned, slashed] = ids.map((id) => id.slice(0, 10));
  for (const id of ids) lone.peer.ledger.table(TRADES).delete(id);
  expect((await run("trade list")).out).toEqual([]);
  const { out } = await run(`trade list --ended --agent ${BOB.slice(0, 8)}`);
  expect(out.slice(1).map((line) => line.slice(0, 10))).toEqual([slashed, warned]);
  expect(out[1]).toMatch(/ refunded +2 × gpu.a100 +1 +0 +1 .* timedOut$/);
  expect((await run("trade list --ended --capability disk")).err).toBe("No trade of disk has ended.");
  expect((await json("trade list --ended --limit 1")).document).toMatchObject({ items: [{ id: ids[1] }] });
  const listed = (await run(`slash list --agent ${ME.slice(0, 8)}`)).out.slice(1);
  expect(listed[0]).toMatch(new RegExp(`^${slashed} .* timeout of a trade +0.75 +0.75 +slashed$`));
  expect(listed[1]).toMatch(new RegExp(`^${warned} .* timeout of a trade +0 +0 +a warning$`));
  const shown = (await run(`slash show ${slashed}`)).out.join("\n");
  expect(shown).toMatch(/^Offence +timeout: delivered nothing in time$/m);
  expect(shown).toMatch(new RegExp(`^Trade +${slashed}: \`trade show ${slashed}\`$`, "m"));
  expect(shown).toMatch(/^Base +1.5 credits: the trade's part of the lien$/m);
  expect(shown).toMatch(/^Before +1 violations within 30 periods; with fewer than 1 it is forgiven$/m);
  expect(shown).toMatch(/^Due +0.75 credits = ⌊25 % of 1.5⌋ · severity 2 · repeat 1$/m);
  expect(shown).toMatch(/^From +0.75 of the lien$/m);
  expect(shown).toMatch(/^Burned +0.375 credits$/m);
  const warning = (await run(`slash show ${warned}`)).out.join("\n");
  expect(warning).toMatch(/^Result +a warning: 0 violations before it/m);
  expect(warning).toMatch(/^Due +0 credits, forgiven; else ⌊25 % of 1.5⌋ · severity 2 · repeat 1$/m);
  expect(warning).not.toMatch(/^(From|Debt)/m);
});

test.each([
  ["trade list --capability gpu.a100", "add --ended"],
  ["trade list --ended --state paid", "--state"],
  ["trade list --ended --capability gpu.a100 --agent abcdef", "--agent"],
])("`%s` is a usage error that says what is meant", async (line, says) => {
  const { run } = await world();
  const { exit, out, err } = await run(line);
  expect([exit, out]).toEqual([2, []]);
  expect(err).toContain(says);
});

test("an agent that nobody knows exits 5, for penalties and for trades", async () => {
  const { run } = await world();
  for (const line of ["slash list --agent abcdef123456", "trade list --ended --agent abcdef123456"])
    expect((await run(line)).exit, line).toBe(5);
});
