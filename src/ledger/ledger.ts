// The ledger: everything that operations change, as tables under one root, with the list of rows that changed.
import { type Bytes, err, invariant, ok, type Result } from "../base/index.js";
import { ACCOUNTS, type Account } from "./account.js";
import type { AgentId } from "./agent.js";
import { CLOCK, type Clock } from "./clock.js";
import { type Genesis, type Network, networkOf } from "./genesis.js";
import type { Params } from "./params.js";
import { StateTree } from "./state-tree.js";
import { type Draft, type Path, type RowKey, type SingleForm, Table, type TableForm } from "./table.js";

/** Why a stored row cannot be read back: the store is damaged. */
export interface RowFault {
  readonly key: RowKey;
  readonly reason: string;
}

type AnyForm = TableForm<unknown>;
type AnyTable = Table<unknown>;

export class Ledger {
  readonly network: Network;
  readonly params: Params;
  readonly tree = new StateTree();
  /** Rows that changed since `commitRows`. */
  readonly touched = new Set<RowKey>();
  private readonly tables = new Map<unknown, AnyTable>();
  private readonly byName = new Map<string, { readonly form: AnyForm; readonly table: AnyTable }>();

  /** An empty state. @param forms the kinds of rows that it may hold, each name once */
  constructor(
    readonly genesis: Genesis,
    forms: readonly AnyForm[],
    singles: readonly SingleForm<unknown>[],
  ) {
    this.network = networkOf(genesis);
    this.params = genesis.params;
    for (const form of [...forms, ...singles]) {
      invariant(!this.byName.has(form.name), "a kind of row is declared once");
      const table = new Table(form, this.params, this.touched);
      this.tables.set(form, table);
      this.byName.set(form.name, { form, table });
    }
    for (const form of singles) this.tables.get(form)!.load("", form.initial());
  }

  /** The rows of one kind. */
  table<Row, Indices extends object>(form: TableForm<Row, Indices>): Table<Row, Indices> {
    const table = this.tables.get(form);
    invariant(table !== undefined, `the state holds rows of ${form.name}`);
    return table as unknown as Table<Row, Indices>;
  }

  get<Row>(form: TableForm<Row>, path: Path): Row | null {
    return this.table(form).get(path);
  }

  put<Row>(form: TableForm<Row>, path: Path, row: Row): void {
    this.table(form).put(path, row);
  }

  change<Row>(form: TableForm<Row>, path: Path, write: (row: Draft<Row>) => void): void {
    this.table(form).change(path, write);
  }

  /** The row of a kind that has one. */
  one<Row>(form: SingleForm<Row>): Row {
    return this.table(form).get("")!;
  }

  changeOne<Row>(form: SingleForm<Row>, write: (row: Draft<Row>) => void): void {
    this.table(form).change("", write);
  }

  accountOf(agent: AgentId): Account | null {
    return this.get(ACCOUNTS, agent);
  }

  /** How far live time is behind ledger time. */
  get clock(): Clock {
    return this.one(CLOCK);
  }

  /** A row's canonical value as it is now; null: there is no such row. */
  valueOf(key: RowKey): Bytes | null {
    const [name, path] = splitKey(key);
    return this.byName.get(name)?.table.valueOf(path) ?? null;
  }

  /** Puts one stored row back: it is written already. */
  restore(key: RowKey, value: Bytes): Result<null, RowFault> {
    const [name, path] = splitKey(key);
    const known = this.byName.get(name);
    if (known === undefined || !known.form.key.test(key))
      return err({ key, reason: "no row has such a key" });
    const fault = known.table.restore(path, value);
    return fault === null
      ? ok(null)
      : err({ key, reason: `${fault.code} at ${fault.offset}: ${fault.detail}` });
  }

  /** The keys of all rows, in no particular order. */
  *keys(): IterableIterator<RowKey> {
    for (const { table } of this.byName.values()) for (const path of table.keys()) yield table.keyOf(path);
  }
}

function splitKey(key: RowKey): readonly [name: string, path: string] {
  const at = key.indexOf("/");
  return at < 0 ? [key, ""] : [key.slice(0, at), key.slice(at + 1)];
}
