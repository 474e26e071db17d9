// The entry at a height, as the disk of some honest host holds it.
import { decode } from "../../../../src/base/index.js";
import { logKey } from "../../../../src/peer/keyspace.js";
import { logEntry, MAX_FRAME_BYTES } from "../../../../src/quorum/index.js";
import type { LoggedEntry } from "../../checks/windows.js";
import type { Trial } from "./checker.js";

export function loggedAt(trial: Trial, height: number): LoggedEntry | null {
  for (const host of trial.hosts) {
    const row = trial.isHonest(host) ? host.disk.row(logKey(height)) : null;
    const entry = row === null ? null : decode(logEntry, row, MAX_FRAME_BYTES);
    if (entry?.ok) return { ...entry.value.header, ops: entry.value.ops };
  }
  return null;
}
