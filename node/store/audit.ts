// Everything that can be wrong with a store, looked for row by row; no row is changed.
import { decode, equalBytes, type Hash, toHex } from "../../src/base/index.js";
import { decodeGenesis, networkOf } from "../../src/ledger/index.js";
import { restoreLedger } from "../../src/market/index.js";
import {
  HISTORY_PREFIX,
  KEPT_LOG_KEY,
  LOG_PREFIX,
  logKey,
  OWN_HISTORY_PREFIX,
  STATE_PREFIX,
  TIP_KEY,
} from "../../src/peer/index.js";
import { keptLogFrom } from "../../src/peer/kept-log.js";
import { entryIdOf, logEntry, MAX_FRAME_BYTES, openGuard } from "../../src/quorum/index.js";
import { StoreError } from "./error.js";
import { kindOfRow } from "./stats.js";
import type { Row, Store } from "./store.js";
import { type StoredTip, tipIn } from "./tip.js";

export interface Check {
  readonly name: "rows" | "kinds" | "tip" | "log" | "state" | "history" | "guard";
  readonly ok: boolean;
  readonly detail: string;
}

/** As many damaged rows as are named; all are counted. */
const NAMED = 3;

/**
 * Reads every row: its seal, the links of the log's headers, the root of the state against the tip, and the guard.
 * @param genesis canonical bytes, by which the state's rows are read
 */
export async function auditStore(store: Store, genesis: Uint8Array): Promise<readonly Check[]> {
  const read = decodeGenesis(genesis);
  if (!read.ok) return [{ name: "tip", ok: false, detail: `the genesis is none: ${read.error.message}` }];
  const { chain } = networkOf(read.value);
  const audit = new Audit(chain, await keptFrom(store));
  for await (const key of store.keys({})) {
    const value = await store.get(key).catch(unlessBroken);
    if (value !== null) audit.take({ key, value });
    else if (isHistory(key)) audit.brokenHistory.push(key);
    else audit.broken.push(key);
  }
  const { tip } = audit;
  const root = tip?.root ?? null;
  const state = restoreLedger(read.value, audit.state, root);
  return [
    fault("rows", counted(audit.broken, "broken seal"), `${audit.rows} rows have whole seals`),
    fault("kinds", counted(audit.strange, "row of no known kind"), "every row is of a known kind"),
    fault("tip", audit.tipFault(), tip === null ? "nothing is executed yet" : `height ${tip.height}`),
    fault("log", audit.logFault(), audit.logText()),
    fault(
      "state",
      state.ok || (tip === null && audit.state.length === 0)
        ? null
        : `${state.error.key || "all rows"}: ${state.error.reason}`,
      root === null ? "no root is known yet" : `the rows give the root ${toHex(root)}`,
    ),
    fault("history", counted(audit.brokenHistory, "broken seal"), "every row of it has a whole seal"),
    guardCheck(store),
  ];
}

/** Rows that nothing but history rests on: they are made again from the log. */
const isHistory = (key: string): boolean =>
  key.startsWith(HISTORY_PREFIX) || key.startsWith(OWN_HISTORY_PREFIX);

/** Where the log begins by its own row; 1 where that is missing or cannot be read. */
async function keptFrom(store: Store): Promise<number> {
  const row = await store.get(KEPT_LOG_KEY).catch(unlessBroken);
  return (row === null ? null : keptLogFrom(row)) ?? 1;
}

const fault = (name: Check["name"], wrong: string | null, right: string): Check => ({
  name,
  ok: wrong === null,
  detail: wrong ?? right,
});

function unlessBroken(error: unknown): null {
  if (error instanceof StoreError && error.code === "STORE_CORRUPT") return null;
  throw error;
}

function counted(keys: readonly string[], what: string): string | null {
  if (keys.length === 0) return null;
  const more = keys.length > NAMED ? ", …" : "";
  return `${keys.length} × ${what}: ${keys.slice(0, NAMED).join(", ")}${more}`;
}

function guardCheck(store: Store): Check {
  const reading = store.guard();
  if (reading.kind === "missing")
    return { name: "guard", ok: true, detail: "there is none: a seat that starts here is in amnesia" };
  const whole = reading.kind === "record" && openGuard(reading.record) !== null;
  const detail = whole
    ? "its newest record is whole"
    : "it cannot be read: a seat that starts here is in amnesia";
  return { name: "guard", ok: whole, detail };
}

class Audit {
  readonly broken: string[] = [];
  readonly brokenHistory: string[] = [];
  readonly strange: string[] = [];
  readonly state: [string, Uint8Array][] = [];
  rows = 0;
  tip: StoredTip | null = null;
  private tipRow: Uint8Array | null = null;
  private entries = 0;
  private first: number | null = null;
  private last: { readonly height: number; readonly id: Hash } | null = null;
  private logWrong: string | null = null;

  /** @param from the height from which on no entry may be missing */
  constructor(
    private readonly chain: Hash,
    private readonly from: number,
  ) {}

  take({ key, value }: Row): void {
    this.rows++;
    if (kindOfRow(key) === null) this.strange.push(key);
    else if (key === TIP_KEY) {
      this.tipRow = value;
      this.tip = tipIn(value);
    } else if (key.startsWith(STATE_PREFIX)) this.state.push([key.slice(STATE_PREFIX.length), value]);
    else if (key.startsWith(LOG_PREFIX)) this.takeEntry(key, value);
  }

  private takeEntry(key: string, value: Uint8Array): void {
    const decoded = decode(logEntry, value, MAX_FRAME_BYTES);
    this.entries++;
    if (!decoded.ok) {
      this.logWrong ??= `${key} is no entry: ${decoded.error.code}`;
      return;
    }
    const { header } = decoded.value;
    const before = this.last;
    // Below that height single entries are kept for good, with gaps between them.
    if (header.height >= this.from) this.first ??= header.height;
    this.last = { height: header.height, id: entryIdOf(header) };
    if (key !== logKey(header.height)) this.logWrong ??= `${key} holds height ${header.height}`;
    if (!equalBytes(header.chain, this.chain)) this.logWrong ??= `${key} is of another chain`;
    if (before === null || before.height < this.from) return;
    if (header.height !== before.height + 1) this.logWrong ??= `the log has a gap before ${key}`;
    else if (!equalBytes(header.parent, before.id))
      this.logWrong ??= `${key} does not follow the entry before it`;
  }

  tipFault(): string | null {
    if (this.tip === null)
      return this.tipRow === null && this.entries === 0 ? null : "the tip is missing or no tip";
    return equalBytes(this.tip.chain, this.chain) ? null : `it is of chain ${toHex(this.tip.chain)}`;
  }

  logFault(): string | null {
    const begin = this.first ?? this.from;
    if (begin !== this.from && this.entries > 0)
      this.logWrong ??= `the log begins at height ${begin}, not at ${this.from}`;
    const [end, height] = [this.last?.height ?? 0, this.tip?.height ?? 0];
    return this.logWrong ?? (end === height ? null : `the log ends at height ${end}, the state at ${height}`);
  }

  logText(): string {
    if (this.last === null) return "it is empty";
    return `heights ${this.first} to ${this.last.height}, each following the one before`;
  }
}
