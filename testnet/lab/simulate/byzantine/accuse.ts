// Accuses the honest: pairs that anyone may sign, votes it has changed, and a true fault of its own written wrongly.
import { compareBytes, encode, type Hash } from "../../../../src/base/index.js";
import { taggedHash } from "../../../../src/crypto/index.js";
import { type Evidence, type Vote, vote as voteCodec, voteEvidence } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { asItIs, type Strategy, soon } from "./strategy.js";

const TYPES = ["E1", "E2", "E3", "E4"] as const;
/** Terms whose votes it remembers. */
const MEMORY = 12;

export const accuse: Strategy = (forger, random) => {
  const heard = new Map<number, Vote[]>();

  function shaped(type: (typeof TYPES)[number], one: Vote, other: Vote): Evidence {
    const [a, b] =
      compareBytes(encode(voteCodec, one), encode(voteCodec, other)) < 0 ? [one, other] : [other, one];
    return { kind: "votes", type, epoch: a.epoch, setHash: a.setHash, a, b };
  }

  /** Each pair under each name, and with an entry that nobody voted for. */
  function accusations(earlier: Vote, vote: Vote): readonly Evidence[] {
    const forged: Vote = { ...vote, entryId: taggedHash("entry", vote.entryId) };
    return [
      ...TYPES.map((type) => shaped(type, earlier, vote)),
      shaped("E1", { ...vote, type: "ack" }, { ...forged, type: "ack" }),
    ];
  }

  /** Two own ACKs in the wrong order: a fault, but no evidence. */
  function disordered(term: number, id: Hash): Evidence | null {
    const mine = [id, taggedHash("entry", id)].map((one) => forger.vote("ack", term, one));
    const found = voteEvidence(mine[0]!, mine[1]!);
    return found?.kind === "votes" ? { ...found, a: found.b, b: found.a } : null;
  }

  function pairsWith(vote: Vote): readonly Speech[] {
    const votes = heard.get(vote.term) ?? [];
    heard.set(vote.term, votes);
    for (const term of heard.keys()) if (term < vote.term - MEMORY) heard.delete(term);
    const earlier = votes.find((one) => one.signer === vote.signer && one.type !== vote.type);
    votes.push(vote);
    if (earlier === undefined || !random.chance(0.1)) return [];
    const own = disordered(vote.term, vote.entryId);
    const said = [...accusations(earlier, vote), ...(own === null ? [] : [own])];
    return said.map((evidence) => soon(forger.accuse(evidence)));
  }

  return {
    speak: asItIs,
    hear: (message) => (message.kind === "vote" ? pairsWith(message.vote) : []),
  };
};
