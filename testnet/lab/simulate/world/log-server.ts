// What node/ does beside the driver: it answers questions about the log from what is on disk.
import { LogPage } from "../../../../node/store/log-page.js";
import { decode, invariant } from "../../../../src/base/index.js";
import { logKey } from "../../../../src/peer/keyspace.js";
import { logEntry, MAX_FRAME_BYTES, type QuorumMessage } from "../../../../src/quorum/index.js";
import type { Disk } from "./disk.js";

/** The answer to `getLog` from the durable rows of one disk. */
export function serveLog(
  disk: Disk,
  { fromHeight, max }: Extract<QuorumMessage, { kind: "getLog" }>,
): QuorumMessage {
  const page = new LogPage(max);
  for (let height = fromHeight; ; height++) {
    const row = disk.row(logKey(height));
    if (row === null) break;
    const entry = decode(logEntry, row, MAX_FRAME_BYTES);
    invariant(entry.ok, `the log row ${height} is damaged`);
    if (!page.take(entry.value, row.length)) break;
  }
  return page.message();
}
