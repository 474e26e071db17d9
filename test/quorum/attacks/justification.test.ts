// Attack: one member answers for the leader, with certificates that are valid and are not the leader's.
import { expect, it } from "vitest";
import { toHex } from "../../../src/base/index.js";
import {
  type Certificate,
  entryIdOf,
  type Header,
  justifyHashOf,
  type Propose,
  type QuorumMessage,
} from "../../../src/quorum/index.js";
import { reproposed } from "../harness/byzantine.js";
import type { Cluster } from "../harness/cluster.js";
import { running, skipCert, tell } from "./parts.js";

const MEMBER = 0;
const SIZE = 7;
const others = [1, 2, 3, 4, 5, 6];

interface Gap {
  readonly cluster: Cluster;
  readonly leader: number;
  readonly propose: Propose;
  /** the leader's, and for the same terms the liar's: other signers, as valid */
  readonly skips: readonly Certificate[];
  readonly variants: readonly Certificate[];
}

/** An honest proposal over two skipped terms, as its leader would make it, for a member that has none of the three. */
function overTwoTerms(change: Partial<Header> = {}): Gap {
  const cluster = running(SIZE);
  const { voter } = cluster.members[MEMBER]!;
  let { term } = voter!;
  while (voter!.electorate.leaderOf(term + 2) === MEMBER) {
    cluster.run(10);
    term = voter!.term;
  }
  const leader = voter!.electorate.leaderOf(term + 2);
  const parentCert = voter!.sheets.get(term - 1)!.ackCert!;
  const parent = [...voter!.entries.values()].find(({ header }) => header.term === term - 1)!.header;
  const skips = [term, term + 1].map((one) => skipCert(cluster, one, others.slice(0, 5)));
  const variants = [term, term + 1].map((one) => skipCert(cluster, one, others.slice(1)));
  const header = {
    ...parent,
    term: term + 2,
    leader,
    height: parent.height + 1,
    parent: entryIdOf(parent),
    parentTerm: parent.term,
    timeMs: cluster.nowMs,
    justifyHash: justifyHashOf(skips),
    ...change,
  };
  const bare = {
    entry: { header, ops: [], leaderSig: new Uint8Array(64) },
    parentHeader: parent,
    parentCert,
  };
  return { cluster, leader, propose: reproposed(cluster.seats.signers[leader]!, bare, {}), skips, variants };
}

const frame = ({ propose }: Gap, from: number, certs: readonly Certificate[]): QuorumMessage => {
  const { justifyHash } = propose.entry.header;
  return { kind: "justify", justifyHash, from, total: 2, certs };
};

function hasAcknowledged({ cluster, propose }: Gap): boolean {
  const { acked } = cluster.members[MEMBER]!.voter!.sheets.get(propose.entry.header.term)!.own;
  return acked !== null && String(acked) === String(entryIdOf(propose.entry.header));
}

it("a liar's share of a justification stands in nobody's way", () => {
  const gap = overTwoTerms();
  const { cluster, leader, propose, skips, variants } = gap;
  const liar = others.find((seat) => seat !== leader)!;
  tell(cluster, MEMBER, { kind: "propose", propose }, leader);
  tell(cluster, MEMBER, frame(gap, 0, variants.slice(0, 1)), liar);
  expect(hasAcknowledged(gap)).toBe(false);
  tell(cluster, MEMBER, frame(gap, 0, skips), leader);
  expect(hasAcknowledged(gap)).toBe(true);
});

it("a liar that completes its share with the leader's words gains nothing, and the leader is heard again", () => {
  const gap = overTwoTerms();
  const { cluster, leader, propose, skips, variants } = gap;
  const liar = others.find((seat) => seat !== leader)!;
  tell(cluster, MEMBER, { kind: "propose", propose }, leader);
  tell(cluster, MEMBER, frame(gap, 0, skips.slice(0, 1)), leader);
  tell(cluster, MEMBER, frame(gap, 0, [variants[0]!, skips[1]!]), liar);
  tell(cluster, MEMBER, frame(gap, 1, variants.slice(1)), liar);
  expect(hasAcknowledged(gap)).toBe(false);
  tell(cluster, MEMBER, frame(gap, 1, skips.slice(1)), leader);
  expect(hasAcknowledged(gap)).toBe(true);
});

it("a later proposal that names the same justification does not take it away", () => {
  const gap = overTwoTerms();
  const { cluster, leader, propose, skips } = gap;
  const { voter } = cluster.members[MEMBER]!;
  const { header } = propose.entry;
  const next = voter!.electorate.leaderOf(header.term + 1);
  const thief = reproposed(cluster.seats.signers[next]!, propose, {
    term: header.term + 1,
    leader: next,
    parentTerm: header.parentTerm - 1,
  });
  tell(cluster, MEMBER, { kind: "propose", propose: thief }, next);
  tell(cluster, MEMBER, { kind: "propose", propose }, leader);
  tell(cluster, MEMBER, frame(gap, 0, skips), leader);
  expect(hasAcknowledged(gap)).toBe(true);
});

it("a frame from nobody's seat is not looked at", () => {
  const gap = overTwoTerms();
  const { cluster, leader, propose, skips } = gap;
  tell(cluster, MEMBER, { kind: "propose", propose }, leader);
  const { calls } = cluster.seats.verifier;
  tell(cluster, MEMBER, frame(gap, 0, skips), null);
  expect(cluster.seats.verifier.calls).toBe(calls);
});

it("a justification of what nobody acknowledged is forgotten with its term", () => {
  const gap = overTwoTerms({ execRoot: new Uint8Array(32) });
  const { cluster, leader, propose, skips } = gap;
  const { voter } = cluster.members[MEMBER]!;
  tell(cluster, MEMBER, { kind: "propose", propose }, leader);
  tell(cluster, MEMBER, frame(gap, 0, skips), leader);
  const { term, justifyHash } = propose.entry.header;
  expect(voter!.term).toBe(term);
  expect(voter!.justifications.has(toHex(justifyHash))).toBe(true);
  const cert = skipCert(cluster, term, others.slice(0, 5));
  tell(cluster, MEMBER, { kind: "cert", cert }, leader);
  expect(voter!.justifications.has(toHex(justifyHash))).toBe(false);
});
