// The simulated world itself: time, links, disks, crashes and the driver's order.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../src/peer/event.js";
import { CALM, chooseFaults, FAULT_KINDS, type Faults } from "../../testnet/lab/simulate/faults.js";
import { Injection } from "../../testnet/lab/simulate/injection.js";
import type { Boot } from "../../testnet/lab/simulate/machine.js";
import { Agenda } from "../../testnet/lab/simulate/world/agenda.js";
import { VirtualAlarm } from "../../testnet/lab/simulate/world/alarm.js";
import { CRASH_POINTS, type CrashPoint } from "../../testnet/lab/simulate/world/host.js";
import { Links, type Weather } from "../../testnet/lab/simulate/world/links.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { IdealSignatures } from "../../testnet/lab/simulate/world/signatures.js";
import { World } from "../../testnet/lab/simulate/world/world.js";
import { toyBoot } from "./toy.js";

function toyWorld(seed: number, size: number, weather: Weather = CALM, boot: Boot = toyBoot()): World {
  const world = new World({
    random: new Random(seed),
    weather,
    epochMs: 1_000_000,
    hosts: Array.from({ length: size }, (_, seat) => ({
      boot,
      seat,
      clockOffsetMs: 0,
      syncMs: 1,
      tamper: null,
    })),
  });
  for (const host of world.hosts) host.start();
  return world;
}

describe("random", () => {
  it("a stream depends on its seed and name alone", () => {
    const draw = (random: Random): number[] => Array.from({ length: 8 }, () => random.word());
    expect(draw(new Random(5).branch("a"))).toEqual(draw(new Random(5).branch("a")));
    expect(draw(new Random(5).branch("a"))).not.toEqual(draw(new Random(5).branch("b")));
    expect(draw(new Random(5))).not.toEqual(draw(new Random(5 + 2 ** 32)));
  });

  it("numbers fall into their range, and every one of a small range occurs", () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 400 }, () => random.between(3, 9)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("agenda", () => {
  it("things happen in the order of their time, equals in the order of their scheduling", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
        const agenda = new Agenda();
        const seen: [number, number][] = [];
        times.forEach((time, i) => {
          agenda.at(time, () => seen.push([time, i]));
        });
        agenda.runUntil(100);
        const expected = times.map((time, i): [number, number] => [time, i]);
        expect(seen).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
    );
  });

  it("time never runs backwards", () => {
    const agenda = new Agenda();
    agenda.runUntil(50);
    const seen: number[] = [];
    agenda.at(10, () => seen.push(agenda.nowMs));
    agenda.runUntil(60);
    expect(seen).toEqual([50]);
  });
});

describe("alarm", () => {
  /** An alarm on a clock that shows `shift` less than the world, and when it rang. */
  function alarmed(rate = 1) {
    const agenda = new Agenda();
    const clock = { shift: 0 };
    const rang: number[] = [];
    const clockMs = (): number => agenda.nowMs * rate - clock.shift;
    const alarm = new VirtualAlarm(agenda, clockMs, rate, () => rang.push(agenda.nowMs));
    return { agenda, clock, rang, alarm };
  }

  it("rings once, at the deadline that was set last, by its own clock", () => {
    const { agenda, rang, alarm } = alarmed(2);
    for (const atMs of [400, 100, 300]) alarm.set(atMs);
    agenda.runUntil(1000);
    expect(rang).toEqual([150]);
    alarm.set(300);
    agenda.runUntil(2000);
    expect(rang).toEqual([150, 1000.5]);
    alarm.set(4400);
    alarm.set(null);
    agenda.runUntil(3000);
    expect(rang).toHaveLength(2);
  });

  it("waits again for a clock that was set back, and never rings for a process that has ended", () => {
    const { agenda, clock, rang, alarm } = alarmed();
    alarm.set(100);
    clock.shift = 50;
    agenda.runUntil(149);
    expect(rang).toEqual([]);
    agenda.runUntil(150);
    expect(rang).toEqual([150]);
    alarm.set(200);
    alarm.end();
    agenda.runUntil(1000);
    expect(rang).toEqual([150]);
  });
});

