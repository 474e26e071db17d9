// Claims heights and entries that nobody has: in its status, in finals, in answers about the log.
import { taggedHash } from "../../../../src/crypto/index.js";
import {
  type Certificate,
  encodeMessage,
  entryIdOf,
  type Header,
  type QuorumMessage,
} from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { type Forger, messageOf, ownProposal, type Strategy, soon, toMembers } from "./strategy.js";

const FAR = 2 ** 52;

export const falseHeights: Strategy = (forger, random) => {
  let own: Header | null = null;
  let count = 0;

  const farAhead = (height: number): number => random.pick([height + 1, height + 1_000, FAR + count++]);

  /** Its own last entry as if it stood far above, under a certificate that one member signed. */
  function finalOf(last: Header): QuorumMessage {
    const header = { ...last, height: farAhead(last.height), parent: taggedHash("entry", last.parent) };
    return { kind: "final", header, cert: alone(forger, header) };
  }

  function lied(message: QuorumMessage): QuorumMessage {
    if (message.kind === "log") return { ...message, entries: [], descendants: [], cert: null };
    if (message.kind !== "status" || message.status.signer !== forger.seat) return message;
    const { status } = message;
    const finalHeight = farAhead(status.finalHeight);
    return {
      kind: "status",
      status: forger.status({ ...status, finalHeight, finalId: taggedHash("entry", status.finalId) }),
    };
  }

  return {
    speak: (outgoing) =>
      outgoing.map((one): Speech => {
        own = ownProposal(forger, messageOf(one))?.entry.header ?? own;
        return soon(one.to === "topic" ? one : { ...one, message: lied(one.message) });
      }),
    hear(message) {
      if (own === null || message.kind !== "vote" || !random.chance(0.1)) return [];
      const final = finalOf(own);
      return [soon(toMembers(final)), soon({ to: "topic", topic: "final", bytes: encodeMessage(final) })];
    },
  };
};

/** A certificate of as many signers as a quorum has, each of whom it signs for. */
function alone(forger: Forger, header: Header): Certificate {
  const { signer: _own, sig, ...what } = forger.vote("commit", header.term, entryIdOf(header));
  const signers = Array.from({ length: forger.quorum }, (_, seat) => seat);
  return { ...what, signers, sigs: signers.map(() => sig) };
}
