// All that honest members sign in runs with faults, paired in every way and filed as every kind of evidence: never accepted.
// Scenarios 26 and 63 of spec/scenarios.
import { describe, expect, it } from "vitest";
import { type Bytes, encode, toHex } from "../../src/base/index.js";
import { leafHash, merkleProof, merkleRoot } from "../../src/crypto/index.js";
import {
  type Certificate,
  certificate,
  type Evidence,
  electorate,
  entryIdOf,
  type Flaw,
  flawEvidence,
  type Propose,
  proposeDigest,
  type QuorumMessage,
  type SignedHeader,
  type Vote,
  verifyEvidence,
} from "../../src/quorum/index.js";
import { doubleVote, equivocate, forgetGap } from "./harness/byzantine.js";
import { type ChaosOptions, chaos } from "./harness/chaos.js";
import type { Addressed, Bend, Cluster } from "./harness/cluster.js";
import { TestLedger } from "./harness/ledger.js";
import { CHAIN, GENESIS_ROOT, MARKET } from "./harness/member.js";

const ledger = new TestLedger(GENESIS_ROOT);

/** The evidence's type if the protocol's judge accepts it. */
function judgeIn(cluster: Cluster): (evidence: Evidence) => string | null {
  const { set, verifier } = cluster.seats;
  const members = electorate(set, CHAIN);
  return (evidence) =>
    verifyEvidence(evidence, members, CHAIN, MARKET, verifier, (_, ops) => ledger.judgeOps(_, ops)).ok
      ? evidence.type
      : null;
}

const VOTE_FAULTS = ["E1", "E2", "E3", "E4"] as const;

/** Two votes as every fault, in either order, filed under the place of either. */
function votesFiled(x: Vote, y: Vote): Evidence[] {
  const all: Evidence[] = [];
  for (const [a, b] of [[x, y] as const, [y, x] as const]) {
    for (const type of VOTE_FAULTS) {
      all.push({ kind: "votes", type, epoch: a.epoch, setHash: a.setHash, a, b });
    }
  }
  return all;
}

const proposalsFiled = (x: SignedHeader, y: SignedHeader): Evidence[] =>
  [[x, y] as const, [y, x] as const].map(([a, b]) => {
    const { epoch, setHash } = a.header;
    return { kind: "proposals", type: "E5", epoch, setHash, a, b };
  });

/** A vote and a proposal: the proposer's own vote under the proposal's id, and the proposal's signature under a vote. */
function mixedFiled(vote: Vote, { header, leaderSig }: SignedHeader): Evidence[] {
  const disguised: Vote = { ...vote, term: header.term, sig: leaderSig };
  const lent: SignedHeader = { header: { ...header, term: vote.term }, leaderSig: vote.sig };
  return [...votesFiled(vote, disguised), ...proposalsFiled({ header, leaderSig }, lent)];
}

function filed(x: QuorumMessage, y: QuorumMessage): Evidence[] {
  if (x.kind === "vote" && y.kind === "vote") return votesFiled(x.vote, y.vote);
  if (x.kind === "propose" && y.kind === "propose") return proposalsFiled(x.propose.entry, y.propose.entry);
  if (x.kind === "vote" && y.kind === "propose") return mixedFiled(x.vote, y.propose.entry);
  return x.kind === "propose" && y.kind === "vote" ? mixedFiled(y.vote, x.propose.entry) : [];
}

interface Count {
  pairs: number;
  tried: number;
  readonly accepted: Map<string, number>;
}

/** Every pair of what one seat said, whatever its terms; those of one term count most, and all of them are tried. */
function tryPairs(cluster: Cluster, said: readonly QuorumMessage[], count: Count): void {
  const judge = judgeIn(cluster);
  for (const [i, x] of said.entries()) {
    for (const y of said.slice(i)) {
      count.pairs++;
      for (const evidence of filed(x, y)) {
        count.tried++;
        const type = judge(evidence);
        if (type !== null) count.accepted.set(type, (count.accepted.get(type) ?? 0) + 1);
      }
    }
  }
}

