// What a store hands out, sorted by what it is; and why it is not what this program wrote there.
import {
  type Bytes,
  decode,
  equalBytes,
  err,
  type Hash,
  type Hex,
  hash,
  ok,
  type Result,
  struct,
  uint,
} from "../base/index.js";
import { entryIdOf, type LogEntry, logEntry, MAX_FRAME_BYTES } from "../quorum/index.js";
import { readStretch } from "./kept-log.js";
import {
  HISTORY_BEGIN,
  HISTORY_PREFIX,
  KEPT_LOG_KEY,
  LOG_PREFIX,
  logKey,
  OPERATION_PREFIX,
  OWN_HISTORY_PREFIX,
  OWN_STRETCH_PREFIX,
  QUORUM_PREFIX,
  STATE_PREFIX,
  TIP_KEY,
  witnessedBy,
} from "./keyspace.js";
import { Custody } from "./own/custody.js";
import type { StoredOperation } from "./state.js";

/** Why a store cannot be opened: it holds something else than what this program wrote there. */
export interface StoreFault {
  readonly code: "STORE_DAMAGED" | "STORE_OF_ANOTHER_NETWORK";
  readonly detail: string;
}

export const tipRow = struct({ chain: [0, hash], height: [1, uint()], root: [2, hash] });

/** Rows by what they are, as a store hands them out. */
export interface StoredRows {
  readonly quorum: [string, Bytes][];
  readonly state: [string, Bytes][];
  readonly log: [string, Bytes][];
  readonly operations: StoredOperation[];
  readonly witnessed: Set<Hex>;
  readonly custody: Custody;
  readonly stretches: Map<number, number>;
  /** keys of what says from where on history is whole */
  readonly begins: Set<string>;
  tip: Bytes | null;
  kept: Bytes | null;
  /** a row that no peer has written */
  stranger: string | null;
}

export function sortRows(rows: Iterable<readonly [string, Bytes]>): StoredRows {
  const sorted: StoredRows = {
    quorum: [],
    state: [],
    log: [],
    operations: [],
    witnessed: new Set(),
    custody: new Custody(),
    stretches: new Map(),
    begins: new Set(),
    tip: null,
    kept: null,
    stranger: null,
  };
  for (const [key, value] of rows) {
    const witnessed = witnessedBy(key);
    if (witnessed !== null) sorted.witnessed.add(witnessed);
    else if (key.startsWith(QUORUM_PREFIX)) sorted.quorum.push([key, value]);
    else if (key.startsWith(STATE_PREFIX)) sorted.state.push([key.slice(STATE_PREFIX.length), value]);
    else if (key.startsWith(LOG_PREFIX)) sorted.log.push([key, value]);
    else if (key.startsWith(OPERATION_PREFIX)) sorted.operations.push({ key, bytes: value });
    else if (key.startsWith(HISTORY_PREFIX)) {
      if (key.endsWith(HISTORY_BEGIN)) sorted.begins.add(key);
    } else if (key.startsWith(OWN_HISTORY_PREFIX)) continue;
    else if (key === TIP_KEY) sorted.tip = value;
    else if (key === KEPT_LOG_KEY) sorted.kept = value;
    else if (key.startsWith(OWN_STRETCH_PREFIX)) {
      const stretch = readStretch(key, value);
      if (stretch === null) sorted.stranger ??= key;
      else sorted.stretches.set(...stretch);
    } else if (!sorted.custody.restore(key, value)) sorted.stranger ??= key;
  }
  return sorted;
}

/** Log rows in the order of height: each follows the one before. */
export function readLog(
  rows: readonly (readonly [string, Bytes])[],
  chain: Hash,
): Result<readonly LogEntry[], StoreFault> {
  const log: LogEntry[] = [];
  for (const [key, value] of rows) {
    const entry = decode(logEntry, value, MAX_FRAME_BYTES);
    if (!entry.ok) return damaged(`${key}: ${entry.error.code} at ${entry.error.offset}`);
    if (key !== logKey(entry.value.header.height)) return damaged(`${key} holds another height`);
    if (!equalBytes(entry.value.header.chain, chain)) return damaged(`${key} is of another chain`);
    log.push(entry.value);
  }
  log.sort((a, b) => a.header.height - b.header.height);
  for (const [i, { header }] of log.entries()) {
    const before = log[i - 1]?.header;
    if (before !== undefined && !equalBytes(header.parent, entryIdOf(before))) {
      return damaged(`the entry of height ${header.height} does not follow the one before`);
    }
  }
  return ok(log);
}

export const damaged = (detail: string): Result<never, StoreFault> => err({ code: "STORE_DAMAGED", detail });
