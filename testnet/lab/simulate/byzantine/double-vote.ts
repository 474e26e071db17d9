// Votes for everything: acknowledges every proposal of a term, commits what it acknowledged, and skips the term as well.
import { type Hash, type Hex, toHex, ZERO_HASH } from "../../../../src/base/index.js";
import { entryIdOf, type VoteKind } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { messageOf, ownVote, type Strategy, soon, toMembers } from "./strategy.js";

export const doubleVote: Strategy = (forger, random) => {
  const cast = new Set<Hex>();

  function once(type: VoteKind, term: number, entryId: Hash, afterMs: number): Speech[] {
    const name = `${type}/${term}/${toHex(entryId)}`;
    if (cast.has(name)) return [];
    cast.add(name);
    return [soon(toMembers({ kind: "vote", vote: forger.vote(type, term, entryId) }), afterMs)];
  }

  function everything(term: number, entryId: Hash): Speech[] {
    const later = (): number => random.between(0, 6 * forger.deltaMs);
    return [
      ...once("ack", term, entryId, 0),
      ...once("commit", term, entryId, later()),
      ...once("skip", term, ZERO_HASH, later()),
    ];
  }

  return {
    speak: (outgoing) =>
      outgoing.filter((one) => ownVote(forger, messageOf(one)) === null).map((one) => soon(one)),
    hear(message) {
      if (message.kind === "propose") {
        const { header } = message.propose.entry;
        return everything(header.term, entryIdOf(header));
      }
      if (message.kind !== "vote") return [];
      const { type, term, entryId } = message.vote;
      return type === "skip" ? once("skip", term, ZERO_HASH, 0) : everything(term, entryId);
    },
  };
};
