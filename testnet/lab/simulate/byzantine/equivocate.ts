// Two proposals in one term: one half of the members sees the one, the other half its twin, and each half gets its vote.
import { equalBytes, type Hash } from "../../../../src/base/index.js";
import { entryIdOf, type Propose, type Vote } from "../../../../src/quorum/index.js";
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

interface Twins {
  readonly ids: readonly [Hash, Hash];
  readonly proposals: readonly [Propose, Propose];
  readonly halves: readonly [readonly number[], readonly number[]];
}

export const equivocate: Strategy = (forger, random) => {
  const twins = new Map<number, Twins>();
  /** Whether both halves hear both votes: the plain double vote that anyone can prove. */
  const isBlunt = random.chance(0.5);

  function twinsOf(own: Propose): Twins {
    const { header, ops } = own.entry;
    const known = twins.get(header.term);
    if (known !== undefined) return known;
    const second = forger.propose({ ...header, timeMs: header.timeMs + 1 }, ops, own);
    const others = random.shuffled(othersOf(forger));
    const middle = Math.ceil(others.length / 2);
    const made: Twins = {
      ids: [entryIdOf(header), entryIdOf(second.entry.header)],
      proposals: [own, second],
      halves: [others.slice(0, middle), others.slice(isBlunt ? Math.max(0, middle - 1) : middle)],
    };
    twins.set(header.term, made);
    return made;
  }

  function split(own: Propose): Speech[] {
    const { proposals, halves } = twinsOf(own);
    return halves.flatMap((half, i) =>
      half.map((seat) => soon(toSeat(seat, { kind: "propose", propose: proposals[i]! }))),
    );
  }

  function vote(own: Vote): Speech[] {
    const pair = twins.get(own.term);
    if (pair === undefined || own.type === "skip") return [soon(toMembers({ kind: "vote", vote: own }))];
    return pair.halves.flatMap((half, i) => {
      const twin = forger.vote(own.type, own.term, pair.ids[i]!);
      const seats = isBlunt ? othersOf(forger) : half;
      return seats.map((seat) => soon(toSeat(seat, { kind: "vote", vote: twin })));
    });
  }

  return {
    speak(outgoing) {
      return outgoing.flatMap((one) => {
        const message = messageOf(one);
        const proposal = ownProposal(forger, message);
        if (proposal !== null) return split(proposal);
        const cast = ownVote(forger, message);
        return cast !== null ? vote(cast) : [soon(one)];
      });
    },
    hear(message) {
      // Whoever asks for the twin gets it: its own machine does not know it.
      if (message.kind !== "getEntry") return [];
      for (const { ids, proposals } of twins.values()) {
        const i = ids.findIndex((id) => equalBytes(id, message.entryId));
        if (i === 1) return [soon(toMembers({ kind: "entry", entry: proposals[1].entry }))];
      }
      return [];
    },
  };
};
