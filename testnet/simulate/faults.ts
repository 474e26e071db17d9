// Everything that may go wrong in one run, as one value that a seed chooses.
import { CRASH_POINTS, type CrashPoint } from "./world/host.js";
import type { Weather } from "./world/links.js";
import type { Random } from "./world/random.js";

/** What may go wrong, by name. A run has a few of the kinds that it is allowed. */
export const FAULT_KINDS = [
  "loss",
  "duplication",
  "reordering",
  "delay",
  "partition",
  "crash",
  "pause",
  "clock",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** `deaf` does not hear `silenced`, for a while. */
export interface Partition {
  readonly atMs: number;
  readonly durationMs: number;
  readonly cuts: readonly (readonly [silenced: number, deaf: number])[];
}

export interface Crash {
  readonly atMs: number;
  readonly host: number;
  readonly point: CrashPoint;
  readonly downMs: number;
}

export interface Pause {
  readonly atMs: number;
  readonly host: number;
  readonly durationMs: number;
}

export interface Faults {
  readonly weather: Weather;
  readonly partitions: readonly Partition[];
  readonly crashes: readonly Crash[];
  readonly pauses: readonly Pause[];
  /** by host: how far its clock is off */
  readonly clockOffsetsMs: readonly number[];
  /** the mean time of a synced batch */
  readonly syncMs: number;
}

export const CALM: Weather = {
  leastDelayMs: 1,
  meanDelayMs: 3,
  slow: 0,
  slowMs: 0,
  loss: 0,
  duplication: 0,
  reordering: 0,
};

interface Room {
  readonly hosts: number;
  /** faults begin after `fromMs` and are over at `untilMs` */
  readonly fromMs: number;
  readonly untilMs: number;
  /** clocks stay within this of each other, as the timing rules assume of honest members */
  readonly precisionMs: number;
}

/** Chooses which of the allowed kinds a run has at all, then each fault (swarm testing). */
export function chooseFaults(random: Random, allowed: ReadonlySet<FaultKind>, room: Room): Faults {
  const chosen = new Set(FAULT_KINDS.filter((kind) => random.chance(0.6) && allowed.has(kind)));
  const times = (most: number): number[] => Array.from({ length: random.between(1, most) }, (_, i) => i);
  return {
    weather: chooseWeather(random, chosen),
    partitions: chosen.has("partition") ? times(3).map(() => choosePartition(random, room)) : [],
    crashes: chosen.has("crash") ? times(4).flatMap(() => chooseCrashes(random, room)) : [],
    pauses: chosen.has("pause") ? times(2).map(() => choosePause(random, room)) : [],
    clockOffsetsMs: chooseClocks(random, chosen.has("clock"), room),
    syncMs: random.pick([0, 0.5, 2, 6]),
  };
}

function chooseWeather(random: Random, chosen: ReadonlySet<FaultKind>): Weather {
  return {
    leastDelayMs: 1,
    meanDelayMs: random.pick([2, 5, 15]),
    slow: chosen.has("delay") ? random.pick([0.02, 0.1]) : 0,
    slowMs: random.pick([300, 1_500]),
    loss: chosen.has("loss") ? random.pick([0.02, 0.08, 0.15]) : 0,
    duplication: chosen.has("duplication") ? 0.1 : 0,
    reordering: chosen.has("reordering") ? 0.2 : 0,
  };
}

/** Two sides that do not hear each other, or one that is not heard; now and then a single host is cut off. */
function choosePartition(random: Random, room: Room): Partition {
  const hosts = random.shuffled(Array.from({ length: room.hosts }, (_, i) => i));
  const split = room.hosts === 1 ? 1 : random.between(1, room.hosts - 1);
  const [here, there] = [hosts.slice(0, split), hosts.slice(split)];
  const isOneWay = random.chance(0.4);
  const cuts = here.flatMap((a) =>
    there.flatMap((b): [number, number][] =>
      isOneWay
        ? [[a, b]]
        : [
            [a, b],
            [b, a],
          ],
    ),
  );
  return { ...moment(random, room, 500, 8_000), cuts };
}

/** One host, or everyone at once, at one point of the driver's order. */
function chooseCrashes(random: Random, room: Room): readonly Crash[] {
  const { atMs, durationMs } = moment(random, room, 50, 5_000);
  const point = random.pick(CRASH_POINTS);
  const all = Array.from({ length: room.hosts }, (_, i) => i);
  const struck = random.chance(0.15) ? all : [random.pick(all)];
  return struck.map((host) => ({ atMs, host, point, downMs: durationMs }));
}

function choosePause(random: Random, room: Room): Pause {
  return { ...moment(random, room, 100, 4_000), host: random.between(0, room.hosts - 1) };
}

function chooseClocks(random: Random, isSkewed: boolean, room: Room): readonly number[] {
  const half = Math.floor(room.precisionMs / 2);
  return Array.from({ length: room.hosts }, () => (isSkewed ? random.between(-half, half) : 0));
}

function moment(
  random: Random,
  room: Room,
  least: number,
  most: number,
): { atMs: number; durationMs: number } {
  const atMs = random.between(room.fromMs, Math.max(room.fromMs, room.untilMs - least));
  return { atMs, durationMs: Math.min(random.between(least, most), room.untilMs - atMs) };
}
