// Which seat a folder's keys take in a network, and where its peer listens that others were told of.
import { networkInterfaces } from "node:os";
import { multiaddr } from "@multiformats/multiaddr";
import { type Bytes, equalBytes, invariant, toHex } from "../../src/base/index.js";
import { decodeGenesis } from "../../src/ledger/index.js";
import type { Config } from "../config/config.js";
import type { DaemonKeys } from "../daemon-keys.js";
import { isRunningAt } from "../net/index.js";
import { keptMember } from "./own-member.js";
import { peerNameOf } from "./peer-name.js";
import { FoundingError } from "./refusal.js";

/**
 * The seat's number; null: this folder follows.
 * @param foundingFile which its owner has just named: then a seat's key that has no seat in it is a mistake
 * @throws FoundingError NOT_SEATED
 */
export function takenSeat(
  genesis: Bytes,
  { consensus, agents }: DaemonKeys,
  foundingFile: string | null,
): number | null {
  const decoded = decodeGenesis(genesis);
  if (!decoded.ok || consensus === null) return null;
  const { seats } = decoded.value;
  const at = seats.findIndex(({ key }) => equalBytes(key, consensus.publicKey));
  if (at >= 0 || foundingFile === null) return at >= 0 ? at : null;
  const owns = seats.find(({ agent }) => agents.some((one) => equalBytes(one.publicKey, agent)));
  throw new FoundingError(
    "NOT_SEATED",
    `this folder has no seat in ${foundingFile}`,
    `its seat's key ${toHex(consensus.publicKey)} is none of the ${seats.length} there` +
      (owns === undefined ? "" : `; its agent owns the seat of another key, ${toHex(owns.key)}`),
    "give the founder the file of `mabeam id --seat`, and take the one made from it; to follow without a seat, use another folder, with --home",
  );
}

/**
 * Looks for another daemon of this seat where its member file says that its peer is: a folder that was copied, or is mounted
 * twice, has a lock of its own each time. Two daemons of one seat sign twice, and at most three members cannot tell
 * (spec/persistence#U5).
 * @throws FoundingError SEAT_RUNS_ELSEWHERE
 */
export async function refuseSecondDaemon({ paths }: Config, stopping: AbortSignal): Promise<void> {
  const addresses = keptMember(paths)?.file.addresses ?? [];
  const running = await Promise.all(addresses.map((address) => isRunningAt(address, stopping)));
  const at = running.indexOf(true);
  if (at < 0 || stopping.aborted) return;
  throw new FoundingError(
    "SEAT_RUNS_ELSEWHERE",
    "did not start a second daemon of one seat",
    `a daemon with this folder's keys runs at ${addresses[at]}, and two of one seat sign twice, which costs its bond`,
    "stop that daemon before you start this one; a copy of a seat's folder is a backup of its keys, never a second seat",
  );
}

/** Those addresses that are not of this folder's own peer: a founding file tells everybody's. */
export function othersAmong(addresses: readonly string[], { peer }: DaemonKeys): readonly string[] {
  const own = `/p2p/${peerNameOf(peer.publicKey)}`;
  return [...new Set(addresses)].filter((address) => !address.endsWith(own));
}

/** Where the daemon listens: as its owner says, else where its member file tells others to dial, else anywhere here. */
export function listenAddresses({ settings, origins, paths }: Config): readonly string[] {
  const member = origins.listen.kind === "default" ? keptMember(paths) : null;
  if (member === null) return settings.listen;
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((them) => them?.map((one) => one.address) ?? []),
  );
  return [...new Set(member.file.addresses.map((one) => listeningAt(one, own)))];
}

/** A machine listens at its own addresses; at a name, or at another's that leads here, it listens at all of them. */
function listeningAt(address: string, own: ReadonlySet<string>): string {
  const [host, port] = multiaddr(address).getComponents();
  invariant(host !== undefined && port !== undefined, "a member's address has a host and a port");
  const isSix = host.name === "ip6" || host.name === "dns6";
  const isOwn = host.value !== undefined && (own.has(host.value) || host.value.startsWith("127."));
  const at = isOwn ? `/${host.name}/${host.value}` : isSix ? "/ip6/::" : "/ip4/0.0.0.0";
  return `${at}/tcp/${port.value}`;
}
