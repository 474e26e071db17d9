// Backlog: what waits in a lane, against what entries took of that lane lately. More than the log can take soon is turned away.
import type { Lane } from "../ledger/index.js";
import { laneOf, type Operation } from "../market/index.js";
import type { Refusal } from "./event.js";

/** How far back entries are looked at, in ms of ledger time. */
const LOOK_BACK_MS = 10_000;
/** A wish that would wait for longer than this is refused. */
const MAX_WAIT_MS = 10_000;
/** So few are no backlog, whatever the pace was: one entry holds as many. */
const MIN_BACKLOG = 1000;

/**
 * What can stand in an entry is counted anew after so long, or when as much has come as makes a backlog; until then what
 * comes counts, and what goes does not.
 */
const COUNTED_MS = 1000;

interface Taken {
  readonly timeMs: number;
  readonly operations: Readonly<Record<Lane, number>>;
}

/** What waits in a lane. */
export interface LaneLoad {
  readonly waiting: number;
  /** what of it could stand in entries, if these had room for all */
  readonly standing: () => number;
}

interface Count {
  readonly atMs: number;
  readonly waiting: number;
  /** what waits and could not stand in any entry */
  readonly idle: number;
}

export class Backlog {
  private readonly taken: Taken[] = [];
  private readonly counts: Record<Lane, Count | null> = { critical: null, bulk: null };

  /** Notes what an entry held. */
  note(timeMs: number, operations: readonly Operation[]): void {
    const count = { critical: 0, bulk: 0 };
    for (const { authority, body } of operations) if (authority !== null) count[laneOf(body.kind)]++;
    this.taken.push({ timeMs, operations: count });
    while (this.taken[0]!.timeMs <= timeMs - LOOK_BACK_MS) this.taken.shift();
  }

  /**
   * Why an own operation for a lane is not taken in now; null: it may come. What waits behind a gap, for funds or for an
   * auction to open keeps nobody from an entry, and costs whoever stocks it nothing.
   */
  refusal(load: LaneLoad, lane: Lane, nowMs: number): Refusal | null {
    if (load.waiting < MIN_BACKLOG) return null;
    const waiting = load.waiting - this.idleIn(load, lane, nowMs);
    if (waiting < MIN_BACKLOG) return null;
    const recent = this.taken.filter(({ timeMs }) => timeMs > nowMs - LOOK_BACK_MS);
    const took = recent.reduce((sum, { operations }) => sum + operations[lane], 0);
    // At the pace of the last 10 s.
    const waitMs = took === 0 ? null : Math.ceil((waiting * LOOK_BACK_MS) / took);
    if (waitMs !== null && waitMs <= MAX_WAIT_MS) return null;
    return { code: "BUSY", detail: { waiting, waitMs } };
  }

  private idleIn(load: LaneLoad, lane: Lane, nowMs: number): number {
    const known = this.counts[lane];
    const { waiting } = load;
    const isOld =
      known === null || nowMs >= known.atMs + COUNTED_MS || waiting >= known.waiting + MIN_BACKLOG;
    if (!isOld) return known.idle;
    const idle = waiting - load.standing();
    this.counts[lane] = { atMs: nowMs, waiting, idle };
    return idle;
  }
}
