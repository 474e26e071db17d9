// Evidence: every class-A fault is a pair that anyone can judge; pairs that honest members sign never are.
import { describe, expect, it } from "vitest";
import { ZERO_HASH } from "../../src/base/index.js";
import {
  decodeEvidence,
  type Evidence,
  electorate,
  encodeEvidence,
  entryIdOf,
  evidenceKey,
  type Header,
  NO_GAP_HASH,
  proposalEvidence,
  proposeDigest,
  type SignedHeader,
  type Vote,
  type VoteKind,
  verifyEvidence,
  voteDigest,
  voteDomain,
  voteEvidence,
} from "../../src/quorum/index.js";
import { testHash, testSeats } from "./harness/keys.js";
import { CHAIN, MARKET } from "./harness/member.js";

const seats = testSeats(4);
const members = electorate(seats.set, CHAIN);
const domain = voteDomain(members, CHAIN, MARKET);
const a = testHash("a");
const b = testHash("b");

const vote = (type: VoteKind, entryId = ZERO_HASH, term = 9, signer = 2): Vote => {
  const sig = seats.signers[signer]!.sign(voteDigest(domain, type, term, entryId));
  return { type, epoch: 0, setHash: members.setHash, term, entryId, signer, sig };
};
const judge = (evidence: Evidence) => {
  const result = verifyEvidence(evidence, members, CHAIN, MARKET, seats.verifier);
  return result.ok ? result.value : result.error;
};

const TERM = 5;
const LEADER = members.leaderOf(TERM);
const proposal = (timeMs: number, change: Partial<Header> = {}): SignedHeader => {
  const header: Header = {
    v: 1,
    chain: CHAIN,
    market: MARKET,
    epoch: 0,
    setHash: members.setHash,
    term: TERM,
    leader: LEADER,
    height: 1,
    parent: CHAIN,
    parentTerm: 0,
    timeMs,
    opsRoot: a,
    opsCount: 0,
    opsBytes: 0,
    justifyHash: NO_GAP_HASH,
    execHeight: 0,
    execRoot: a,
    kind: "normal",
    nextSetHash: null,
    ...change,
  };
  return { header, leaderSig: seats.signers[LEADER]!.sign(proposeDigest(entryIdOf(header))) };
};

describe("evidence of two votes", () => {
  const faults: readonly [string, Vote, Vote][] = [
    ["E1", vote("ack", a), vote("ack", b)],
    ["E2", vote("skip"), vote("commit", a)],
    ["E3", vote("ack", a), vote("commit", b)],
    ["E4", vote("commit", a), vote("commit", b)],
  ];
  for (const [type, x, y] of faults) {
    it(`${type} is found in either order, convicts its signer, and survives the wire`, () => {
      const evidence = voteEvidence(x, y)!;
      expect(voteEvidence(y, x)).toEqual(evidence);
      expect(evidence.type).toBe(type);
      expect(judge(evidence)).toEqual({ signer: 2, epoch: 0, term: 9, class: "A" });
      expect(evidenceKey(evidence)).toBe("0/9/A/2");
      const bytes = encodeEvidence(evidence);
      const decoded = decodeEvidence(bytes);
      expect(decoded).toEqual({ ok: true, value: evidence });
    });
  }

  it("is never a pair that an honest member may sign", () => {
    for (const [x, y] of [
      [vote("ack", a), vote("skip")],
      [vote("ack", a), vote("commit", a)],
      [vote("ack", a), vote("ack", a)],
      [vote("skip"), vote("skip")],
    ] as const) {
      expect(voteEvidence(x, y)).toBeNull();
      for (const type of ["E1", "E2", "E3", "E4"] as const) {
        const forged = { kind: "votes", type, epoch: 0, setHash: members.setHash, a: x, b: y } as const;
        expect(judge(forged)).toBe("NOT_A_FAULT");
        expect(judge({ ...forged, a: y, b: x })).toBe("NOT_A_FAULT");
      }
    }
  });

  it("needs one signer, one term, canonical order, the right name and real signatures", () => {
    const good = voteEvidence(vote("ack", a), vote("ack", b))!;
    if (good.kind !== "votes") throw new Error("not votes");
    expect(judge({ ...good, b: vote("ack", b, 9, 1) })).toBe("NOT_ONE_SIGNER");
    expect(judge({ ...good, b: vote("ack", b, 10) })).toBe("NOT_ONE_TERM");
    expect(judge({ ...good, a: good.b, b: good.a })).toBe("NOT_ORDERED");
    expect(judge({ ...good, type: "E4" })).toBe("WRONG_TYPE");
    expect(judge({ ...good, epoch: 1 })).toBe("WRONG_EPOCH");
    expect(judge({ ...good, setHash: a })).toBe("WRONG_EPOCH");
    expect(judge({ ...good, a: { ...good.a, signer: 9 } })).toBe("NOT_A_SEAT");
    const sig = good.b.sig.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
    expect(judge({ ...good, b: { ...good.b, sig } })).toBe("BAD_SIGNATURE");
    const elsewhere = verifyEvidence(good, members, testHash("chain 2"), MARKET, seats.verifier);
    expect(elsewhere).toEqual({ ok: false, error: "BAD_SIGNATURE" });
  });

  it("does not take a SKIP that names an entry for a SKIP", () => {
    const good = voteEvidence(vote("skip", a), vote("commit", b))!;
    expect(judge(good)).toBe("NOT_A_FAULT");
  });
});

describe("evidence of two proposals", () => {
  it("E5 convicts the leader, in one order only", () => {
    const evidence = proposalEvidence(proposal(1), proposal(2));
    expect(proposalEvidence(proposal(2), proposal(1))).toEqual(evidence);
    expect(judge(evidence)).toEqual({ signer: LEADER, epoch: 0, term: TERM, class: "A" });
    if (evidence.kind !== "proposals") throw new Error("not proposals");
    expect(judge({ ...evidence, a: evidence.b, b: evidence.a })).toBe("NOT_ORDERED");
    expect(decodeEvidence(encodeEvidence(evidence))).toEqual({ ok: true, value: evidence });
  });

  it("is neither one proposal twice, nor two terms, nor another chain, nor a forged signature", () => {
    const one = proposal(1);
    expect(judge(proposalEvidence(one, one))).toBe("NOT_A_FAULT");
    expect(judge(proposalEvidence(one, proposal(1, { term: TERM + 4 })))).toBe("NOT_ONE_TERM");
    expect(judge(proposalEvidence(one, proposal(1, { chain: testHash("other") })))).toBe("WRONG_CHAIN");
    expect(judge(proposalEvidence(one, proposal(1, { leader: (LEADER + 1) % 4 })))).toBe("NOT_ONE_SIGNER");
    expect(judge(proposalEvidence(one, { ...proposal(2), leaderSig: one.leaderSig }))).toBe("BAD_SIGNATURE");
  });
});
