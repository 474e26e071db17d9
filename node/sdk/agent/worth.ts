// What a value function may answer, and what is wrong with anything else: a mistake there costs a lot, never money.
import { goesByUnits } from "../../contract/auction.js";
import type { Lot } from "./definition.js";

/** For all of `units`; null units: the lot as a whole. */
export interface Valued {
  readonly value: bigint;
  readonly units: number | null;
}

/** Amounts are at most 2^53 − 1 micro-credits. */
const MOST = 2n ** 53n - 1n;

/** What was answered, judged: no bid (null), a value, or what is wrong with it, in words. */
export function judgeWorth(worth: unknown, lot: Lot, perAuction: bigint): Valued | string | null {
  const isObject = typeof worth === "object" && worth !== null;
  const { value, units } = isObject ? (worth as { value?: unknown; units?: unknown }) : { value: worth };
  if (typeof value !== "bigint")
    return `it is ${shown(value)}, and a value is a bigint of micro-credits, such as 2_000_000n`;
  if (value < 0n) return `it is ${value}, and a value is not negative: 0n says that nothing is bid`;
  if (value === 0n) return null;
  if (value > MOST) return `it is ${value}, and no amount is above 2^53 - 1 micro-credits`;
  if (lot.direction === "sell" && value > perAuction)
    return `it is ${value}, which is above the budget of ${perAuction} for an auction`;
  if (!goesByUnits(lot.format))
    return units === undefined ? { value, units: null } : "the lot does not go by units";
  const some = units ?? lot.units;
  if (!Number.isSafeInteger(some) || (some as number) < 1 || (some as number) > lot.units)
    return `it is for ${shown(some)} units, and the lot has ${lot.units}`;
  return { value, units: some as number };
}

const shown = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === "function"
      ? "a function"
      : String(value);
