// `mabeam testnet ps`: a testnet's peers, as its API tells of them.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type NodeView, nodeDocument } from "../../node/api/index.js";
import { ApiClient } from "../../node/cli/client.js";
import { type CommandIo, EXIT, type TestnetPsOptions } from "../../node/cli/commands.js";
import { findDaemon } from "../../node/cli/find-daemon.js";
import { labelled, short, table } from "../../node/cli/show.js";
import { readApiFile } from "../../node/config/api-file.js";
import { testnetHome, testnetPaths } from "../home.js";

const WAIT_MS = 10_000;
const MEGABYTE = 1_000_000;

export async function run(options: TestnetPsOptions, io: CommandIo): Promise<number> {
  const paths = testnetPaths(testnetHome(options.home));
  const address = await findDaemon({ home: paths.home }, process.env);
  const names = (await readApiFile(paths.apiFile))?.peers.map(({ name }) => name) ?? [];
  const first = await nodeAt(address, 0);
  const others = Array.from({ length: first.peerCount - 1 }, (_, i) => nodeAt(address, i + 1));
  const nodes = [first, ...(await Promise.all(others))];
  const rssBytes = await residentBytes(first.pid);
  const uptimeSeconds = Math.max(0, Math.round((Date.now() - Date.parse(first.startedAt)) / 1000));
  if (options.json) io.out(JSON.stringify(documentOf(nodes, names, rssBytes, uptimeSeconds)));
  else show(nodes, names, rssBytes, uptimeSeconds, io);
  return EXIT.ok;
}

const nodeAt = (address: ConstructorParameters<typeof ApiClient>[0], peer: number): Promise<NodeView> =>
  new ApiClient(address, peer, WAIT_MS).get("/v1/node", nodeDocument, "could not list the peers");

/** What the operating system says that the process holds; null where it has no `ps`. */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number.parseInt(stdout, 10) * 1024;
  } catch {
    return null;
  }
}

const documentOf = (
  nodes: readonly NodeView[],
  names: readonly string[],
  rssBytes: number | null,
  uptimeSeconds: number,
) => ({
  apiVersion: "v1",
  kind: "TestnetPeerList",
  pid: nodes[0]!.pid,
  rssBytes,
  uptimeSeconds,
  items: nodes.map((node, place) => ({
    peer: place,
    name: names[place] ?? `peer-${place}`,
    peerId: node.peerId,
    seat: node.seat,
    mode: node.mode,
    height: node.height,
    connections: node.connections,
    agents: node.agents.length,
    addresses: node.addresses,
  })),
  nextCursor: null,
});

function show(
  nodes: readonly NodeView[],
  names: readonly string[],
  rssBytes: number | null,
  uptimeSeconds: number,
  io: CommandIo,
): void {
  const rows = nodes.map((node, place) => [
    String(place),
    names[place] ?? `peer-${place}`,
    node.seat === null ? "–" : String(node.seat),
    node.mode,
    String(node.height),
    String(node.connections),
    String(node.agents.length),
    short(node.peerId.slice(-10)),
  ]);
  table(io, ["PEER", "NAME", "SEAT", "MODE", "HEIGHT", "CONNECTIONS", "AGENTS", "ID"], rows, "no peers");
  const memory = rssBytes === null ? "" : `, ${Math.round(rssBytes / MEGABYTE)} MB`;
  labelled(io, [["Process", `${nodes[0]!.pid}, up ${uptimeOf(uptimeSeconds)}${memory}`]]);
}

/** `42 s`, `3 min`, `5 h 12 min` */
function uptimeOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
