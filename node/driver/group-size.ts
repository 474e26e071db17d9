// How much new work the driver begins before it looks again at what came: as much as a few ms will bear.

/** Events stepped before the driver syncs: under load they share a batch. */
export const MAX_GROUP_EVENTS = 64;
/** New work that a machine takes on in one group, however slow it is. */
const LEAST_NEW = 4;
/** A vote that comes while a group is stepped waits for its end; an entry takes three such waits, beside a patience of Δ. */
export const GROUP_MS = 10;
/** The last group's part of the mean. */
const WEIGHT = 1 / 4;

/** By the mean time that an event took of late: one that brings an operation, and one that moves the log. */
export class GroupSize {
  private eachMs = 0;

  constructor(private readonly mostMs: number = GROUP_MS) {}

  /** How many operations and wishes the next group may have; of what is under way it takes whatever has room. */
  get mostNew(): number {
    const fit = this.eachMs === 0 ? MAX_GROUP_EVENTS : Math.floor(this.mostMs / this.eachMs);
    return Math.min(MAX_GROUP_EVENTS, Math.max(LEAST_NEW, fit));
  }

  /** The steps of so many events took so long in all. */
  took(events: number, ms: number): void {
    if (events > 0) this.eachMs += (Math.max(0, ms) / events - this.eachMs) * WEIGHT;
  }
}
