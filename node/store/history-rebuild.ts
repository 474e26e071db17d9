// History made again in a store that nobody runs on: each row is compared with what the log says, and mended in its place.
import { decode, equalBytes, type Hex } from "../../src/base/index.js";
import type { Verifier } from "../../src/crypto/index.js";
import type { Genesis } from "../../src/ledger/index.js";
import {
  HISTORY_NAMES,
  type HistoryName,
  historyBegins,
  subjectsIn,
} from "../../src/peer/history/history.js";
import { Rebuild, type Rebuilt } from "../../src/peer/history/rebuild.js";
import {
  HISTORY_BEGIN,
  HISTORY_PREFIX,
  historyKind,
  historyRows,
  KEPT_LOG_KEY,
  LOG_PREFIX,
  logKey,
  OWN_HISTORY_PREFIX,
  ownerOfMovement,
  placeOf,
  type Write,
} from "../../src/peer/index.js";
import { keptLogFrom } from "../../src/peer/kept-log.js";
import { logEntry, MAX_FRAME_BYTES } from "../../src/quorum/index.js";
import { Accident } from "../accident.js";
import { unlessBroken } from "./error.js";
import { historyBegin } from "./history-damage.js";
import { prefixRange, type Store } from "./store.js";
import { readTip, type StoredTip } from "./tip.js";

/** Heights whose rows are compared together, and rows that are written together. */
const HEIGHTS_A_TURN = 256;
const ROWS_A_BATCH = 1024;

export interface RebuildParts {
  readonly genesis: Genesis;
  /** by hex of their keys; those that the store has movements of are added */
  readonly agents: Iterable<Hex>;
  readonly verifier: Verifier;
  /** rows that are written together; absent: as many as a batch of a running peer may have */
  readonly rowsABatch?: number;
}

export interface RebuildReport {
  /** of the log, all executed */
  readonly entries: number;
  /** that the log makes */
  readonly rows: number;
  /** that were not there */
  readonly made: number;
  /** that were damaged, or were others */
  readonly mended: number;
  /** that the log does not make */
  readonly removed: number;
}

/**
 * Executes the whole log of a store and sees to it that its history is what the log makes. A row is replaced by the right
 * one and by nothing else, in batches, so that whatever ends this leaves each row as it was or as it should be.
 * @throws Accident LOG_PRUNED, HISTORY_DIFFERS; StoreError, STORE_FULL included
 */
export async function rebuildHistory(store: Store, parts: RebuildParts): Promise<RebuildReport> {
  const tip = await readTip(store);
  if (tip === null) return { entries: 0, rows: 0, made: 0, mended: 0, removed: 0 };
  await mustReachBack(store);
  const agents = new Set(parts.agents);
  for await (const key of store.keys(prefixRange(OWN_HISTORY_PREFIX))) {
    const owner = ownerOfMovement(key);
    if (owner !== null) agents.add(owner);
  }
  const rebuild = new Rebuild(parts.genesis, agents, parts.verifier);
  const mending = new Mending(store, parts.rowsABatch ?? ROWS_A_BATCH);
  for await (const { key, value } of store.range({ ...prefixRange(LOG_PREFIX), gte: logKey(1) })) {
    const entry = decode(logEntry, value, MAX_FRAME_BYTES);
    if (!entry.ok) throw differs(`${key} is no entry: ${entry.error.code}`);
    const taken = rebuild.take(entry.value);
    if (!taken.ok) throw differs(taken.error);
    await mending.take(taken.value);
  }
  await mending.end(rebuild, tip);
  return { entries: tip.height, ...mending.counted };
}

async function mustReachBack(store: Store): Promise<void> {
  const from = await logBegin(store);
  if (from === 1) return;
  const begins: string[] = [];
  for (const name of HISTORY_NAMES) begins.push(`${name} ${(await historyBegin(store, name)) ?? "?"}`);
  const height = from === null ? "an unknown height" : `height ${from}`;
  throw new Accident(
    "LOG_PRUNED",
    "could not make the history again",
    `the log is kept from ${height} on, and history is made by executing it from height 1`,
    `history stays as it was written, whole from the heights: ${begins.join(", ")}; \`mabeam db rebuild --let-go\` lets go of rows that cannot be read, and a daemon that shall be able to make them again runs with \`--keep all\``,
  );
}

/** Where the log begins by its own row; null: that says nothing. */
async function logBegin(store: Store): Promise<number | null> {
  const row = await store.get(KEPT_LOG_KEY);
  return row === null ? 1 : keptLogFrom(row);
}

