// Real evidence, changed byte by byte and field by field: whatever an accuser makes of it convicts nobody else of anything else.
// Scenario 26 of spec/scenarios.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, toHex, ZERO_HASH } from "../../src/base/index.js";
import { leafHash, merkleProof, merkleRoot } from "../../src/crypto/index.js";
import {
  accusedOf,
  decodeEvidence,
  type Evidence,
  electorate,
  encodeEvidence,
  entryIdOf,
  evidenceKey,
  flawEvidence,
  type Header,
  justifyHashOf,
  NO_GAP_HASH,
  opsBytesOf,
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
import { testHash, testSeats, text } from "./harness/keys.js";
import { TestLedger } from "./harness/ledger.js";
import { CHAIN, GENESIS_ROOT, MARKET } from "./harness/member.js";

const seats = testSeats(4);
const members = electorate(seats.set, CHAIN);
const domain = voteDomain(members, CHAIN, MARKET);
const ledger = new TestLedger(GENESIS_ROOT);
const [a, b] = [testHash("a"), testHash("b")];
const GUILTY = 2;

const verdictOf = (evidence: Evidence, chain = CHAIN, market = MARKET) =>
  verifyEvidence(evidence, members, chain, market, seats.verifier, (_, ops) => ledger.judgeOps(_, ops));

const vote = (type: VoteKind, entryId = ZERO_HASH): Vote => {
  const sig = seats.signers[GUILTY]!.sign(voteDigest(domain, type, 9, entryId));
  return { type, epoch: 0, setHash: members.setHash, term: 9, entryId, signer: GUILTY, sig };
};

const TERM = [1, 2, 3, 4].find((term) => members.leaderOf(term) === GUILTY)! + 8;
function proposal(change: Partial<Header>): SignedHeader {
  const header: Header = {
    v: 1,
    chain: CHAIN,
    market: MARKET,
    epoch: 0,
    setHash: members.setHash,
    term: TERM,
    leader: GUILTY,
    height: 3,
    parent: a,
    parentTerm: TERM - 1,
    timeMs: 1000,
    opsRoot: merkleRoot([]),
    opsCount: 0,
    opsBytes: 0,
    justifyHash: NO_GAP_HASH,
    execHeight: 2,
    execRoot: a,
    kind: "normal",
    nextSetHash: null,
    ...change,
  };
  return { header, leaderSig: seats.signers[GUILTY]!.sign(proposeDigest(entryIdOf(header))) };
}

const ops = [text("one"), Uint8Array.of(0, 1), text("three"), text("one")];
const leaves = ops.map(leafHash);
const placeOf = (i: number) => ({ leaf: ops[i]!, path: merkleProof(leaves, i) });
const withBody = { opsRoot: merkleRoot(leaves), opsCount: 4, opsBytes: opsBytesOf(ops) };

const REAL: readonly Evidence[] = [
  voteEvidence(vote("ack", a), vote("ack", b))!,
  voteEvidence(vote("skip"), vote("commit", a))!,
  voteEvidence(vote("ack", a), vote("commit", b))!,
  voteEvidence(vote("commit", a), vote("commit", b))!,
  proposalEvidence(proposal({}), proposal({ timeMs: 2000 })),
  flawEvidence(proposal({ execHeight: 9 }), { kind: "header" }),
  flawEvidence(proposal(withBody), { kind: "op", at: placeOf(1) }),
  flawEvidence(proposal(withBody), { kind: "twins", a: placeOf(0), b: placeOf(3) }),
  flawEvidence(proposal({ ...withBody, opsCount: 3 }), { kind: "opsCount", ...placeOf(2), leaf: leaves[2]! }),
  flawEvidence(proposal({ justifyHash: justifyHashOf([]), parentTerm: TERM - 3 }), { kind: "header" }),
];

/**
 * What a changed evidence may still prove: exactly what the real one does. Parts that no signature and no hash covers
 * do not exist but for the choice among true flaws of one and the same proposal.
 */
function provesNoMore(real: Evidence, changed: Evidence): void {
  const verdict = verdictOf(changed);
  if (!verdict.ok) return;
  expect(evidenceKey(changed)).toBe(evidenceKey(real));
  expect(verdict.value.signer).toBe(GUILTY);
  expect(toHex(encodeEvidence(changed)) === toHex(encodeEvidence(real)) || changed.kind === "proposal").toBe(
    true,
  );
}

/** The value as a peer would read it from the wire; null: it has no encoding, or none that is accepted. */
function onWire(value: unknown): Evidence | null {
  try {
    const decoded = decodeEvidence(encodeEvidence(value as Evidence));
    return decoded.ok ? decoded.value : null;
  } catch {
    return null;
  }
}

/** Every leaf of a value with the way to it. */
function paths(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return [at];
  return Object.entries(value).flatMap(([name, part]) => paths(part, [...at, name]));
}

function replaced(
  value: unknown,
  [first, ...rest]: readonly (string | number)[],
  by: (old: unknown) => unknown,
): unknown {
  if (first === undefined) return by(value);
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  const part = (value as Record<string | number, unknown>)[first];
  return Object.assign(copy, { [first]: replaced(part, rest, by) });
}

const REPLACEMENTS: readonly ((old: unknown) => unknown)[] = [
  (old) =>
    typeof old === "number" ? old + 1 : old instanceof Uint8Array ? old.map((byte) => byte ^ 1) : old,
  (old) =>
    typeof old === "number" ? Math.max(0, old - 1) : old instanceof Uint8Array ? old.map(() => 0) : old,
  (old) => (old instanceof Uint8Array && old.length === 32 ? b : typeof old === "number" ? 2 ** 40 : old),
  (old) => (old instanceof Uint8Array && old.length === 32 ? ZERO_HASH : old === null ? a : old),
];

describe("evidence", () => {
  it("that is real is accepted, each kind of it, and only on its own chain and market", () => {
    for (const one of REAL) {
      expect([one.type, verdictOf(one).ok]).toEqual([one.type, true]);
      expect(accusedOf(one).signer).toBe(GUILTY);
      expect(verdictOf(one, testHash("chain 2")).ok).toBe(false);
      expect(verdictOf(one, CHAIN, testHash("market 2")).ok).toBe(false);
    }
  });

  it("with any one byte changed, left out or put in convicts nobody of anything else", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...REAL),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom("flip", "cut", "insert"),
        (real, position, bits, how) => {
          const bytes = encodeEvidence(real);
          const at = position % bytes.length;
          const rest = how === "insert" ? bytes.subarray(at) : bytes.subarray(at + 1);
          const middle = how === "cut" ? [] : [how === "flip" ? bytes[at]! ^ bits : bits];
          const decoded = decodeEvidence(Uint8Array.of(...bytes.subarray(0, at), ...middle, ...rest));
          if (decoded.ok) provesNoMore(real, decoded.value);
        },
      ),
      { numRuns: 4000 },
    );
  });

  it("with any one field changed convicts nobody of anything else", () => {
    let changes = 0;
    for (const real of REAL) {
      for (const path of paths(real)) {
        for (const by of REPLACEMENTS) {
          const changed = onWire(replaced(real, path, by));
          if (changed === null) continue;
          provesNoMore(real, changed);
          changes++;
        }
      }
    }
    expect(changes).toBeGreaterThan(500);
  });

  it("made of parts of several convicts nobody of anything but what a part proved", () => {
    const keys = new Set(REAL.map(evidenceKey));
    fc.assert(
      fc.property(fc.constantFrom(...REAL), fc.constantFrom(...REAL), fc.nat(), (x, y, n) => {
        const places = paths(x);
        const path = places[n % places.length]!;
        const donors = paths(y);
        const donor = donors[n % donors.length]!.reduce<unknown>(
          (value, name) => (value as Record<string, unknown>)[name],
          y,
        );
        const mixed = onWire(replaced(x, path, (old) => (typeof old === typeof donor ? donor : old)));
        if (mixed === null) return;
        const verdict = verdictOf(mixed);
        if (verdict.ok) expect(keys.has(evidenceKey(mixed))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("has one order and one type", () => {
    for (const real of REAL) {
      if (real.kind === "proposal") continue;
      const [x, y] = [real.a, real.b].map((part) =>
        encodeEvidence({ ...real, a: part, b: part } as Evidence),
      );
      expect(compareBytes(x!, y!)).toBeLessThan(0);
      expect(verdictOf({ ...real, a: real.b, b: real.a } as Evidence)).toEqual({
        ok: false,
        error: "NOT_ORDERED",
      });
    }
  });

  it("of another epoch or set is refused before anything is verified", () => {
    for (const real of REAL) {
      const before = seats.verifier.calls;
      expect(verdictOf({ ...real, epoch: 1 })).toEqual({ ok: false, error: "WRONG_EPOCH" });
      expect(verdictOf({ ...real, setHash: a })).toEqual({ ok: false, error: "WRONG_EPOCH" });
      expect(seats.verifier.calls).toBe(before);
    }
  });
});
