// Everything that may go wrong in one run, as one value that a seed chooses.
import { type ClockStep, chooseJump, chooseSmallStep } from "./clock-faults.js";
import { chooseFull, chooseLoss, type DiskFault } from "./disk-faults.js";
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
  "flapping",
  "outage",
  "jump",
  "full",
  "turned",
  "lost",
  "restored",
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
  /** by host: by how many millionths its clock runs fast; absent: none does */
  readonly clockDriftsPpm?: readonly number[];
  readonly clockSteps?: readonly ClockStep[];
  readonly disks?: readonly DiskFault[];
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

export interface FaultRoom {
  readonly hosts: number;
  /** faults begin after `fromMs` and are over at `untilMs`; outages alone last longer */
  readonly fromMs: number;
  readonly untilMs: number;
  /** clocks stay within this of each other, as the timing rules assume of honest members */
  readonly precisionMs: number;
  readonly deltaMs: number;
  /** hosts that may forget what they said, or be far off the time: those without a seat, and seats that count as faulty */
  readonly weak: readonly number[];
}

/** A partition that lasts so long may outlast everything that waits: messages, terms, phases of auctions. */
const OUTAGE_MS = 60_000;
/** A message may be as late as this. */
const SLOWEST_MS = 10_000;

/**
 * Chooses which of the allowed kinds a run has at all, and how much of each (swarm testing: a run with everything hides
 * what a run with two things shows). The older kinds are in more than half of the runs, the harsher ones in fewer.
 */
export function chooseFaults(random: Random, allowed: ReadonlySet<FaultKind>, room: FaultRoom): Faults {
  const chosen = new Set(FAULT_KINDS.filter((kind) => random.chance(CHANCE[kind]) && allowed.has(kind)));
  const times = (kind: FaultKind, most: number): number[] =>
    chosen.has(kind) ? Array.from({ length: random.between(1, most) }, (_, i) => i) : [];
  const weakTimes = (kind: FaultKind, most: number): number[] =>
    room.weak.length > 0 ? times(kind, most) : [];
  return {
    weather: chooseWeather(random, chosen),
    partitions: [
      ...times("partition", 3).map(() => choosePartition(random, room)),
      ...(chosen.has("flapping") ? chooseFlapping(random, room) : []),
      ...(chosen.has("outage") ? [chooseOutage(random, room)] : []),
    ],
    crashes: times("crash", 4).flatMap(() => chooseCrashes(random, room)),
    pauses: times("pause", 2).map(() => choosePause(random, room)),
    clockOffsetsMs: chooseClocks(random, chosen.has("clock"), room),
    clockDriftsPpm: chooseDrifts(random, chosen.has("clock"), room),
    clockSteps: [
      ...times("clock", 3).map(() => chooseSmallStep(random, room)),
      ...weakTimes("jump", 3).map(() => chooseJump(random, random.pick(room.weak), room)),
    ],
    disks: [
      ...times("full", 2).map(() => chooseFull(random, room.hosts, room)),
      ...weakTimes("turned", 2).map(() => chooseLoss(random, ["turnedRow", "turnedGuard"], room)),
      ...weakTimes("lost", 2).map(() => chooseLoss(random, ["lostStore", "lostGuard"], room)),
      ...weakTimes("restored", 2).map(() => chooseLoss(random, ["oldRows", "oldImage"], room)),
    ],
    syncMs: random.pick([0, 0.5, 2, 6]),
  };
}

const CHANCE: Readonly<Record<FaultKind, number>> = {
  loss: 0.5,
  duplication: 0.5,
  reordering: 0.5,
  delay: 0.5,
  partition: 0.5,
  crash: 0.6,
  pause: 0.4,
  clock: 0.5,
  flapping: 0.15,
  outage: 0.04,
  jump: 0.3,
  full: 0.25,
  turned: 0.3,
  lost: 0.3,
  restored: 0.3,
};

function chooseWeather(random: Random, chosen: ReadonlySet<FaultKind>): Weather {
  const isSlowest = random.chance(0.15);
  return {
    leastDelayMs: 1,
    meanDelayMs: random.pick([2, 5, 15]),
    slow: chosen.has("delay") ? random.pick(isSlowest ? [0.005, 0.02] : [0.02, 0.1]) : 0,
    slowMs: isSlowest ? SLOWEST_MS : random.pick([300, 1_500]),
    loss: chosen.has("loss") ? random.pick([0.02, 0.08, 0.15, 0.3]) : 0,
    duplication: chosen.has("duplication") ? random.pick([0.05, 0.2]) : 0,
    reordering: chosen.has("reordering") ? 0.2 : 0,
  };
}

