// What failing costs: one table for trades and seats, and the sum that it asks for. Pure (spec/standing#penalties).
import { least, MAX_AMOUNT } from "../../base/index.js";
import { BASIS_POINTS, MAX_REPEAT, MAX_SEVERITY } from "../../ledger/index.js";
import type { History, Violation } from "../standing/deeds.js";
import type { FaultClass } from "./fault.js";

/** What a penalty is for: a trade that failed in some way, or a seat's proven fault. */
export type Condition = Violation | FaultClass;

interface Rate {
  /** of the base: the trade's part of its lien, or what is left of the seat's bond */
  readonly penaltyBp: number;
  readonly severity: number;
  /** with fewer recent violations than so many it is a warning */
  readonly grace: number;
}

/** Whatever came before, a row above costs no more than one below it among the trades' (ADR 0067). */
export const PENALTIES: Readonly<Record<Condition, Rate>> = {
  failure: { penaltyBp: 1_000, severity: 1, grace: 3 },
  timeout: { penaltyBp: 2_500, severity: 2, grace: 1 },
  misdelivery: { penaltyBp: 5_000, severity: 2, grace: 0 },
  /** a signer contradicted itself within one term */
  A: { penaltyBp: 10_000, severity: MAX_SEVERITY, grace: 0 },
  /** it led with what is invalid on its face */
  B: { penaltyBp: 2_500, severity: 1, grace: 0 },
};

/** A penalty with all numbers that it is computed from. */
export interface Quote extends Rate {
  readonly condition: Condition;
  readonly base: bigint;
  /** recent violations before it */
  readonly violations: number;
  /** 1 and recent slashes, at most `MAX_REPEAT` */
  readonly repeat: number;
  /** what of the delivery was found wrong; all of it where nothing was judged */
  readonly shareBp: number;
  /** forgiven: nothing is due, though it counts */
  readonly isWarning: boolean;
  /** at most the greatest amount */
  readonly due: bigint;
}

/**
 * What failing costs: ⌊⌊base · penaltyBp / 10⁴⌋ · severity · repeat · share / 10⁴⌋, or nothing within grace.
 * @param base micro-credits
 * @param shareBp 1 to 10,000
 */
export function quotePenalty(
  condition: Condition,
  base: bigint,
  { violations, slashes }: History,
  shareBp: number = BASIS_POINTS,
): Quote {
  const rate = PENALTIES[condition];
  const repeat = Math.min(1 + slashes, MAX_REPEAT);
  const isWarning = violations < rate.grace;
  const numbers = { condition, base, ...rate, violations, repeat, shareBp, isWarning };
  return { ...numbers, due: isWarning ? 0n : dueOf(numbers) };
}

function dueOf({ base, penaltyBp, severity, repeat, shareBp }: Omit<Quote, "due">): bigint {
  const whole = BigInt(BASIS_POINTS);
  const full = ((base * BigInt(penaltyBp)) / whole) * BigInt(severity * repeat);
  return least((full * BigInt(shareBp)) / whole, MAX_AMOUNT);
}
