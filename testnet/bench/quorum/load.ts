// The load: what clients do to a service that puts operations in order, whatever that service is.
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Bytes } from "../../../src/base/index.js";
import { until } from "../until.js";

/** Operations that were signed ahead, in their order. */
export interface Operations {
  next(): Bytes;
}

/** Four members, as their clients see them. */
export interface Orderer {
  /** connections; each carries one operation at a time */
  readonly lanes: number;
  /** Hands an operation in. Resolves when it was taken, not when it is final. @throws Error when it is refused */
  submit(lane: number, operation: Bytes): Promise<void>;
  /** Tells how many more operations are final at the member of lane 0. Returns the way to end that. */
  onFinal(listener: (operations: number) => void): () => void;
  /** Ends the connections of the load; the next operation makes new ones. */
  rest(): void;
}

export interface Saturation {
  /** operations handed in and not yet final, at most */
  readonly window: number;
  readonly warmUpMs: number;
  readonly ms: number;
}

export interface SaturationAsked extends Saturation {
  /** operations that are signed before the measurement begins */
  readonly signAhead: number;
}

/** What a measurement found. */
export interface Pace {
  /** operations final per second */
  readonly perSecond: number;
  /** of all members together, for each of them */
  readonly cpuMs: number;
}

/** Who puts operations in order, and takes many in one call. */
export interface Crowd {
  readonly lanes: number;
  /** @returns those that are to come again after a while: it has too much to do */
  submitAll(lane: number, operations: readonly Bytes[]): Promise<readonly Bytes[]>;
  onFinal(listener: (operations: number) => void): () => void;
  /** CPU time of all members so far */
  cpuMs(): number;
}

export interface Offered {
  /** null: as many as are taken */
  readonly perSecond: number | null;
  /** operations taken and not yet final, at most */
  readonly window: number;
  readonly warmUpMs: number;
  readonly ms: number;
}

/** Operations in one call at most. */
const CALL_OPERATIONS = 32;
/** A client that was turned away comes again after so long. */
const AGAIN_MS = 500;
const TICK_MS = 10;

/**
 * What members make final of what is offered, whatever they make of it: clients hand in what is due, in its order, and
 * again what was turned away.
 */
export async function offer(crowd: Crowd, operations: Operations, asked: Offered): Promise<Pace> {
  const { perSecond, window, warmUpMs, ms } = asked;
  const startedAtMs = performance.now();
  let [handed, taken, final] = [0, 0, 0];
  let goesOn = true;
  const stop = crowd.onFinal((count) => {
    final += count;
  });
  const due = (): number => {
    const room = window - (taken - final);
    if (perSecond === null) return room;
    return Math.min(room, Math.floor(((performance.now() - startedAtMs) * perSecond) / 1000) - handed);
  };
  const lane = async (index: number): Promise<void> => {
    let held: Bytes[] = [];
    while (goesOn) {
      const wanted = Math.min(CALL_OPERATIONS - held.length, due());
      for (let i = 0; i < wanted; i++) held.push(operations.next());
      handed += Math.max(0, wanted);
      if (held.length === 0) {
        await pause(TICK_MS);
        continue;
      }
      const again = await crowd.submitAll(index, held);
      taken += held.length - again.length;
      held = [...again];
      if (held.length > 0) await pause(AGAIN_MS);
    }
  };
  const lanes = Promise.all(Array.from({ length: crowd.lanes }, (_, index) => lane(index)));
  try {
    await pause(warmUpMs);
    const before = { final, cpuMs: crowd.cpuMs(), atMs: performance.now() };
    await pause(ms);
    const count = final - before.final;
    const cpuMs = (crowd.cpuMs() - before.cpuMs) / Math.max(1, count);
    return { perSecond: (count * 1000) / (performance.now() - before.atMs), cpuMs };
  } finally {
    goesOn = false;
    await lanes.catch(() => undefined);
    stop();
  }
}

/** Final operations per second while the orderer always has as many waiting as the window holds. */
export async function saturate(
  orderer: Orderer,
  operations: Operations,
  { window, warmUpMs, ms }: Saturation,
): Promise<number> {
  let [taken, final] = [0, 0];
  let wake: (() => void)[] = [];
  let goesOn = true;
  const stop = orderer.onFinal((count) => {
    final += count;
    for (const one of wake.splice(0)) one();
  });
  const lane = async (index: number): Promise<void> => {
    while (goesOn) {
      if (taken - final >= window) {
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      taken++;
      await orderer.submit(index, operations.next());
    }
  };
  const lanes = Promise.all(Array.from({ length: orderer.lanes }, (_, index) => lane(index)));
  const measured = async (): Promise<number> => {
    await pause(warmUpMs);
    const before = { final, atMs: performance.now() };
    await pause(ms);
    return ((final - before.final) * 1000) / (performance.now() - before.atMs);
  };
  try {
    const result = await Promise.race([
      measured(),
      lanes.then(() => Promise.reject(new Error("no lane is left"))),
    ]);
    goesOn = false;
    for (const one of wake.splice(0)) one();
    await lanes;
    await until("all that was handed in is final", () => final >= taken);
    // Entries may repeat an operation, to no effect: such a count would flatter.
    if (final > taken) throw new Error(`${final} operations are final, of ${taken}`);
    return result;
  } finally {
    goesOn = false;
    wake = [];
    stop();
    orderer.rest();
  }
}

/** Milliseconds from submission until final, of one operation at a time. */
export async function latencies(
  orderer: Orderer,
  operations: Operations,
  count: number,
): Promise<readonly number[]> {
  const measured: number[] = [];
  while (measured.length < count) {
    const startedAtMs = performance.now();
    const final = new Promise<void>((resolve) => {
      const stop = orderer.onFinal((count) => {
        if (count === 0) return;
        stop();
        resolve();
      });
    });
    await orderer.submit(0, operations.next());
    await final;
    measured.push(performance.now() - startedAtMs);
  }
  orderer.rest();
  return measured;
}
