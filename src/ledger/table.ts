// Tables: the rows of one kind under their keys. State changes only through them, so no change goes unwritten.
import {
  type Bytes,
  type Codec,
  type DecodeError,
  decode,
  encode,
  invariant,
  ok,
  type Result,
  sortedKeys,
  toHex,
} from "../base/index.js";
import { MAX_ROW_BYTES } from "./limits.js";
import type { Params } from "./params.js";

/** `kind` or `kind/part/…`, parts in lower-case hex or decimal: ASCII, so that order is the same everywhere. */
export type RowKey = string;

/** The parts of a key behind its kind: bytes are written in hex, numbers in decimal; text is written already. */
type Part = Bytes | string | number;
export type Path = Part | readonly Part[];

const textOf = (part: Part): string =>
  typeof part === "string" ? part : typeof part === "number" ? String(part) : toHex(part);

const pathText = (path: Path): string =>
  Array.isArray(path) ? path.map(textOf).join("/") : textOf(path as Part);

/** The whole key of a row. */
export const keyText = ({ name }: { readonly name: string }, path: Path): RowKey =>
  rowKey(name, pathText(path));

/** The path in a key, if it is of a row of this kind; else null. */
export const pathIn = ({ name }: { readonly name: string }, key: RowKey): string | null =>
  key.startsWith(name) && key[name.length] === "/" ? key.slice(name.length + 1) : null;

const rowKey = (name: string, path: string): RowKey => (path === "" ? name : `${name}/${path}`);

/** A row while it is changed: its fields, which everyone else may only read, can be set, and its maps written. */
export type Draft<Row> = {
  -readonly [K in keyof Row]: Row[K] extends ReadonlyMap<infer Id, infer V> ? Map<Id, V> : Row[K];
};

/** Something derived from the rows of a table: a function of what they are, never of the way they came to be so. */
export interface Index<Row> {
  /** @param path the key's parts, as text */
  set(path: string, row: Row): void;
  delete(path: string): void;
}

/** What a kind of row is: how it is named, written and read back, and what is derived from it. */
export interface TableForm<Row, Indices extends object = object> {
  readonly name: string;
  /** the whole key */
  readonly key: RegExp;
  /** of the row as it is written */
  readonly codec: Codec<unknown>;
  readonly indices: (params: Params) => Indices & { readonly [Name in keyof Indices]: Index<Row> };
  encode(row: Row): Bytes;
  decode(value: Bytes, parts: readonly string[]): Result<Row, DecodeError>;
}

/** A kind of which there is one row, whose key is its name. */
export interface SingleForm<Row> extends TableForm<Row, object> {
  /** the row before any entry */
  readonly initial: () => Row;
}

/** Patterns for the parts of keys. */
export const ID_PART = "[0-9a-f]{64}";
export const DECIMAL_PART = "\\d{1,16}";

interface FormOptions<Row, Stored, Indices> {
  readonly name: string;
  /** a pattern for each part of the key behind the name */
  readonly parts: readonly string[];
  readonly codec: Codec<Stored>;
  /** the row in its canonical form, and the way back */
  readonly stored: (row: Row) => Stored;
  readonly row: (stored: Stored, parts: readonly string[]) => Row;
  readonly indices: (params: Params) => Indices & { readonly [Name in keyof Indices]: Index<Row> };
}

/** Declares a kind of row that is more than what is written: its key tells a part of it, or it is kept otherwise. */
export function table<Row, Stored, Indices extends object>({
  name,
  parts,
  codec,
  stored,
  row,
  indices,
}: FormOptions<Row, Stored, Indices>): TableForm<Row, Indices> {
  return {
    name,
    key: new RegExp(`^${[name, ...parts].join("/")}$`),
    codec,
    indices,
    encode: (value) => encode(codec, stored(value)),
    decode(value, keyParts) {
      const decoded = decode(codec, value, MAX_ROW_BYTES);
      return decoded.ok ? ok(row(decoded.value, keyParts)) : decoded;
    },
  };
}

type PlainOptions<Row> = Pick<FormOptions<Row, Row, object>, "name" | "parts" | "codec">;

/** Declares a kind of row that is what is written. */
export const plainTable = <Row>(options: PlainOptions<Row>): TableForm<Row> =>
  table({ ...options, stored: (row: Row) => row, row: (stored: Row) => stored, indices: () => ({}) });

/** Declares a kind of which there is one row. */
export const single = <Row>(name: string, codec: Codec<Row>, initial: () => Row): SingleForm<Row> => ({
  ...plainTable({ name, parts: [], codec }),
  initial,
});

/** The rows of one kind, with what is derived from them. */
export class Table<Row, Indices extends object = object> {
  private readonly rows = new Map<string, Row>();
  readonly index: Indices;
  private readonly derived: readonly Index<Row>[];

  /** @param touched is told of every row that changes */
  constructor(
    private readonly form: TableForm<Row, Indices>,
    params: Params,
    private readonly touched: Set<RowKey>,
  ) {
    const index = form.indices(params);
    this.index = index;
    this.derived = Object.values(index) as readonly Index<Row>[];
  }

  get size(): number {
    return this.rows.size;
  }

  get(path: Path): Row | null {
    return this.rows.get(pathText(path)) ?? null;
  }

  has(path: Path): boolean {
    return this.rows.has(pathText(path));
  }

  /** Paths, as text, in no particular order. */
  keys(): Iterable<string> {
    return this.rows.keys();
  }

  /** Rows in no particular order. */
  values(): Iterable<Row> {
    return this.rows.values();
  }

  /** Rows in the order of their keys. */
  sorted(): readonly Row[] {
    return sortedKeys(this.rows).map((path) => this.rows.get(path)!);
  }

  /** Adds a row, or replaces the one that is there. */
  put(path: Path, row: Row): void {
    this.set(pathText(path), row);
  }

  /** Changes a row that is there. The only way to write into one. */
  change(path: Path, write: (row: Draft<Row>) => void): void {
    const text = pathText(path);
    const row = this.rows.get(text);
    invariant(row !== undefined, "a row that changes is there");
    write(row as Draft<Row>);
    this.set(text, row);
  }

  /** Takes a row away that is there. */
  delete(path: Path): void {
    const text = pathText(path);
    invariant(this.rows.delete(text), "a row that goes is there");
    this.touched.add(this.keyOf(text));
    for (const one of this.derived) one.delete(text);
  }

  /** A row's canonical value; null: there is no such row. */
  valueOf(path: string): Bytes | null {
    const row = this.rows.get(path);
    return row === undefined ? null : this.form.encode(row);
  }

  /** Puts a stored row back: it is written already. @returns what is wrong with its value, or null */
  restore(path: string, value: Bytes): DecodeError | null {
    const row = this.form.decode(value, path.split("/"));
    if (!row.ok) return row.error;
    this.load(path, row.value);
    return null;
  }

  /** Sets a row of which nothing need be written. */
  load(path: string, row: Row): void {
    this.rows.set(path, row);
    for (const one of this.derived) one.set(path, row);
  }

  keyOf(path: string): RowKey {
    return rowKey(this.form.name, path);
  }

  private set(path: string, row: Row): void {
    this.load(path, row);
    this.touched.add(this.keyOf(path));
  }
}
