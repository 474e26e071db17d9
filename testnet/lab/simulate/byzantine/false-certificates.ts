// Certificates that almost are: signers twice, one too few, another set or market, in disorder, of another kind.
import { type Hash, type Hex, toHex } from "../../../../src/base/index.js";
import { taggedHash } from "../../../../src/crypto/index.js";
import { type Certificate, entryIdOf, type Vote } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { asItIs, othersOf, type Strategy, soon, toMembers } from "./strategy.js";

/** Votes are remembered for so many entries. */
const MEMORY = 8;

export const falseCertificates: Strategy = (forger, random) => {
  const heard = new Map<Hex, Vote[]>();

  const filled = <T>(one: T): T[] => Array.from({ length: forger.quorum }, () => one);
  const say = (cert: Certificate): Speech => soon(toMembers({ kind: "cert", cert }));

  /** Its own COMMIT as often as a quorum needs one: a fork, where anyone takes it. */
  function alone(term: number, id: Hash): Certificate {
    const { signer, sig, ...what } = forger.vote("commit", term, id);
    return { ...what, signers: filled(signer), sigs: filled(sig) };
  }

  function everyone(vote: Vote): Certificate {
    const { signer: _own, sig, ...what } = vote;
    const signers = [forger.seat, ...othersOf(forger)].sort((a, b) => a - b).slice(0, forger.quorum);
    return { ...what, signers, sigs: signers.map(() => sig) };
  }

  function fromVotes(votes: readonly Vote[]): readonly Certificate[] {
    const cert = forger.certify(votes);
    const reversed = { ...cert, signers: [...cert.signers].reverse(), sigs: [...cert.sigs].reverse() };
    return [
      reversed,
      forger.certify(votes.slice(0, forger.quorum - 1)),
      { ...cert, type: "commit" },
      { ...cert, term: cert.term + 1 },
      { ...cert, epoch: cert.epoch + 1 },
      { ...cert, setHash: taggedHash("set", cert.setHash) },
    ];
  }

  function remember(vote: Vote): readonly Speech[] {
    const name = `${vote.type}/${toHex(vote.entryId)}/${vote.term}` as Hex;
    const votes = heard.get(name) ?? [];
    heard.set(name, votes);
    if (votes.some((one) => one.signer === vote.signer)) return [];
    votes.push(vote);
    for (const oldest of heard.keys()) {
      if (heard.size <= MEMORY) break;
      heard.delete(oldest);
    }
    return votes.length === forger.quorum - 1 ? [say(random.pick(fromVotes(votes)))] : [];
  }

  return {
    speak: asItIs,
    hear(message) {
      if (message.kind === "vote") return remember(message.vote);
      if (message.kind !== "propose") return [];
      const { header } = message.propose.entry;
      const id = random.chance(0.5) ? entryIdOf(header) : taggedHash("entry", header.parent);
      return [
        say(alone(header.term, id)),
        say(everyone(forger.voteAbroad("commit", header.term, id))),
        say(everyone(forger.voteAbroad("ack", header.term, id))),
      ];
    },
  };
};
