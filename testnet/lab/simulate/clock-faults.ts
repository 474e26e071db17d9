// What clocks do: they drift, are set by NTP, and are far off for a while.
import type { Random } from "./world/random.js";

/** The clock of a host is set by so much, and for `forMs` stays so; null: to the end of the faults. */
export interface ClockStep {
  readonly atMs: number;
  readonly host: number;
  /** negative: backwards */
  readonly byMs: number;
  readonly forMs: number | null;
}

/**
 * Hosts whose clock is at times further off than members may be: they count as faulty (spec/time#W9), and still do
 * after the clock was set back, for a process's own clock never runs backwards and takes twice as long to fall back.
 */
export const astrayHosts = (steps: readonly ClockStep[] = [], precisionMs: number): ReadonlySet<number> =>
  new Set(steps.filter(({ byMs }) => Math.abs(byMs) > precisionMs / 2).map(({ host }) => host));

interface Room {
  readonly hosts: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly precisionMs: number;
}

/** By as little as members bear: together with the offset of the beginning within the precision. */
export function chooseSmallStep(random: Random, room: Room): ClockStep {
  const byMs = Math.floor(room.precisionMs / 4) * (random.chance(0.5) ? 1 : -1);
  return { ...moment(random, room), host: random.between(0, room.hosts - 1), byMs };
}

export function chooseJump(random: Random, host: number, room: Room): ClockStep {
  const byMs = random.pick([2_000, 15_000, 600_000]) * (random.chance(0.5) ? 1 : -1);
  return { ...moment(random, room), host, byMs };
}

const moment = (random: Random, { fromMs, untilMs }: Room): { atMs: number; forMs: number | null } => ({
  atMs: random.between(fromMs, untilMs),
  forMs: random.chance(0.5) ? random.between(200, 6_000) : null,
});
