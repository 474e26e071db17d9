// Vectors of the log: member sets and who leads, the bytes of headers and certificates, and what signatures cover.
import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { type Bytes, compareBytes, encode, fromHex, toHex, utf8, ZERO_HASH } from "../../src/base/index.js";
import { merkleRoot, taggedHash } from "../../src/crypto/index.js";
import { marketOf } from "../../src/ledger/index.js";
import {
  type Certificate,
  certificate,
  electorate,
  entryIdOf,
  type Header,
  header,
  justifyHashOf,
  memberSet,
  NO_GAP_HASH,
  proposeDigest,
  statusDigest,
  VOTE_KINDS,
  voteDigest,
  voteDomain,
} from "../../src/quorum/index.js";
import { vectors } from "../vectors.js";

const hex = (text: string): Bytes => fromHex(text)!;
const some = (name: string): Bytes => taggedHash("key", utf8(name));
const chain = taggedHash("genesis", utf8("vectors"));
const market = marketOf("main");

const seedOf = (seat: number): Bytes => some(`seat ${seat}`);
/** `size` seats, in the order of their keys. */
const seatsOf = (size: number) =>
  Array.from({ length: size }, (_, i) => ({
    seed: seedOf(i),
    signer: agentKey(seedOf(i)),
    agent: some(`agent ${i}`),
  })).sort((a, b) => compareBytes(a.signer.publicKey, b.signer.publicKey));
const electorateOf = (size: number, epoch = 0) =>
  electorate(
    {
      epoch,
      members: seatsOf(size).map(({ signer, agent }) => ({ key: signer.publicKey, agent, power: 1 })),
    },
    chain,
  );

const four = electorateOf(4);
const domain = voteDomain(four, chain, market);

const FIRST: Header = {
  v: 1,
  chain,
  market,
  epoch: 0,
  setHash: four.setHash,
  term: 1,
  leader: four.leaderOf(1),
  height: 1,
  parent: chain,
  parentTerm: 0,
  timeMs: 1_700_000_000_000,
  opsRoot: merkleRoot([]),
  opsCount: 0,
  opsBytes: 0,
  justifyHash: NO_GAP_HASH,
  execHeight: 0,
  execRoot: some("root"),
  kind: "normal",
  nextSetHash: null,
};

/** Signed by the first `signers` seats. */
function certified(type: Certificate["type"], term: number, entryId: Bytes, signers: number): Certificate {
  const digest = voteDigest(domain, type, term, entryId);
  const seats = seatsOf(4).slice(0, signers);
  return {
    type,
    epoch: 0,
    setHash: four.setHash,
    term,
    entryId,
    signers: seats.map((_, seat) => seat),
    sigs: seats.map(({ signer }) => signer.sign(digest)),
  };
}

const SKIPS = [2, 3].map((term) => certified("skip", term, ZERO_HASH, 3));
const SECOND: Header = {
  ...FIRST,
  term: 4,
  leader: four.leaderOf(4),
  height: 2,
  parent: entryIdOf(FIRST),
  parentTerm: 1,
  timeMs: FIRST.timeMs + 200,
  opsRoot: merkleRoot([some("leaf")]),
  opsCount: 1,
  opsBytes: 300,
  justifyHash: justifyHashOf(SKIPS),
  execHeight: 1,
};
const HEADERS: readonly (readonly [name: string, header: Header])[] = [
  ["the first", FIRST],
  ["after two terms that were skipped", SECOND],
  ["a seal", { ...SECOND, kind: "seal", nextSetHash: some("next set") }],
  ["a tail", { ...FIRST, kind: "tail" }],
  ["the greatest numbers", { ...SECOND, term: 2 ** 53 - 1, parentTerm: 2 ** 53 - 2, opsCount: 65_535 }],
];

interface LogVectors {
  readonly votes: readonly { seat: number; digest: string; sig: string }[];
  readonly sets: readonly { size: number; quorum: number; tolerance: number; leaders: readonly number[] }[];
}

describe("log.json", () => {
  const file = vectors<LogVectors>("log", () => ({
    about:
      "setHash = H('set', bytes of the set); leaders[i] leads terms i + 1, i + 1 + size, …; entryId = H('entry', bytes of the header); a vote signs H('vote', chain ‖ market ‖ u32be epoch ‖ setHash ‖ u8 kind ‖ u64be term ‖ entryId) with kind ack 1, skip 2, commit 3, and 32 zero bytes as the entryId of a skip; a leader signs H('propose', entryId); justifyHash = H('justify', u32be count ‖ root over the certificates' bytes).",
    chain,
    market,
    sets: [1, 3, 4, 7, 16].map((size) => {
      const { set, setHash, quorum, tolerance, leaderOf } = electorateOf(size);
      const leaders = Array.from({ length: size }, (_, i) => leaderOf(i + 1));
      return { set, bytes: encode(memberSet, set), setHash, size, quorum, tolerance, leaders };
    }),
    epochs: [0, 1, 2 ** 32 - 1].map((epoch) => {
      const { set, setHash } = electorateOf(1, epoch);
      return { set, bytes: encode(memberSet, set), setHash };
    }),
    headers: HEADERS.map(([name, value]) => ({
      name,
      header: value,
      bytes: encode(header, value),
      entryId: entryIdOf(value),
      propose: proposeDigest(entryIdOf(value)),
    })),
    votes: VOTE_KINDS.flatMap((kind) =>
      [1, 2 ** 33 + 5].map((term, i) => {
        const entryId = kind === "skip" ? ZERO_HASH : entryIdOf(HEADERS[i]![1]);
        const digest = voteDigest(domain, kind, term, entryId);
        const { seed, signer } = seatsOf(4)[i]!;
        return {
          setHash: four.setHash,
          epoch: 0,
          kind,
          term,
          entryId,
          digest,
          seat: i,
          seed,
          sig: signer.sign(digest),
        };
      }),
    ),
    certificates: [
      certified("ack", 1, entryIdOf(FIRST), 3),
      ...SKIPS,
      certified("commit", 4, entryIdOf(SECOND), 4),
    ].map((value) => ({ certificate: value, bytes: encode(certificate, value) })),
    justifications: [[], SKIPS.slice(0, 1), SKIPS].map((skips) => ({
      certificates: skips.map((one) => encode(certificate, one)),
      justifyHash: justifyHashOf(skips),
    })),
    status: statusDigest(chain, market, {
      epoch: 0,
      setHash: four.setHash,
      term: 1,
      entered: null,
      finalHeight: 0,
      finalId: chain,
      maxTermSeen: 1,
      clockMs: FIRST.timeMs,
      highestOfAsker: null,
      nonce: new Uint8Array(16),
      signer: 0,
      sig: new Uint8Array(64),
    }),
  }));

  it("holds signatures that OpenSSL accepts", () => {
    for (const { seat, digest, sig } of file.votes) {
      const head = hex("302a300506032b6570032100");
      const key = Buffer.concat([head, seatsOf(4)[seat]!.signer.publicKey]);
      const publicKey = createPublicKey({ key, format: "der", type: "spki" });
      expect(verify(null, hex(digest), publicKey, hex(sig))).toBe(true);
    }
  });

  it("holds orders in which every seat leads once, and quorums that meet in more than F", () => {
    for (const { size, quorum, tolerance, leaders } of file.sets) {
      expect([...leaders].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      expect(2 * quorum - size).toBeGreaterThan(tolerance);
    }
    expect(toHex(NO_GAP_HASH)).not.toBe(toHex(justifyHashOf(SKIPS)));
  });
});
