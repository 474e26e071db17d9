// agreement: what is told of a height, be it an entry or a state root, is the same whoever tells it (spec/log#S1).
import type { Hex } from "../../../src/base/index.js";

interface Saying {
  readonly value: Hex;
  readonly by: string;
}

/** What was first said of each height. */
export class FirstSaid {
  private readonly said = new Map<number, Saying>();

  /** The first saying of this height, if this is another one; null: it is the first, or the same. */
  contradicts(height: number, value: Hex, by: string): Saying | null {
    const first = this.said.get(height);
    if (first === undefined) this.said.set(height, { value, by });
    return first === undefined || first.value === value ? null : first;
  }
}

/** What some peers said, by height. */
interface Teller {
  readonly name: string;
  readonly said: ReadonlyMap<number, Hex>;
}

/** By height: what two peers said differently. */
export function disagreements(what: string, tellers: readonly Teller[]): ReadonlyMap<number, string> {
  const firsts = new FirstSaid();
  const wrongs = new Map<number, string>();
  for (const { name, said } of tellers) {
    for (const [height, value] of said) {
      const first = firsts.contradicts(height, value, name);
      if (first === null || wrongs.has(height)) continue;
      wrongs.set(height, `${what} at height ${height}: ${name} has ${value}, ${first.by} has ${first.value}`);
    }
  }
  return wrongs;
}

/** The greatest height of which everybody said something. */
export function lastCommonHeight(tellers: readonly ReadonlyMap<number, Hex>[]): number | null {
  const [first, ...others] = tellers;
  if (first === undefined) return null;
  const common = [...first.keys()].filter((height) => others.every((said) => said.has(height)));
  return common.length === 0 ? null : common.reduce((a, b) => Math.max(a, b));
}
