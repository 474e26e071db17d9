// docs/spec/encoding.md says of every layout what its codec takes, and of every hash tag that there is one.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as wire from "../../node/net/wire.js";
import {
  type Codec,
  HASH_TAGS,
  type OperationKind,
  operationBody,
  quorum,
  STATE_FORMS,
} from "../../src/index.js";
import { accountRow } from "../../src/ledger/account.js";
import { genesis } from "../../src/ledger/genesis.js";
import { formatTerms, laneOf, provesItself } from "../../src/market/index.js";
import { pastAuction } from "../../src/peer/own/history.js";
import * as LIMITS from "../../src/quorum/log/limits.js";
import { type Row, tableOf, tablesIn } from "./layout-tables.js";

const text = readFileSync("docs/spec/encoding.md", "utf8");
const tables = tablesIn(text);

/** The item of a list that a struct has under a name. */
function itemOf({ layout }: Codec<unknown>, field: string): Codec<unknown> {
  const list = layout.type === "struct" ? layout.fields.find(({ name }) => name === field) : undefined;
  if (list?.codec.layout.type !== "list") throw new Error(`no list ${field}`);
  return list.codec.layout.item;
}

/** What a flaw shows an operation by. */
function placeIn({ layout }: Codec<unknown>): Codec<unknown> {
  const op = layout.type === "union" ? layout.variants.find(({ kind }) => kind === "op") : undefined;
  const at = op?.codec.layout.type === "struct" ? op.codec.layout.fields[0] : undefined;
  if (at === undefined) throw new Error("no flaw of an operation");
  return at.codec;
}

/** Layouts that stand inside another one and have no name in the program. */
const INNER: Readonly<Record<string, Codec<unknown>>> = {
  FormatTerms: formatTerms,
  GenesisSeat: itemOf(genesis, "seats"),
  GenesisAccount: itemOf(genesis, "accounts"),
  GenesisGranter: itemOf(genesis, "granters"),
  Lock: itemOf(accountRow, "locks"),
  Lien: itemOf(accountRow, "liens"),
  Unbonding: itemOf(accountRow, "unbonding"),
  Place: placeIn(quorum.flaw),
  PastRow: itemOf(pastAuction, "rows"),
};

/** Every struct and union that a module of the protocol or of its wire exports, by its name with a capital letter. */
async function exportedLayouts(): Promise<Map<string, Codec<unknown>>> {
  const paths = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith("index.ts"))
    .map((path) => `../../src/${path}`);
  const modules = await Promise.all(paths.map((path) => import(path) as Promise<Record<string, unknown>>));
  const layouts = new Map<string, Codec<unknown>>();
  for (const [name, value] of [...modules, wire].flatMap((one) => Object.entries(one))) {
    const type = (value as Partial<Codec<unknown>> | null)?.layout?.type;
    if (type === "struct" || type === "union") {
      layouts.set(name[0]!.toUpperCase() + name.slice(1), value as Codec<unknown>);
    }
  }
  return layouts;
}

/** Rows of the state that have no name of their own, by their table. */
const ROWS = STATE_FORMS.map(({ name, codec }): [string, Codec<unknown>] => [
  `${name[0]!.toUpperCase()}${name.slice(1)}Row`,
  codec,
]);

const layouts = new Map([...(await exportedLayouts()), ...Object.entries(INNER), ...ROWS]);
const names = new Map([...layouts].map(([name, codec]) => [codec, name]));
const rowsOf = (codec: Codec<unknown>): Row[] => tableOf(codec, (one) => names.get(one) ?? null);

/** The cells that the program knows: what a table says beyond them is for people. */
const known = (rows: readonly Row[] = []): Row[] =>
  rows.map((row) => row.slice(0, rows[0]![0] === "tag" ? 6 : 4));

describe("docs/spec/encoding.md", () => {
  it.each([...layouts])("describes %s as its codec is", (name, codec) => {
    expect(known(tables.get(name))).toEqual(rowsOf(codec));
  });

  it("describes no layout that is none", () => {
    const described = [...tables].filter(([, rows]) => rows[0]![1] === "field" || rows[0]![1] === "kind");
    const layoutTables = described.filter(([, rows]) => rows[0]!.includes("bound")).map(([name]) => name);
    expect(layoutTables.filter((name) => !layouts.has(name))).toEqual([]);
  });

  it("lists every hash tag once", () => {
    const tags = tables.get("Hash tags")!.slice(1);
    expect(tags.map(([tag]) => tag).sort()).toEqual([...HASH_TAGS].map((tag) => `\`${tag}\``).sort());
    expect(tags.filter(([, input]) => input === "")).toEqual([]);
  });

  it("says of every kind of operation its lane, and whether it is signed", () => {
    if (operationBody.layout.type !== "union") throw new Error("operations are a union");
    const kinds = operationBody.layout.variants.map(({ kind }) => kind as OperationKind);
    expect(tables.get("Lanes and signers")!.map((row) => row.slice(0, 3))).toEqual([
      ["kind", "lane", "signed"],
      ...kinds.map((kind) => [kind, laneOf(kind), provesItself(kind) ? "no" : "yes"]),
    ]);
  });

  it("gives every limit of the log its number", () => {
    const told = tables.get("Limits of layouts")!.slice(1);
    const limits: Readonly<Record<string, number>> = LIMITS;
    expect(told.map(([name]) => [name, limits[name!]])).toEqual(
      told.map(([name, , value]) => [name, Number(value)]),
    );
  });
});
