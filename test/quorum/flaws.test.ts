// E6: a member that is shown an invalid proposal can prove it; nobody can prove it of a proposal that is valid.
// Scenario 63 of spec/scenarios.
import { describe, expect, it } from "vitest";
import { type Bytes, equalBytes } from "../../src/base/index.js";
import { leafHash, merkleProof, merkleRoot } from "../../src/crypto/index.js";
import {
  type Certificate,
  decodeEvidence,
  type Evidence,
  electorate,
  encodeEvidence,
  entryIdOf,
  evidenceKey,
  type Flaw,
  flawEvidence,
  formCertificate,
  type Header,
  justifyHashOf,
  MAX_FLAW_LEAF_BYTES,
  NO_GAP_HASH,
  opsBytesOf,
  type Propose,
  proposeDigest,
  verifyEvidence,
} from "../../src/quorum/index.js";
import { running, skipCert, tell } from "./attacks/parts.js";
import { forgeVote } from "./harness/byzantine.js";
import type { Cluster } from "./harness/cluster.js";
import { testHash, text } from "./harness/keys.js";
import { TestLedger } from "./harness/ledger.js";
import { CHAIN, GENESIS_ROOT, MARKET } from "./harness/member.js";

const ledger = new TestLedger(GENESIS_ROOT);
const judgeOps = (header: Header, ops: readonly Bytes[]) => ledger.judgeOps(header, ops);

const verdictOf = (cluster: Cluster, evidence: Evidence) => {
  const { set, verifier } = cluster.seats;
  return verifyEvidence(evidence, electorate(set, CHAIN), CHAIN, MARKET, verifier, judgeOps);
};

interface Draft {
  readonly ops?: readonly Bytes[];
  /** terms between the entry and its parent, with the certificates that the header names */
  readonly gap?: number;
  readonly skips?: (skips: readonly Certificate[]) => readonly Certificate[];
  readonly change?: Partial<Header>;
}

interface Drafted {
  readonly propose: Propose;
  readonly skips: readonly Certificate[];
  readonly leader: number;
}

/** The next proposal as an honest leader would make it, and then bent: for the first term that seat 0 does not lead. */
function draft(cluster: Cluster, { ops = [], gap, skips: bend, change = {} }: Draft = {}): Drafted {
  const members = electorate(cluster.seats.set, CHAIN);
  const said = cluster.said.flatMap((one) => [...one.values()]);
  const last = said
    .flatMap((one) => (one.kind === "propose" ? [one.propose.entry.header] : []))
    .reduce((a, b) => (a.term > b.term ? a : b));
  let term = last.term + 1 + (gap ?? 0);
  while (members.leaderOf(term) === 0) term++;
  const leader = members.leaderOf(term);
  const all = Array.from({ length: term - last.term - 1 }, (_, i) =>
    skipCert(cluster, last.term + 1 + i, [0, 1, 2]),
  );
  const skips = bend === undefined ? all : bend(all);
  const header: Header = {
    ...last,
    term,
    leader,
    height: last.height + 1,
    parent: entryIdOf(last),
    parentTerm: last.term,
    timeMs: last.timeMs + 1,
    opsRoot: merkleRoot(ops.map(leafHash)),
    opsCount: ops.length,
    opsBytes: opsBytesOf(ops),
    justifyHash: justifyHashOf(skips),
    ...change,
  };
  const leaderSig = cluster.seats.signers[header.leader]!.sign(proposeDigest(entryIdOf(header)));
  return {
    propose: { entry: { header, ops, leaderSig }, parentHeader: last, parentCert: null },
    skips,
    leader,
  };
}

/** What member 0 can prove after it has seen the proposal, and its justification. */
function provenBy(cluster: Cluster, { propose, skips, leader }: Drafted): readonly Evidence[] {
  const member = cluster.members[0]!;
  member.evidence.length = 0;
  tell(cluster, 0, { kind: "propose", propose }, leader);
  const { justifyHash } = propose.entry.header;
  if (skips.length > 0) {
    tell(cluster, 0, { kind: "justify", justifyHash, from: 0, total: skips.length, certs: skips }, leader);
  }
  return [...member.evidence];
}

