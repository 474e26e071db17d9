// What a model reads of a request: the text of its parts, in the order in which the API puts them before the model.
import { isObject } from "./json.js";

export interface Prompt {
  readonly text: string;
  /** characters up to the end of the last part that is marked to be cached; 0: none is */
  readonly marked: number;
}

/** Fields whose text a model does not read: names, kinds, and pictures, which count nothing here. */
const UNREAD = new Set([
  "role",
  "type",
  "id",
  "tool_use_id",
  "tool_call_id",
  "call_id",
  "cache_control",
  "source",
]);
const PICTURES = new Set(["image_url", "inlineData", "inline_data", "fileData", "file_data"]);

/** Lists and objects within one another that are looked into. */
const DEEPEST = 64;

/** @param parts of a body: tools, what the system says, what was said, in the API's order */
export function promptOf(parts: readonly unknown[]): Prompt {
  const pieces: string[] = [];
  let length = 0;
  let marked = 0;
  const read = (value: unknown, depth: number): void => {
    if (depth > DEEPEST) return;
    if (typeof value === "string") {
      pieces.push(value);
      length += value.length;
    } else if (Array.isArray(value)) {
      for (const one of value) read(one, depth + 1);
    } else if (isObject(value)) {
      for (const [name, one] of Object.entries(value)) {
        if (!UNREAD.has(name) && !PICTURES.has(name)) read(one, depth + 1);
      }
      if (isObject(value.cache_control)) marked = length;
    }
  };
  for (const part of parts) read(part, 0);
  return { text: pieces.join(""), marked };
}

/** How much a prompt wants to be written: the last `[write 521 tokens]` near its end; null: it does not say. */
export function wishedIn(text: string): number | null {
  const wishes = [...text.slice(-TAIL).matchAll(/\[write (\d{1,6}) tokens\]/g)];
  const last = wishes.at(-1);
  return last === undefined ? null : Number(last[1]);
}

/** Characters in which a wish is looked for. */
const TAIL = 2_000;

/** The words by which a prompt says how much is to be written. */
export const wishFor = (tokens: number): string => `[write ${tokens} tokens]`;
