// How people are told of a gateway: amounts, limits, and how long something took.
import type { GatewayView } from "../../contract/index.js";
import { grouped, UNITS, windowWords } from "../../gateway/limit-words.js";
import type { SpendingLimits } from "../../gateway/named/named-agent.js";
import { creditsOf } from "../show.js";

type Limit = GatewayView["limits"][number];

/** `60 requests, 100,000 tokens a minute`. */
function amountsOf(limits: readonly Limit[]): string {
  const windows = [...new Set(limits.map(({ windowMs }) => windowMs))].sort((a, b) => a - b);
  return windows
    .map((windowMs) => {
      const amounts = limits
        .filter((one) => one.windowMs === windowMs)
        .map(({ dimension, limit }) => `${grouped(limit)} ${UNITS[dimension]}`);
      return `${amounts.join(", ")} ${windowWords(windowMs)}`;
    })
    .join("; ");
}

/** @param limits as their owner gave them; none: answers tell all of them */
export function limitsWords(limits: readonly Limit[], headroomBp: number): string {
  const given = limits.length === 0 ? "none before answers tell them" : amountsOf(limits);
  return `${given}; ${headroomBp / 100} % of each is left alone`;
}

/** What an agent may spend: `5 credits a day, 20 in all`; null: whatever it costs. */
export function spendingWords(limits: SpendingLimits): string | null {
  const { perDay, perWeek, perMonth, perSession, total, untilMs } = limits;
  const amounts = [
    [perDay, "a day"],
    [perWeek, "a week"],
    [perMonth, "a month"],
    [perSession, "a session"],
    [total, "in all"],
  ] as const;
  const said = amounts.flatMap(([most, window]) =>
    most === null ? [] : [`${creditsOf(String(most))} credits ${window}`],
  );
  const until = untilMs === null ? [] : [`nothing after ${new Date(untilMs).toISOString()}`];
  const all = [...said, ...until];
  return all.length === 0 ? null : all.join(", ");
}

/** How long something took: `850 ms`, `3.2 s`, `12 min`, `5 h`. */
export function shortly(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 6_000_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
