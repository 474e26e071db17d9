// secrecy: no amount is said, and no reveal leaves its owner, before the close of its commit phase is final.
import { type Bytes, type Hex, toHex } from "../../../src/base/index.js";
import type { AgentId } from "../../../src/ledger/index.js";
import { decodeOperation } from "../../../src/market/index.js";
import type { Notice, Outgoing } from "../../../src/peer/ready.js";
import type { QuorumMessage } from "../../../src/quorum/index.js";
import type { PlacedBid } from "../workload.js";
import type { Host } from "../world/host.js";
import type { Checker, Trial } from "./checker.js";

interface Secret {
  readonly bid: PlacedBid;
  /** the eight big-endian bytes that any encoding of the amount has */
  readonly pattern: Uint8Array;
}

/** @param placed the bids that were asked for so far, by auction */
export function secrecyChecker(
  trial: Trial,
  placed: ReadonlyMap<Hex, readonly PlacedBid[]>,
  agents: readonly AgentId[],
): Checker {
  const closed = new Set<Hex>();
  const closedBy = new Map<number, Set<Hex>>();
  const scanned = new WeakSet<Bytes>();
  const owners = new Map(agents.map((agent, host) => [toHex(agent), host]));

  function secrets(): readonly Secret[] {
    const open = [...placed].filter(([auction]) => !closed.has(auction));
    return open.flatMap(([, bids]) => bids.map((bid) => ({ bid, pattern: patternOf(bid.amount) })));
  }

  function judgeReveal(host: Host, bytes: Bytes): void {
    const decoded = decodeOperation(bytes);
    if (!decoded.ok || decoded.value.body.kind !== "reveal") return;
    const { auction, bidder } = decoded.value.body;
    const name = `the reveal of ${toHex(bidder).slice(0, 8)} in ${toHex(auction).slice(0, 8)}`;
    if (!closed.has(toHex(auction))) {
      trial.report("secrecy", `peer ${host.index} sends ${name} before anyone knows the close`);
    }
    if (owners.get(toHex(bidder)) === host.index && closedBy.get(host.index)?.has(toHex(auction)) !== true) {
      trial.report("secrecy", `peer ${host.index} sends its own reveal before it knows the close`);
    }
  }

  function scan(host: Host, bytes: Bytes): void {
    if (scanned.has(bytes)) return;
    scanned.add(bytes);
    judgeReveal(host, bytes);
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { bid, pattern } of secrets()) {
      if (haystack.indexOf(pattern) >= 0) {
        trial.report("secrecy", `peer ${host.index} sends the amount ${bid.amount} before the close`);
      }
    }
  }

  function judgeNotice(host: Host, notice: Notice): void {
    if (notice.kind === "entry" || notice.kind === "auctionPhase") return;
    if (notice.kind === "bidRevealed" && !closed.has(toHex(notice.auction))) {
      trial.report("secrecy", `peer ${host.index} tells of a reveal before the close`);
    }
    for (const { bid } of secrets()) {
      if (Object.values(notice).includes(bid.amount)) {
        trial.report("secrecy", `peer ${host.index} tells the amount ${bid.amount} before the close`);
      }
    }
  }

  return {
    stepped(host, ready) {
      // Every honest machine may say that it is final; a restarted one knows from its disk what it had told.
      for (const notice of ready.notify) {
        if (notice.kind !== "auctionPhase" || !isAfterCommits(notice.phase)) continue;
        closed.add(toHex(notice.auction));
        const known = closedBy.get(host.index) ?? new Set<Hex>();
        closedBy.set(host.index, known.add(toHex(notice.auction)));
      }
    },
    sent: (host, outgoing) => {
      for (const bytes of operationsIn(outgoing)) scan(host, bytes);
    },
    noticed: judgeNotice,
  };
}

const isAfterCommits = (phase: string): boolean => phase !== "scheduled" && phase !== "open";

/** Every operation that an outgoing carries. */
function operationsIn(outgoing: Outgoing): readonly Bytes[] {
  if (outgoing.to === "topic") return outgoing.topic === "final" ? [] : [outgoing.bytes];
  return operationsOf(outgoing.message);
}

function operationsOf(message: QuorumMessage): readonly Bytes[] {
  if (message.kind === "op") return [message.op];
  if (message.kind === "propose") return message.propose.entry.ops;
  if (message.kind === "entry") return message.entry.ops;
  if (message.kind === "log") return message.entries.flatMap((entry) => entry.ops);
  return [];
}

function patternOf(amount: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(amount);
  return bytes;
}
