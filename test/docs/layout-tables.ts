// Layouts of codecs as the rows that docs/spec/encoding.md has of them, and the rows that it has.
import type { Codec } from "../../src/index.js";

/** Cells of a row, as written between its bars. */
export type Row = readonly string[];

const STRUCT_HEAD: Row = ["key", "field", "type", "bound"];
const UNION_HEAD: Row = ["tag", "kind", "key", "field", "type", "bound"];
const NONE = "–";

/** The head and the rows of a struct's or a union's table. `nameOf` says what heading describes a codec by itself. */
export function tableOf({ layout }: Codec<unknown>, nameOf: (codec: Codec<unknown>) => string | null): Row[] {
  if (layout.type === "struct") return [STRUCT_HEAD, ...fieldsOf(layout.fields)];
  if (layout.type !== "union") throw new Error(`no table of a ${layout.type}`);
  return [UNION_HEAD, ...layout.variants.flatMap(variantRows)];

  function variantRows({ tag, kind, codec }: { tag: number; kind: string; codec: Codec<unknown> }): Row[] {
    const name = nameOf(codec);
    const head = [String(tag), kind];
    if (name !== null) return [[...head, NONE, NONE, link(name), NONE]];
    if (codec.layout.type !== "struct") throw new Error(`the variant ${kind} is no struct`);
    const rows = fieldsOf(codec.layout.fields);
    return rows.length === 0 ? [[...head, NONE, NONE, NONE, NONE]] : rows.map((row) => [...head, ...row]);
  }

  function fieldsOf(
    fields: readonly { key: number; name: string; codec: Codec<unknown>; required: boolean }[],
  ): Row[] {
    return fields.map(({ key, name, codec, required }) => {
      const [type, bound] = typeOf(codec);
      return [String(key), name, required ? type : `${type}?`, bound];
    });
  }

  function typeOf(codec: Codec<unknown>): readonly [type: string, bound: string] {
    const name = nameOf(codec);
    if (name !== null) return [link(name), NONE];
    const one = codec.layout;
    switch (one.type) {
      case "choice":
        return ["choice", one.words.map((word, i) => `${i} ${word}`).join(", ")];
      case "list": {
        const [item, bound] = typeOf(one.item);
        return [`list of ${item}${bound === NONE ? "" : ` ${bound}`}`, range(one.min, one.max)];
      }
      case "struct":
      case "union":
        throw new Error(`a ${one.type} without a heading: ${JSON.stringify(one)}`);
      default:
        return [one.type, range(one.min, one.max)];
    }
  }
}

const link = (name: string): string => `[${name}](#${name.toLowerCase()})`;

const POWERS = new Map([53, 32, 16].map((bits) => [2 ** bits - 1, `2^${bits}−1`]));
const numeral = (value: number): string => POWERS.get(value) ?? String(value);
const range = (min: number, max: number): string =>
  min === max ? numeral(min) : `${numeral(min)}..${numeral(max)}`;

/** Every heading of a text with the rows of the tables below it, heads included and rules left out. */
export function tablesIn(text: string): ReadonlyMap<string, readonly Row[]> {
  const tables = new Map<string, Row[]>();
  let heading = "";
  for (const line of text.split("\n")) {
    heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
    if (!line.startsWith("| ") || line.startsWith("| ---")) continue;
    const cells = line.split("|").slice(1, -1);
    const rows = tables.get(heading) ?? [];
    rows.push(cells.map((cell) => cell.trim()));
    tables.set(heading, rows);
  }
  return tables;
}
