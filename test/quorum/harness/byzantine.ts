// Members that lie: an honest voter whose words are bent on their way out.
import { toHex, ZERO_HASH } from "../../../src/base/index.js";
import type { Signer } from "../../../src/crypto/index.js";
import {
  electorate,
  entryIdOf,
  type Header,
  NO_GAP_HASH,
  type Propose,
  proposeDigest,
  type Vote,
  type VoteKind,
  voteDigest,
  voteDomain,
} from "../../../src/quorum/index.js";
import { type Addressed, addressed, type Bend, type Cluster } from "./cluster.js";
import { CHAIN, MARKET } from "./member.js";

export function forgeVote(
  cluster: Cluster,
  seat: number,
  kind: VoteKind,
  term: number,
  entryId: Uint8Array = ZERO_HASH,
): Vote {
  const members = electorate(cluster.seats.set, CHAIN);
  const domain = voteDomain(members, CHAIN, MARKET);
  const sig = cluster.seats.signers[seat]!.sign(voteDigest(domain, kind, term, entryId));
  return { type: kind, epoch: 0, setHash: members.setHash, term, entryId, signer: seat, sig };
}

export function reproposed(signer: Signer, propose: Propose, change: Partial<Header>): Propose {
  const header = { ...propose.entry.header, ...change };
  const leaderSig = signer.sign(proposeDigest(entryIdOf(header)));
  return { ...propose, entry: { ...propose.entry, header, leaderSig } };
}

/** Proposes two entries in each of its terms, one to each half, and votes in every way for both. */
export const equivocate: Bend = (cluster, from, sends) => {
  const bent: Addressed[] = [];
  for (const one of addressed(cluster, from, sends)) {
    if (one.message.kind !== "propose" || one.message.propose.entry.header.leader !== from) {
      bent.push(one);
      continue;
    }
    const { propose } = one.message;
    const { header } = propose.entry;
    const other = reproposed(cluster.seats.signers[from]!, propose, { timeMs: header.timeMs + 1 });
    const second = one.to % 2 === 0;
    bent.push({ to: one.to, message: { kind: "propose", propose: second ? other : propose } });
    for (const id of [entryIdOf(header), entryIdOf(other.entry.header)]) {
      for (const kind of ["ack", "commit"] as const) {
        const vote = forgeVote(cluster, from, kind, header.term, id);
        bent.push({ to: one.to, message: { kind: "vote", vote } });
      }
    }
  }
  return bent;
};

/** Says SKIP beside every vote, and COMMIT beside every ACK. */
export const doubleVote: Bend = (cluster, from, sends) => {
  const bent: Addressed[] = [];
  for (const one of addressed(cluster, from, sends)) {
    bent.push(one);
    if (one.message.kind !== "vote" || one.message.vote.signer !== from) continue;
    const { type, term, entryId } = one.message.vote;
    const more = [forgeVote(cluster, from, "skip", term)];
    if (type === "ack") more.push(forgeVote(cluster, from, "commit", term, entryId));
    for (const vote of more) bent.push({ to: one.to, message: { kind: "vote", vote } });
  }
  return bent;
};

/** Proposes on its parent's parent, as if the term between had been skipped. */
export const forgetGap: Bend = (cluster, from, sends) =>
  addressed(cluster, from, sends).map((one) => {
    if (one.message.kind !== "propose" || one.message.propose.entry.header.leader !== from) return one;
    const { propose } = one.message;
    const voter = cluster.members[from]!.voter;
    const parent = propose.parentHeader;
    const grand = parent === null ? undefined : voter?.entries.get(toHex(parent.parent))?.header;
    const sheet = grand === undefined ? undefined : voter?.sheets.get(grand.term);
    const cert = sheet?.commitCert ?? sheet?.ackCert ?? null;
    if (parent === null || grand === undefined || cert === null) return one;
    const bent = reproposed(cluster.seats.signers[from]!, propose, {
      parent: parent.parent,
      parentTerm: grand.term,
      height: parent.height,
      justifyHash: NO_GAP_HASH,
      execHeight: grand.execHeight,
      execRoot: grand.execRoot,
    });
    const message = { kind: "propose", propose: { ...bent, parentHeader: grand, parentCert: cert } } as const;
    return { to: one.to, message };
  });

/** Says nothing at all. */
export const silent: Bend = () => [];

/** Keeps the rules but never says COMMIT. */
export const neverCommit: Bend = (cluster, from, sends) =>
  addressed(cluster, from, sends).filter(
    ({ message }) => message.kind !== "vote" || message.vote.type !== "commit",
  );
