// A peer from what its disk holds: nothing, after genesis; or everything an earlier run made durable.
import {
  type Bytes,
  decode,
  equalBytes,
  err,
  type Hash,
  type Hex,
  ok,
  type Result,
  toHex,
} from "../base/index.js";
import { ACCOUNTS, commitRows, type Ledger, networkOf } from "../ledger/index.js";
import { AUCTIONS, auctionOf, createLedger, restoreLedger, revealsCloseMs } from "../market/index.js";
import { electorate, type LogEntry, oneEpoch, openVoter, type VoterConfig } from "../quorum/index.js";
import { haltRow, KEY } from "../quorum/log/rows.js";
import { applicationOf } from "./application.js";
import { Backlog } from "./backlog.js";
import { HONEST_CONDUCT } from "./conduct.js";
import { convictionOf, judgeOf } from "./conviction.js";
import { Estimates } from "./estimates.js";
import { genesisTip, tipOf } from "./execution.js";
import { memberSetOf } from "./genesis-members.js";
import { HISTORY_NAMES, historyBegins, historyBeginWrite } from "./history/history.js";
import { KeptLog } from "./kept-log.js";
import { historyBeginKey, KEPT_LOG_KEY, stateKey } from "./keyspace.js";
import { Mempool } from "./mempool.js";
import { OperationJudge } from "./operations.js";
import { Outbox } from "./outbox.js";
import { WitnessStand } from "./proof/witness.js";
import type { Write } from "./ready.js";
import { shelfLimitsOf } from "./shelves.js";
import { isForkClass, type Peer, type PeerConfig, type Tip } from "./state.js";
import { damaged, readLog, type StoredRows, type StoreFault, sortRows, tipRow } from "./stored-rows.js";

/**
 * @param rows everything in the store but log rows older than `keepTerms` below the newest, in any order; of history
 * only what says from where on it is whole
 * @param guard the newest guard record; null: there is none
 */
export function openPeer(
  config: PeerConfig,
  rows: Iterable<readonly [key: string, value: Bytes]>,
  guard: Bytes | null,
): Result<Peer, StoreFault> {
  const sorted = sortRows(rows);
  if (sorted.stranger !== null) return damaged(`${sorted.stranger} is no row of this program's`);
  const network = networkOf(config.genesis);
  const kept = KeptLog.restore(sorted.kept, sorted.stretches);
  if (kept === null) return damaged(`${KEPT_LOG_KEY} is unreadable`);
  const ground =
    sorted.tip === null ? begin(config, network.chain, sorted) : resume(config, network.chain, sorted);
  if (!ground.ok) return ground;
  const { ledger, tip, log, writes, genesisRoot } = ground.value;
  const members = electorate(memberSetOf(config.genesis), network.chain);
  const epochs = oneEpoch(members);
  let peer: Peer | null = null;
  const settings = { ...voterConfigOf(config, genesisRoot), application: applicationOf(() => peer!) };
  const isNew = config.fresh && sorted.tip === null;
  const voter = openVoter(settings, sorted.quorum, guard, log, isNew);
  peer = {
    config,
    conduct: config.conduct ?? HONEST_CONDUCT,
    epochs,
    get electorate() {
      return epochs.current;
    },
    agents: new Map(config.agents.map((key) => [toHex(key.publicKey), key])),
    ledger,
    voter,
    tip,
    mempool: new Mempool(
      {
        closesMs: (auction) => revealsCloseMs(peer!.ledger, auction),
        convictionOf: (operation) => convictionOf(peer!.judgeEvidence, operation),
        nextNonce: (account, lane) => peer!.ledger.get(ACCOUNTS, account)?.nonces[lane] ?? 0,
      },
      config.shelves ?? shelfLimitsOf(config.genesis.params),
    ),
    estimates: new Estimates(),
    backlog: new Backlog(),
    judge: new OperationJudge(network, config.genesis.params, config.verifier),
    judgeEvidence: judgeOf(members, network, config.genesis.params, config.verifier, config.rules),
    outbox: new Outbox(2 * config.genesis.params.deltaMs, members.tolerance + 1, config.conduct?.repetition),
    custody: sorted.custody,
    witnesses: new WitnessStand(),
    kept,
    stored: { operations: sorted.operations, writes },
    voterWakeAt: null,
    halted: haltedBy(sorted.quorum) ?? (isForkClass({ ledger, electorate: members }) ? "fork" : null),
  };
  callUnproven(peer, sorted.witnessed);
  return ok(peer);
}

