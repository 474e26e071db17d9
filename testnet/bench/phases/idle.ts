// A network at rest, or as `npm run testnet` has it: the CPU time that it takes, and what its disks grow by.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openStore } from "../../../node/store/level-store.js";
import { toHex } from "../../../src/base/index.js";
import { createTestnet, type Testnet } from "../../testnet.js";
import { costOf } from "../cost.js";
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
      /** Bytes that an idle entry leaves on all disks of four seats, once LevelDB has put its journal in order. */
      async bytesOfEntry(_: null): Promise<number> {
        const size = { peers: 4, quorum: 4, idleMs: HASTY_IDLE_MS, commitMs: 1000, params: HASTE };
        const market = await Market.open(size);
        try {
          const height = (): number => market.peers[0]!.peer.tip.height;
          await until("entries were made", () => height() >= HASTY_ENTRIES, HASTY_LIMIT_MS);
          const stores = await market.rest();
          for (const path of stores) await (await openStore(path)).close();
          const bytes = await Promise.all(stores.map(bytesIn));
          return bytes.reduce((sum, one) => sum + one, 0) / height();
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

/** Files may go while they are counted: LevelDB replaces them. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
