// What was used within a window before a start, so that neither limits nor fairness forget it.
import type { Past, Use } from "../../../src/quota/index.js";
import type { Row } from "./disk.js";
import type { Record } from "./record.js";
import { seqOf } from "./rows.js";

/** What a request used, how long before now. */
export interface Recalled extends Past {
  /** null: it named none */
  readonly model: string | null;
  /** the upstream had answered for the model, or may have */
  readonly isAnswered: boolean;
}

/** Rows that are read at a time. */
const PAGE = 1_000;

/**
 * Reads records backwards until they are older than the window. Clocks may have been set since: between two records at
 * least so much time went by as the later says, and none where it says less.
 * @param page the rows before a sequence number, the last first
 * @returns what was used first before the others
 */
export async function pastOf(
  page: (before: number, limit: number) => Promise<Row[]>,
  recordOf: (row: Row) => Record,
  nextSeq: number,
  windowMs: number,
  nowMs: number,
): Promise<readonly Recalled[]> {
  const past: Recalled[] = [];
  let laterMs = nowMs;
  let agoMs = 0;
  let before = nextSeq;
  for (;;) {
    const rows = await page(before, PAGE);
    for (const row of rows) {
      const record = recordOf(row);
      agoMs += Math.max(0, laterMs - record.endedMs);
      if (agoMs >= windowMs) return past.reverse();
      laterMs = record.endedMs;
      const use = useOf(record);
      const { flow, weight, band, model, end } = record;
      const isAnswered = end === "answered" || end === "cut";
      if (use !== null) past.push({ flow, weight, band, model, isAnswered, use, agoMs });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return past.reverse();
    before = seqOf(last[0]);
  }
}

/** Of one that was cut off nobody knows what it used: what was set aside for it stays so until its window is over (spec/gateway#G16). */
function useOf({ end, used, estimate }: Record): Use | null {
  if (end !== "cut" || used === null) return used;
  return {
    inputTokens: Math.max(used.inputTokens, estimate.inputTokens),
    outputTokens: Math.max(used.outputTokens, estimate.outputTokens),
  };
}
