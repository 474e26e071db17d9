// Real auctions, one at a time, and the recording of one.
import { setTimeout as pause } from "node:timers/promises";
import type { Cost } from "../cost.js";
import { Market, type MarketSize } from "../market.js";
import type { Trace } from "../trace.js";
import { TraceRecorder } from "../trace-recorder.js";

/** Between two auctions, so that what follows a settlement falls on neither. */
const REST_MS = 400;
/** Auctions until the code is warm, which are not counted. */
const WARM_UPS = 3;

export async function open() {
  let market: Market | null = null;
  let recorder: TraceRecorder | null = null;
  const sell = async (): Promise<Cost> => {
    const cost = await market!.auction();
    await pause(REST_MS);
    return cost;
  };
  return {
    jobs: {
      async found(size: MarketSize): Promise<void> {
        market = await Market.open(size, (plan, genesis, verifier) => {
          recorder = new TraceRecorder(plan, genesis, verifier);
          return recorder;
        });
        for (let i = 0; i < WARM_UPS; i++) await sell();
      },
      sell: (_: null): Promise<Cost> => sell(),
      async record(_: null): Promise<Trace> {
        recorder!.begin();
        await market!.auction();
        const trace = recorder!.end(market!.windowsMs);
        await pause(REST_MS);
        return trace;
      },
    },
    async close() {
      await market?.close();
    },
  };
}
