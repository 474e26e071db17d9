// The table “Bad input”, row “the disk”: a store that is older than what was signed, incomplete, another's, or full.
// Scenarios 5, 6 and 7 of spec/scenarios.
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLog } from "../../node/log.js";
import type { PeerNode } from "../../node/peer-node.js";
import { openStore } from "../../node/store/level-store.js";
import { fromHex, utf8 } from "../../src/index.js";
import { SLASHES } from "../../src/market/index.js";
import { eventually } from "./eventually.js";
import { HostedNetwork } from "./network.js";
import { cleanUp, Daemon, expectRefusal, mabeam, newHome } from "./process.js";

/** Writes into a store that nobody has open. */
async function tamper(home: string, prefix: string, value: Uint8Array | null): Promise<string> {
  const store = await openStore(join(home, "store"));
  let last = "";
  for await (const { key } of store.rows(prefix)) last = key;
  await store.write([value === null ? { kind: "delete", key: last } : { kind: "put", key: last, value }]);
  await store.close();
  return last;
}

describe("a seat whose memory is not what it signed falls into amnesia, and the others give it back", () => {
  const home = newHome();
  const homeOfSecond = newHome();
  const logFile = join(newHome(), "seat.log");
  const log = openLog({ level: "warn", file: logFile });
  let network: HostedNetwork;
  let seat: PeerNode;

  beforeAll(async () => {
    const homes: Record<number, string> = { 2: homeOfSecond, 3: home };
    network = await HostedNetwork.start({
      name: "amnesia",
      node: (place) => ({ home: homes[place] ?? null }),
    });
    seat = network.nodes.pop()!;
  });

  afterAll(async () => {
    await seat.stop();
    await network.stop();
  });

  const grows = (node: PeerNode, by: number) => {
    const from = node.peer.tip.height;
    return eventually("the log grows", () => node.peer.tip.height >= from + by);
  };

  const signs = () => eventually("it signs", () => seat.peer.voter.standing === "voting");

  /** How often the seat has said that it fell into amnesia, and that it came out of it. */
  function spells(): { readonly entered: number; readonly over: number } {
    const text = existsSync(logFile) ? readFileSync(logFile, "utf8") : "";
    return { entered: text.split("amnesia mode").length - 1, over: text.split("amnesia is over").length - 1 };
  }

  /** Stops the seat, does it, and starts the seat again. @returns whether it was in amnesia before it signed again */
  async function disturbed(damage: () => unknown): Promise<boolean> {
    await signs();
    await grows(seat, 3);
    const before = spells();
    await seat.stop();
    await damage();
    seat = await network.open(3, { home, fresh: false, log });
    await eventually("it signs again", () => {
      return seat.peer.voter.standing === "voting" && spells().entered === spells().over;
    });
    return spells().entered > before.entered;
  }

  const files = (): string => join(home, "store");

  test("after an orderly stop: nothing was lost, no amnesia", async () => {
    expect(await disturbed(() => undefined)).toBe(false);
  });

  test("restored from an older copy, rows and guard alike: silent until all others have told", async () => {
    const copy = newHome();
    await seat.stop();
    cpSync(files(), copy, { recursive: true });
    seat = await network.open(3, { home, fresh: false });
    await signs();
    await grows(seat, 2);
    // Without the second as well nothing becomes final any more: what the seat signed last stays open.
    await network.nodes.pop()!.stop();
    await grows(seat, 2);
    await seat.stop();
    rmSync(files(), { recursive: true });
    cpSync(copy, files(), { recursive: true });
    seat = await network.open(3, { home, fresh: false });
    await eventually("amnesia", () => seat.peer.halted === "amnesia");
    const { voteSeq } = seat.peer.voter;
    await wait(1000);
    expect([seat.peer.halted, seat.peer.voter.voteSeq]).toEqual(["amnesia", voteSeq]);
    network.nodes.push(await network.open(2, { home: homeOfSecond, fresh: false }));
    await signs();
  });

  test("rows older than the guard", async () => {
    const copy = newHome();
    await seat.stop();
    cpSync(join(files(), "rows"), copy, { recursive: true });
    seat = await network.open(3, { home, fresh: false });
    const told = await disturbed(() => {
      rmSync(join(files(), "rows"), { recursive: true });
      cpSync(copy, join(files(), "rows"), { recursive: true });
    });
    expect(told).toBe(true);
  });

  test("the guard missing", async () => {
    expect(await disturbed(() => rmSync(join(files(), "votes.guard")))).toBe(true);
  });

  test("the guard unreadable", async () => {
    expect(await disturbed(() => writeFileSync(join(files(), "votes.guard"), "a guard"))).toBe(true);
  });

  test("the rows missing", async () => {
    expect(await disturbed(() => rmSync(join(files(), "rows"), { recursive: true }))).toBe(true);
  });

  test("everything missing", async () => {
    expect(await disturbed(() => rmSync(files(), { recursive: true }))).toBe(true);
  });

  test("a row of an own vote damaged", async () => {
    expect(await disturbed(() => tamper(home, "quorum/own/", utf8("a vote")))).toBe(true);
  });

  test("and through all of it nobody was incriminated, blamed or shut out, and all hold one state", async () => {
    const all = [...network.nodes, seat];
    for (const { peer } of all) {
      expect([peer.halted, peer.ledger.table(SLASHES).size]).toEqual([null, 0]);
    }
    for (const node of all) {
      const counters = node.counters();
      expect(Object.keys(counters).filter((one) => /SHUT_OUT|quorum\.(BAD|WRONG|NOT)_/.test(one))).toEqual(
        [],
      );
    }
    const root = (node: PeerNode, height: number) =>
      node.readLog(height, 1).then((found) => found[0]?.header.execRoot);
    const height = seat.peer.tip.height;
    await eventually("all are as high", () => all.every((node) => node.peer.tip.height >= height));
    const roots = await Promise.all(all.map((node) => root(node, height)));
    for (const one of roots) expect(one).toEqual(roots[0]);
  });
});

