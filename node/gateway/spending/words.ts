// What is said of a limit of spending: to a client that is refused, and to whoever is warned.
import { creditsOf } from "../../contract/scalar.js";
import type { Fault } from "../faults.js";
import { type NamedAgent, NO_SPENDING_LIMITS, type SpendingLimits, UNKNOWN } from "../named/named-agent.js";
import type { Bound, BoundWindow } from "./bounds.js";
import type { Over } from "./judgement.js";

/** The option of `mabeam gateway agents set` that changes a window's limit. */
const OPTIONS: Readonly<Record<BoundWindow, string>> = {
  day: "--per-day",
  week: "--per-week",
  month: "--per-month",
  session: "--per-session",
  total: "--total",
};

const PER: Readonly<Record<BoundWindow, string>> = {
  day: "a day",
  week: "a week",
  month: "a month",
  session: "a session",
  total: "in all",
};

const credits = (micros: number): string => creditsOf(BigInt(micros));

/** Waiting does not help, as far as a client waits: the owner does. */
export function overBudget(over: Over): Fault {
  switch (over.kind) {
    case "exceeded":
      return over.isForNow ? setAside(over) : exceeded(over);
    case "ended":
      return budgetEnded(over);
    case "unreadable":
      return {
        status: 503,
        code: "LEDGER_UNREADABLE",
        message: `the budget of the agent ${over.level} cannot be read: ${over.why}`,
        retryMs: 5_000,
        fix: "mabeam gateway --fail open",
      };
  }
}

type Exceeded = Extract<Over, { kind: "exceeded" }>;

const mayCost = ({ bound: { level, window, most }, cost, isByMost }: Exceeded): string => {
  const all = isByMost
    ? " at the most, with all the output that it allows and nothing in a cache, which counts as little is left"
    : "";
  return `the agent ${level} may spend ${credits(most)} credits ${PER[window]}, and this request may cost ${credits(cost)}${all}`;
};

/** What no empty limit would hold is never free again: its client may ask for less. */
function exceeded(over: Exceeded): Fault {
  const { level, window, used, most, resetsMs } = over.bound;
  const { isNever, isByMost } = over;
  return {
    status: 402,
    code: "BUDGET_EXCEEDED",
    message:
      isNever || isByMost ? `${mayCost(over)}, less if it allows fewer tokens of output` : mayCost(over),
    retryMs: null,
    limit: { name: "budget", level, window, used, limit: most, resetsMs: isNever ? null : resetsMs },
    fix: fixOf(over),
  };
}

/** What runs costs less than is set aside for it, as a rule: so it may fit a moment later. */
const setAside = (over: Exceeded): Fault => ({
  status: 429,
  code: "BUDGET_SET_ASIDE",
  message: `${mayCost(over)}; ${credits(over.bound.setAside)} are set aside for requests that run`,
  retryMs: 2_000,
  fix: fixOf(over),
});

const fixOf = ({ bound: { level, window } }: Exceeded): string =>
  `mabeam gateway agents set ${level} ${OPTIONS[window]} <credits>`;

function budgetEnded({ level, untilMs }: Extract<Over, { kind: "ended" }>): Fault {
  const since = untilMs === null ? "is closed" : `ended at ${new Date(untilMs).toISOString()}`;
  return {
    status: 402,
    code: "BUDGET_ENDED",
    message: `the budget of the agent ${level} ${since}`,
    retryMs: null,
    fix: `mabeam gateway agents set ${level} --until <time>`,
  };
}

/**
 * Agents' limits hold nobody who leaves out its key while those without one have none. @param agents all of them
 * @returns null: they have one, or nobody has
 */
export function unlimitedWords(agents: readonly NamedAgent[]): string | null {
  const unknown = agents.find(({ name }) => name === UNKNOWN);
  const isAnyLimited = agents.some(({ name, limits }) => name !== UNKNOWN && isLimited(limits));
  if (unknown === undefined || isBounded(unknown.limits) || !isAnyLimited) return null;
  const { weight, band } = unknown;
  return `whoever shows no agent's key is ${UNKNOWN}, of weight ${weight} and band ${band}, and may spend without a limit: \`mabeam gateway agents set ${UNKNOWN} --per-day <credits>\` limits all of them together`;
}

const isLimited = (limits: SpendingLimits): boolean => Object.values(limits).some((limit) => limit !== null);

/** A session is what its client says, and a last moment is no amount. */
const isBounded = ({ perDay, perWeek, perMonth, total }: SpendingLimits): boolean =>
  isLimited({ ...NO_SPENDING_LIMITS, perDay, perWeek, perMonth, total });

/** One line for people, the figures in credits. */
export function nearWords({ level, window, used, setAside, most }: Bound): string {
  const runs = setAside > 0 ? `, and set aside ${credits(setAside)} for what runs,` : "";
  return `agent ${level} has spent ${credits(used - setAside)}${runs} of ${credits(most)} credits ${PER[window]}`;
}
