// Fields of the gateway's own that an answer carries beside the upstream's (spec/gateway#header-fields).
import type { Instead } from "./fallback/course.js";

export interface AnswerTold {
  /** whom the request was counted for */
  readonly who: string;
  readonly requestId: string;
  readonly waitedMs: number;
  /** that the gateway took besides, until the attempt that is answered was sent */
  readonly overheadMs: number;
  readonly instead: Instead | null;
  /** what its client, or whoever reads of it, should know; in words */
  readonly warnings: readonly string[];
}

export const answerFields = (told: AnswerTold): Readonly<Record<string, string>> => ({
  ...(told.instead === null ? {} : { "x-mabeam-model": told.instead.model }),
  ...(told.warnings.length === 0 ? {} : { "x-mabeam-warning": told.warnings.join("; ") }),
  "x-mabeam-agent": told.who,
  "x-mabeam-request": told.requestId,
  "x-mabeam-queued-ms": String(told.waitedMs),
  "x-mabeam-overhead-ms": String(told.overheadMs),
});