const FIELDS: readonly (readonly [string, (header: Header) => Partial<Header>])[] = [
  ["an entry executed ahead of its parent", ({ height }) => ({ execHeight: height })],
  ["a parent that is not earlier", ({ term }) => ({ parentTerm: term })],
  [
    "a gap without certificates",
    ({ parentTerm }) => ({ parentTerm: parentTerm - 1, justifyHash: NO_GAP_HASH }),
  ],
  ["certificates without a gap", ({ term }) => ({ parentTerm: term - 1, justifyHash: testHash("none") })],
  ["too many operations", () => ({ opsCount: 2001, opsRoot: testHash("many") })],
  ["too many bytes", () => ({ opsCount: 2000, opsBytes: 1024 * 1024 + 1, opsRoot: testHash("large") })],
  [
    "operations that are larger than they may be",
    () => ({ opsCount: 1, opsBytes: 65537, opsRoot: testHash("one") }),
  ],
  ["a count of none, and a root of some", () => ({ opsCount: 0, opsRoot: testHash("some") })],
  ["a count of some, and a root of none", () => ({ opsCount: 1, opsBytes: 1 })],
  ["bytes of no operation", () => ({ opsBytes: 1 })],
  ["a height above what its term allows", ({ parentTerm }) => ({ height: parentTerm + 2 })],
  ["a parent of no term that is not the chain", ({ term }) => ({ parentTerm: 0, term, height: 1 })],
  ["a seal without a next set", () => ({ kind: "seal" })],
  ["a next set without a seal", () => ({ nextSetHash: testHash("next") })],
];

describe("E6 of a header that contradicts itself", () => {
  for (const [what, change] of FIELDS) {
    it(`is found and proven: ${what}`, () => {
      const cluster = running();
      const honest = draft(cluster).propose.entry.header;
      const drafted = draft(cluster, { change: change(honest) });
      const found = provenBy(cluster, drafted);
      expect(found.map((one) => one.type)).toEqual(["E6"]);
      const { term } = drafted.propose.entry.header;
      expect(verdictOf(cluster, found[0]!)).toEqual({
        ok: true,
        value: { signer: drafted.leader, epoch: 0, term, class: "B" },
      });
      expect(evidenceKey(found[0]!)).toBe(`0/${term}/B/${drafted.leader}`);
      expect(decodeEvidence(encodeEvidence(found[0]!))).toEqual({ ok: true, value: found[0] });
    });
  }

  it("convicts the seat that proposes out of turn, not the one whose turn it is", () => {
    const cluster = running();
    const members = electorate(cluster.seats.set, CHAIN);
    const { term } = draft(cluster).propose.entry.header;
    const usurper = [1, 2, 3].find((seat) => seat !== members.leaderOf(term))!;
    const found = provenBy(cluster, draft(cluster, { change: { leader: usurper } }));
    expect(found.map((one) => one.type)).toEqual(["E6"]);
    expect(verdictOf(cluster, found[0]!)).toMatchObject({ ok: true, value: { signer: usurper } });
  });

  it("needs the signature of the seat it names: a stranger's word about another's turn proves nothing", () => {
    const cluster = running();
    const { propose, leader } = draft(cluster, { change: { opsBytes: 1 } });
    const leaderSig = cluster.seats.signers[0]!.sign(proposeDigest(entryIdOf(propose.entry.header)));
    const forged = { ...propose, entry: { ...propose.entry, leaderSig } };
    expect(provenBy(cluster, { propose: forged, skips: [], leader })).toEqual([]);
    const evidence = flawEvidence({ header: propose.entry.header, leaderSig }, { kind: "header" });
    expect(verdictOf(cluster, evidence)).toEqual({ ok: false, error: "BAD_SIGNATURE" });
  });
});

const good = (n: number) => Array.from({ length: n }, (_, i) => text(`operation ${i}`));
const BAD = Uint8Array.of(0, 1, 2);

describe("E6 of a body", () => {
  const bodies: readonly (readonly [string, readonly Bytes[], Flaw["kind"]])[] = [
    ["an operation that is invalid by itself", [...good(5), BAD, ...good(2).map((op) => op.slice(1))], "op"],
    ["one operation at two places", [...good(6), text("operation 2")], "twins"],
    ["an invalid operation as large as evidence takes", [BAD, new Uint8Array(MAX_FLAW_LEAF_BYTES)], "op"],
  ];
  for (const [what, ops, kind] of bodies) {
    it(`is found and proven: ${what}`, () => {
      const cluster = running();
      const found = provenBy(cluster, draft(cluster, { ops }));
      expect(found).toMatchObject([{ type: "E6", flaw: { kind } }]);
      expect(verdictOf(cluster, found[0]!)).toMatchObject({ ok: true, value: { class: "B" } });
      expect(decodeEvidence(encodeEvidence(found[0]!))).toEqual({ ok: true, value: found[0] });
    });
  }

  it("is found and proven: another number of operations than the header says", () => {
    const cluster = running();
    const found = provenBy(cluster, draft(cluster, { ops: good(5), change: { opsCount: 4 } }));
    expect(found).toMatchObject([{ type: "E6", flaw: { kind: "opsCount" } }]);
    expect(verdictOf(cluster, found[0]!).ok).toBe(true);
  });

  it("is not made of a body that does not hash to the header's root, whoever sends it", () => {
    const cluster = running();
    const { propose, leader } = draft(cluster, { ops: good(3) });
    const foreign = { ...propose, entry: { ...propose.entry, ops: [...good(2), BAD] } };
    expect(provenBy(cluster, { propose: foreign, skips: [], leader })).toEqual([]);
    const leaves = foreign.entry.ops.map(leafHash);
    const { header, leaderSig } = propose.entry;
    const at = { leaf: BAD, path: merkleProof(leaves, 2) };
    const evidence = flawEvidence({ header, leaderSig }, { kind: "op", at });
    expect(verdictOf(cluster, evidence)).toEqual({ ok: false, error: "NOT_A_FAULT" });
  });

  it("of an operation larger than evidence takes is not made: it costs the leader its turn only", () => {
    const cluster = running();
    const drafted = draft(cluster, { ops: [new Uint8Array(MAX_FLAW_LEAF_BYTES + 1)] });
    expect(provenBy(cluster, drafted)).toEqual([]);
    expect(cluster.members[0]!.voter!.sheets.get(drafted.propose.entry.header.term)!.own.acked).toBeNull();
  });

  it("is refused where nobody can judge operations", () => {
    const cluster = running();
    const found = provenBy(cluster, draft(cluster, { ops: [BAD] }));
    const { set, verifier } = cluster.seats;
    const verdict = verifyEvidence(found[0]!, electorate(set, CHAIN), CHAIN, MARKET, verifier);
    expect(verdict).toEqual({ ok: false, error: "NOT_A_FAULT" });
  });
});

