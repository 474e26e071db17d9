// Terms from the far future: votes, proposals and would-be certificates that nobody can have reached.
import { type Hash, ZERO_HASH } from "../../../../src/base/index.js";
import { taggedHash } from "../../../../src/crypto/index.js";
import type { Propose } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { asItIs, messageOf, othersOf, ownProposal, type Strategy, soon, toMembers } from "./strategy.js";

const FAR = 2 ** 50;

export const inflate: Strategy = (forger, random) => {
  let own: Propose | null = null;
  let termSeen = 1;
  let count = 0;
  /** far terms it proposed in: once each, for this liar inflates and does not equivocate */
  const proposed = new Set<number>();

  const farTerm = (): number =>
    random.pick([FAR + count++, 2 ** 53 - 1 - count, termSeen + random.between(1, 200)]);

  function votes(term: number, id: Hash): readonly Speech[] {
    return [
      soon(toMembers({ kind: "vote", vote: forger.vote("ack", term, id) })),
      soon(toMembers({ kind: "vote", vote: forger.vote("skip", term, ZERO_HASH) })),
    ];
  }

  /** Q − 1 signers, and Q of whom only one has signed. */
  function certificates(term: number): readonly Speech[] {
    const { signer: _own, sig, ...what } = forger.vote("skip", term, ZERO_HASH);
    return [forger.quorum - 1, forger.quorum].map((length) => {
      const signers = [forger.seat, ...othersOf(forger)].slice(0, Math.max(1, length)).sort((a, b) => a - b);
      const cert = { ...what, signers, sigs: signers.map(() => sig) };
      return soon(toMembers({ kind: "cert", cert }));
    });
  }

  /** Its last proposal again, in a far term that it leads. */
  function proposal(term: number): readonly Speech[] {
    if (own === null) return [];
    const { header, ops } = own.entry;
    const far = term - ((term - header.term) % forger.size);
    if (proposed.has(far) || far <= header.term + forger.size) return [];
    proposed.add(far);
    const propose = forger.propose({ ...header, term: far }, ops, own);
    return [soon(toMembers({ kind: "propose", propose }))];
  }

  return {
    speak(outgoing) {
      for (const one of outgoing) own = ownProposal(forger, messageOf(one)) ?? own;
      return asItIs(outgoing);
    },
    hear(message) {
      if (message.kind !== "vote") return [];
      if (message.vote.term < FAR / 2) termSeen = Math.max(termSeen, message.vote.term);
      if (!random.chance(0.1)) return [];
      const term = farTerm();
      return [
        ...votes(term, taggedHash("entry", message.vote.entryId)),
        ...certificates(term),
        ...proposal(term),
      ];
    },
  };
};
