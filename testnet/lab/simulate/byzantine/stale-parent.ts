// Builds on an old certified entry as if the terms since then had never been: a proposal without its justification.
import {
  type Certificate,
  entryIdOf,
  type Header,
  type Propose,
  type QuorumMessage,
} from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { messageOf, ownProposal, type Strategy, soon, toMembers } from "./strategy.js";

interface Certified {
  readonly header: Header;
  readonly cert: Certificate;
}

/** How far back it reaches. */
const MEMORY = 6;

export const staleParent: Strategy = (forger, random) => {
  const known: Certified[] = [];

  function learn(message: QuorumMessage | null): void {
    if (message?.kind !== "propose") return;
    const { parentHeader: header, parentCert: cert } = message.propose;
    if (header === null || cert === null || known.some((one) => one.header.term === header.term)) return;
    known.push({ header, cert });
    known.sort((a, b) => b.header.term - a.header.term);
    known.length = Math.min(known.length, MEMORY);
  }

  function stale(own: Propose): Speech[] {
    const older = known.filter(({ header }) => header.term < own.entry.header.parentTerm);
    if (older.length === 0) return [soon(toMembers({ kind: "propose", propose: own }))];
    const { header: parent, cert } = random.pick(older);
    const header: Header = {
      ...own.entry.header,
      height: parent.height + 1,
      parent: entryIdOf(parent),
      parentTerm: parent.term,
      execHeight: parent.execHeight,
      execRoot: parent.execRoot,
    };
    const propose = forger.propose(header, own.entry.ops, { parentHeader: parent, parentCert: cert });
    const acked = forger.vote("ack", header.term, entryIdOf(header));
    return [soon(toMembers({ kind: "propose", propose })), soon(toMembers({ kind: "vote", vote: acked }))];
  }

  return {
    speak: (outgoing) =>
      outgoing.flatMap((one) => {
        const message = messageOf(one);
        learn(message);
        const proposal = ownProposal(forger, message);
        return proposal === null ? [soon(one)] : stale(proposal);
      }),
    hear(message) {
      learn(message);
      return [];
    },
  };
};
