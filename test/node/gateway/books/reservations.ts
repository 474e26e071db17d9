// Reservations for the books' tests.
import type { Reservation } from "../../../../node/gateway/books/record.js";

/** 2026-11-27, a Friday, 12:00 UTC. */
export const NOON_MS = Date.UTC(2026, 10, 27, 12);

export const reservation = (id: string, more: Partial<Reservation> = {}): Reservation => ({
  id,
  payers: ["session:a", "agent:ada"],
  flow: "agent:ada",
  weight: 1,
  band: "normal",
  model: "gpt-5-mini",
  estimate: { inputTokens: 100, outputTokens: 50 },
  cost: 150,
  floor: { used: { inputTokens: 100, outputTokens: 0 }, cost: 100 },
  waitedMs: 0,
  atMs: NOON_MS,
  ...more,
});

export const spent = (inputTokens: number, outputTokens: number) => ({
  used: { inputTokens, outputTokens },
  cost: inputTokens + outputTokens,
});
