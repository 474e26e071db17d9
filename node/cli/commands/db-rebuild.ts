// `db rebuild`: history made again from the log of a daemon that is stopped.
import { toHex } from "../../../src/base/index.js";
import { decodeGenesis } from "../../../src/ledger/index.js";
import { Accident } from "../../accident.js";
import { SignatureVerifier } from "../../crypto/verifier.js";
import { listKeys } from "../../keys/index.js";
import { rebuildHistory } from "../../store/history-rebuild.js";
import { print } from "../show.js";
import type { Terminal } from "../terminal.js";
import type { ConfigFlags } from "./config.js";
import { genesisOf, opened } from "./stopped-store.js";

const WHAT = "could not make the history again";

export async function rebuild(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  await opened(terminal, flags, WHAT, async (store, paths) => {
    const genesis = decodeGenesis(await genesisOf(paths));
    if (!genesis.ok)
      throw new Accident(
        "GENESIS_INVALID",
        WHAT,
        genesis.error.message,
        "start the daemon once with --join and --chain: it fetches the genesis and checks it",
      );
    const keys = listKeys(paths.keys).filter(({ kind }) => kind === "agent");
    const report = await rebuildHistory(store, {
      genesis: genesis.value,
      agents: keys.map(({ publicKey }) => toHex(publicKey)),
      verifier: new SignatureVerifier(),
    });
    const { entries, rows, made, mended, removed } = report;
    print(terminal, flags.json === true, { apiVersion: "v1", kind: "HistoryRebuilt", ...report }, () => {
      terminal.out(`Executed ${entries} entries: ${rows} rows of history`);
      terminal.out(
        made + mended + removed === 0
          ? "Each was there already, and no other."
          : `${made} were missing, ${mended} were damaged or wrong, ${removed} did not belong there: all mended.`,
      );
    });
  });
}