const newCount = (): Count => ({ pairs: 0, tried: 0, accepted: new Map() });

/** Notes what a liar says, as the cluster notes what honest seats say. */
function overheard(bend: Bend, notes: Map<string, QuorumMessage>): Bend {
  return (cluster, from, sends) => {
    const said: readonly Addressed[] = bend(cluster, from, sends);
    for (const { message } of said) {
      if (message.kind === "vote" && message.vote.signer === from)
        notes.set(toHex(message.vote.sig), message);
      if (message.kind === "propose" && message.propose.entry.header.leader === from) {
        notes.set(toHex(message.propose.entry.leaderSig), message);
      }
    }
    return said;
  };
}

/** What may go wrong in a run; each is lived through with several seeds. */
const RUNS: readonly Omit<ChaosOptions, "seed">[] = [
  { size: 1 },
  { size: 2 },
  { size: 3 },
  { size: 4 },
  { size: 4, bends: new Map([[1, equivocate]]) },
  { size: 4, bends: new Map([[2, doubleVote]]) },
  { size: 4, bends: new Map([[0, forgetGap]]) },
  { size: 7, chaosMs: 4000 },
];
const SEEDS = 7;

describe("what honest members sign", () => {
  it("in runs with loss, partitions, crashes and liars makes no evidence, in whatever pairs it is filed", () => {
    const count = newCount();
    for (const [i, options] of Array.from({ length: SEEDS }, () => RUNS)
      .flat()
      .entries()) {
      const { cluster } = chaos({ ...options, seed: i + 1 });
      for (let seat = 0; seat < cluster.size; seat++) {
        if (!options.bends?.has(seat)) tryPairs(cluster, [...cluster.said[seat]!.values()], count);
      }
    }
    expect([...count.accepted]).toEqual([]);
    expect(count.pairs).toBeGreaterThan(100_000);
    expect(count.tried).toBeGreaterThan(count.pairs);
  });

  it("is told apart from what liars sign: of a double voter and an equivocator every kind of pair is accepted", () => {
    const found = new Set<string>();
    for (const bend of [doubleVote, equivocate]) {
      const notes = new Map<string, QuorumMessage>();
      const { cluster } = chaos({
        size: 4,
        seed: 9,
        chaosMs: 2000,
        bends: new Map([[1, overheard(bend, notes)]]),
      });
      const count = newCount();
      tryPairs(cluster, [...notes.values()], count);
      for (const type of count.accepted.keys()) found.add(type);
    }
    expect([...found].sort()).toEqual(["E1", "E2", "E3", "E4", "E5"]);
  });

  it("is told apart from what a member signs that forgot its votes", () => {
    const forgets = (key: string) => key.startsWith("quorum/own/");
    const count = newCount();
    for (let seed = 1; seed <= 30 && count.accepted.size === 0; seed++) {
      const { cluster } = chaos({ size: 4, seed, chaosMs: 4000, forgets });
      for (const said of cluster.said) tryPairs(cluster, [...said.values()], count);
    }
    expect(count.accepted.size).toBeGreaterThan(0);
  });
});

/** What honest leaders proposed in a run, with the certificates of their gaps as members kept them. */
interface Honest {
  readonly cluster: Cluster;
  readonly proposals: readonly Propose[];
  readonly gaps: readonly (readonly Certificate[])[];
}

function honestRun(options: ChaosOptions): Honest {
  const { cluster } = chaos(options);
  const said = cluster.said.flatMap((one) => [...one.values()]);
  const proposals = said.flatMap((one) => (one.kind === "propose" ? [one.propose] : []));
  const gaps = cluster.members.flatMap(({ log }) => log.map((entry) => entry.justification));
  return { cluster, proposals, gaps: gaps.filter((gap) => gap.length > 0) };
}

