// Names of entries: a path of terms from the genesis, by which members with different bytes speak of the same entry.

/** "" is the genesis, "1.2b.3^1" the entry of term 3 on variant b of term 2 on that of term 1, attesting height 1. */
export type Name = string;

export const GENESIS: Name = "";

/** Byzantine leaders make two entries on one parent; honest ones have no choice. */
export type Variant = "" | "a" | "b";

interface Segment {
  readonly term: number;
  readonly variant: Variant;
  /** the height its header attests, where that is not its parent's */
  readonly exec: number | null;
}

const SEGMENT = /^(\d+)([ab]?)(?:\^(\d+))?$/;

function lastSegment(name: Name): Segment {
  const [, term, variant, exec] = SEGMENT.exec(name.slice(name.lastIndexOf(".") + 1))!;
  return { term: Number(term), variant: variant as Variant, exec: exec === undefined ? null : Number(exec) };
}

export const termOf = (name: Name): number => (name === GENESIS ? 0 : lastSegment(name).term);

export const parentOf = (name: Name): Name =>
  name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : GENESIS;

export const variantOf = (name: Name): Variant => lastSegment(name).variant;

export const heightOf = (name: Name): number => (name === GENESIS ? 0 : name.split(".").length);

/** The height whose root the entry's header attests. */
export function execOf(name: Name): number {
  if (name === GENESIS) return 0;
  return lastSegment(name).exec ?? execOf(parentOf(name));
}

export function childOf(parent: Name, term: number, variant: Variant, exec: number): Name {
  const segment = `${term}${variant}${exec === execOf(parent) ? "" : `^${exec}`}`;
  return parent === GENESIS ? segment : `${parent}.${segment}`;
}

/** Whether `name` is `ancestor` or built on it. */
export const extendsName = (name: Name, ancestor: Name): boolean =>
  ancestor === GENESIS || name === ancestor || name.startsWith(`${ancestor}.`);

/** Two entries of which no chain holds both. */
export const conflict = (a: Name, b: Name): boolean => !extendsName(a, b) && !extendsName(b, a);

/** The terms that an entry passes over. */
export function gapOf(name: Name): number[] {
  const from = termOf(parentOf(name)) + 1;
  return Array.from({ length: termOf(name) - from }, (_, i) => from + i);
}
