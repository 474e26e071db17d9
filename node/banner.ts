// What a daemon says when it runs, and when it is ready: labelled lines for people, lines of JSON for programs.
import { type Bytes, toHex } from "../src/index.js";
import type { DaemonOptions } from "./cli/commands.js";
import type { Readiness } from "./contract/index.js";
import type { PeerNode } from "./peer-node.js";

export interface Places {
  readonly url: string;
  readonly tokenFile: string;
  readonly home: string;
  readonly agent: Bytes;
}

/** What a peer that is not ready waits for, by what its readiness lacks. */
const MISSING: Readonly<Record<string, string>> = {
  isolated: "a peer of its network: none is connected, and it goes on dialling",
  starting: "the first entries of the log",
  "catching-up": "the rest of the log",
  stalled: "the log to move: no new entry has come for a while",
  amnesia: "the other members to tell what its seat signed: see `mabeam quorum status`",
};

/** Of many addresses kept from earlier the first tell enough. */
const MAX_TRIED = 3;

/**
 * What a daemon that is not ready waits for, in words; null: it is ready.
 * @param unreached the addresses to begin with that could not be reached, and why
 */
export function waitingFor(
  { ready, missing }: Readiness,
  unreached: ReadonlyMap<string, string>,
): string | null {
  if (ready) return null;
  const words = missing.map(
    (one) => MISSING[one] ?? `what mends a peer that is ${one}: see \`mabeam status\``,
  );
  const tried = missing.includes("isolated")
    ? [...unreached].slice(0, MAX_TRIED).map(([address, why]) => `${address} cannot be reached: ${why}`)
    : [];
  return [...words, ...tried].join("; ");
}

/** Where everything is, then whether it is ready. @param waitsFor what it waits for; null: nothing */
export function banner(
  options: DaemonOptions,
  node: PeerNode,
  places: Places,
  waitsFor: string | null,
): void {
  if (!options.json) placesLines(options, node, places);
  readyLine(options, node, places, waitsFor);
}

/** Whether it is ready, or what it waits for: said again whenever that changes. */
export function readyLine(
  { io, json }: DaemonOptions,
  node: PeerNode,
  places: Places,
  waitsFor: string | null,
): void {
  if (json)
    io.out(JSON.stringify({ apiVersion: "v1", ...viewOf(node, places), ready: waitsFor === null, waitsFor }));
  else io.out(waitsFor === null ? "Daemon is ready" : `Daemon is not ready: it waits for ${waitsFor}`);
}

function viewOf(node: PeerNode, places: Places) {
  const { electorate, ledger, voter } = node.peer;
  return {
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
    /** null: it follows */
    seat: voter.seat,
    pid: process.pid,
  };
}

function placesLines({ io }: DaemonOptions, node: PeerNode, places: Places): void {
  const view = viewOf(node, places);
  const { electorate } = node.peer;
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
    ["Seat", view.seat === null ? "none: this peer follows" : `${view.seat}, held by this peer`],
  ];
  for (const [label, value] of lines) io.out(`${label.padEnd(8)} ${value}`);
}
