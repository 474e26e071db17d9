// A network at rest, or as `npm run testnet` has it: the CPU time that it takes, and what its disks grow by.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
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
const HASTE = { deltaMs: 5, precisionMs: 5, batchMs: 5 };
const HASTY_IDLE_MS = 10;
const HASTY_ENTRIES = 1500;

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
      /** Bytes by which all disks of four seats grow with each idle entry, and those of its row in one log. */
      async bytesOfEntry(_: null): Promise<number> {
        const size = { peers: 4, quorum: 4, idleMs: HASTY_IDLE_MS, commitMs: 1000, params: HASTE };
        const market = await Market.open(size);
        const height = (): number => market.peers[0]!.peer.tip.height;
        const [fromHeight, fromBytes] = [height(), await bytesIn(market.folder)];
        try {
          const limitMs = 300_000;
          await until("entries were made", () => height() >= fromHeight + HASTY_ENTRIES, limitMs);
          return ((await bytesIn(market.folder)) - fromBytes) / (height() - fromHeight);
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
