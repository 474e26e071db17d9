// `mabeam db …`: a store counted, verified, compacted, backed up and restored, and what a restored seat may not do.
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lockFolder } from "../../../node/lock.js";
import { openStore } from "../../../node/store/level-store.js";
import { prefixRange } from "../../../node/store/store.js";
import { utf8 } from "../../../src/index.js";
import { encodeGenesis } from "../../../src/ledger/index.js";
import type { Write } from "../../../src/peer/index.js";
import { keptLogWrite } from "../../../src/peer/kept-log.js";
import { eventually } from "../../e2e/eventually.js";
import { HostedNetwork } from "../../e2e/network.js";
import { closeAll, mabeam, newHome, type Ran } from "./cli-fixture.js";

/** The home of a lone seat that has finalised some entries, its daemon stopped. */
const home = newHome();
let network: HostedNetwork;
let height: number;

beforeAll(async () => {
  network = await HostedNetwork.start({ name: "db", seats: 1, node: () => ({ home, fresh: true }) });
  await network.openAuction();
  await network.front.stop();
  height = network.front.peer.tip.height;
  writeFileSync(join(home, "genesis.cbor"), encodeGenesis(network.genesis));
});

afterAll(async () => {
  await network.stop();
  await closeAll();
});

function copyOfHome(): string {
  const copy = newHome();
  cpSync(home, copy, { recursive: true });
  return copy;
}

const json = ({ out }: Ran) => JSON.parse(out.join("\n")) as Record<string, unknown>;

async function changed(folder: string, writes: readonly Write[]): Promise<void> {
  const store = await openStore(join(folder, "store"));
  await store.write(writes);
  await store.close();
}

async function keysOf(folder: string, prefix: string): Promise<string[]> {
  const store = await openStore(join(folder, "store"));
  const keys: string[] = [];
  for await (const key of store.keys(prefixRange(prefix))) keys.push(key);
  await store.close();
  return keys;
}

describe("db stats", () => {
  test("counts every row once, by kind, and tells the log's heights", async () => {
    const ran = await mabeam(home, "db stats --json");
    expect(ran.exit).toBe(0);
    const document = json(ran);
    expect(document).toMatchObject({
      kind: "StoreStats",
      chain: network.chainHex,
      height,
      heights: { from: 1, to: height },
      guard: "record",
    });
    const kinds = document.kinds as { kind: string; rows: number; bytes: number }[];
    expect(kinds.find((one) => one.kind === "log/")!.rows).toBe(height);
    expect(kinds.find((one) => one.kind === "others")).toBeUndefined();
    expect(kinds.reduce((sum, one) => sum + one.rows, 0)).toBe((await keysOf(home, "")).length);
    expect((await mabeam(home, "db stats")).out.join("\n")).toContain(`heights 1 to ${height}`);
  });

  test("says that there is no store, rather than to make one", async () => {
    const empty = newHome();
    const ran = await mabeam(empty, "db stats");
    expect([ran.exit, ran.err]).toEqual([5, expect.stringContaining("there is no store")]);
    expect(existsSync(join(empty, "store"))).toBe(false);
  });
});

test.each(["stats", "verify", "rebuild", "compact", "backup /tmp/mabeam-never.backup"])(
  "db %s refuses a folder on which a daemon runs, and says how to stop it",
  async (line) => {
    const lock = await lockFolder(home);
    const ran = await mabeam(home, `db ${line}`);
    await lock.release();
    expect([ran.exit, ran.err]).toEqual([
      10,
      expect.stringMatching(/process \d+ is using it[\s\S]*mabeam stop/),
    ]);
  },
);

