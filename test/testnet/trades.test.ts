// What is promised on a real testnet in this process: sold by one guest to another by commands, delivered, accepted and
// paid; and sold once more, not delivered, and the money returns by itself.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLog } from "../../node/log.js";
import { fromHex } from "../../src/base/index.js";
import { auctionOf } from "../../src/market/index.js";
import { testnetPaths } from "../../testnet/home.js";
import { createTestnet, type Testnet } from "../../testnet/index.js";
import { type ServedTestnet, serveTestnet } from "../../testnet/server.js";
import { eventually } from "../e2e/eventually.js";
import { mabeam } from "../node/cli/cli-fixture.js";

const HASH = "cd".repeat(32);
const log = openLog({ level: "silent", file: null });

let home: string;
let testnet: Testnet;
let served: ServedTestnet;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mabeam-trades-"));
  testnet = await createTestnet({ peers: 2, quorum: 1, agents: 0, log });
  const listen = { host: "127.0.0.1", port: 0 };
  const onStop = () => undefined;
  served = await serveTestnet({ testnet, paths: testnetPaths(home), inMemory: true, listen, log, onStop });
});
afterAll(async () => {
  await served?.close();
  await testnet?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Runs a command as the guest of a peer: peer 0 sells, peer 1 buys. */
async function as(peer: 0 | 1, line: string) {
  const ran = await mabeam(home, `${line} --home ${home} --peer ${peer}`);
  expect([line, ran.exit, ran.err.replace(/^.*testnet.*$/m, "").trim()]).toEqual([line, 0, ""]);
  return ran.out;
}
async function document(peer: 0 | 1, line: string): Promise<Record<string, unknown>> {
  return JSON.parse((await as(peer, `${line} --json`)).join("\n"));
}
const freeOf = async (peer: 0 | 1) =>
  BigInt(((await document(peer, "wallet balance")) as { free: string }).free);

/** Sells by one guest to the other, at the reserve of 2 credits. @returns the trade */
async function sold(deliver: string): Promise<string> {
  const terms = "--lockup 10 --reserve 2 --commit 3s --reveal 2s --settle 20s";
  const created = await document(0, `auction create gpu.a100 ${terms} --deliver ${deliver} --wait`);
  const auction = created.auction as string;
  const seen = () => testnet.peers.every(({ peer }) => auctionOf(peer.ledger, fromHex(auction)!) !== null);
  await eventually("both peers know the auction", seen);
  await as(1, `bid place ${auction} 5 --now --wait`);
  await as(1, `auction watch ${auction} --timeout 60s`);
  const { items } = (await document(1, `trade list --auction ${auction}`)) as { items: { id: string }[] };
  expect(items).toHaveLength(1);
  return items[0]!.id;
}

test("is delivered, accepted, and paid less the fee; or not delivered, and the money returns", async () => {
  const trade = await sold("60s");
  const [before, seller] = [await freeOf(1), await freeOf(0)];
  expect(await document(0, `trade show ${trade}`)).toMatchObject({
    state: "due",
    price: "2000000",
    lien: "3000000",
  });
  expect((await as(1, "wallet balance")).join("\n")).toContain(
    `2 for the price of the trade ${trade.slice(0, 10)}`,
  );
  expect((await as(0, "stake list")).join("\n")).toContain(`3 for the trade ${trade.slice(0, 10)}`);
  const watching = as(1, `trade show ${trade} --watch --timeout 60s`);
  await as(0, `trade deliver ${trade} --hash ${HASH}`);
  const stateOf = async () => (await document(1, `trade show ${trade}`)).state;
  await eventually("it is delivered", async () => (await stateOf()) === "delivered");
  await as(1, `trade accept ${trade}`);
  expect((await watching).at(-1)).toMatch(/ paid: the buyer accepted$/);
  expect(await document(0, `trade show ${trade}`)).toMatchObject({
    state: "paid",
    delivered: HASH,
    end: { cause: "accepted", received: "1990000", fee: "10000", returned: "0", penalty: null },
  });
  // Each paid the fee of the log for what it said of the trade.
  const fee = testnet.genesis.params.minFee;
  await eventually("both peers have the end", async () => (await freeOf(0)) === seller + 1_990_000n - fee);
  expect(await freeOf(1)).toBe(before - fee);
  const movements = (await document(0, "wallet history")) as {
    items: { what: string; trade: string | null }[];
  };
  expect(movements.items.find((one) => one.trade === trade)).toMatchObject({
    what: "sold",
    gained: "1990000",
  });

  const late = await sold("2s");
  const out = await as(1, `trade show ${late} --watch --timeout 60s`);
  expect(out.join("\n")).toMatch(/refunded: nothing was delivered in time; a warning|State +refunded/);
  expect(await document(1, `trade show ${late}`)).toMatchObject({
    state: "refunded",
    end: { cause: "timedOut", received: "0", fee: "0", returned: "2000000", penalty: { result: "WARNING" } },
  });
  const wallet = await document(1, "wallet balance");
  expect(wallet).toMatchObject({ locked: "0", locks: [] });
});

test("goods go from the one guest's peer to the other's, both ways, and the log's hash is theirs", async () => {
  const trade = await sold("60s");
  const scene = Buffer.from("a cube, lit from the left");
  const image = randomBytes(1_000_001);
  writeFileSync(join(home, "scene"), scene);
  writeFileSync(join(home, "image.png"), image);
  await as(1, `trade input ${trade} --file ${join(home, "scene")}`);
  await as(0, `trade fetch ${trade} --input --out ${join(home, "scene-there")} --timeout 30s`);
  expect(readFileSync(join(home, "scene-there")).equals(scene)).toBe(true);
  const fetching = as(1, `trade fetch ${trade} --out ${join(home, "image-there.png")} --timeout 60s`);
  await as(0, `trade deliver ${trade} --file ${join(home, "image.png")}`);
  await fetching;
  expect(readFileSync(join(home, "image-there.png")).equals(image)).toBe(true);
  const { delivered } = await document(1, `trade show ${trade}`);
  expect(delivered).toMatch(/^[0-9a-f]{64}$/);
  await as(1, `trade accept ${trade}`);
});
