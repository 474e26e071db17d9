// Scenarios by hand: a calm run with what a test wants to go wrong in it, under the eyes of all the simulator's checkers.
import { expect } from "vitest";
import { decode } from "../../src/base/index.js";
import { logKey } from "../../src/peer/keyspace.js";
import { type LogEntry, logEntry, MAX_FRAME_BYTES, type Timing } from "../../src/quorum/index.js";
import type { Faults, Partition } from "../../testnet/lab/simulate/faults.js";
import { type RunResult, run } from "../../testnet/lab/simulate/run.js";
import { liveBoundMs, plainScenarioOf, type Scenario } from "../../testnet/lab/simulate/scenario.js";
import type { AuctionPlan, BidPlan, Workload } from "../../testnet/lab/simulate/workload.js";
import { LOCKUP } from "../../testnet/lab/simulate/workload.js";
import type { Host } from "../../testnet/lab/simulate/world/host.js";
import type { World } from "../../testnet/lab/simulate/world/world.js";

export const TIMING: Timing = {
  deltaMs: 100,
  idleMs: 400,
  batchMs: 20,
  precisionMs: 50,
  messageDelayMs: 2_000,
};

/** What a test says otherwise of a calm run; what goes wrong is a part of the faults. */
export interface Wishes extends Partial<Omit<Scenario, "seed" | "quorum" | "faults">> {
  readonly faults?: Partial<Faults>;
}

/** A run of honest members in fair weather, with the seed's own auctions and payments, bent as the test wishes. */
export function calm(seed: number, quorum: number, wishes: Wishes = {}): Scenario {
  const peers = wishes.peers ?? quorum;
  const base = plainScenarioOf(seed, { peers, quorum, byzantine: 0, faults: new Set() });
  const faults = { ...base.faults, ...wishes.faults };
  const healMs = wishes.healMs ?? base.healMs;
  const timing = wishes.timing ?? TIMING;
  const liveMs = wishes.liveMs ?? liveBoundMs(timing, Math.floor((quorum - 1) / 3));
  const endMs = wishes.endMs ?? healMs + Math.max(20_000, liveMs + 8_000);
  return { ...base, ...wishes, timing, faults, healMs, liveMs, endMs };
}

export interface Lived {
  readonly result: RunResult;
  readonly world: World;
}

/** Lives through a scenario; every invariant that is always checked must hold. */
export function lived(scenario: Scenario, attend: (world: World) => void = () => {}): Lived {
  const seen: World[] = [];
  const result = run(scenario, null, undefined, (world) => {
    seen.push(world);
    attend(world);
  });
  expect({ seed: scenario.seed, violation: result.violation }).toEqual({
    seed: scenario.seed,
    violation: null,
  });
  return { result, world: seen[0]! };
}

/** The final entries on a host's disk, from height 1 on. */
export function logOf(host: Host): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  for (let row = host.disk.row(logKey(1)); row !== null; row = host.disk.row(logKey(entries.length + 1))) {
    const entry = decode(logEntry, row, MAX_FRAME_BYTES);
    if (!entry.ok) throw new Error(entry.error.code);
    entries.push(entry.value);
  }
  return entries;
}

/** The heights of all hosts at some virtual times; a host that is down has −1. */
export function heightsAt(world: World, timesMs: readonly number[]): Map<number, readonly number[]> {
  const heights = new Map<number, readonly number[]>();
  for (const atMs of timesMs) {
    world.agenda.at(atMs, () =>
      heights.set(
        atMs,
        world.hosts.map(({ machine }) => machine?.height ?? -1),
      ),
    );
  }
  return heights;
}

type Cut = Partition["cuts"][number];

/** Neither side hears the other. */
export const between = (here: readonly number[], there: readonly number[]): readonly Cut[] =>
  here.flatMap((a) =>
    there.flatMap((b): Cut[] => [
      [a, b],
      [b, a],
    ]),
  );

/** Nobody of `deaf` hears any of `silenced`. */
export const unheard = (silenced: readonly number[], deaf: readonly number[]): readonly Cut[] =>
  silenced.flatMap((a) => deaf.filter((b) => b !== a).map((b): Cut => [a, b]));

export const parted = (atMs: number, untilMs: number, cuts: readonly Cut[]): Partition => ({
  atMs,
  durationMs: untilMs - atMs,
  cuts,
});

/** An auction in which every bid is honest: it is placed, committed and revealed. */
export function auction(name: string, atMs: number, wishes: Partial<AuctionPlan> = {}): AuctionPlan {
  return {
    name,
    atMs,
    creator: 0,
    format: "vickrey",
    direction: "sell",
    units: 1,
    startInMs: 0,
    commitMs: 1_500,
    revealMs: 1_500,
    lockups: [LOCKUP],
    reserve: 0n,
    hiddenReserve: null,
    standingWeight: null,
    bond: 0n,
    opensReserve: "atOnce",
    lapsesInMs: null,
    delivery: null,
    bids: [],
    ...wishes,
  };
}

/** An honest bid; amounts differ by host and are wide enough for the secrecy checker to find them. */
export const bid = (host: number, wishes: Partial<BidPlan> = {}): BidPlan => ({
  host,
  amount: (1n << 34n) + BigInt(host) * 7_919n,
  units: null,
  delayMs: 0,
  crashForMs: null,
  isWithheld: false,
  ...wishes,
});

export const only = (...auctions: readonly AuctionPlan[]): Workload => ({ auctions, payments: [] });
