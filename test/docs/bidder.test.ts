// The bidder in Python that the documentation shows, against a real peer: it hears of an auction, bids, and wins.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeApiFile } from "../../node/config/api-file.js";
import { toHex } from "../../src/base/index.js";
import { auctionOf } from "../../src/market/index.js";
import { LONE_TOKEN, type LoneHost, loneHost } from "../node/lone-host.js";

const PROGRAM = fileURLToPath(new URL("../../docs/examples/bidder.py", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "mabeam-bidder-"));
let lone: LoneHost;

beforeAll(async () => {
  const python = spawnSync("python3", ["--version"], { encoding: "utf8" });
  if (python.status !== 0)
    throw new Error("this test needs python3 in PATH: the example is a Python program");
  lone = await loneHost();
  const api = await lone.serve();
  const tokenFile = join(home, "token");
  writeFileSync(tokenFile, `${LONE_TOKEN}\n`, { mode: 0o600 });
  const peers = [{ name: "lone", agent: lone.me, addresses: [] }];
  await writeApiFile(join(home, "api.json"), { url: api.url, tokenFile, pid: process.pid, peers });
});
afterAll(async () => {
  await lone?.stop();
  rmSync(home, { recursive: true, force: true });
});

test("the bidder wins an auction of its capability, and lets the others be", async () => {
  const { network } = lone;
  const child = spawn("python3", [PROGRAM, home, "GPU.1", "250"], { stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  child.stderr.on("data", (data) => said.push(String(data)));
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => said.push(line));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve) => lines.once("line", () => resolve()));
  // Its stream stands once the daemon has answered; what is opened from then on is heard.
  const other = await network.openAuction();
  const auction = await network.openAuction();
  expect([await ended, said]).toEqual([
    0,
    [
      `bidding as ${lone.me.slice(0, 10)}`,
      expect.stringMatching(new RegExp(`^${toHex(auction).slice(0, 10)} bid 100.0, sealed as [0-9a-f]{10}$`)),
      `${toHex(auction).slice(0, 10)} won for 1.0`,
    ],
  ]);
  expect(auctionOf(network.front.peer.ledger, other)?.commits).toBe(0);
});
