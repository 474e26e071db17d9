// What a daemon says when it is ready: labelled lines for people, one line of JSON for programs.
import { type Bytes, toHex } from "../src/index.js";
import type { DaemonOptions } from "./cli/commands.js";
import type { PeerNode } from "./peer-node.js";

interface Places {
  readonly url: string;
  readonly tokenFile: string;
  readonly home: string;
  readonly agent: Bytes;
}

export function banner({ io, json }: DaemonOptions, node: PeerNode, places: Places): void {
  const { electorate, ledger } = node.peer;
  const view = {
    kind: "Daemon",
    peer: node.peerId,
    agent: toHex(places.agent),
    swarm: node.multiaddrs(),
    chain: toHex(ledger.network.chain),
    api: places.url,
    tokenFile: places.tokenFile,
    storage: node.persistent ? "persistent" : "in-memory",
    home: places.home,
    quorum: { members: electorate.size, byzantineTolerance: electorate.tolerance },
    pid: process.pid,
  };
  if (json) {
    io.out(JSON.stringify({ apiVersion: "v1", ...view }));
    return;
  }
  const storage = node.persistent
    ? `persistent (${places.home})`
    : "in-memory (nothing survives this process)";
  const lines: readonly (readonly [string, string])[] = [
    ["Peer", view.peer],
    ["Agent", view.agent],
    ...view.swarm.map((address) => ["Swarm", address] as const),
    ["Chain", view.chain],
    ["API", `${view.api} (token in ${places.tokenFile})`],
    ["Storage", storage],
    ["Process", String(view.pid)],
    ["Quorum", `${electorate.size} members, byzantineTolerance: ${electorate.tolerance}`],
  ];
  for (const [label, value] of lines) io.out(`${label.padEnd(8)} ${value}`);
  io.out("Daemon is ready");
}