/** Every flaw that an accuser could claim with a body: each operation, each pair, each path, each count. */
function* bodyClaims(ops: readonly Bytes[]): Iterable<Flaw> {
  const leaves = ops.map(leafHash);
  const placeOf = (i: number) => ({ leaf: ops[i]!, path: merkleProof(leaves, i) });
  for (const i of ops.keys()) {
    yield { kind: "op", at: placeOf(i) };
    yield { kind: "op", at: { ...placeOf(i), leaf: Uint8Array.of(0) } };
    yield { kind: "opsCount", leaf: leaves[i]!, path: placeOf(i).path };
    for (const j of ops.keys()) yield { kind: "twins", a: placeOf(i), b: placeOf(j) };
  }
}

/** Every flaw that an accuser could claim with a list of certificates. */
function* gapClaims(certs: readonly Certificate[]): Iterable<Flaw> {
  const encoded = certs.map((one) => encode(certificate, one));
  const leaves = encoded.map(leafHash);
  const root = merkleRoot(leaves);
  for (const count of [certs.length, certs.length + 1, 0]) yield { kind: "skipCount", root, count };
  for (const i of certs.keys()) {
    yield { kind: "skip", root, at: { leaf: encoded[i]!, path: merkleProof(leaves, i) } };
    yield { kind: "skip", root, at: { leaf: Uint8Array.of(0), path: merkleProof(leaves, i) } };
  }
}

describe("an honest proposal", () => {
  const runs = [
    { size: 4, seed: 11 },
    { size: 4, seed: 12, bends: new Map([[1, equivocate]]) },
    { size: 7, seed: 13, chaosMs: 4000 },
  ];

  it("is not convicted by its own parts, nor by those of any other body or gap (scenario 63)", () => {
    let tried = 0;
    for (const options of runs) {
      const { cluster, proposals, gaps } = honestRun(options);
      const judge = judgeIn(cluster);
      const bodies = proposals.map(({ entry }) => entry.ops).filter((ops) => ops.length > 0);
      const foreign = [...bodies.slice(0, 12), [Uint8Array.of(0)], [Uint8Array.of(0), Uint8Array.of(0)]];
      const claims: Flaw[] = [
        { kind: "header" },
        ...foreign.flatMap((ops) => [...bodyClaims(ops)]),
        ...[...gaps.slice(0, 8), []].flatMap((certs) => [...gapClaims(certs)]),
      ];
      expect(gaps.length).toBeGreaterThan(0);
      for (const { entry } of proposals) {
        const own = [...bodyClaims(entry.ops)];
        for (const claim of [...claims, ...own]) {
          tried++;
          expect(judge(flawEvidence(entry, claim))).toBeNull();
        }
      }
      for (const { entry } of proposals) {
        const gap = gaps.find(
          (certs) =>
            certs[0]!.term === entry.header.parentTerm + 1 && certs.at(-1)!.term === entry.header.term - 1,
        );
        for (const claim of gap === undefined ? [] : gapClaims(gap)) {
          tried++;
          expect(judge(flawEvidence(entry, claim))).toBeNull();
        }
      }
    }
    expect(tried).toBeGreaterThan(5000);
  });

  it("is told apart from an invalid one: the same claims convict it once its leader signs a flaw", () => {
    const { cluster, proposals } = honestRun({ size: 4, seed: 14 });
    const judge = judgeIn(cluster);
    const { header } = proposals.at(-1)!.entry;
    const sign = (change: object): SignedHeader => {
      const bent = { ...header, ...change };
      const leaderSig = cluster.seats.signers[bent.leader]!.sign(proposeDigest(entryIdOf(bent)));
      return { header: bent, leaderSig };
    };
    const ops = [Uint8Array.of(1), Uint8Array.of(0, 5)];
    const body = { opsRoot: merkleRoot(ops.map(leafHash)), opsCount: 2, opsBytes: 3 };
    const claims = [...bodyClaims(ops)];
    expect(claims.filter((claim) => judge(flawEvidence(sign(body), claim)) !== null)).toHaveLength(1);
    expect(judge(flawEvidence(sign({ execHeight: header.height }), { kind: "header" }))).toBe("E6");
    const miscounted = sign({ ...body, opsCount: 3 });
    const counts = claims.filter((claim) => claim.kind === "opsCount");
    expect(counts.every((claim) => judge(flawEvidence(miscounted, claim)) === "E6")).toBe(true);
  });
});
