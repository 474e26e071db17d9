// An expectation for where it is asked a million times: each of vitest's costs more than what most laws compute between two of them.
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";

/**
 * As `expect(got).toEqual(wanted)`, which is told only of what differs.
 * @param what names it
 */
export function expectSame(got: unknown, wanted: unknown, what?: string): void {
  if (!isDeepStrictEqual(got, wanted)) expect(got, what).toEqual(wanted);
}
