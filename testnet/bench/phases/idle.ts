// A network at rest, or as `npm run testnet` has it: the CPU time that it takes, and what its disks grow by.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openStore } from "../../../node/store/level-store.js";
import { toHex } from "../../../src/base/index.js";
import { logKey } from "../../../src/peer/keyspace.js";
import type { Write } from "../../../src/peer/ready.js";
import { KEEP_TERMS } from "../../../src/quorum/index.js";
import { createTestnet, type Testnet } from "../../testnet.js";
import { bytesUnder, costOf } from "../cost.js";
import { Market } from "../market.js";
import { until } from "../until.js";

/** Entries have grown as rare as they get, and peers know each other. */
const SETTLE_MS = 45_000;
/** As `mabeam testnet up` trades. */
const RHYTHM = { rounds: null, atOnce: 2, pauseMs: 1500 };
/** Delays so short that what a day of silence writes is written in a minute. */
const HASTE = { deltaMs: 20, precisionMs: 20, batchMs: 20 };
const HASTY_IDLE_MS = 20;
const HASTY_ENTRIES = 600;
const HASTY_LIMIT_MS = 400_000;

export interface AtRest {
  readonly peers: number;
  readonly agents: number;
  readonly quorum: number;
  readonly trades: boolean;
}

export async function open() {
  const folder = await mkdtemp(join(tmpdir(), "mabeam-bench-"));
  let testnet: Testnet | null = null;
  return {
    jobs: {
      async found({
        trades,
        ...size
      }: AtRest): Promise<{ readonly address: string; readonly chain: string }> {
        testnet = await createTestnet({ ...size, home: folder });
        if (trades) testnet.trade(RHYTHM);
        await pause(SETTLE_MS);
        return { address: testnet.peers[0]!.multiaddrs()[0]!, chain: toHex(testnet.chain) };
      },
      /** Hundredths of a core that this process takes in so many ms. */
      async percent(ms: number): Promise<number> {
        const { cpuMs, wallMs } = await costOf(() => pause(ms));
        return (100 * cpuMs) / wallMs;
      },
      /** Bytes that an idle entry leaves on all disks of four seats when nothing of its term is kept but the log. */
      async bytesOfEntry(_: null): Promise<number> {
        const size = { peers: 4, quorum: 4, idleMs: HASTY_IDLE_MS, commitMs: 1000, params: HASTE };
        const market = await Market.open(size);
        try {
          const height = (): number => market.peers[0]!.peer.tip.height;
          await until("entries were made", () => height() >= HASTY_ENTRIES, HASTY_LIMIT_MS);
          const stores = await market.rest();
          const old = height() - KEEP_TERMS;
          const bytes = await Promise.all(stores.map((path) => bytesOfLog(path, old)));
          return bytes.reduce((sum, one) => sum + one, 0) / old;
        } finally {
          await market.close();
        }
      },
    },
    async close() {
      await testnet?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a store shrinks by when the log up to a height goes, compacted before and after. */
async function bytesOfLog(path: string, height: number): Promise<number> {
  const compacted = async (writes: readonly Write[]): Promise<number> => {
    const store = await openStore(path);
    await store.write(writes);
    await store.compact();
    await store.close();
    return bytesUnder(path);
  };
  const before = await compacted([]);
  const heights = Array.from({ length: height }, (_, i) => i + 1);
  return before - (await compacted(heights.map((one) => ({ kind: "delete", key: logKey(one) }))));
}
