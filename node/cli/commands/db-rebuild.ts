// `db rebuild`: history made again from the log of a daemon that is stopped.
import { toHex } from "../../../src/base/index.js";
import { decodeGenesis } from "../../../src/ledger/index.js";
import { Accident } from "../../accident.js";
import { SignatureVerifier } from "../../crypto/verifier.js";
import { listKeys } from "../../keys/index.js";
import { letGoOfDamage } from "../../store/history-damage.js";
import { reachesBack, rebuildHistory } from "../../store/history-rebuild.js";
import type { Store } from "../../store/store.js";
import { readTip } from "../../store/tip.js";
import { print } from "../show.js";
import type { Terminal } from "../terminal.js";
import type { ConfigFlags } from "./config.js";
import { genesisOf, opened } from "./stopped-store.js";

const WHAT = "could not make the history again";

export async function rebuild(
  terminal: Terminal,
  flags: ConfigFlags & { readonly letGo?: boolean },
): Promise<void> {
  await opened(terminal, flags, WHAT, async (store, paths) => {
    if (flags.letGo === true && !(await reachesBack(store))) return letGo(terminal, flags, store);
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

/** What no log makes again, and cannot be read, stands in the way of what can. */
async function letGo(terminal: Terminal, flags: ConfigFlags, store: Store): Promise<void> {
  const { rows, from } = await letGoOfDamage(store, (await readTip(store))?.height ?? 0);
  print(terminal, flags.json === true, { apiVersion: "v1", kind: "HistoryLetGo", rows, from }, () => {
    terminal.out(
      rows === 0 ? "Every row of history can be read." : `${rows} rows could not be read, and went.`,
    );
    const begins = Object.entries(from).map(([kind, height]) => `${kind} from height ${height}`);
    terminal.out(`Nothing is missing of ${begins.join(", ")} on.`);
  });
}
