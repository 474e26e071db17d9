// What an answer tells an agent of its own part of the limits, in place of what the key has left (spec/gateway#G30, spec/gateway#G31).
import type { FlowShare, Limit } from "../../src/quota/index.js";
import type { Dialect } from "./dialect.js";
import { rateLimitFields } from "./rate-limit-fields.js";

const WHOLE_BP = 10_000;

/** @param limits of which the shares are parts */
export function ownShareFields(
  dialect: Dialect,
  shares: readonly FlowShare[],
  limits: readonly Limit[],
  wallMs: number,
): Readonly<Record<string, string>> {
  const [first] = shares;
  if (first === undefined) return {};
  const whole = limits.find(
    ({ dimension, windowMs }) => dimension === first.dimension && windowMs === first.windowMs,
  );
  const part = whole === undefined ? WHOLE_BP : Math.round((first.limit * WHOLE_BP) / whole.limit);
  return {
    ...dialect.shareFields(shares, wallMs),
    ...rateLimitFields(shares),
    "x-mabeam-share": `${part / 100}%`,
  };
}
