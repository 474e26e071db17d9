// Members that leave out a part of what they owe: their COMMITs, most readers of a proposal, votes until long after.
import type { QuorumMessage, Vote } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import {
  type Forger,
  messageOf,
  nothing,
  othersOf,
  ownProposal,
  ownVote,
  type Strategy,
  soon,
  toMembers,
  toSeat,
} from "./strategy.js";

/** Acknowledges and never commits, and gives away no certificate that its machine makes with the COMMIT it keeps. */
export const noCommit: Strategy = (forger) => ({
  speak: (outgoing) =>
    outgoing
      .filter((one) => !(one.to === "topic" ? one.topic === "final" : tellsCommit(forger, one.message)))
      .map((one) => soon(one)),
  hear: nothing,
});

function tellsCommit(forger: Forger, message: QuorumMessage): boolean {
  if (ownVote(forger, message)?.type === "commit") return true;
  switch (message.kind) {
    case "cert":
      return message.cert.type === "commit";
    case "propose":
      return message.propose.parentCert?.type === "commit";
    case "status":
      return message.status.entered?.type === "commit";
    case "certs":
      return message.certs.some((cert) => cert.type === "commit");
    default:
      return message.kind === "log";
  }
}

/** Proposes to Q − F others, and gives nobody else the entry. */
export const narrow: Strategy = (forger, random) => {
  const readers = new Map<number, readonly number[]>();

  function readersOf(term: number): readonly number[] {
    const known =
      readers.get(term) ?? random.shuffled(othersOf(forger)).slice(0, forger.quorum - forger.tolerance);
    readers.set(term, known);
    return known;
  }

  return {
    speak: (outgoing) =>
      outgoing.flatMap((one) => {
        const message = messageOf(one);
        if (message?.kind === "entry") return [];
        const propose = ownProposal(forger, message);
        if (propose === null) return [soon(one)];
        const seats = readersOf(propose.entry.header.term);
        return seats.map((seat) => soon(toSeat(seat, { kind: "propose", propose })));
      }),
    hear: nothing,
  };
};

/** Keeps its ACKs and COMMITs to itself until the others have forgotten the term, then says them all. */
export const lateVotes: Strategy = (forger, random) => {
  const kept = new Map<string, { readonly vote: Vote; readonly atTerm: number }>();
  let termSeen = 0;

  function keep(vote: Vote): readonly Speech[] {
    const name = `${vote.type}/${vote.term}`;
    const patience = random.pick([2, forger.keepTerms + 1, forger.keepTerms + 5]);
    if (!kept.has(name)) kept.set(name, { vote, atTerm: vote.term + patience });
    return [];
  }

  function due(): readonly Speech[] {
    const said: Speech[] = [];
    for (const [name, { vote, atTerm }] of kept) {
      if (termSeen < atTerm) continue;
      kept.delete(name);
      said.push(soon(toMembers({ kind: "vote", vote })));
    }
    return said;
  }

  return {
    speak: (outgoing) =>
      outgoing.flatMap((one) => {
        const vote = ownVote(forger, messageOf(one));
        return vote === null || vote.type === "skip" ? [soon(one)] : keep(vote);
      }),
    hear(message) {
      if (message.kind === "vote") termSeen = Math.max(termSeen, message.vote.term);
      return due();
    },
  };
};
