// Certificates: only distinct seats of this set, in order, of power Q, over these very bytes, make one.
// Scenario 25 of spec/scenarios.
import { describe, expect, it } from "vitest";
import { ZERO_HASH } from "../../src/base/index.js";
import {
  type Certificate,
  electorate,
  formCertificate,
  type Vote,
  type VoteKind,
  verifyCertificate,
  voteDigest,
  voteDomain,
} from "../../src/quorum/index.js";
import { testHash, testSeats } from "./harness/keys.js";
import { CHAIN, MARKET } from "./harness/member.js";

const seats = testSeats(7);
const members = electorate(seats.set, CHAIN);
const domain = voteDomain(members, CHAIN, MARKET);
const id = testHash("entry");

const voteOf = (signer: number, type: VoteKind = "ack", term = 3, entryId = id): Vote => {
  const sig = seats.signers[signer]!.sign(voteDigest(domain, type, term, entryId));
  return { type, epoch: 0, setHash: members.setHash, term, entryId, signer, sig };
};
const certOf = (...signers: number[]): Certificate => formCertificate(signers.map((seat) => voteOf(seat)));
const verdict = (cert: Certificate, chain = CHAIN, market = MARKET) => {
  const result = verifyCertificate(cert, members, chain, market, seats.verifier);
  return result.ok ? result.value : result.error;
};

describe("a certificate", () => {
  it("of Q votes in any order is valid and says what it tolerates", () => {
    expect(verdict(certOf(6, 0, 3, 2, 5))).toEqual({ power: 5, byzantineTolerance: 2 });
    expect(verdict(certOf(0, 1, 2, 3, 4, 5, 6))).toEqual({ power: 7, byzantineTolerance: 2 });
  });

  it("of Q-1 votes is none", () => expect(verdict(certOf(0, 1, 2, 3))).toBe("NO_QUORUM"));

  it("counts no signer twice, and takes signers in ascending order only", () => {
    const good = certOf(0, 1, 2, 3, 4);
    const doubled = { ...good, signers: [0, 1, 2, 3, 3], sigs: [...good.sigs.slice(0, 4), good.sigs[3]!] };
    expect(verdict(doubled)).toBe("BAD_SIGNERS");
    const swapped = {
      ...good,
      signers: [1, 0, 2, 3, 4],
      sigs: [good.sigs[1]!, good.sigs[0]!, ...good.sigs.slice(2)],
    };
    expect(verdict(swapped)).toBe("BAD_SIGNERS");
    expect(verdict({ ...good, signers: [0, 1, 2, 3, 7] })).toBe("BAD_SIGNERS");
    expect(verdict({ ...good, sigs: good.sigs.slice(1) })).toBe("BAD_SIGNERS");
  });

  it("counts nowhere but in its own chain, market, epoch and set", () => {
    const good = certOf(0, 1, 2, 3, 4);
    expect(verdict(good, testHash("other"))).toBe("BAD_SIGNATURE");
    expect(verdict(good, CHAIN, testHash("other"))).toBe("BAD_SIGNATURE");
    expect(verdict({ ...good, epoch: 1 })).toBe("WRONG_EPOCH");
    expect(verdict({ ...good, setHash: testHash("set") })).toBe("WRONG_EPOCH");
    const others = electorate(testSeats(7, "other").set, CHAIN);
    expect(verifyCertificate(good, others, CHAIN, MARKET, seats.verifier).ok).toBe(false);
  });

  it("says one thing: another kind, term or entry is not covered by its signatures", () => {
    const good = certOf(0, 1, 2, 3, 4);
    expect(verdict({ ...good, type: "commit" })).toBe("BAD_SIGNATURE");
    expect(verdict({ ...good, term: 4 })).toBe("BAD_SIGNATURE");
    expect(verdict({ ...good, entryId: testHash("other") })).toBe("BAD_SIGNATURE");
    expect(verdict({ ...good, type: "skip" })).toBe("BAD_ENTRY_ID");
    expect(verdict({ ...good, entryId: ZERO_HASH })).toBe("BAD_ENTRY_ID");
  });

  it("with one signature changed is none", () => {
    const good = certOf(0, 1, 2, 3, 4);
    const sigs = good.sigs.map((sig, i) =>
      i === 2 ? sig.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) : sig,
    );
    expect(verdict({ ...good, sigs })).toBe("BAD_SIGNATURE");
  });
});
