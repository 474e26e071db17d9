// `db stats`, `db verify`, `db compact`, `db backup`, `db restore`: the store of a data folder whose daemon is stopped.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes, type Hash, toHex } from "../../../src/base/index.js";
import { chainOf, decodeGenesis } from "../../../src/ledger/index.js";
import { Accident, codeOf, messageOf } from "../../accident.js";
import type { HomePaths } from "../../config/paths.js";
import { readNetwork } from "../../known-network.js";
import { LockError, lockFolder } from "../../lock.js";
import { auditStore } from "../../store/audit.js";
import { type BackupHead, readBackup, writeBackup } from "../../store/backup.js";
import { openStore } from "../../store/level-store.js";
import { storeStats } from "../../store/stats.js";
import type { Store } from "../../store/store.js";
import { readTip } from "../../store/tip.js";
import { syncFolder, writeWhole } from "../../whole-file.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { labelled, painter, print, table } from "../show.js";
import type { Terminal } from "../terminal.js";
import { type ConfigFlags, configOf } from "./config.js";

export async function stats(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  await opened(terminal, flags, "could not look into the store", async (store, paths) => {
    const [tip, counted, diskBytes] = [
      await readTip(store),
      await storeStats(store),
      await folderBytes(paths.store),
    ];
    const document = {
      apiVersion: "v1",
      kind: "StoreStats",
      chain: tip === null ? null : toHex(tip.chain),
      height: tip?.height ?? 0,
      ...counted,
      diskBytes,
      guard: store.guard().kind,
    };
    print(terminal, flags.json === true, document, () => {
      const { heights, rows, bytes } = counted;
      labelled(terminal, [
        ["Store", paths.store],
        ["Chain", document.chain ?? "none yet"],
        ["Height", String(document.height)],
        ["Log", heights === null ? "empty" : `heights ${heights.from} to ${heights.to}`],
        ["Guard", document.guard],
        ["On disk", sizeText(diskBytes)],
      ]);
      terminal.out("");
      table(
        terminal,
        ["KIND", "ROWS", "BYTES"],
        [...counted.kinds, { kind: "all", rows, bytes }].map((one) => [
          one.kind,
          String(one.rows),
          sizeText(one.bytes),
        ]),
        "The store is empty.",
      );
    });
  });
}

/** Exit 0 if nothing is wrong, 9 otherwise. */
export async function verify(terminal: Terminal, flags: ConfigFlags): Promise<number> {
  return opened(terminal, flags, "could not verify the store", async (store, paths) => {
    const checks = await auditStore(store, await genesisOf(paths));
    const ok = checks.every((one) => one.ok);
    print(terminal, flags.json === true, { apiVersion: "v1", kind: "StoreVerification", ok, checks }, () => {
      const paint = painter(terminal);
      labelled(
        terminal,
        checks.map((one) => [one.name, `${one.ok ? paint.green("ok") : paint.red("FAILED")}  ${one.detail}`]),
      );
    });
    if (ok) return EXIT.ok;
    const failed = checks.find((one) => !one.ok)!;
    throw new CliFailure(
      EXIT.verification,
      "STORE_DAMAGED",
      `the check ${failed.name} failed`,
      failed.detail,
      "restore a backup with `mabeam db restore`, or move the store aside and start again: the peer catches up from the network",
    );
  });
}

export async function compact(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  const [before, after] = await opened(
    terminal,
    flags,
    "could not compact the store",
    async (store, paths) => {
      const bytes = await folderBytes(paths.store);
      await store.compact();
      return [bytes, await folderBytes(paths.store)] as const;
    },
  );
  const document = { apiVersion: "v1", kind: "StoreCompaction", bytesBefore: before, bytesAfter: after };
  print(terminal, flags.json === true, document, () =>
    terminal.out(`From ${sizeText(before)} to ${sizeText(after)}`),
  );
}

export async function backup(terminal: Terminal, flags: ConfigFlags, file: string): Promise<void> {
  await opened(terminal, flags, "could not back the store up", async (store, paths) => {
    const tip = await readTip(store);
    if (tip === null) throw noStore("could not back the store up", paths, "it has executed nothing yet");
    const { rows, bytes } = await writeBackup(store, { ...tip, genesis: await genesisOf(paths) }, file);
    const isSeat = store.guard().kind !== "missing";
    const [chain, root] = [toHex(tip.chain), toHex(tip.root)];
    const document = { apiVersion: "v1", kind: "Backup", file, chain, height: tip.height, root, rows, bytes };
    print(terminal, flags.json === true, document, () =>
      terminal.out(`Wrote ${rows} rows at height ${tip.height}, ${sizeText(bytes)}, to ${file}`),
    );
    terminal.err("Keep it as you keep keys: it holds what sealed bids hide. The keys are not in it.");
    if (isSeat) {
      terminal.err(
        "warning: a backup is an old memory; a seat restored from it signs nothing until the other members have told it what it signed since",
      );
    }
  });
}

