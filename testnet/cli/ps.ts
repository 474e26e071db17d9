// `mabeam testnet ps`: a testnet's peers, as their API tells of them; where each has a process, also those that are gone.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { findDaemon } from "../../node/cli/find-daemon.js";
import { labelled, short, table } from "../../node/cli/show.js";
import { readApiFile } from "../../node/config/api-file.js";
import type { NodeView } from "../../node/contract/index.js";
import { ApiClient } from "../../node/sdk/client.js";
import { testnetHome, testnetPaths } from "../home.js";
import type { HomeFlags } from "./flags.js";

const WAIT_MS = 10_000;
const MEGABYTE = 1_000_000;

/** A peer by place: its name, and what it says of itself; null: its process is gone or does not answer. */
interface Row {
  readonly name: string;
  readonly node: NodeView | null;
  readonly rssBytes: number | null;
}

export async function run(io: CommandIo, flags: HomeFlags): Promise<number> {
  const paths = testnetPaths(testnetHome(flags.home));
  const peers = (await readApiFile(paths.apiFile))?.peers ?? [];
  const isolated = peers.some(({ apiFile }) => apiFile !== undefined);
  if (isolated) {
    const rows = await Promise.all(peers.map(({ name }, place) => rowOf(paths.home, place, name)));
    if (flags.json) io.out(JSON.stringify({ ...listOf(rows), pid: null, rssBytes: sumOf(rows) }));
    else showIsolated(rows, io);
    return EXIT.ok;
  }
  const first = await nodeAt(paths.home, 0);
  const others = Array.from({ length: first.peerCount - 1 }, (_, i) => nodeAt(paths.home, i + 1));
  const nodes = [first, ...(await Promise.all(others))];
  const rssBytes = await residentBytes(first.pid);
  const rows = nodes.map((node, i) => ({ name: peers[i]?.name ?? `peer-${i}`, node, rssBytes: null }));
  const uptimeSeconds = uptimeOf(first);
  if (flags.json) io.out(JSON.stringify({ ...listOf(rows), pid: first.pid, rssBytes, uptimeSeconds }));
  else show(rows, first.pid, rssBytes, uptimeSeconds, io);
  return EXIT.ok;
}

async function nodeAt(home: string, peer: number): Promise<NodeView> {
  const address = await findDaemon({ home, peer }, process.env);
  return new ApiClient(address, address.peer, WAIT_MS).ask("node", {}, "could not list the peers");
}

async function rowOf(home: string, place: number, name: string): Promise<Row> {
  const node = await nodeAt(home, place).catch(() => null);
  return { name, node, rssBytes: node === null ? null : await residentBytes(node.pid) };
}

/** What the operating system says that the process holds; null where it has no `ps`. */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number.parseInt(stdout, 10) * 1024;
  } catch {
    return null;
  }
}

const uptimeOf = ({ startedAt }: NodeView): number =>
  Math.max(0, Math.round((Date.now() - Date.parse(startedAt)) / 1000));

const sumOf = (rows: readonly Row[]): number => rows.reduce((sum, { rssBytes }) => sum + (rssBytes ?? 0), 0);

const listOf = (rows: readonly Row[]) => ({
  apiVersion: "v1",
  kind: "TestnetPeerList",
  items: rows.map(({ name, node, rssBytes }, place) => ({
    peer: place,
    name,
    ...(node === null
      ? { mode: "gone", pid: null }
      : {
          peerId: node.peerId,
          seat: node.seat,
          mode: node.mode,
          height: node.height,
          connections: node.connections,
          agents: node.agents.length,
          addresses: node.addresses,
          pid: node.pid,
          ...(rssBytes === null ? {} : { rssBytes }),
        }),
  })),
  nextCursor: null,
});

const HEAD = ["PEER", "NAME", "SEAT", "MODE", "HEIGHT", "CONNECTIONS", "AGENTS"];

const cellsOf = ({ name, node }: Row, place: number): readonly string[] => [
  String(place),
  name,
  node === null || node.seat === null ? "–" : String(node.seat),
  node?.mode ?? "gone",
  ...(node === null ? ["–", "–", "–"] : [node.height, node.connections, node.agents.length].map(String)),
];

function showIsolated(rows: readonly Row[], io: CommandIo): void {
  const cells = rows.map((row, place) => [
    ...cellsOf(row, place),
    row.node === null ? "–" : String(row.node.pid),
    row.rssBytes === null ? "–" : `${Math.round(row.rssBytes / MEGABYTE)} MB`,
    row.node === null ? "–" : saidOf(uptimeOf(row.node)),
  ]);
  table(io, [...HEAD, "PROCESS", "MEMORY", "UP"], cells, "no peers");
}

function show(
  rows: readonly Row[],
  pid: number,
  rssBytes: number | null,
  uptimeSeconds: number,
  io: CommandIo,
): void {
  const cells = rows.map((row, place) => [...cellsOf(row, place), short(row.node?.peerId.slice(-10) ?? "–")]);
  table(io, [...HEAD, "ID"], cells, "no peers");
  const memory = rssBytes === null ? "" : `, ${Math.round(rssBytes / MEGABYTE)} MB`;
  labelled(io, [["Process", `${pid}, up ${saidOf(uptimeSeconds)}${memory}`]]);
}

/** `42 s`, `3 min`, `5 h 12 min` */
function saidOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
