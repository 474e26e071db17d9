// Checked: what one check of a verification found, with what it says when it holds.
import { type Bytes, type Codec, decode, err, ok, type Result } from "../../base/index.js";

/** A value with what the check says of it; or what does not hold. */
export type Checked<T> = Result<{ readonly value: T; readonly detail: string }, string>;

export const holds = <T>(value: T, detail: string): Checked<T> => ok({ value, detail });

/** A part of a transcript; or which part it is that does not decode, and why. */
export function part<T>(codec: Codec<T>, bytes: Bytes, what: string, maxBytes: number): Result<T, string> {
  const decoded = decode(codec, bytes, maxBytes);
  return decoded.ok ? decoded : err(`${what}: ${decoded.error.code} at byte ${decoded.error.offset}`);
}

/** All of them, or the first that is wrong. */
export function every<A, B>(
  items: readonly A[],
  read: (one: A, i: number) => Result<B, string>,
): Result<readonly B[], string> {
  const all: B[] = [];
  for (const [i, one] of items.entries()) {
    const done = read(one, i);
    if (!done.ok) return done;
    all.push(done.value);
  }
  return ok(all);
}