export async function restore(
  terminal: Terminal,
  flags: ConfigFlags & { readonly chain?: string },
  file: string,
): Promise<void> {
  const { paths } = await configOf(terminal, flags);
  const what = `could not restore from ${file}`;
  await held(paths, what, async () => {
    await mustBeEmpty(paths, what);
    const expected = await chainsOf(paths, flags.chain);
    const draft = `${paths.store}.restoring`;
    await rm(draft, { recursive: true, force: true });
    try {
      const begin = async (head: BackupHead): Promise<Store> => {
        mustBeOf(head.chain, expected, what);
        await mkdir(draft, { recursive: true, mode: 0o700 });
        return openStore(draft);
      };
      const found = await readBackup(file, begin, Date.now());
      await judged(draft, found, what);
      if (!existsSync(paths.genesisFile)) await writeWhole(paths.genesisFile, found.genesis);
      await rmdir(paths.store).catch(unlessAbsent);
      await rename(draft, paths.store);
      await syncFolder(paths.home);
      const { chain, height, root, rows } = found;
      const document = {
        apiVersion: "v1",
        kind: "Restored",
        chain: toHex(chain),
        height,
        root: toHex(root),
        rows,
      };
      print(terminal, flags.json === true, document, () =>
        terminal.out(`Restored ${rows} rows: height ${height} of chain ${toHex(chain)}`),
      );
      terminal.err(
        "If this daemon holds a seat, it signs nothing until the other members have told it what it signed after the backup.",
      );
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

/** What came out of the file must be a store like any other: its checksum says only that it is what was written. */
async function judged(folder: string, { genesis, height, root }: BackupHead, what: string): Promise<void> {
  const store = await openStore(folder);
  try {
    const tip = await readTip(store);
    const agrees = tip !== null && tip.height === height && equalBytes(tip.root, root);
    const failed = (await auditStore(store, genesis)).find((one) => !one.ok);
    if (agrees && failed === undefined) return;
    throw new CliFailure(
      EXIT.verification,
      "BACKUP_DAMAGED",
      what,
      failed === undefined
        ? "its head and its rows tell of different heights"
        : `${failed.name}: ${failed.detail}`,
      "take another backup; or start without one: the peer catches up from the network",
    );
  } finally {
    await store.close();
  }
}

/** Runs `body` over the folder's store, while no daemon runs on it. */
async function opened<T>(
  terminal: Terminal,
  flags: ConfigFlags,
  what: string,
  body: (store: Store, paths: HomePaths) => Promise<T>,
): Promise<T> {
  const { paths } = await configOf(terminal, flags);
  if (!existsSync(join(paths.store, "rows", "CURRENT"))) throw noStore(what, paths, "there is no store");
  return held(paths, what, async () => {
    const store = await openStore(paths.store);
    try {
      return await body(store, paths);
    } finally {
      await store.close();
    }
  });
}

/** @throws LockError LOCK_HELD, which says how to stop the daemon */
async function held<T>({ home }: HomePaths, what: string, body: () => Promise<T>): Promise<T> {
  const lock = await lockFolder(home).catch((error) => {
    if (!(error instanceof LockError) || error.code !== "LOCK_HELD") throw error;
    const fix = "stop the daemon with `mabeam stop`, do this, and start it again";
    throw new LockError("LOCK_HELD", what, error.why, fix, error);
  });
  try {
    return await body();
  } finally {
    await lock.release();
  }
}

const noStore = (what: string, { store }: HomePaths, why: string): CliFailure =>
  new CliFailure(
    EXIT.notFound,
    "STORE_ABSENT",
    what,
    `${why} in ${store}`,
    "name the data folder of a daemon that has run, with --home",
  );

async function genesisOf({ genesisFile }: HomePaths): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(genesisFile));
  } catch (error) {
    throw new Accident(
      "GENESIS_INVALID",
      "could not read the network's genesis",
      messageOf(error),
      "start the daemon once with --join and --chain: it fetches the genesis and checks it",
      error,
    );
  }
}

function unlessAbsent(error: unknown): undefined {
  if (codeOf(error) === "ENOENT") return undefined;
  throw error;
}

async function mustBeEmpty({ store }: HomePaths, what: string): Promise<void> {
  const there = await readdir(store).catch(unlessAbsent);
  if (there === undefined || there.length === 0) return;
  throw new CliFailure(
    EXIT.conflict,
    "STORE_EXISTS",
    what,
    `${store} holds a store already`,
    `move ${store} aside first: a restored store never takes the place of one that may know more`,
  );
}

interface Expected {
  readonly chain: string;
  /** who says so */
  readonly by: string;
}

/** The chain that this folder belongs to, as far as anything in it or on the command line says. */
async function chainsOf(paths: HomePaths, named: string | undefined): Promise<readonly Expected[]> {
  const expected: Expected[] = named === undefined ? [] : [{ chain: named, by: "--chain" }];
  const known = readNetwork(paths.networkFile);
  if (known !== null) expected.push({ chain: known.chain, by: "the keys of this folder" });
  if (!existsSync(paths.genesisFile)) return expected;
  const genesis = decodeGenesis(await genesisOf(paths));
  if (genesis.ok) expected.push({ chain: toHex(chainOf(genesis.value)), by: "this folder's genesis" });
  return expected;
}

function mustBeOf(chain: Hash, expected: readonly Expected[], what: string): void {
  const other = expected.find((one) => one.chain !== toHex(chain));
  if (other === undefined) return;
  throw new Accident(
    "CHAIN_MISMATCH",
    what,
    `it is of chain ${toHex(chain)}, and ${other.by} of ${other.chain}`,
    "restore it into a data folder of its own with --home",
  );
}

/** Bytes of all files below a folder. */
async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    bytes += entry.isDirectory() ? await folderBytes(at) : (await stat(at)).size;
  }
  return bytes;
}

function sizeText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  if (bytes < 10_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
