// Checkers that know nothing of the faults: agreement, one chain, and that no honest member can be incriminated.
import { equalBytes, toHex } from "../../../src/base/index.js";
import {
  type Evidence,
  electorate,
  entryIdOf,
  proposalEvidence,
  type QuorumMessage,
  verifyEvidence,
  voteEvidence,
} from "../../../src/quorum/index.js";
import type { Cluster } from "./cluster.js";
import { CHAIN, MARKET } from "./member.js";

/** What is broken; empty if nothing is. `honest` are the indices of members that keep the rules. */
export function violations(cluster: Cluster, honest: readonly number[]): string[] {
  const found: string[] = [];
  const chain: string[] = [];
  for (const at of honest) {
    const { log, forks, corruption, ledger } = cluster.members[at]!;
    if (forks > 0) found.push(`member ${at} saw a fork`);
    if (corruption !== null) found.push(`member ${at} found its state corrupt`);
    if (ledger.height !== log.length) found.push(`member ${at} executed ${ledger.height} of ${log.length}`);
    let parent = CHAIN;
    log.forEach((entry, i) => {
      const id = entryIdOf(entry.header);
      if (entry.header.height !== i + 1 || !equalBytes(entry.header.parent, parent)) {
        found.push(`member ${at} has a gap below height ${entry.header.height}`);
      }
      parent = id;
      chain[i] ??= toHex(id);
      if (chain[i] !== toHex(id)) found.push(`member ${at} disagrees at height ${i + 1}`);
    });
  }
  for (const at of honest) found.push(...incriminations(cluster, at));
  return [...new Set(found)];
}

/** Every pair that an honest seat ever signed, and every accusation that anyone made, judged as evidence. */
function incriminations(cluster: Cluster, seat: number): string[] {
  const found: string[] = [];
  const byTerm = new Map<number, QuorumMessage[]>();
  for (const message of cluster.said[seat]!.values()) {
    const term =
      message.kind === "vote"
        ? message.vote.term
        : message.kind === "propose"
          ? message.propose.entry.header.term
          : 0;
    const sheet = byTerm.get(term) ?? [];
    sheet.push(message);
    byTerm.set(term, sheet);
  }
  for (const [term, messages] of byTerm) {
    for (const a of messages)
      for (const b of messages) {
        if (a !== b && isConviction(cluster, a, b))
          found.push(`seat ${seat} can be convicted in term ${term}`);
      }
  }
  for (const member of cluster.members) {
    for (const evidence of member.evidence) {
      if (signerOf(evidence) === seat) found.push(`seat ${seat} was accused`);
    }
  }
  return found;
}

export const signerOf = (evidence: Evidence): number =>
  evidence.kind === "votes" ? evidence.a.signer : evidence.a.header.leader;

export function isConviction(cluster: Cluster, a: QuorumMessage, b: QuorumMessage): boolean {
  let evidence: Evidence | null = null;
  if (a.kind === "vote" && b.kind === "vote") evidence = voteEvidence(a.vote, b.vote);
  if (a.kind === "propose" && b.kind === "propose") {
    evidence = proposalEvidence(a.propose.entry, b.propose.entry);
  }
  return evidence !== null && convicts(cluster, evidence);
}

export function convicts(cluster: Cluster, evidence: Evidence): boolean {
  const { set, verifier } = cluster.seats;
  return verifyEvidence(evidence, electorate(set, CHAIN), CHAIN, MARKET, verifier).ok;
}