describe("E6 of a justification", () => {
  const lists: readonly (readonly [
    string,
    (cluster: Cluster, skips: readonly Certificate[]) => readonly Certificate[],
    Flaw["kind"],
  ])[] = [
    ["one certificate too few", (_, skips) => skips.slice(1), "skipCount"],
    ["one certificate too many", (_, skips) => [...skips, skips[0]!], "skipCount"],
    [
      "the certificates of two terms changed about",
      (_, skips) => [skips[1]!, skips[0]!, ...skips.slice(2)],
      "skip",
    ],
    [
      "fewer signatures than a quorum",
      (cluster, skips) => [skipCert(cluster, skips[0]!.term, [0, 1]), ...skips.slice(1)],
      "skip",
    ],
    [
      "a signature that is none",
      (_, skips) => [...skips.slice(0, -1), { ...skips.at(-1)!, sigs: skips[0]!.sigs }],
      "skip",
    ],
    [
      "an AckCert where a SkipCert belongs",
      (cluster, skips) => [
        formCertificate(
          [0, 1, 2].map((seat) => forgeVote(cluster, seat, "ack", skips[0]!.term, testHash("x"))),
        ),
        ...skips.slice(1),
      ],
      "skip",
    ],
  ];
  for (const [what, bend, kind] of lists) {
    it(`is found and proven: ${what}`, () => {
      const cluster = running();
      const found = provenBy(cluster, draft(cluster, { gap: 3, skips: (skips) => bend(cluster, skips) }));
      expect(found).toMatchObject([{ type: "E6", flaw: { kind } }]);
      expect(verdictOf(cluster, found[0]!)).toMatchObject({ ok: true, value: { class: "B" } });
      expect(decodeEvidence(encodeEvidence(found[0]!))).toEqual({ ok: true, value: found[0] });
    });
  }

  it("is not made of a list that does not hash to justifyHash, whoever sends it", () => {
    const cluster = running();
    const { propose, skips, leader } = draft(cluster, { gap: 3 });
    const foreign = skips.map((skip) => ({ ...skip, sigs: skips[0]!.sigs }));
    expect(provenBy(cluster, { propose, skips: foreign, leader })).toEqual([]);
    expect(provenBy(cluster, { propose, skips: skips.slice(1), leader })).toEqual([]);
  });

  it("is not made of a valid one", () => {
    const cluster = running();
    const drafted = draft(cluster, { gap: 3, ops: good(4) });
    expect(provenBy(cluster, drafted)).toEqual([]);
    const { justifyHash } = drafted.propose.entry.header;
    const known = [...cluster.members[0]!.voter!.justifications.values()];
    expect(known.some(({ skips }) => equalBytes(justifyHashOf(skips), justifyHash))).toBe(true);
  });
});

describe("a liar that proposes nothing but nonsense", () => {
  it("is accused once in each term, whatever it sends", () => {
    const cluster = running();
    const first = draft(cluster, { ops: [BAD] });
    const second = draft(cluster, { ops: [BAD, text("more")] });
    const found = provenBy(cluster, first);
    tell(cluster, 0, { kind: "propose", propose: first.propose }, first.leader);
    tell(cluster, 0, { kind: "propose", propose: second.propose }, second.leader);
    const all = cluster.members[0]!.evidence.map((one) => one.type);
    expect([found.length, all]).toEqual([1, ["E6", "E5"]]);
  });
});
