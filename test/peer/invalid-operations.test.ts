// E6 with real operations: the ledger's own face rules convict the leader that includes what they refuse, and nobody else.
import { describe, expect, it } from "vitest";
import { type Bytes, utf8 } from "../../src/base/index.js";
import { leafHash, merkleProof, merkleRoot } from "../../src/crypto/index.js";
import { encodeOperation, type Operation, selfProving, signOperation } from "../../src/market/index.js";
import {
  encodeEvidence,
  entryIdOf,
  flawEvidence,
  type Header,
  NO_GAP_HASH,
  opsBytesOf,
  proposeDigest,
} from "../../src/quorum/index.js";
import { Cluster, keyOf } from "./cluster.js";

const cluster = new Cluster({ agents: [["ann"], ["ben"], [], []] });
cluster.run(2000);
const { live } = cluster.host(0);
const { network, params } = live.ledger;
const { electorate } = live;
const seat = electorate.seatOf(keyOf("seat 3").publicKey)!;
const timeMs = live.tip.timeMs;

function transfer(
  change: { fee?: bigint; validUntilMs?: number } = {},
  foreign: Partial<Operation> = {},
): Bytes {
  const authority = { nonce: 0, fee: params.minFee, validUntilMs: timeMs + 1000, ...change };
  const body = { kind: "transfer", to: keyOf("ben").publicKey, amount: 1n } as const;
  const made = signOperation({ ...network, ...foreign }, authority, body, keyOf("ann"));
  return encodeOperation({ ...made, ...foreign });
}

/** What the evidence proves that an entry with these operations holds an invalid one at the place. */
function verdict(ops: readonly Bytes[], at: number, shown = ops[at]!) {
  let term = live.voter.term + 4;
  while (electorate.leaderOf(term) !== seat) term++;
  const leaves = ops.map(leafHash);
  const header: Header = {
    ...live.tip.header!,
    term,
    leader: seat,
    parentTerm: term - 1,
    justifyHash: NO_GAP_HASH,
    timeMs,
    opsRoot: merkleRoot(leaves),
    opsCount: ops.length,
    opsBytes: opsBytesOf(ops),
  };
  const leaderSig = keyOf("seat 3").sign(proposeDigest(entryIdOf(header)));
  const place = { leaf: shown, path: merkleProof(leaves, at) };
  const evidence = flawEvidence({ header, leaderSig }, { kind: "op", at: place });
  return live.judgeEvidence(encodeEvidence(evidence));
}

describe("an entry with an operation", () => {
  const invalid: readonly (readonly [string, Bytes])[] = [
    ["that cannot be decoded", utf8("what is this")],
    ["of another chain", transfer({}, { chain: network.market })],
    ["of another market", transfer({}, { market: network.chain })],
    ["with a false signature", transfer({}, { sig: new Uint8Array(64) })],
    ["that has expired", transfer({ validUntilMs: timeMs - 1 })],
    ["that is valid for too long", transfer({ validUntilMs: timeMs + params.maxValidityMs + 1 })],
    ["that declares too low a fee", transfer({ fee: params.minFee - 1n })],
  ];
  for (const [what, op] of invalid) {
    it(`${what} convicts its leader of class B`, () => {
      expect(verdict([transfer(), op], 1)).toMatchObject({ type: "E6", key: keyOf("seat 3").publicKey });
      expect(verdict([transfer(), op], 0)).toBeNull();
      expect(verdict([transfer(), transfer({ validUntilMs: timeMs + 2 })], 1, op)).toBeNull();
    });
  }

  it("that fails for what only the state tells convicts nobody: poor, unknown, used up, or proving nothing", () => {
    const stranger = signOperation(
      network,
      { nonce: 900, fee: params.minFee, validUntilMs: timeMs + 1 },
      { kind: "transfer", to: keyOf("nobody").publicKey, amount: 2n ** 52n },
      keyOf("stranger"),
    );
    const forged = selfProving(network, { kind: "evidence", evidence: utf8("nothing") });
    const early = { kind: "reveal", bid: { amount: 1n, units: null }, salt: new Uint8Array(32) } as const;
    const reveal = selfProving(network, { ...early, auction: network.chain, bidder: keyOf("ann").publicKey });
    for (const op of [stranger, forged, reveal]) expect(verdict([encodeOperation(op)], 0)).toBeNull();
  });
});

describe("every operation that honest leaders have put into the log", () => {
  it("is no evidence against them, at whatever place it is shown", () => {
    const world = new Cluster({ agents: [["ann"], ["ben"], [], []] });
    world.run(1000);
    for (let amount = 1n; amount <= 6n; amount++) {
      const wish = {
        kind: "transfer",
        from: keyOf("ann").publicKey,
        to: keyOf("ben").publicKey,
        amount,
      } as const;
      expect(world.command(world.host(0), wish).ok).toBe(true);
      world.run(300);
    }
    const host = world.host(1);
    const sent = world.hosts.flatMap((one) => one.sent);
    const entries = sent.flatMap((one) =>
      "message" in one && one.message.kind === "propose" ? [one.message.propose.entry] : [],
    );
    const all = entries.flatMap(({ ops }) => ops);
    let tried = 0;
    for (const { header, ops, leaderSig } of entries) {
      const leaves = ops.map(leafHash);
      for (const i of ops.keys()) {
        for (const leaf of all) {
          const at = { leaf, path: merkleProof(leaves, i) };
          const evidence = flawEvidence({ header, leaderSig }, { kind: "op", at });
          expect(host.live.judgeEvidence(encodeEvidence(evidence))).toBeNull();
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(0);
  });
});
