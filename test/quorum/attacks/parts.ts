// What the attacks share: a cluster at work, a way to hand one member one message, and a status forged by a seat.
import { equalBytes } from "../../../src/base/index.js";
import {
  electorate,
  formCertificate,
  type QuorumMessage,
  type RefusalCode,
  type Status,
  statusDigest,
} from "../../../src/quorum/index.js";
import { forgeVote } from "../harness/byzantine.js";
import { Cluster, type ClusterOptions } from "../harness/cluster.js";
import { text } from "../harness/keys.js";
import { CHAIN, MARKET } from "../harness/member.js";

export function running(size = 4, options: ClusterOptions = {}): Cluster {
  const cluster = new Cluster(size, options);
  cluster.start();
  cluster.run(3000);
  return cluster;
}

/** Gives one message of a seat to a member, outside the network; returns what was refused of it. */
export function tell(
  cluster: Cluster,
  at: number,
  message: QuorumMessage,
  from: number | null,
): RefusalCode[] {
  const member = cluster.members[at]!;
  member.outputs.length = 0;
  const peer = from === null ? "stranger" : String(from);
  const nowMs = cluster.nowMs + member.skewMs;
  cluster.say(at, member.take({ kind: "message", nowMs, from, peer, message }));
  return member.outputs.flatMap((output) => output.refused.map((one) => one.code));
}

/** Whether every one of `who` has an operation in its log. */
export const finalAt = (cluster: Cluster, op: string, who: readonly number[]) => (): boolean =>
  who.every((at) => cluster.members[at]!.log.some(({ ops }) => ops.some((one) => equalBytes(one, text(op)))));

/** A status with a true signature and any content. */
export function forgeStatus(cluster: Cluster, signer: number, change: Partial<Status>): Status {
  const members = electorate(cluster.seats.set, CHAIN);
  const unsigned: Status = {
    epoch: 0,
    setHash: members.setHash,
    term: 1,
    entered: null,
    finalHeight: 0,
    finalId: CHAIN,
    maxTermSeen: 0,
    clockMs: cluster.nowMs,
    highestOfAsker: null,
    nonce: new Uint8Array(16),
    signer,
    sig: new Uint8Array(64),
    ...change,
  };
  return { ...unsigned, sig: cluster.seats.signers[signer]!.sign(statusDigest(CHAIN, MARKET, unsigned)) };
}

/** A valid SkipCert of a term: with every seat's key in hand, as its members might have signed it. */
export const skipCert = (cluster: Cluster, term: number, signers: readonly number[]) =>
  formCertificate(signers.map((seat) => forgeVote(cluster, seat, "skip", term)));