describe("a daemon whose files are not what it wrote refuses to start, says which, and how to go on", () => {
  const home = newHome();
  let network: HostedNetwork;
  let other: HostedNetwork;

  beforeAll(async () => {
    network = await HostedNetwork.start({ name: "files", seats: 1 });
    other = await HostedNetwork.start({ name: "another", seats: 1 });
    const daemon = await Daemon.start(home, network.quickFlags);
    await daemon.funded();
    await daemon.stop();
  });

  afterAll(async () => {
    await cleanUp();
    await Promise.all([network.stop(), other.stop()]);
  });

  /** A copy of the folder, for one test to spoil. */
  function copyOfHome(): string {
    const copy = newHome();
    cpSync(home, copy, { recursive: true });
    // Node 24 gives copied folders the usual mode, and a daemon refuses secrets that others may get at.
    for (const folder of [copy, join(copy, "keys")]) chmodSync(folder, 0o700);
    return copy;
  }

  const start = (folder: string) => mabeam(folder, ["daemon", ...network.quickFlags]);

  test.concurrent.each([
    ["a state row", "state/", utf8("no account")],
    ["a missing state row", "state/", null],
    ["a log row", "log/", utf8("no entry")],
    ["the tip", "tip", utf8("no tip")],
    ["a missing tip", "tip", null],
    ["a missing log row", "log/", null],
    ["an opening of a bid", "own/", null],
  ] as const)("%s", async (what, prefix, value) => {
    const spoiled = copyOfHome();
    if (what === "an opening of a bid") await put(spoiled, "own/opening/ff/ff/0", utf8("no opening"));
    else await tamper(spoiled, prefix, value);
    expectRefusal(await start(spoiled), 1, /could not open the store[\s\S]*Fix: move the store folder aside/);
  });

  async function put(folder: string, key: string, value: Uint8Array): Promise<void> {
    const store = await openStore(join(folder, "store"));
    await store.write([{ kind: "put", key, value }]);
    await store.close();
  }

  test("with its store moved aside as it was told, it starts, and catches up from the network", async () => {
    const spoiled = copyOfHome();
    await tamper(spoiled, "state/", utf8("no account"));
    renameSync(join(spoiled, "store"), join(spoiled, "aside"));
    const again = await Daemon.start(spoiled, network.quickFlags);
    await again.funded();
    expect(await again.stop()).toBe(0);
  });

  test("a table of the database, or its manifest", async () => {
    for (const pattern of [/^CURRENT$/, /^MANIFEST/]) {
      const spoiled = copyOfHome();
      const rows = join(spoiled, "store", "rows");
      const name = readdirSync(rows).find((one) => pattern.test(one))!;
      writeFileSync(join(rows, name), "nonsense");
      expectRefusal(await start(spoiled), 1, /could not open the store[\s\S]*Fix: /);
    }
  });

  test("a genesis that is cut, empty, longer, or another network's", async () => {
    const genesis = (folder: string) => join(folder, "genesis.cbor");
    for (const spoil of [
      (file: string) => truncateSync(file, 100),
      (file: string) => truncateSync(file, 0),
      (file: string) => appendFileSync(file, "x"),
    ]) {
      const spoiled = copyOfHome();
      spoil(genesis(spoiled));
      expectRefusal(await mabeam(spoiled, ["daemon"]), 1, /genesis[\s\S]*Fix: /);
    }
    const swapped = copyOfHome();
    writeFileSync(genesis(swapped), other.genesisBytes);
    expectRefusal(await start(swapped), 9, new RegExp(other.chainHex));
    const ran = await mabeam(swapped, ["daemon"]);
    expectRefusal(ran, 1, new RegExp(`store belongs to chain ${network.chainHex}[\\s\\S]*--home`));
  });

  test("a token, an api.json or a key that is none", async () => {
    const bare = copyOfHome();
    writeFileSync(join(bare, "api.json"), "{");
    expectRefusal(await mabeam(bare, ["status"]), 3, /api\.json[\s\S]*start the daemon/);
    // A token lasts as long as its daemon: whatever lies there before is replaced.
    writeFileSync(join(bare, "token"), "secret\n");
    const daemon = await Daemon.start(bare, network.quickFlags);
    expect(readFileSync(join(bare, "token"), "utf8")).toMatch(/^[\w-]{43}\s*$/);
    expect(await daemon.stop()).toBe(0);
    const keyless = copyOfHome();
    writeFileSync(join(keyless, "keys", "agent.json"), "{}");
    expectRefusal(await start(keyless), 1, /agent\.json/);
  });
});

