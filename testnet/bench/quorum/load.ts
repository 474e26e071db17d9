// The load: what clients do to a service that puts operations in order, whatever that service is.
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Bytes } from "../../../src/base/index.js";
import { until } from "../until.js";

/** Four members, as their clients see them. */
export interface Orderer {
  /** connections; each carries one operation at a time */
  readonly lanes: number;
  /** Hands an operation in. Resolves when it was taken, not when it is final. @throws Error when it is refused */
  submit(lane: number, operation: Bytes): Promise<void>;
  /** Tells how many more operations are final at the member of lane 0. Returns the way to end that. */
  onFinal(listener: (operations: number) => void): () => void;
  /** The load is over for now. */
  rest(): void;
}

export interface Saturation {
  /** operations handed in and not yet final, at most */
  readonly window: number;
  readonly warmUpMs: number;
  readonly ms: number;
}

export interface Saturated {
  readonly perSecond: number;
  /** operations of an entry, on average */
  readonly perEntry: number;
}

/** Final operations per second while the orderer always has as many waiting as the window holds. */
export async function saturate(
  orderer: Orderer,
  operations: readonly Bytes[],
  { window, warmUpMs, ms }: Saturation,
): Promise<Saturated> {
  let [taken, final, entries] = [0, 0, 0];
  let wake: (() => void)[] = [];
  let goesOn = true;
  const stop = orderer.onFinal((count) => {
    final += count;
    entries++;
    for (const one of wake.splice(0)) one();
  });
  const lane = async (index: number): Promise<void> => {
    while (goesOn) {
      if (taken - final >= window) {
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      const operation = operations[taken++];
      if (operation === undefined) throw new Error("too few operations were signed ahead");
      await orderer.submit(index, operation);
    }
  };
  const lanes = Promise.all(Array.from({ length: orderer.lanes }, (_, index) => lane(index)));
  const measured = async (): Promise<Saturated> => {
    await pause(warmUpMs);
    const before = { final, entries, atMs: performance.now() };
    await pause(ms);
    const count = final - before.final;
    const wallMs = performance.now() - before.atMs;
    return { perSecond: (count * 1000) / wallMs, perEntry: count / (entries - before.entries) };
  };
  try {
    const result = await Promise.race([
      measured(),
      lanes.then(() => Promise.reject(new Error("no lane is left"))),
    ]);
    goesOn = false;
    for (const one of wake.splice(0)) one();
    await lanes;
    await until("all that was handed in is final", () => final === taken);
    return result;
  } finally {
    goesOn = false;
    wake = [];
    stop();
    orderer.rest();
  }
}

/** Milliseconds from submission until final, of one operation at a time. */
export async function latencies(orderer: Orderer, operations: readonly Bytes[]): Promise<readonly number[]> {
  const measured: number[] = [];
  for (const operation of operations) {
    const startedAtMs = performance.now();
    const final = new Promise<void>((resolve) => {
      const stop = orderer.onFinal((count) => {
        if (count === 0) return;
        stop();
        resolve();
      });
    });
    await orderer.submit(0, operation);
    await final;
    measured.push(performance.now() - startedAtMs);
  }
  orderer.rest();
  return measured;
}