/** Whether the log reaches back to where history is made from. */
export const reachesBack = async (store: Store): Promise<boolean> => (await logBegin(store)) === 1;

const differs = (why: string): Accident =>
  new Accident(
    "HISTORY_DIFFERS",
    "could not make the history again",
    why,
    "run `mabeam db verify`; if nothing is wrong with the store, run the version of the program that wrote it",
  );

/** Brings rows to what they should be, and counts what it took. */
class Mending {
  private readonly tally = { rows: 0, made: 0, mended: 0, removed: 0 };
  /** heights below are done */
  private next = 1;
  private given: Rebuilt[] = [];
  private batch: Write[] = [];
  /** keys of own history, which are not in the order of heights */
  private readonly own = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly rowsABatch: number,
  ) {}

  get counted(): Omit<RebuildReport, "entries"> {
    return { ...this.tally };
  }

  async take(given: readonly Rebuilt[]): Promise<void> {
    this.given.push(...given);
    if (this.given.length >= HEIGHTS_A_TURN) await this.turn();
  }

  async end(rebuild: Rebuild, tip: StoredTip): Promise<void> {
    if (rebuild.next !== tip.height + 1)
      throw differs(`the log ends at height ${rebuild.next - 1}, the state at ${tip.height}`);
    const rest = rebuild.end(tip.root);
    if (!rest.ok) throw differs(rest.error);
    this.given.push(...rest.value);
    await this.turn();
    // Places are judged by the rows that they lead to: these are on the disk first.
    await this.write();
    await this.sweep();
    for (const write of historyBegins(1)) await this.compare(write);
    await this.write();
  }

  /** Compares what the next heights should have with what is there. */
  private async turn(): Promise<void> {
    const expected = new Set<string>();
    const end = (this.given.at(-1)?.height ?? this.next - 1) + 1;
    for (const { writes } of this.given.splice(0)) {
      for (const write of writes) {
        this.tally.rows++;
        await this.compare(write);
        if (write.kind !== "put") continue;
        if (write.key.startsWith(OWN_HISTORY_PREFIX)) this.own.add(write.key);
        else expected.add(write.key);
      }
    }
    for (const name of HISTORY_NAMES) {
      const rows = historyRows(name);
      const range = { gte: rows + placeOf(this.next, 0), lt: rows + placeOf(end, 0) };
      for await (const key of this.store.keys(range)) if (!expected.has(key)) await this.remove(key);
    }
    this.next = end;
  }

  private async compare(write: Write): Promise<void> {
    if (write.kind !== "put") return;
    const there = await this.store.get(write.key).catch(unlessBroken);
    if (there instanceof Uint8Array && equalBytes(there, write.value)) return;
    if (there === null) this.tally.made++;
    else this.tally.mended++;
    await this.add(write);
  }

  /** What no entry has made goes: behind the tip, of no kind, or a place that leads to no row of its subject. */
  private async sweep(): Promise<void> {
    for await (const key of this.store.keys(prefixRange(OWN_HISTORY_PREFIX)))
      if (!this.own.has(key)) await this.remove(key);
    for await (const key of this.store.keys(prefixRange(HISTORY_PREFIX)))
      if (!(await this.belongs(key))) await this.remove(key);
  }

  private async belongs(key: string): Promise<boolean> {
    const name = HISTORY_NAMES.find((one) => key.startsWith(historyKind(one)));
    if (name === undefined) return false;
    const rest = key.slice(historyKind(name).length - 1);
    if (rest === HISTORY_BEGIN) return true;
    if (rest.startsWith("/at/")) return key < historyRows(name) + placeOf(this.next, 0);
    return rest.startsWith("/of/") && (await this.leads(name, rest.slice("/of/".length)));
  }

  private async leads(name: HistoryName, rest: string): Promise<boolean> {
    const blank = rest.indexOf(" ");
    const row = await this.store.get(historyRows(name) + rest.slice(blank + 1));
    return row !== null && subjectsIn(name, row).some((subject) => subject === rest.slice(0, blank));
  }

  private async remove(key: string): Promise<void> {
    this.tally.removed++;
    await this.add({ kind: "delete", key });
  }

  private async add(write: Write): Promise<void> {
    this.batch.push(write);
    if (this.batch.length >= this.rowsABatch) await this.write();
  }

  private async write(): Promise<void> {
    if (this.batch.length > 0) await this.store.write(this.batch.splice(0));
  }
}
