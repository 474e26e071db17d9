// Where the flood comes from: a process of its own, so that making it costs its target nothing.
import { Flood, type FloodReport, type FloodWish } from "../../attack/flood.js";

export async function open() {
  let flood: Flood | null = null;
  return {
    jobs: {
      async start(wish: FloodWish): Promise<void> {
        flood = new Flood(wish);
        await flood.start();
      },
      async stop(_: null): Promise<FloodReport> {
        const report = (await flood?.stop()) ?? { sent: 0, names: 0 };
        flood = null;
        return report;
      },
    },
    async close() {
      await flood?.stop();
    },
  };
}
