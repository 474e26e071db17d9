// A testnet in its folder: it comes back where it was, or elsewhere if somebody else is there now; and jobs in bounds.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openLog } from "../../node/log.js";
import { bounded } from "../../testnet/bounded.js";
import { foundTestnet } from "../../testnet/founding.js";
import { type Manifest, testnetPaths } from "../../testnet/home.js";
import { openResidence, type Residence } from "../../testnet/residence.js";

const SIZE = { peers: 2, quorum: 2, agents: 0, seed: 6 };
const servers: Server[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const occupy = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen(port, "127.0.0.1", resolve);
  });

const portOf = (address: string): number => Number(/tcp\/(\d+)/.exec(address)?.[1]);

async function open(home: string, warnings: string[]): Promise<Residence> {
  const paths = testnetPaths(home);
  return openResidence({
    paths,
    manifest: await foundTestnet(SIZE, paths, false),
    inMemory: false,
    api: null,
    log: openLog({ level: "silent", file: null }),
    onStep: () => {},
    onWarning: (text) => warnings.push(text),
    onStop: () => {},
  });
}

describe("a testnet in its folder", () => {
  test("comes back at its ports; where they are taken it says so and goes elsewhere", async () => {
    const home = mkdtempSync(join(tmpdir(), "mabeam-residence-"));
    folders.push(home);
    const warnings: string[] = [];
    const kept = (): Manifest => JSON.parse(readFileSync(testnetPaths(home).manifest, "utf8")) as Manifest;

    const first = await open(home, warnings);
    expect(first.resumedAt).toBeNull();
    await first.close();
    const before = kept();
    const second = await open(home, warnings);
    expect(second.resumedAt).toBeGreaterThan(0);
    expect(kept()).toEqual(before);
    await second.close();
    expect(warnings).toEqual([]);

    await occupy(portOf(before.listen[1]!));
    await occupy(Number(new URL(`http://${before.api}`).port));
    const third = await open(home, warnings);
    expect(warnings).toHaveLength(2);
    expect(kept().chain).toBe(before.chain);
    expect(kept().listen).not.toEqual(before.listen);
    expect(kept().api).not.toBe(before.api);
    await third.close();
  });

  test("is found anew for each in-memory network, and its kept one is left alone", async () => {
    const home = mkdtempSync(join(tmpdir(), "mabeam-residence-"));
    folders.push(home);
    const paths = testnetPaths(home);
    const [one, other] = [await foundTestnet({}, paths, true), await foundTestnet({}, paths, true)];
    expect(one).toMatchObject({ peers: 8, quorum: 7, agents: 12, begun: false });
    expect(one.chain).not.toBe(other.chain);
  });
});

describe("jobs in bounds", () => {
  test("no more at once than allowed, results in order", async () => {
    let running = 0;
    let most = 0;
    const doubled = await bounded([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return 2 * n;
    });
    expect(doubled).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(most).toBe(3);
  });
  test("after a failure nothing begins, and nothing goes on", async () => {
    const begun: number[] = [];
    let ended = 0;
    const failing = bounded([0, 1, 2, 3, 4], 2, async (n) => {
      begun.push(n);
      if (n === 0) throw new Error("the first");
      await new Promise((resolve) => setImmediate(resolve));
      ended++;
    });
    await expect(failing).rejects.toThrow("the first");
    expect({ begun, ended }).toEqual({ begun: [0, 1], ended: 1 });
  });
});