/** Two sides that do not hear each other, or one that is not heard; now and then a single host is cut off. */
const choosePartition = (random: Random, room: FaultRoom): Partition => ({
  ...moment(random, room, 500, 8_000),
  cuts: chooseCuts(random, room),
});

/** One division after another, each as long as a term that nobody leads (t_adv). */
function chooseFlapping(random: Random, room: FaultRoom): readonly Partition[] {
  const { atMs, durationMs } = moment(random, room, 2_000, 8_000);
  const flapMs = 3 * room.deltaMs;
  return Array.from({ length: Math.floor(durationMs / flapMs) }, (_, i) => ({
    atMs: atMs + i * flapMs,
    durationMs: flapMs,
    cuts: chooseCuts(random, room),
  }));
}

/** For a minute, nobody hears anybody, or all but one do. It may outlast the time of the other faults. */
function chooseOutage(random: Random, room: FaultRoom): Partition {
  const atMs = random.between(room.fromMs, room.untilMs);
  const all = Array.from({ length: room.hosts }, (_, i) => i);
  const lost = random.chance(0.5) ? all : [random.pick(all)];
  const isCut = (a: number, b: number): boolean => a !== b && (lost.includes(a) || lost.includes(b));
  const cuts = all.flatMap((a) => all.filter((b) => isCut(a, b)).map((b): [number, number] => [a, b]));
  return { atMs, durationMs: OUTAGE_MS, cuts };
}

function chooseCuts(random: Random, room: FaultRoom): Partition["cuts"] {
  const hosts = random.shuffled(Array.from({ length: room.hosts }, (_, i) => i));
  const split = room.hosts === 1 ? 1 : random.between(1, room.hosts - 1);
  const [here, there] = [hosts.slice(0, split), hosts.slice(split)];
  const isOneWay = random.chance(0.4);
  return here.flatMap((a) =>
    there.flatMap((b): [number, number][] =>
      isOneWay
        ? [[a, b]]
        : [
            [a, b],
            [b, a],
          ],
    ),
  );
}

/** One host, or everyone at once, at one point of the driver's order. */
function chooseCrashes(random: Random, room: FaultRoom): readonly Crash[] {
  const { atMs, durationMs } = moment(random, room, 50, 5_000);
  const point = random.pick(CRASH_POINTS);
  const all = Array.from({ length: room.hosts }, (_, i) => i);
  const struck = random.chance(0.15) ? all : [random.pick(all)];
  return struck.map((host) => ({ atMs, host, point, downMs: durationMs }));
}

function choosePause(random: Random, room: FaultRoom): Pause {
  return { ...moment(random, room, 100, 4_000), host: random.between(0, room.hosts - 1) };
}

function chooseClocks(random: Random, isSkewed: boolean, room: FaultRoom): readonly number[] {
  // Half of what members bear; small steps of the clock take the other half.
  const half = Math.floor(room.precisionMs / 4);
  return Array.from({ length: room.hosts }, () => (isSkewed ? random.between(-half, half) : 0));
}

/** Quartz is within 50 millionths of the truth, a virtual machine's clock within a few hundred. */
const chooseDrifts = (random: Random, isDrifting: boolean, { hosts }: FaultRoom): readonly number[] =>
  Array.from({ length: hosts }, () => (isDrifting ? random.between(-300, 300) : 0));

function moment(
  random: Random,
  room: FaultRoom,
  least: number,
  most: number,
): { atMs: number; durationMs: number } {
  const atMs = random.between(room.fromMs, Math.max(room.fromMs, room.untilMs - least));
  return { atMs, durationMs: Math.min(random.between(least, most), room.untilMs - atMs) };
}

/** The same without weather, partitions, crashes and pauses: clocks and disks stay as they are. */
export const quiet = (faults: Faults): Faults => ({
  ...faults,
  weather: CALM,
  partitions: [],
  crashes: [],
  pauses: [],
});
