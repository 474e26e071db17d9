// Memory of real peers in one process.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createTestnet, type Testnet } from "../../testnet.js";

/** Connections are made, the quorum finalises, and peers follow. */
const SETTLE_MS = 5000;

export async function open() {
  const folder = await mkdtemp(join(tmpdir(), "mabeam-bench-"));
  let testnet: Testnet | null = null;
  return {
    jobs: {
      /** Bytes that each peer adds to what the process holds with all code loaded. */
      async bytesOfEach(peers: number): Promise<number> {
        const before = process.memoryUsage.rss();
        testnet = await createTestnet({ peers, agents: 0, home: folder });
        await pause(SETTLE_MS);
        return (process.memoryUsage.rss() - before) / peers;
      },
    },
    async close() {
      await testnet?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
