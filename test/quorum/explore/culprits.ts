// S4: who can be convicted once two conflicting entries are final, however cleverly the Byzantine seats share the signing.
import { ZERO_HASH } from "../../../src/base/index.js";
import {
  type Vote,
  type VoteKind,
  verifyEvidence,
  voteEvidence,
  votesOf,
} from "../../../src/quorum/index.js";
import { CHAIN, MARKET } from "../harness/member.js";
import { GENESIS, gapOf, type Name, parentOf, termOf } from "./names.js";
import { certificateBy, ELECTORATE, SEATS, SIZE, World } from "./world.js";

/** One certificate of the two histories: what it says, and which honest seats said so. */
interface Claim {
  readonly kind: VoteKind;
  readonly term: number;
  readonly name: Name;
  readonly honest: readonly number[];
}

/** What both histories show: their CommitCerts, the AckCerts under them, the SkipCerts of their gaps. */
function claimsOf(a: Name, b: Name, said: ReadonlyMap<number, ReadonlySet<string>>): Claim[] {
  const claims = new Map<string, Claim>();
  const claim = (kind: VoteKind, term: number, name: Name): void => {
    const word = `${kind} ${term} ${name}`;
    const honest = [...said].filter(([, words]) => words.has(word)).map(([seat]) => seat);
    claims.set(word, { kind, term, name, honest });
  };
  for (const final of [a, b]) {
    claim("commit", termOf(final), final);
    for (let at = final; at !== GENESIS; at = parentOf(at)) {
      for (const term of gapOf(at)) claim("skip", term, GENESIS);
      if (parentOf(at) !== GENESIS) claim("ack", termOf(parentOf(at)), parentOf(at));
    }
  }
  return [...claims.values()];
}

/** Ways to fill a certificate up to the quorum with as few Byzantine signatures as there must be. */
function signersOf({ honest }: Claim, byzantine: readonly number[], quorum: number): number[][] {
  const missing = Math.max(0, quorum - honest.length);
  const ways: number[][] = [];
  for (let mask = 0; mask < 1 << byzantine.length; mask++) {
    const chosen = byzantine.filter((_, i) => (mask >> i) & 1);
    if (chosen.length === missing) ways.push([...honest, ...chosen].sort((x, y) => x - y));
  }
  return ways;
}

/**
 * The fewest seats that two conflicting final entries convict, over every way the Byzantine seats could have shared
 * the signing, each conviction judged by the product's `verifyEvidence`.
 * @param said by honest seat: its words
 * @returns the smallest set of culprits
 */
export function fewestCulprits(
  a: Name,
  b: Name,
  said: ReadonlyMap<number, ReadonlySet<string>>,
  quorum: number,
): ReadonlySet<number> {
  const byzantine = Array.from({ length: SIZE }, (_, seat) => seat).filter((seat) => !said.has(seat));
  const world = new World(NOBODY);
  let fewest: ReadonlySet<number> | null = null;
  const choose = (claims: readonly Claim[], votes: readonly Vote[]): void => {
    const [claim, ...rest] = claims;
    if (claim === undefined) {
      const culprits = convicted(votes);
      if (fewest === null || culprits.size < fewest.size) fewest = culprits;
      return;
    }
    const id = claim.kind === "skip" ? ZERO_HASH : world.id(claim.name);
    for (const signers of signersOf(claim, byzantine, quorum)) {
      choose(rest, [...votes, ...votesOf(certificateBy(signers, claim.kind, claim.term, id))]);
    }
  };
  choose(claimsOf(a, b, said), []);
  return fewest ?? new Set();
}

/** A world in which every seat is another's: the bytes that outsiders see. */
const NOBODY = -1;

function convicted(votes: readonly Vote[]): ReadonlySet<number> {
  const culprits = new Set<number>();
  for (const [i, a] of votes.entries()) {
    for (const b of votes.slice(i + 1)) {
      if (a.signer !== b.signer || a.term !== b.term || culprits.has(a.signer)) continue;
      const evidence = voteEvidence(a, b);
      if (evidence === null) continue;
      const verdict = verifyEvidence(evidence, ELECTORATE, CHAIN, MARKET, SEATS.verifier);
      if (verdict.ok) culprits.add(verdict.value.signer);
    }
  }
  return culprits;
}