describe("links", () => {
  it("a link without reordering keeps its order", () => {
    const links = new Links(2, new Random(3), { ...CALM, meanDelayMs: 40, slow: 0.3, slowMs: 900 });
    const arrivals = Array.from({ length: 200 }, (_, i) => links.arrivals(0, 1, i)[0]!);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
  });

  it("loss and duplication are counted where they happen", () => {
    const links = new Links(2, new Random(3), { ...CALM, loss: 0.3, duplication: 0.3 });
    const copies = Array.from({ length: 1000 }, () => links.arrivals(0, 1, 0).length);
    expect(copies.filter((n) => n === 0)).toHaveLength(links.counts.lost);
    expect(copies.filter((n) => n === 2)).toHaveLength(links.counts.duplicated);
    expect(links.counts.lost).toBeGreaterThan(200);
    expect(links.counts.duplicated).toBeGreaterThan(100);
  });

  it("a cut is one-way, and overlapping cuts are mended one by one", () => {
    const links = new Links(2, new Random(3), CALM);
    links.cut(0, 1);
    links.cut(0, 1);
    links.mend(0, 1);
    expect(links.arrivals(0, 1, 0)).toEqual([]);
    expect(links.arrivals(1, 0, 0)).toHaveLength(1);
    links.mend(0, 1);
    expect(links.arrivals(0, 1, 0)).toHaveLength(1);
  });
});

describe("ideal signatures", () => {
  it("only the signature that its key made for the message verifies", () => {
    const keys = new IdealSignatures(new Random(9));
    const [a, b] = [keys.key(), keys.key()];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (message, where) => {
        const signature = a.sign(message);
        expect(keys.verify(a.publicKey, message, signature)).toBe(true);
        expect(keys.verify(b.publicKey, message, signature)).toBe(false);
        const bent = signature.slice();
        bent[where % 64]! ^= 1;
        expect(keys.verify(a.publicKey, message, bent)).toBe(false);
        const other = message.slice();
        other[where % other.length]! ^= 1;
        expect(keys.verify(a.publicKey, other, signature)).toBe(false);
      }),
    );
  });
});

describe("host", () => {
  /** A host alone that crashes once at a point of its second step with writes. */
  function crashedAt(point: CrashPoint, seed = 1): { guard: number; row: number; heard: number } {
    const world = toyWorld(seed, 2);
    world.agenda.runUntil(150);
    world.hosts[0]!.crash(point, Number.POSITIVE_INFINITY);
    world.agenda.runUntil(1_000);
    const { disk } = world.hosts[0]!;
    const row = disk.rows().find(([key]) => key === "spoken")?.[1][0] ?? 0;
    const heard = world.hosts[1]!.disk.rows().filter(([key]) => key.startsWith("heard/peer-0")).length;
    return { guard: disk.guard?.[0] ?? 0, row, heard };
  }

  it("what is not on disk was never said: guard, then batch, then speech", () => {
    expect(crashedAt("beforeGuard")).toEqual({ guard: 1, row: 1, heard: 1 });
    expect(crashedAt("beforeBatch")).toEqual({ guard: 2, row: 1, heard: 1 });
    expect(crashedAt("beforeSend")).toEqual({ guard: 2, row: 2, heard: 1 });
    expect(crashedAt("amidSend")).toEqual({ guard: 2, row: 2, heard: 1 });
  });

  it("a torn guard leaves the record before it, or was whole already", () => {
    const torn = Array.from({ length: 40 }, (_, seed) => crashedAt("amidGuard", seed));
    for (const { guard, row } of torn)
      expect([
        [1, 1],
        [2, 1],
      ]).toContainEqual([guard, row]);
    expect(new Set(torn.map(({ guard }) => guard)).size).toBe(2);
  });

  it("a host restarts from its disk and from nothing else", () => {
    const world = toyWorld(2, 3);
    world.agenda.runUntil(520);
    const before = world.hosts[1]!.machine!.height;
    world.hosts[1]!.crash("idle", 200);
    expect(world.hosts[1]!.isUp).toBe(false);
    world.agenda.runUntil(721);
    expect(before).toBeGreaterThan(4);
    expect(world.hosts[1]!.machine!.height).toBeGreaterThanOrEqual(before);
  });

  it("events wait while the disk is busy and while the process is stopped, in their order", () => {
    const seen: Event[] = [];
    const world = toyWorld(3, 2, CALM, toyBoot({ onEvent: (event) => seen.push(event) }));
    world.hosts[0]!.pause(5_000);
    world.agenda.runUntil(4_900);
    const heardByPaused = world.hosts[0]!.machine!.height;
    world.agenda.runUntil(5_500);
    expect(heardByPaused).toBeLessThanOrEqual(1);
    expect(world.hosts[0]!.machine!.height).toBeGreaterThan(40);
    expect(seen.every((event, i) => i === 0 || event.nowMs >= seen[i - 1]!.nowMs)).toBe(true);
  });
});

