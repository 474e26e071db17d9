// What disks do: they fill up, turn bits, vanish, and come back from an older backup.
import type { Random } from "./world/random.js";

interface Struck {
  /** when the process dies and the disk is struck */
  readonly atMs: number;
  readonly host: number;
  readonly downMs: number;
}

/**
 * - `full`: writes fail from `atMs` on; the process ends at the next one, and starts when there is space after `downMs`
 * - `turnedRow`, `turnedGuard`: one bit of a row, or of the guard file, is not what was written
 * - `lostGuard`, `lostStore`: the guard file, or everything, is gone
 * - `lostBatch`: the last synced batch is not there, though its messages were said; the guard file stays
 * - `oldRows`: the rows come back from a copy of `copiedAtMs`; the guard file stays
 * - `oldImage`: rows and guard do, as after restoring a machine's image
 */
export type DiskFault =
  | (Struck & {
      readonly kind: "full" | "turnedRow" | "turnedGuard" | "lostGuard" | "lostStore" | "lostBatch";
    })
  | (Struck & { readonly kind: "oldRows" | "oldImage"; readonly copiedAtMs: number });

/**
 * Hosts whose memory of what they said is not whole. A seat among them may be in amnesia, so it counts among the F
 * faulty (spec/persistence#A5): release needs all honest others to remember. Hosts without a seat promise nothing by it.
 */
export const forgetfulHosts = (faults: readonly DiskFault[] = []): ReadonlySet<number> =>
  new Set(faults.filter(({ kind }) => kind !== "full").map(({ host }) => host));

/**
 * Hosts that were set back as a whole: nothing on them can tell. The question of every start finds it out where others
 * answer within 10Δ (spec/persistence#A2); where the network is down as well, such a member contradicts itself like a Byzantine one.
 */
export const setBackHosts = (faults: readonly DiskFault[] = []): ReadonlySet<number> =>
  new Set(faults.filter(({ kind }) => kind === "oldImage").map(({ host }) => host));

interface Room {
  readonly fromMs: number;
  readonly untilMs: number;
  /** hosts that may forget */
  readonly weak: readonly number[];
}

export function chooseFull(random: Random, hosts: number, { fromMs, untilMs }: Room): DiskFault {
  const atMs = random.between(fromMs, untilMs - 300);
  const downMs = Math.min(random.between(200, 6_000), untilMs - atMs);
  return { kind: "full", atMs, host: random.between(0, hosts - 1), downMs };
}

/** A fault after which a host does not know all that it said. */
export function chooseLoss(random: Random, kinds: readonly DiskFault["kind"][], room: Room): DiskFault {
  const atMs = random.between(room.fromMs, room.untilMs - 300);
  const downMs = Math.min(random.between(50, 4_000), room.untilMs - atMs);
  const struck = { atMs, host: random.pick(room.weak), downMs };
  const kind = random.pick(kinds);
  if (kind !== "oldRows" && kind !== "oldImage") return { ...struck, kind };
  // A copy of the same term tells of one message less; an older one of many.
  const ageMs = random.pick([20, 100, 500, 5_000]);
  return { ...struck, kind, copiedAtMs: Math.max(0, atMs - random.between(1, ageMs)) };
}
