// Lets a term of its own nearly succeed, keeps the missing acknowledgement, and publishes the certificate much later.
import { type Hex, toHex } from "../../../../src/base/index.js";
import { entryIdOf, type Propose, type QuorumMessage, type Vote } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import {
  messageOf,
  othersOf,
  ownProposal,
  ownVote,
  type Strategy,
  soon,
  toMembers,
  toSeat,
} from "./strategy.js";

interface Hoard {
  readonly proposal: Propose;
  readonly acks: Map<number, Vote>;
  readonly publishAtTerm: number;
}

export const hoard: Strategy = (forger, random) => {
  const hoards = new Map<Hex, Hoard>();
  let termSeen = 0;

  /** Shown to just so many that their votes and its own would be a quorum: the others skip the term. */
  function show(own: Propose): Speech[] {
    const { header } = own.entry;
    const id = toHex(entryIdOf(header));
    if (hoards.has(id)) return [];
    const acks = new Map([[forger.seat, forger.vote("ack", header.term, entryIdOf(header))]]);
    const patience = random.pick([2, forger.keepTerms + 1, forger.keepTerms + 4, 2 * forger.keepTerms]);
    hoards.set(id, { proposal: own, acks, publishAtTerm: header.term + patience });
    return random
      .shuffled(othersOf(forger))
      .slice(0, forger.quorum - 1)
      .map((seat) => soon(toSeat(seat, { kind: "propose", propose: own })));
  }

  function publish(): Speech[] {
    const said: Speech[] = [];
    for (const [id, { proposal, acks, publishAtTerm }] of hoards) {
      if (termSeen < publishAtTerm) continue;
      hoards.delete(id);
      if (acks.size < forger.quorum) continue;
      const votes = [...acks.values()].sort((a, b) => a.signer - b.signer);
      said.push(soon(toMembers({ kind: "cert", cert: forger.certify(votes) })));
      said.push(soon(toMembers({ kind: "propose", propose: proposal })));
    }
    return said;
  }

  /** What would tell the others that their votes and its own are a quorum. */
  function isSecret(message: QuorumMessage | null): boolean {
    const certified = message?.kind === "cert" ? message.cert : ownVote(forger, message);
    return certified !== null && certified.type !== "skip" && hoards.has(toHex(certified.entryId));
  }

  return {
    speak: (outgoing) =>
      outgoing.flatMap((one) => {
        const message = messageOf(one);
        const proposal = ownProposal(forger, message);
        if (proposal !== null) return show(proposal);
        return isSecret(message) ? [] : [soon(one)];
      }),
    hear(message) {
      if (message.kind === "vote") {
        termSeen = Math.max(termSeen, message.vote.term);
        if (message.vote.type === "ack") {
          hoards.get(toHex(message.vote.entryId))?.acks.set(message.vote.signer, message.vote);
        }
      }
      return publish();
    },
  };
};
