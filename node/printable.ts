// Text from elsewhere, made safe to print: what steers a terminal, or turns the order of letters, is shown as its code.

/** Control letters (C0, DEL, C1); line and paragraph separators; marks and overrides of direction; the byte order mark. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** The colours that this program paints with, as `picocolors` writes them: they move nothing and hide nothing. */
const PAINT = new RegExp(`(${String.fromCharCode(27)}\\[(?:1|2|22|3[0-9]|39|41|49)m)`);

/** `\u001b`: valid inside a string of JSON, where it means the same letter. */
const code = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** One line, whatever it held. */
export const escaped = (text: string): string => text.replace(STEERING, code);

/** Every string of a document escaped, so that none of them is more than a word of a line. Keys are the schema's. */
export function escapedDeep<T>(value: T): T {
  if (typeof value === "string") return escaped(value) as T;
  if (Array.isArray(value)) return value.map(escapedDeep) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escapedDeep(one)])) as T;
}

/**
 * What is written to a terminal or a file for one text of the program's: its lines stay lines and its tabs tabs, its
 * own colours stay where `colors` says so and go where not, and all else that steers is shown as its code.
 */
export const printable = (text: string, colors: boolean): string =>
  text
    .split(PAINT)
    .map((part, i) => (i % 2 === 1 ? (colors ? part : "") : part.replace(STEERING, keptOrCode)))
    .join("");

const keptOrCode = (letter: string): string => (letter === "\n" || letter === "\t" ? letter : code(letter));