describe("db verify", () => {
  test("finds nothing wrong with what a daemon left", async () => {
    const ran = await mabeam(home, "db verify --json");
    expect([ran.exit, ran.err]).toEqual([0, ""]);
    const checks = json(ran).checks as { name: string; ok: boolean }[];
    expect(checks.map((one) => [one.name, one.ok])).toEqual(
      ["rows", "kinds", "tip", "log", "state", "history", "guard"].map((name) => [name, true]),
    );
  });

  const first = (prefix: string) => async (folder: string) => (await keysOf(folder, prefix))[0]!;
  const put = (key: string): Write => ({ kind: "put", key, value: utf8("nothing") });

  test.each<[string, string, (folder: string) => Promise<unknown>]>([
    [
      "a state row that is gone",
      "state",
      async (f) => changed(f, [{ kind: "delete", key: await first("state/")(f) }]),
    ],
    ["a log row that is none", "log", async (f) => changed(f, [put(await first("log/")(f))])],
    [
      "a gap in the log",
      "log",
      async (f) => changed(f, [{ kind: "delete", key: (await keysOf(f, "log/"))[1]! }]),
    ],
    ["a tip that is none", "tip", (f) => changed(f, [put("tip")])],
    ["a row of no kind", "kinds", (f) => changed(f, [put("what/is/this")])],
    ["a guard that is none", "guard", async (f) => writeFileSync(join(f, "store", "votes.guard"), "a guard")],
  ])("finds %s, and changes nothing", async (_, check, spoil) => {
    const folder = copyOfHome();
    await spoil(folder);
    const before = await keysOf(folder, "");
    const ran = await mabeam(folder, "db verify --json");
    expect([ran.exit, ran.err]).toEqual([9, expect.stringContaining(`the check ${check} failed`)]);
    const checks = json(ran).checks as { name: string; ok: boolean }[];
    expect(checks.find((one) => one.name === check)!.ok).toBe(false);
    expect(await keysOf(folder, "")).toEqual(before);
  });

  test("counts rows with a broken seal, each of them", async () => {
    const folder = copyOfHome();
    const { Level } = await import("level");
    const spoilt = (await keysOf(folder, "log/")).slice(0, 2);
    const raw = new Level<string, Uint8Array>(join(folder, "store", "rows"), { valueEncoding: "view" });
    for (const key of spoilt) {
      const value = (await raw.get(key))!.slice();
      value[3]! ^= 1;
      await raw.put(key, value);
    }
    await raw.close();
    const ran = await mabeam(folder, "db verify");
    expect([ran.exit, ran.err]).toEqual([
      9,
      expect.stringContaining(`2 × broken seal: ${spoilt.join(", ")}`),
    ]);
  });
});

describe("db rebuild", () => {
  const spoilt = async (folder: string, prefix: string): Promise<string> => {
    const key = (await keysOf(folder, prefix))[0]!;
    const { Level } = await import("level");
    const raw = new Level<string, Uint8Array>(join(folder, "store", "rows"), { valueEncoding: "view" });
    const value = (await raw.get(key))!.slice();
    value[0]! ^= 1;
    await raw.put(key, value);
    await raw.close();
    return key;
  };
  const rowsOf = async (folder: string) => {
    const store = await openStore(join(folder, "store"));
    const rows: [string, string][] = [];
    for await (const { key, value } of store.rows("")) rows.push([key, Buffer.from(value).toString("hex")]);
    await store.close();
    return rows;
  };

  test("finds of a daemon's store that every row is what the log makes", async () => {
    const folder = copyOfHome();
    const before = await rowsOf(folder);
    const ran = await mabeam(folder, "db rebuild --json");
    expect([ran.exit, ran.err]).toEqual([0, ""]);
    expect(json(ran)).toMatchObject({
      kind: "HistoryRebuilt",
      entries: height,
      made: 0,
      mended: 0,
      removed: 0,
    });
    expect(json(ran).rows).toBeGreaterThan(0);
    expect(await rowsOf(folder)).toEqual(before);
    expect((await mabeam(folder, "db rebuild")).out.join("\n")).toContain(
      "Each was there already, and no other.",
    );
  });

  test("mends what `db verify` finds damaged, and says how much", async () => {
    const folder = copyOfHome();
    const before = await rowsOf(folder);
    const key = await spoilt(folder, "own/history/money/");
    const found = await mabeam(folder, "db verify");
    expect([found.exit, found.err]).toEqual([
      9,
      expect.stringMatching(new RegExp(`${key}[^~]*mabeam db rebuild`)),
    ]);
    const ran = await mabeam(folder, "db rebuild");
    expect([ran.exit, ran.out[1]]).toEqual([0, expect.stringContaining("1 were damaged or wrong")]);
    expect(await rowsOf(folder)).toEqual(before);
    expect((await mabeam(folder, "db verify")).exit).toBe(0);
  });

  test("of a pruned log says from where on it is kept, and lets damage go only when it is told to", async () => {
    const folder = copyOfHome();
    await changed(folder, [keptLogWrite(3)]);
    const key = await spoilt(folder, "own/history/money/");
    const ran = await mabeam(folder, "db rebuild");
    expect([ran.exit, ran.err]).toEqual([
      1,
      expect.stringMatching(/from height 3 on[\s\S]*price 1, slash 1[\s\S]*--let-go/),
    ]);
    expect(await keysOf(folder, "own/history/money/")).toContain(key);
    const went = await mabeam(folder, "db rebuild --let-go");
    expect([went.exit, went.out]).toEqual([
      0,
      [
        "1 rows could not be read, and went.",
        "Nothing is missing of price from height 1, slash from height 1, trade from height 1, usage from height 1 on.",
      ],
    ]);
    expect(await keysOf(folder, "own/history/money/")).not.toContain(key);
  });
});

