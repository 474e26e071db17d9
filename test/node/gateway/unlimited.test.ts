// G38 Limits of agents hold nobody who leaves out its key, and their owner is told so until `unknown` has an amount.
import { expect, test } from "vitest";
import {
  type NamedAgent,
  NO_SPENDING_LIMITS,
  type SpendingLimits,
  UNKNOWN,
} from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { unlimitedWords } from "../../../node/gateway/spending/words.js";

const WORDS =
  "whoever shows no agent's key is unknown, of weight 1 and band normal, and may spend without a limit: `mabeam gateway agents set unknown --per-day <credits>` limits all of them together";

async function agents(
  ada: Partial<SpendingLimits> | null,
  unknown: Partial<SpendingLimits>,
): Promise<readonly NamedAgent[]> {
  const named = NamedAgents.open(null);
  await named.set(UNKNOWN, { limits: unknown });
  const figures = { weight: 1, band: "normal", parent: null } as const;
  if (ada !== null) await named.add("ada", { ...figures, limits: { ...NO_SPENDING_LIMITS, ...ada } }, 0n);
  return named.values();
}

test.each<[Partial<SpendingLimits> | null, Partial<SpendingLimits>, string | null]>([
  [null, {}, null],
  [{}, {}, null],
  [{ perDay: 1n }, {}, WORDS],
  [{ perSession: 1n }, {}, WORDS],
  [{ untilMs: 5 }, {}, WORDS],
  [{ perDay: 1n }, { perSession: 1n, untilMs: 5 }, WORDS],
  [{ perDay: 1n }, { perDay: 1n }, null],
  [{ perDay: 1n }, { perWeek: 1n }, null],
  [{ perDay: 1n }, { perMonth: 1n }, null],
  [{ perDay: 1n }, { total: 1n }, null],
])("an agent of %o beside an unknown of %o", async (ada, unknown, words) => {
  expect(unlimitedWords(await agents(ada, unknown))).toBe(words);
});
