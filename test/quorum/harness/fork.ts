// A real fork: two of four seats live twice, once with each of two honest members that do not hear each other.
import {
  type Certificate,
  type Evidence,
  type Vote,
  voteEvidence,
  votesOf,
} from "../../../src/quorum/index.js";
import { Cluster, type ClusterOptions } from "./cluster.js";
import { text } from "./keys.js";
import type { Member } from "./member.js";

/** One world of two: who is honest in it. */
export interface Half {
  readonly cluster: Cluster;
  readonly honest: number;
}

/**
 * Four members share a beginning. Then one honest member is cut off in one world, and the other in the other, while the
 * two remaining seats go on in both with one key each: every copy of theirs keeps the rules, and only together do they
 * sign two histories.
 * @param ms how long the histories grow apart
 */
export function forked(
  ms: number,
  pair: readonly [number, number],
  options: ClusterOptions = {},
): [Half, Half] {
  const half = (honest: number, absent: number): Half => {
    const cluster = new Cluster(4, options);
    cluster.start();
    cluster.run(3000);
    cluster.faults.passes = (from, to) => from !== absent && to !== absent;
    cluster.submit(text(`only member ${honest} sees this`));
    cluster.run(ms);
    return { cluster, honest };
  };
  return [half(pair[0], pair[1]), half(pair[1], pair[0])];
}

/** The two honest members in one world, where they hear each other again and nobody else: the traitors have left. */
export function reunited([left, right]: readonly [Half, Half]): Cluster {
  const { cluster } = left;
  cluster.members[right.honest] = right.cluster.members[right.honest]!;
  const honest = new Set([left.honest, right.honest]);
  cluster.members.forEach((_, at) => {
    if (!honest.has(at)) cluster.crash(at);
  });
  cluster.faults.passes = (from, to) => honest.has(from) && honest.has(to);
  return cluster;
}

/** Every vote that a member can show: of certificates it holds, of its log, of the justifications there, of its halt. */
export function votesHeldBy({ voter, log }: Member): readonly Vote[] {
  const certs: (Certificate | null)[] = log.flatMap(({ cert, justification }) => [cert, ...justification]);
  for (const { ackCert, skipCert, commitCert } of voter!.sheets.values()) {
    certs.push(ackCert, skipCert, commitCert);
  }
  if (voter!.halt?.kind === "fork") certs.push(...voter!.halt.certs);
  return certs.flatMap((cert) => (cert === null ? [] : votesOf(cert)));
}

/** All evidence that pairs of these votes are. */
export function evidenceIn(votes: readonly Vote[]): readonly Evidence[] {
  const bySeat = new Map<string, Vote[]>();
  const found: Evidence[] = [];
  for (const vote of votes) {
    const name = `${vote.signer}/${vote.term}`;
    const sheet = bySeat.get(name) ?? [];
    for (const other of sheet) {
      const evidence = voteEvidence(other, vote);
      if (evidence !== null) found.push(evidence);
    }
    bySeat.set(name, [...sheet, vote]);
  }
  return found;
}
