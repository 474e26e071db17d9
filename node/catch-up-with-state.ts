// Before a peer starts: where it stands so far behind that nobody may keep the log from there, it takes an attested state.
import { setTimeout as wait } from "node:timers/promises";
import { decode, type Verifier } from "../src/index.js";
import { type Genesis, networkOf } from "../src/ledger/index.js";
import { restoreLedger } from "../src/market/index.js";
import { HONEST_CONDUCT } from "../src/peer/conduct.js";
import { electorateOf, LOG_PREFIX } from "../src/peer/index.js";
import { logEntry, MAX_FRAME_BYTES } from "../src/quorum/index.js";
import { KEY } from "../src/quorum/log/rows.js";
import { messageOf } from "./accident.js";
import { type Log, logOf } from "./log.js";
import { fetchState, NetworkRefusal } from "./net/index.js";
import { installState } from "./store/install-state.js";
import { prefixRange, type Store } from "./store/store.js";

export interface CatchUpOptions {
  readonly join: readonly string[];
  readonly verifier: Verifier;
  readonly log: Log;
  /** null: an archive, which lets go of nothing */
  readonly keepBytes?: number | null;
  /** whoever waits for the start does so no more */
  readonly stopping?: AbortSignal;
}

/**
 * Peers keep the log as long as the ledger remembers, `retainMs`: who stands within that asks nobody. A member that has
 * stopped for ever stays where it is.
 */
export async function catchUpWithState(
  store: Store,
  options: CatchUpOptions,
  genesis: Genesis,
): Promise<void> {
  const { join, verifier, stopping } = options;
  const last = await lastFinal(store, genesis.timeMs);
  const isNear = Date.now() - last.timeMs < genesis.params.retainMs;
  if (isNear || join.length === 0 || (await store.get(KEY.halt)) !== null) return;
  const log = logOf(options.log, "net");
  const trust = { ...networkOf(genesis), electorate: electorateOf(genesis), verifier };
  const [pause, steadyMs] = [(ms: number) => wait(ms), () => performance.now()];
  try {
    const wish = {
      addresses: join,
      height: last.height,
      trust,
      conduct: HONEST_CONDUCT,
      log,
      pause,
      steadyMs,
      ...(stopping === undefined ? {} : { stopping }),
    };
    const fetched = await fetchState(wish);
    if (fetched === null) return;
    const { proof, root, rows } = fetched;
    const ledger = restoreLedger(
      genesis,
      rows.map(({ key, value }) => [key, value] as const),
      root,
    );
    if (!ledger.ok) {
      log.warn(
        { key: ledger.error.key, reason: ledger.error.reason },
        "the network's state cannot be read here",
      );
      return;
    }
    await installState(store, fetched, ledger.value, options.keepBytes === null);
    const gap = options.keepBytes === null ? "; this archive has a gap there" : "";
    log.warn(
      { from: last.height, to: proof.height },
      `nobody keeps the log between: the state was taken${gap}`,
    );
  } catch (error) {
    if (!(error instanceof NetworkRefusal)) throw error;
    log.warn({ err: error }, `no state could be taken: ${messageOf(error)}`);
  }
}

/** The last final entry of a store; the genesis, at height 0, where there is none. */
async function lastFinal(store: Store, genesisMs: number): Promise<{ height: number; timeMs: number }> {
  for await (const { value } of store.range({ ...prefixRange(LOG_PREFIX), reverse: true, limit: 1 })) {
    const entry = decode(logEntry, value, MAX_FRAME_BYTES);
    if (entry.ok) return entry.value.header;
  }
  return { height: 0, timeMs: genesisMs };
}
