// The answer to `getLog` from entries in memory, made as a daemon makes it from its disk.
import { LogPage } from "../node/store/log-page.js";
import { encode } from "../src/base/index.js";
import { type LogEntry, logEntry, type QuorumMessage } from "../src/quorum/index.js";

/** @param rows final entries in height order from the height asked for */
export function logAnswer(rows: readonly LogEntry[], max: number): Extract<QuorumMessage, { kind: "log" }> {
  const page = new LogPage(max);
  for (const row of rows) if (!page.take(row, encode(logEntry, row).length)) break;
  return page.message();
}
