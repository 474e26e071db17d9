// What a refusal of ours says, whatever the dialect: which limit, used, of how many, until when, and what changes it (spec/gateway#G29).
import { creditsOf } from "../contract/scalar.js";
import type { FaultLimit, GatewayFault } from "./dialect.js";

const NAMES = {
  rpm: "requests a minute",
  tpm: "tokens a minute",
  itpm: "input tokens a minute",
  otpm: "output tokens a minute",
  budget: "credits of the budget",
  share: "of the share",
} as const;

/** One sentence or two: many clients show nothing else. */
export function faultWords({ message, limit, fix }: GatewayFault): string {
  const words = [message];
  if (limit !== undefined) {
    const until = limit.resetsMs === null ? "" : `, free again at ${isoTime(limit.resetsMs)}`;
    words.push(`${amountsOf(limit)} ${NAMES[limit.name]} are used${until}`);
  }
  if (fix !== undefined) words.push(`\`${fix}\` changes it`);
  return words.join("; ");
}

const amountsOf = ({ name, used, limit }: FaultLimit): string =>
  name === "budget" ? `${creditsOf(BigInt(used))} of ${creditsOf(BigInt(limit))}` : `${used} of ${limit}`;

/** The same for programs; every value is a string. */
export function faultDetails({ code, limit, fix, requestId }: GatewayFault): Record<string, string> {
  return {
    code,
    request_id: requestId,
    ...(limit === undefined
      ? {}
      : {
          limit_name: limit.name,
          used: String(limit.used),
          limit: String(limit.limit),
          ...(limit.level === undefined ? {} : { level: limit.level }),
          ...(limit.window === undefined ? {} : { window: limit.window }),
          ...(limit.resetsMs === null ? {} : { resets_at: isoTime(limit.resetsMs) }),
        }),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** Somebody's budget is used up: nothing but its owner mends it. */
export const isOfBudget = ({ code, limit, status }: GatewayFault): boolean =>
  status === 402 || code === "BUDGET_EXCEEDED" || limit?.name === "budget";

/** Of the years 1970 to 9999. */
const isoTime = (ms: number): string =>
  new Date(Math.min(Math.max(0, ms), 253_402_300_799_999)).toISOString();