describe("a full disk", () => {
  const home = newHome();
  let network: HostedNetwork;

  beforeAll(async () => {
    const made = await mabeam(home, [
      "key",
      "create",
      "consensus",
      "--kind",
      "consensus",
      "--insecure-plain-keys",
      "--json",
    ]);
    const { key } = JSON.parse(made.out) as { key: { publicKey: string } };
    network = await HostedNetwork.start({ name: "full", seats: 3, otherSeats: [fromHex(key.publicKey)!] });
  });

  afterAll(async () => {
    await cleanUp();
    await network.stop();
  });

  test("ends a daemon with a seat before it says what it could not keep: it loses nothing that it signed", async () => {
    const seated = await Daemon.start(home, network.quickFlags);
    await eventually("it votes", async () => (await seated.get("/v1/node")).mode === "ready");
    expect(await seated.json("status")).toMatchObject({ seat: expect.any(Number) });
    expect(await seated.stop()).toBe(0);
    const store = join(home, "store", "rows");
    const full = await Daemon.start(home, network.quickFlags, { shell: 'ulimit -f 40 && exec "$@"' });
    expect(await full.ended).toBe(1);
    expect(full.err()).toMatch(
      /^(?:warning: .+\n)*mabeam: could not write to the store\.\nCause: .+\nFix: .*space.*\n$/,
    );
    expect(readdirSync(home)).not.toContain("api.json");
    expect(readdirSync(store).length).toBeGreaterThan(0);
    const log = () => readFileSync(join(home, "daemon.log"), "utf8");
    const before = log().split("amnesia mode").length;
    const again = await Daemon.start(home, network.quickFlags);
    await eventually("it votes again", async () => {
      const node = await again.get<{ mode: string; height: number; networkHeight: number }>("/v1/node");
      return node.mode === "ready" && node.height >= node.networkHeight;
    });
    expect(log().split("amnesia mode").length).toBe(before);
    expect(network.front.peer.ledger.table(SLASHES).size).toBe(0);
    expect(await again.stop()).toBe(0);
  });

  test("ends a backup, and a restore, that find no room, and leaves nothing of either", async () => {
    const file = join(newHome(), "a.backup");
    const small = { shell: 'ulimit -f 8 && exec "$@"' };
    const full = await mabeam(home, ["db", "backup", file], small);
    expect([full.exit, full.err]).toEqual([
      1,
      expect.stringMatching(/could not write the backup[\s\S]*with room/),
    ]);
    expect(readdirSync(dirname(file))).toEqual([]);
    expect((await mabeam(home, ["db", "backup", file])).exit).toBe(0);
    const other = newHome();
    const cut = await mabeam(other, ["db", "restore", file], small);
    expect([cut.exit, cut.err]).toEqual([1, expect.stringContaining("Fix: free some space")]);
    expect(readdirSync(other).filter((name) => name.startsWith("store"))).toEqual([]);
    expect((await mabeam(other, ["db", "restore", file])).exit).toBe(0);
    expect((await mabeam(other, ["db", "verify"])).exit).toBe(0);
  });
});
