// secrecy, of all that hosts send and tell.
import { type Bytes, type Hex, toHex } from "../../../../src/base/index.js";
import type { AgentId } from "../../../../src/ledger/index.js";
import type { Outgoing } from "../../../../src/peer/ready.js";
import type { QuorumMessage } from "../../../../src/quorum/index.js";
import { Secrecy, type Trace } from "../../checks/secrecy.js";
import type { PlacedBid } from "../workload.js";
import type { Host } from "../world/host.js";
import type { Checker, Trial } from "./checker.js";

/** The eight big-endian bytes that any encoding of the amount has: agents bid so much that no others are the same. */
const EIGHT_BYTES: Trace = {
  isRare: true,
  of(amount) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(amount);
    return bytes;
  },
};

/** @param placed the bids that were asked for so far, by auction */
export function secrecyChecker(
  trial: Trial,
  placed: ReadonlyMap<Hex, readonly PlacedBid[]>,
  agents: readonly AgentId[],
): Checker {
  const owners = new Map(agents.map((agent, host) => [toHex(agent), host]));
  const secrecy = new Secrecy(placed, EIGHT_BYTES, (bidder) => owners.get(bidder) ?? null);

  function report({ index }: Host, wrong: string | null): void {
    if (wrong !== null) trial.report("secrecy", `peer ${index} ${wrong}`);
  }

  return {
    stepped(host, ready) {
      // Every honest machine may say that it is final; a restarted one knows from its disk what it had told.
      for (const notice of ready.notify) secrecy.known(host.index, notice);
    },
    sent(host, outgoing) {
      for (const bytes of operationsIn(outgoing)) report(host, secrecy.passedWrong(host.index, bytes));
    },
    noticed: (host, notice) => report(host, secrecy.toldWrong(notice)),
  };
}

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
