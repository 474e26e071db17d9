// `db backup` and `db restore`: a store written to one file, and brought back into an empty folder.
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { equalBytes, type Hash, toHex } from "../../../src/base/index.js";
import { chainOf, decodeGenesis } from "../../../src/ledger/index.js";
import { Accident, codeOf } from "../../accident.js";
import type { HomePaths } from "../../config/paths.js";
import { readNetwork } from "../../known-network.js";
import { auditStore } from "../../store/audit.js";
import { type BackupHead, readBackup, writeBackup } from "../../store/backup.js";
import { openStore } from "../../store/level-store.js";
import type { Store } from "../../store/store.js";
import { readTip } from "../../store/tip.js";
import { syncFolder, writeWhole } from "../../whole-file.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { print } from "../show.js";
import type { Terminal } from "../terminal.js";
import { type ConfigFlags, configOf } from "./config.js";
import { genesisOf, held, noStore, opened, sizeText } from "./stopped-store.js";

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
