// Where the flood comes from: a process of its own, which gives way, so that making it costs its target nothing.
import { setPriority } from "node:os";
import { Flood, type FloodReport, type FloodWish } from "../../lab/attack/flood.js";

const GIVES_WAY = 5;

export async function open() {
  setPriority(GIVES_WAY);
  let flood: Flood | null = null;
  return {
    jobs: {
      async start(wish: FloodWish): Promise<void> {
        flood = new Flood(wish);
        await flood.start();
      },
      /** Nothing is sent; whoever stands stays. */
      async rest(_: null): Promise<void> {
        flood?.rest();
      },
      async resume(_: null): Promise<void> {
        flood?.resume();
      },
      report: async (_: null): Promise<FloodReport | null> => flood?.report ?? null,
      async stop(_: null): Promise<FloodReport> {
        const report = (await flood?.stop()) ?? { sent: 0, names: 0, standing: 0 };
        flood = null;
        return report;
      },
    },
    async close() {
      await flood?.stop();
    },
  };
}