/** Ended auctions whose proof an earlier run did not complete are to be proven, in the order of their ends. */
function callUnproven({ witnesses, ledger, tip }: Peer, witnessed: ReadonlySet<Hex>): void {
  for (const { id } of ledger.table(AUCTIONS).index.ended.sorted()) {
    if (!witnessed.has(id)) witnesses.call(auctionOf(ledger, id)!);
  }
  witnesses.record(ledger.tree, tip.height, new Map());
}

/** A member that stopped for ever stays so, and says why. */
function haltedBy(rows: readonly (readonly [key: string, value: Bytes])[]): Peer["halted"] {
  const row = rows.find(([key]) => key === KEY.halt);
  if (row === undefined) return null;
  const halt = decode(haltRow, row[1], row[1].length);
  return halt.ok ? halt.value.kind : "corrupt";
}

interface Ground {
  readonly ledger: Ledger;
  readonly tip: Tip;
  readonly log: readonly LogEntry[];
  readonly genesisRoot: Hash;
  /** rows to write at the start: those of height 0, and from where on history is kept */
  readonly writes: readonly Write[];
}

function begin(config: PeerConfig, chain: Hash, sorted: StoredRows): Result<Ground, StoreFault> {
  if (sorted.state.length > 0 || sorted.log.length > 0) return damaged("rows without a tip");
  const ledger = createLedger(config.genesis);
  const { writes, root } = commitRows(ledger);
  return ok({
    ledger,
    genesisRoot: root,
    tip: genesisTip(chain, config.genesis.timeMs, root),
    log: [],
    writes: [
      ...writes.map(([key, value]): Write => ({ kind: "put", key: stateKey(key), value: value! })),
      ...historyBegins(1),
    ],
  });
}

function resume(config: PeerConfig, chain: Hash, sorted: StoredRows): Result<Ground, StoreFault> {
  const row = decode(tipRow, sorted.tip!, 256);
  if (!row.ok) return damaged("the tip is unreadable");
  const { height, root } = row.value;
  if (!equalBytes(row.value.chain, chain)) {
    return err({
      code: "STORE_OF_ANOTHER_NETWORK",
      detail: `the store belongs to chain ${toHex(row.value.chain)}, not to ${toHex(chain)}`,
    });
  }
  const restored = restoreLedger(config.genesis, sorted.state, root);
  if (!restored.ok) return damaged(`state row ${restored.error.key}: ${restored.error.reason}`);
  const log = readLog(sorted.log, chain);
  if (!log.ok) return log;
  const genesisRoot = commitRows(createLedger(config.genesis)).root;
  const last = log.value.at(-1);
  if ((last?.header.height ?? 0) !== height) {
    return damaged(`the log ends at height ${last?.header.height ?? 0}, the state at ${height}`);
  }
  const tip = last === undefined ? genesisTip(chain, config.genesis.timeMs, root) : tipOf(last.header, root);
  // A kind that this store has never kept begins with the next entry.
  const begin = HISTORY_NAMES.filter((name) => !sorted.begins.has(historyBeginKey(name)));
  const writes = begin.map((name) => historyBeginWrite(name, height + 1));
  return ok({ ledger: restored.value, genesisRoot, tip, log: log.value, writes });
}

function voterConfigOf(config: PeerConfig, genesisRoot: Hash): Omit<VoterConfig, "application"> {
  const { genesis, signer, verifier, instance, rules, keepTerms } = config;
  const { deltaMs, idleMs, batchMs, precisionMs, messageDelayMs } = genesis.params;
  return {
    ...networkOf(genesis),
    genesisTimeMs: genesis.timeMs,
    genesisRoot,
    set: memberSetOf(genesis),
    signer,
    verifier,
    timing: { deltaMs, idleMs, batchMs, precisionMs, messageDelayMs },
    keepTerms,
    instance,
    rules,
  };
}