test("db compact gives back the room of deleted rows, and keeps the others", async () => {
  const folder = copyOfHome();
  const many = Array.from({ length: 40 }, (_, i) => `own/history/money/${i}`);
  for (const key of many) await changed(folder, [{ kind: "put", key, value: randomBytes(64 * 1024) }]);
  await changed(
    folder,
    many.map((key) => ({ kind: "delete", key })),
  );
  const before = await keysOf(folder, "");
  const ran = await mabeam(folder, "db compact --json");
  // LevelDB may have given some of it back by itself, so what was there before says nothing.
  const { bytesAfter } = json(ran) as { bytesAfter: number };
  expect([ran.exit, bytesAfter < (40 * 64 * 1024) / 2]).toEqual([0, true]);
  expect(await keysOf(folder, "")).toEqual(before);
});

describe("db backup and db restore", () => {
  const file = join(newHome(), "a.backup");

  beforeAll(async () => {
    const ran = await mabeam(home, ["db", "backup", file, "--json"]);
    expect(ran.exit).toBe(0);
    expect(json(ran)).toMatchObject({ kind: "Backup", chain: network.chainHex, height, file });
    expect(ran.err).toMatch(/a backup is an old memory/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("what is restored is the store, but for the guard and with the mark of amnesia", async () => {
    const folder = newHome();
    const ran = await mabeam(folder, ["db", "restore", file, "--chain", network.chainHex]);
    expect([ran.exit, ran.out[0]]).toEqual([0, expect.stringContaining(`height ${height} of chain`)]);
    const keys = new Set([...(await keysOf(home, "")), "quorum/amnesia"]);
    expect(await keysOf(folder, "")).toEqual([...keys].sort());
    expect(existsSync(join(folder, "store", "votes.guard"))).toBe(false);
    expect((await mabeam(folder, "db verify")).exit).toBe(0);
    expect(readFileSync(join(folder, "genesis.cbor"))).toEqual(readFileSync(join(home, "genesis.cbor")));
  });

  test("a seat that is restored signs nothing, over restarts too, until its operator says so", async () => {
    const folder = newHome();
    await mabeam(folder, ["db", "restore", file]);
    for (let start = 0; start < 2; start++) {
      const seat = await network.open(0, { home: folder, fresh: false });
      const { voteSeq } = seat.peer.voter;
      await wait(600);
      expect([seat.peer.halted, seat.peer.voter.voteSeq, seat.peer.tip.height]).toEqual([
        "amnesia",
        voteSeq,
        height,
      ]);
      if (start === 1) {
        await seat.command({ kind: "overrideAmnesia", force: true });
        await eventually("it signs again", () => seat.peer.tip.height > height);
      }
      await seat.stop();
    }
  });

  test("a backup never replaces a file", async () => {
    const ran = await mabeam(home, ["db", "backup", file]);
    expect([ran.exit, ran.err]).toEqual([6, expect.stringContaining("never replaces")]);
  });

  test("a folder with a store, with a new seat's guard alone, or of another network is refused", async () => {
    expect((await mabeam(copyOfHome(), ["db", "restore", file])).exit).toBe(6);
    const seat = newHome();
    mkdirSync(join(seat, "store"));
    writeFileSync(join(seat, "store", "votes.guard"), "");
    expect((await mabeam(seat, ["db", "restore", file])).exit).toBe(6);
    const other = newHome();
    const ran = await mabeam(other, ["db", "restore", file, "--chain", "0".repeat(64)]);
    expect([ran.exit, ran.err]).toEqual([9, expect.stringContaining("--chain of 000")]);
    writeFileSync(join(other, "genesis.cbor"), encodeGenesis({ ...network.genesis, timeMs: 1 }));
    expect((await mabeam(other, ["db", "restore", file])).err).toContain("this folder's genesis of");
    expect(existsSync(join(other, "store"))).toBe(false);
  });

  test.each<[string, (path: string) => void]>([
    ["cut short", (path) => truncateSync(path, statSync(path).size - 1)],
    ["cut to its head", (path) => truncateSync(path, 60)],
    ["with more behind its end", (path) => appendFileSync(path, "x")],
    ["with a turned bit", (path) => flip(path, 0.5)],
    [
      "of another kind",
      (path) =>
        writeFileSync(
          path,
          "not a backup at all, but long enough to be looked at by anybody who reads heads of files",
        ),
    ],
    ["that is empty", (path) => writeFileSync(path, "")],
  ])("a backup %s leaves no store behind", async (_, spoil) => {
    const spoilt = join(newHome(), "b.backup");
    cpSync(file, spoilt);
    spoil(spoilt);
    const folder = newHome();
    const ran = await mabeam(folder, ["db", "restore", spoilt]);
    expect([ran.exit, ran.err]).toEqual([9, expect.stringContaining("could not restore")]);
    expect([existsSync(join(folder, "store")), existsSync(join(folder, "store.restoring"))]).toEqual([
      false,
      false,
    ]);
  });

  test("a restore that was cut short leaves no store, and is begun anew", async () => {
    const folder = newHome();
    mkdirSync(join(folder, "store.restoring", "rows"), { recursive: true });
    writeFileSync(join(folder, "store.restoring", "rows", "CURRENT"), "MANIFEST-9\n");
    expect((await mabeam(folder, "db stats")).exit).toBe(5);
    expect((await mabeam(folder, ["db", "restore", file])).exit).toBe(0);
    expect(existsSync(join(folder, "store.restoring"))).toBe(false);
  });

  test("a file that was made up, with a right checksum, is judged by its rows", async () => {
    const lies = copyOfHome();
    await changed(lies, [{ kind: "delete", key: (await keysOf(lies, "state/"))[0]! }]);
    const path = join(newHome(), "c.backup");
    expect((await mabeam(lies, ["db", "backup", path])).exit).toBe(0);
    const ran = await mabeam(newHome(), ["db", "restore", path]);
    expect([ran.exit, ran.err]).toEqual([9, expect.stringContaining("state:")]);
  });

  test("a file that is not there is told as such", async () => {
    const ran = await mabeam(newHome(), ["db", "restore", "/nowhere/x.backup"]);
    expect([ran.exit, ran.err]).toEqual([5, expect.stringContaining("could not read the backup")]);
  });
});

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length * at)]! ^= 4;
  writeFileSync(path, bytes);
}
