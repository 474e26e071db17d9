// What becomes durable together: the rule by which steps share a synced batch.
import type { Ready, Write } from "../../src/peer/ready.js";

export interface Batch {
  /** at most one guard record, and that first */
  readonly writes: readonly Write[];
  /** what may be said and told once this batch is durable, in order */
  readonly then: readonly Ready[];
}

/**
 * Joins the writes of successive steps into batches, in order: a new batch begins before every step that signs, that
 * is, has a guard record. A step is never cut, for its rows belong together (spec/persistence#P0).
 *
 * Syncing once for several steps keeps *durable before audible*, for a step speaks only when its batch, and every batch
 * before, is on the disk. What a crash can leave behind is what it could also leave if each step were synced alone and
 * its messages were lost on the way, which the protocol bears: the writes of the first so many steps.
 *
 * The guard is why the cut comes *before* each step that signs. While its record is written, every earlier row is
 * durable and none of its own: the guard is exactly one ahead of the database, which is the gap that a restart closes.
 * Two signing steps in one batch would leave a gap of two, and the votes of the first could be forgotten.
 */
export function planBatches(readies: readonly Ready[]): Batch[] {
  const batches: Batch[] = [];
  let writes: Write[] = [];
  let then: Ready[] = [];
  for (const ready of readies) {
    const own = guardFirst(ready.persist);
    if (own[0]?.kind === "guard" && writes.length > 0) {
      batches.push({ writes, then });
      writes = [];
      then = [];
    }
    // One by one: an entry may write more rows than a call takes arguments.
    for (const write of own) writes.push(write);
    then.push(ready);
  }
  if (then.length > 0) batches.push({ writes, then });
  return batches;
}

/** One step's writes with its guard record first; of several the last alone, which holds what the step signed in all. */
function guardFirst(persist: readonly Write[]): readonly Write[] {
  const guard = persist.findLast((write) => write.kind === "guard");
  return guard === undefined ? persist : [guard, ...persist.filter((write) => write.kind !== "guard")];
}

/** Roughly the bytes that writes put on the disk. */
export function bytesOf(writes: readonly Write[]): number {
  let total = 0;
  for (const write of writes) {
    if (write.kind === "guard") total += write.record.length;
    else total += write.key.length + (write.kind === "put" ? write.value.length : 0);
  }
  return total;
}