describe("world", () => {
  const all = new Set(FAULT_KINDS);
  const faultsOf = (seed: number): Faults =>
    chooseFaults(new Random(seed), all, {
      hosts: 4,
      fromMs: 0,
      untilMs: 8_000,
      precisionMs: 100,
      deltaMs: 100,
      weak: [2, 3],
    });

  function history(seed: number): { digest: string; heights: number[] } {
    const world = toyWorld(seed, 4, faultsOf(seed).weather);
    const injection = new Injection(world, faultsOf(seed), new Random(seed, "injection"));
    world.agenda.runUntil(8_000);
    injection.heal();
    world.agenda.runUntil(12_000);
    return {
      digest: world.history.digest(),
      heights: world.hosts.map((host) => host.machine?.height ?? -1),
    };
  }

  it("one seed has one history, and another seed another", () => {
    const digests = [1, 2, 3, 4, 5, 6].map((seed) => history(seed).digest);
    expect(digests).toEqual([1, 2, 3, 4, 5, 6].map((seed) => history(seed).digest));
    expect(new Set(digests).size).toBe(6);
  });

  it("after healing every host is up and hears every other", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { heights } = history(seed);
      expect(Math.min(...heights)).toBeGreaterThan(30);
    }
  });

  it("among a hundred seeds every kind of fault and every crash point occurs", () => {
    const chosen = Array.from({ length: 100 }, (_, seed) => faultsOf(seed));
    const points = new Set(chosen.flatMap((faults) => faults.crashes.map((crash) => crash.point)));
    expect(points).toEqual(new Set(CRASH_POINTS));
    expect(chosen.some((faults) => faults.partitions.length > 0 && faults.pauses.length > 0)).toBe(true);
    expect(
      chosen.some(({ weather }) => weather.loss > 0 && weather.duplication > 0 && weather.slow > 0),
    ).toBe(true);
    expect(chosen.some((faults) => faults.partitions.length + faults.crashes.length === 0)).toBe(true);
    const disks = new Set(chosen.flatMap(({ disks = [] }) => disks.map(({ kind }) => kind)));
    expect([...disks].sort()).toEqual([
      "full",
      "lostGuard",
      "lostStore",
      "oldImage",
      "oldRows",
      "turnedGuard",
      "turnedRow",
    ]);
    const steps = chosen.flatMap(({ clockSteps = [] }) => clockSteps.map(({ byMs }) => byMs));
    expect(Math.min(...steps)).toBe(-600_000);
    expect(Math.max(...steps)).toBe(600_000);
    const lengths = chosen.flatMap(({ partitions }) => partitions.map(({ durationMs }) => durationMs));
    expect(lengths).toContain(60_000);
    expect(lengths.filter((ms) => ms === 300).length).toBeGreaterThan(50);
  });
});
