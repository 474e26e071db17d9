// Real auctions, one at a time, and the recording of one.
import { setTimeout as pause } from "node:timers/promises";
import type { Cost } from "../cost.js";
import { AuctionSpoilt, Market, type MarketSize } from "../market.js";
import type { Trace } from "../trace.js";
import { TraceRecorder } from "../trace-recorder.js";

/** Between two auctions, so that what follows a settlement falls on neither. */
const REST_MS = 400;
const ATTEMPTS = 4;

export async function open() {
  let market: Market | null = null;
  let recorder: TraceRecorder | null = null;
  const sell = async (): Promise<Cost> => {
    const cost = await unspoilt(() => market!.auction());
    await pause(REST_MS);
    return cost;
  };
  return {
    jobs: {
      /** Opens the market and holds auctions until the code is warm, which are not counted. */
      async found({ warmUps, ...size }: MarketSize & { readonly warmUps: number }): Promise<void> {
        market = await Market.open(size, (plan, genesis, verifier) => {
          recorder = new TraceRecorder(plan, genesis, verifier);
          return recorder;
        });
        for (let i = 0; i < warmUps; i++) await sell();
      },
      sell: (_: null): Promise<Cost> => sell(),
      async record(_: null): Promise<Trace> {
        const { commitMs } = market!.windows;
        const trace = await unspoilt(async () => {
          recorder!.begin();
          await market!.auction();
          return recorder!.end(commitMs);
        });
        await pause(REST_MS);
        return trace;
      },
    },
    async close() {
      await market?.close();
    },
  };
}

/** On a machine that is busy with other things an auction may lose bids: then it is held again. */
async function unspoilt<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AuctionSpoilt) || attempt === ATTEMPTS) throw error;
      await pause(REST_MS);
    }
  }
}
