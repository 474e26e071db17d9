// The corpus: inputs that reached something new, one file for each target, one hexadecimal line for each input.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Bytes, fromHex, invariant, toHex } from "../../src/base/index.js";
import type { Outcome } from "./fuzzer.js";

const FOLDER = new URL("./corpus/", import.meta.url);
/** Of all files together there may be 300 KB: so much for each of some forty targets. */
const MAX_FILE_CHARACTERS = 6_500;
const MAX_INPUT_BYTES = 4_100;

const fileOf = (target: string): string => fileURLToPath(new URL(`${target}.hex`, FOLDER));

/** Inputs kept for a target, oldest first; none where nothing was ever kept. */
export function corpusOf(target: string): readonly Bytes[] {
  const file = fileOf(target);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const bytes = fromHex(line);
      invariant(bytes !== null, `a line of ${file} is hexadecimal`);
      return bytes;
    });
}

/** Writes the shortest inputs of a run that reached something of their own, as many as there is room for, and one at least, cut where it is long. */
export function keep({ target, news }: Outcome): void {
  const byLength = [...news.values()].sort((a, b) => a.length - b.length);
  const lines: string[] = [];
  let characters = 0;
  for (const input of byLength) {
    const line = toHex(input.subarray(0, MAX_INPUT_BYTES));
    characters += line.length + 1;
    if (lines.length > 0 && (input.length > MAX_INPUT_BYTES || characters > MAX_FILE_CHARACTERS)) break;
    lines.push(line);
  }
  writeFileSync(fileOf(target), lines.map((line) => `${line}\n`).join(""));
}
