// What the network can bring about, given all that honest members have said. Byzantine seats say everything else.
import { childOf, conflict, execOf, GENESIS, type Name, termOf } from "./names.js";

/** Certificates that can be gathered and entries that can be proposed. */
export interface Facts {
  readonly ackCerts: readonly Name[];
  readonly skipCerts: readonly number[];
  readonly commitCerts: readonly Name[];
  /** entries that can be proposed, by honest leaders and Byzantine ones */
  readonly proposals: readonly Name[];
  /** two final entries that exclude each other; null: none */
  readonly fork: readonly [Name, Name] | null;
  /** a law that is broken already; null: none */
  readonly broken: string | null;
}

/** What makes facts of words: how many honest votes a certificate needs, and whose terms are Byzantine. */
export interface FactRules {
  /** quorum less the Byzantine seats, which sign all there is */
  readonly honestVotesNeeded: number;
  readonly byzantineTerms: readonly number[];
}

export const nameOfFacts = ({ ackCerts, skipCerts, commitCerts, proposals }: Facts): string =>
  [ackCerts.join(" "), skipCerts.join(" "), commitCerts.join(" "), proposals.join(" ")].join("|");

/** @param said by honest member: its words as "kind term name" */
export function factsOf(said: readonly (readonly string[])[], rules: FactRules): Facts {
  const count = new Map<string, number>();
  for (const words of said) for (const word of words) count.set(word, (count.get(word) ?? 0) + 1);
  const certs = new Map<string, string[]>([
    ["ack", []],
    ["skip", []],
    ["commit", []],
  ]);
  const proposals: Name[] = [];
  for (const [word, times] of count) {
    const [kind, term, name] = word.split(" ") as [string, string, string];
    if (kind === "propose") proposals.push(name);
    else if (times >= rules.honestVotesNeeded) certs.get(kind)!.push(kind === "skip" ? term : name);
  }
  const ackCerts = certs.get("ack")!.sort();
  const commitCerts = certs.get("commit")!.sort();
  const acked = (name: Name): boolean => count.has(`ack ${termOf(name)} ${name}`);
  proposals.push(...byzantineProposals(rules.byzantineTerms, ackCerts, acked));
  const fork = forkOf(commitCerts);
  return {
    fork,
    ackCerts,
    skipCerts: certs.get("skip")!.map(Number).sort(),
    commitCerts,
    proposals: proposals.sort(),
    broken: fork === null ? twiceCertified(ackCerts) : `fork: ${fork[0]} and ${fork[1]} are both final`,
  };
}

/**
 * What a Byzantine leader may propose: two entries on every certified parent. The two differ in nothing that a rule
 * looks at, so the second is offered only after somebody acknowledged the first. A third would be no use: three
 * honest votes make no quorum of two of them.
 */
function byzantineProposals(
  terms: readonly number[],
  certified: readonly Name[],
  acked: (name: Name) => boolean,
): Name[] {
  const made: Name[] = [];
  for (const term of terms) {
    for (const parent of [GENESIS, ...certified]) {
      if (termOf(parent) >= term) continue;
      const first = childOf(parent, term, "a", execOf(parent));
      made.push(first);
      if (acked(first)) made.push(childOf(parent, term, "b", execOf(parent)));
    }
  }
  return made;
}

/** S1: two final entries that no chain holds both of. */
function forkOf(commitCerts: readonly Name[]): readonly [Name, Name] | null {
  for (const [i, a] of commitCerts.entries()) {
    for (const b of commitCerts.slice(i + 1)) if (conflict(a, b)) return [a, b];
  }
  return null;
}

/** The lemma under S1: one AckCert in a term (spec/log#why-it-is-safe). */
function twiceCertified(ackCerts: readonly Name[]): string | null {
  for (const [i, a] of ackCerts.entries()) {
    for (const b of ackCerts.slice(i + 1)) {
      if (termOf(a) === termOf(b)) return `uniqueness: ${a} and ${b} are both certified`;
    }
  }
  return null;
}
