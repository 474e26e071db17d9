// Rows: resident memory, of a peer among many in one process and of a daemon alone.
import { setTimeout as pause } from "node:timers/promises";
import { withPhases } from "../phase.js";
import { Program } from "../program.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const MEGABYTE = 1_000_000;
const PEERS = 32;

export const PEER_MEMORY: RowPlan = {
  name: "peer-memory",
  unit: "MB resident that each of 32 peers adds to one process",
  limit: "what each of 32 bare libp2p hosts with the same links adds",
  target: { of: "value", bound: "at most", amount: 25 },
};
export const DAEMON_MEMORY: RowPlan = {
  name: "daemon-memory",
  unit: "MB resident of a daemon that follows a network, at most in its first seconds",
  limit: "a process with one bare libp2p host",
  target: { of: "value", bound: "at most", amount: 150 },
};

const WATCH_MS = 8000;
const LOOK_EVERY_MS = 200;

export async function peerMemoryRows(): Promise<readonly BenchRow[]> {
  const ours = await withPhases((start) => start("peers-memory").do("bytesOfEach", PEERS));
  const limit = await withPhases((start) => start("bare-hosts").do("bytesOfEach", PEERS));
  return [rowOf(PEER_MEMORY, ours / MEGABYTE, limit / MEGABYTE)];
}

export async function daemonMemoryRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const limit = await start("bare-hosts").do("bytesOfOne", null);
    const { address, chain } = await start("network").do("invitation", null);
    const daemon = await Program.start(["daemon", "--join", address, "--chain", chain]);
    try {
      await daemon.line(/Daemon is ready/);
      return [rowOf(DAEMON_MEMORY, (await greatest(daemon)) / MEGABYTE, limit / MEGABYTE)];
    } finally {
      await daemon.stop();
    }
  });
}

async function greatest(daemon: Program): Promise<number> {
  let bytes = 0;
  for (let watchedMs = 0; watchedMs < WATCH_MS; watchedMs += LOOK_EVERY_MS) {
    bytes = Math.max(bytes, (await daemon.residentBytes()) ?? 0);
    await pause(LOOK_EVERY_MS);
  }
  if (bytes === 0) throw new Error("the system does not tell how much memory a process holds");
  return bytes;
}
