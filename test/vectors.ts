// The one way in which files of vectors are written and read; vectors/README.md says what each of them holds.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { toHex } from "../src/base/index.js";

/** JSON with bytes as hex and amounts as decimal text. */
export const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part) =>
      part instanceof Uint8Array ? toHex(part) : typeof part === "bigint" ? part.toString() : part,
    ),
  );

/**
 * The content of `<name>.json`, which must be what `make` makes; under UPDATE_VECTORS=1 it is written first.
 * @param make the same at every call
 */
export function vectors<T>(name: string, make: () => unknown): T {
  const file = new URL(`./vectors/${name}.json`, import.meta.url);
  const made = plain(make());
  if (process.env.UPDATE_VECTORS === "1") {
    mkdirSync(new URL(".", file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(made, null, 1)}\n`);
  }
  const stored: unknown = JSON.parse(readFileSync(file, "utf8"));
  it(`${name}.json is what the code makes`, () => expect(made).toEqual(stored));
  return stored as T;
}
