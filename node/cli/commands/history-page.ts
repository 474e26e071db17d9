// Pages of history: from where on they leave nothing out, and how to read on.
import type { Session } from "../session.js";

interface HistoryPage {
  /** the height from which on nothing is missing */
  readonly from: number;
  readonly nextCursor: string | null;
}

/** What an empty page is told with; nothing where history is whole. */
export const sinceOf = ({ from }: Pick<HistoryPage, "from">): string =>
  from > 1 ? ` since height ${from}, where history here begins` : "";

/** How to go on; and below which height something may be missing, once there is nothing more. */
export function moreOf({ terminal }: Session, { nextCursor, from }: HistoryPage): void {
  if (nextCursor !== null) terminal.err(`More: --cursor ${nextCursor}`);
  else if (from > 1)
    terminal.err(`History here begins at height ${from}; what was before it may be missing.`);
}
