// `db stats`, `db verify`, `db compact`: looks into the store of a data folder whose daemon is stopped, checks and shrinks it.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "../../../src/base/index.js";
import { auditStore } from "../../store/audit.js";
import { storeStats } from "../../store/stats.js";
import { readTip } from "../../store/tip.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import { labelled, painter, print, table } from "../show.js";
import type { Terminal } from "../terminal.js";
import type { ConfigFlags } from "./config.js";
import { genesisOf, opened, sizeText } from "./stopped-store.js";

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
      failed.name === "history"
        ? "make it again from the log with `mabeam db rebuild`"
        : "restore a backup with `mabeam db restore`, or move the store aside and start again: the peer catches up from the network",
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

/** Bytes of all files below a folder. */
async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    bytes += entry.isDirectory() ? await folderBytes(at) : (await stat(at)).size;
  }
  return bytes;
}
