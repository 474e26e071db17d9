// Rows: a network in which nothing is due: the CPU time it takes, and what its disks grow by; and one that trades a little.
import { setTimeout as pause } from "node:timers/promises";
import { PUBLIC_PARAMS } from "../../../src/ledger/index.js";
import { longestIdleMs } from "../../../src/quorum/index.js";
import { DEFAULT_AGENTS, DEFAULT_PEERS, defaultQuorum } from "../../plan.js";
import { medianPair, type Pair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { Program } from "../program.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const SEATS = 4;

export const IDLE_SEATS: RowPlan = {
  name: "idle-seats",
  unit: "% of a core: 4 seats in one process, nothing due",
  limit: "4 bare libp2p hosts with the same links",
  target: { of: "value", bound: "at most", amount: 2 },
};
export const IDLE_DAEMON: RowPlan = {
  name: "idle-daemon",
  unit: "% of a core: a daemon that follows an idle network",
  limit: "a process with one bare libp2p host",
  target: { of: "value", bound: "at most", amount: 0.5 },
};
export const IDLE_DISK: RowPlan = {
  name: "idle-disk",
  unit: "MB a day that all disks of 4 idle seats grow by before retainMs, at the pace of public parameters",
  limit: "1 KiB of each entry at each seat",
  target: { of: "value", bound: "at most", amount: 20 },
};
export const TESTNET_CPU: RowPlan = {
  name: "testnet-cpu",
  unit: "% of a core: a testnet of 8 peers, demo agents trading, as `npm run testnet`",
  limit: "8 bare libp2p hosts with the same links",
  target: { of: "value", bound: "at most", amount: 40 },
};

const TURNS = 3;
const TURN_MS = 20_000;
const DAEMON_SETTLE_MS = 20_000;
const DAY_MS = 86_400_000;
const MEGABYTE = 1_000_000;

export async function idleCpuRows(): Promise<readonly BenchRow[]> {
  const [ours, limit] = await percentOf(SEATS, SEATS, 0, false);
  return [rowOf(IDLE_SEATS, ours, limit)];
}

export async function testnetCpuRows(): Promise<readonly BenchRow[]> {
  const [ours, limit] = await percentOf(DEFAULT_PEERS, defaultQuorum(DEFAULT_PEERS), DEFAULT_AGENTS, true);
  return [rowOf(TESTNET_CPU, ours, limit)];
}

async function percentOf(
  peers: number,
  quorum: number,
  agents: number,
  trades: boolean,
): Promise<readonly [ours: number, limit: number]> {
  return withPhases(async (start) => {
    const [network, hosts] = [start("idle"), start("bare-hosts")];
    await hosts.do("bytesOfEach", peers);
    await network.do("found", { peers, quorum, agents, trades });
    const pairs: Pair[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      pairs.push({ ours: await network.do("percent", TURN_MS), limit: await hosts.do("percent", TURN_MS) });
    }
    const { ours, limit } = medianPair(pairs);
    return [ours, limit];
  });
}

export async function idleDaemonRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [network, hosts] = [start("idle"), start("bare-hosts")];
    await hosts.do("bytesOfEach", 1);
    const { address, chain } = await network.do("found", {
      peers: SEATS,
      quorum: SEATS,
      agents: 0,
      trades: false,
    });
    const daemon = await Program.start(["daemon", "--join", address, "--chain", chain]);
    try {
      await daemon.line(/Daemon is ready/);
      await pause(DAEMON_SETTLE_MS);
      const pairs: Pair[] = [];
      for (let turn = 0; turn < TURNS; turn++) {
        const before = await cpuOf(daemon);
        await pause(TURN_MS);
        const ours = (100 * ((await cpuOf(daemon)) - before)) / TURN_MS;
        pairs.push({ ours, limit: await hosts.do("percent", TURN_MS) });
      }
      const { ours, limit } = medianPair(pairs);
      return [rowOf(IDLE_DAEMON, ours, limit)];
    } finally {
      await daemon.stop();
    }
  });
}

async function cpuOf(program: Program): Promise<number> {
  const cpuMs = await program.cpuMs();
  if (cpuMs === null) throw new Error("the system does not tell how much CPU time a process took");
  return cpuMs;
}

export async function idleDiskRows(): Promise<readonly BenchRow[]> {
  const bytes = await withPhases((start) => start("idle").do("bytesOfEntry", null));
  const entries = DAY_MS / longestIdleMs(PUBLIC_PARAMS);
  return [rowOf(IDLE_DISK, (bytes * entries) / MEGABYTE, (SEATS * 1024 * entries) / MEGABYTE)];
}
