// `mabeam wallet grant`: who may mint gives a newcomer its account, within its allowance; nobody else mints anything.
import { afterEach, expect, test } from "vitest";
import { fromHex, toHex } from "../../../src/base/index.js";
import { GRANTERS } from "../../../src/market/index.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME } from "../../worlds/lone-peer.js";
import { closeAll, world } from "./cli-fixture.js";

afterEach(closeAll);

const GRANTER = toHex(idOf("faucet"));
const NEWCOMER = toHex(idOf("somebody new"));
const CREDIT = 1_000_000n;

test("a granter's agent gives a newcomer its account, funds and stake", async () => {
  const lone = new LonePeer();
  const { run, json } = await world(lone);
  const said = await run(`wallet grant ${NEWCOMER} 12.5 --stake 100 --agent ${GRANTER}`);
  expect(said).toMatchObject({
    exit: 0,
    out: [
      `On the way: 12.5 credits and 100 credits of stake, minted by ${GRANTER.slice(0, 10)} for ${NEWCOMER.slice(0, 10)}; final when the log holds it`,
    ],
  });
  lone.pass(1000);
  const account = { free: String(12_500_000n), stake: String(100n * CREDIT), held: false };
  expect((await json(`wallet balance ${NEWCOMER}`)).document).toMatchObject(account);
  const more = await json(`wallet grant ${NEWCOMER} 0 --stake 1 --agent ${GRANTER} --fee 0.5`);
  expect(more).toMatchObject({ exit: 0, document: { action: "grant", agent: GRANTER, fee: "500000" } });
  lone.pass(1000);
  expect((await json(`wallet balance ${NEWCOMER}`)).document).toMatchObject({ stake: String(101n * CREDIT) });
  const movements = (await json(`wallet history --agent ${GRANTER}`)).document as {
    items: { what: string }[];
  };
  expect(movements.items.every(({ what }) => what === "fee")).toBe(true);
});

test("nobody else mints, and no granter more than its allowance, nor nothing, nor for a key that anyone has", async () => {
  const lone = new LonePeer();
  const { run } = await world(lone);
  const { remaining } = lone.peer.ledger.get(GRANTERS, fromHex(GRANTER)!)!;
  const credits = (micro: bigint) => `${micro / CREDIT}.${String(micro % CREDIT).padStart(6, "0")}`;
  const refusals = [
    [`wallet grant ${NEWCOMER} 1`, 6, /does not|may mint/],
    [`wallet grant ${NEWCOMER} 1 --agent ${ME}`, 6, /only whom genesis names may mint/],
    [`wallet grant ${NEWCOMER} ${credits(remaining + 1n)} --agent ${GRANTER}`, 7, /`remaining`/],
    [`wallet grant ${NEWCOMER} ${credits(remaining)} --stake 0.000001 --agent ${GRANTER}`, 7, /`remaining`/],
    [`wallet grant ${NEWCOMER} 0 --agent ${GRANTER}`, 2, /at least a micro-credit/],
    [`wallet grant ${"0".repeat(64)} 1 --agent ${GRANTER}`, 2, /whose key was generated/],
    [`wallet grant ${NEWCOMER} 1 --agent ${NEWCOMER}`, 5, /mabeam id/],
    [`wallet grant ${NEWCOMER} 1,5 --agent ${GRANTER}`, 2, /comma/],
    [`wallet grant ${NEWCOMER} -1 --agent ${GRANTER}`, 2, /unknown option|negative/],
    [`wallet grant ${NEWCOMER.slice(0, 8)} 1 --agent ${GRANTER}`, 2, /whole id/],
  ] as const;
  for (const [line, exit, says] of refusals) {
    const ran = await run(line);
    expect([line, ran.exit, ran.out], ran.err).toEqual([line, exit, []]);
    expect(ran.err).toMatch(says);
  }
  lone.pass(1000);
  expect(lone.peer.ledger.accountOf(fromHex(NEWCOMER)!)).toBeNull();
  expect(lone.peer.ledger.get(GRANTERS, fromHex(GRANTER)!)!.remaining).toBe(remaining);
  const all = await run(`wallet grant ${NEWCOMER} ${credits(remaining)} --agent ${GRANTER}`);
  expect(all.exit).toBe(0);
  lone.pass(1000);
  expect(lone.peer.ledger.get(GRANTERS, fromHex(GRANTER)!)!.remaining).toBe(0n);
});
