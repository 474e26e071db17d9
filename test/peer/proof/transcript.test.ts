// Transcripts: whoever knows the chain's name recomputes an auction from one, and no changed byte goes unseen.
import { describe, expect, it } from "vitest";
import { type Bytes, decode, encode, type Hash, toHex } from "../../../src/base/index.js";
import { leafHash, merkleRoot } from "../../../src/crypto/index.js";
import { encodeGenesis, proveRow, StateTree } from "../../../src/ledger/index.js";
import {
  type AuctionId,
  auctionOf,
  auctionRow,
  commitRow,
  encodeOperation,
  signOperation,
} from "../../../src/market/index.js";
import {
  assembleTranscript,
  type CheckName,
  decodeWitness,
  ownWitnessKey,
  type Transcript,
  VERIFICATION_CHECKS,
  verifyTranscript,
  type Witness,
  witnessKey,
} from "../../../src/peer/index.js";
import { MAX_WITNESS_BYTES, provenRow } from "../../../src/peer/proof/witness.js";
import {
  certificate,
  entryIdOf,
  type Header,
  header as headerCodec,
  longestIdleMs,
  voteDigest,
  voteDomain,
} from "../../../src/quorum/index.js";
import { saleTo } from "../../worlds/sale.js";
import {
  Cluster,
  type creation,
  ended,
  FEE,
  type Host,
  idOf,
  keyOf,
  LOT,
  opened,
  placed,
  verifier,
} from "../cluster.js";

/** Few entries, so that a transcript is small. */
const QUIET = {
  deltaMs: 100,
  idleMs: 1000,
  precisionMs: 50,
  minRevealMs: 350,
  minCommitMs: 300,
};
const SHORT = { commitMs: 300, revealMs: 350 };

const witnessRow = (host: Host, auction: AuctionId): Bytes | undefined =>
  host.rows.get(ownWitnessKey(toHex(auction))) ?? host.rows.get(witnessKey(toHex(auction)));

const witnessOf = (host: Host, auction: AuctionId): Witness => {
  const row = witnessRow(host, auction);
  const witness = row === undefined ? null : decodeWitness(row);
  expect(witness).not.toBeNull();
  return witness!;
};

function transcriptOf(host: Host, auction: AuctionId): Transcript {
  const witness = witnessOf(host, auction);
  const { createdAt } = auctionOf(host.live.ledger, auction)!;
  return assembleTranscript(toHex(auction), encodeGenesis(host.genesis), host.log(createdAt), witness)!;
}

/** Runs until the witness of an auction is on every disk, and the log has gone on. */
const witnessed = (cluster: Cluster, auction: AuctionId): void =>
  void expect(
    cluster.run(3 * longestIdleMs(QUIET), () =>
      cluster.hosts.every(
        (host) =>
          witnessRow(host, auction) !== undefined &&
          host.log().at(-1)!.header.height > witnessOf(host, auction).attestedAt,
      ),
    ),
  ).toBe(true);

/** A settled auction with two bids, as a lone seat has it. */
function settled(wishes: Parameters<typeof creation>[1] = {}): {
  cluster: Cluster;
  auction: AuctionId;
  transcript: Transcript;
} {
  const cluster = new Cluster({ agents: [["sue", "ann", "bob"]], params: QUIET });
  const auction = opened(cluster, "sue", { ...SHORT, ...wishes });
  placed(cluster, "ann", auction, 500n);
  placed(cluster, "bob", auction, 300n);
  ended(cluster, auction);
  witnessed(cluster, auction);
  return { cluster, auction, transcript: transcriptOf(cluster.host(0), auction) };
}

const failure = (transcript: Transcript, chain: Hash): CheckName | null => {
  const { ok, checks } = verifyTranscript(transcript, chain, verifier);
  const last = checks.at(-1)!;
  expect(last.ok).toBe(ok);
  return ok ? null : last.name;
};

/** A transcript whose last header a lone seat signs again, after the test has changed it. */
function signedAgain(
  cluster: Cluster,
  transcript: Transcript,
  change: (headers: Header[]) => void,
): Transcript {
  const headers = transcript.entries.map((one) => read(headerCodec, one.header));
  change(headers);
  const { electorate, ledger } = cluster.host(0).live;
  const domain = voteDomain(electorate, ledger.network.chain, ledger.network.market);
  const entries = transcript.entries.map((one, i) => {
    const header = encode(headerCodec, headers[i]!);
    return { ...one, header };
  });
  const { term } = headers.at(-1)!;
  const entryId = entryIdOf(headers.at(-1)!);
  const sig = keyOf("seat 0").sign(voteDigest(domain, "commit", term, entryId));
  const old = read(certificate, transcript.certificate);
  return { ...transcript, entries, certificate: encode(certificate, { ...old, term, entryId, sigs: [sig] }) };
}

const read = <T>(codec: Parameters<typeof decode<T>>[0], bytes: Bytes): T => {
  const decoded = decode(codec, bytes, MAX_WITNESS_BYTES);
  if (!decoded.ok) throw new Error(decoded.error.detail);
  return decoded.value;
};

describe("a witness", () => {
  it("is there for done, unsold and void auctions at every peer, and what it proves is verified", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"], ["bob"], [], ["fay"]], seats: 4, delayMs: 40 });
    const bidIn = (wishes: Parameters<typeof creation>[1]): AuctionId => {
      const auction = opened(cluster, "sue", { commitMs: 1500, ...wishes });
      placed(cluster, "ann", auction, 500n);
      placed(cluster, "bob", auction, 300n);
      return auction;
    };
    const done = bidIn({});
    const unsold = bidIn({ reserve: 900n });
    const empty = opened(cluster, "sue");
    // The lot lapses while the log stands still: bids are valid, and there is nothing left to sell.
    const lapsed = bidIn({ lot: { ...LOT, toMs: cluster.nowMs + 8000 } });
    cluster.run(1500);
    cluster.loses = () => true;
    cluster.run(6000);
    cluster.loses = () => false;
    for (const [auction, phase] of [
      [done, "done"],
      [unsold, "unsold"],
      [empty, "unsold"],
      [lapsed, "void"],
    ] as const) {
      expect(ended(cluster, auction).phase.kind).toBe(phase);
      witnessed(cluster, auction);
      for (const host of cluster.hosts) {
        const result = verifyTranscript(transcriptOf(host, auction), cluster.chain, verifier);
        expect(result.checks.filter((one) => !one.ok)).toEqual([]);
        expect(result).toMatchObject({ ok: true, byzantineTolerance: 1, outcome: { phase } });
      }
    }
  });

  it("outlives the auction's rows where an own agent sold or bid, and there only", () => {
    const cluster = new Cluster({
      agents: [["sue"], ["ann"], []],
      params: { ...QUIET, retainMs: 8000 },
    });
    const auction = opened(cluster, "sue", SHORT);
    placed(cluster, "ann", auction, 500n);
    ended(cluster, auction);
    witnessed(cluster, auction);
    const transcript = transcriptOf(cluster.host(1), auction);
    cluster.restart(cluster.host(2));
    expect(
      cluster.run(20_000, () => cluster.hosts.every((host) => auctionOf(host.live.ledger, auction) === null)),
    ).toBe(true);
    expect(cluster.hosts.map((host) => witnessRow(host, auction) !== undefined)).toEqual([true, true, false]);
    cluster.restart(cluster.host(1));
    expect(witnessRow(cluster.host(1), auction)).toBeDefined();
    expect(failure(transcript, cluster.chain)).toBeNull();
  });

  it("is made after a restart as well", () => {
    const cluster = new Cluster({ agents: [["sue", "ann"]], params: QUIET });
    const auction = opened(cluster, "sue", SHORT);
    placed(cluster, "ann", auction, 500n);
    ended(cluster, auction);
    expect(witnessRow(cluster.host(0), auction)).toBeUndefined();
    cluster.restart(cluster.host(0));
    witnessed(cluster, auction);
    expect(failure(transcriptOf(cluster.host(0), auction), cluster.chain)).toBeNull();
  });
});

describe("a transcript", () => {
  it("is recomputed from signed bytes: winner, price, forfeits", () => {
    const { cluster, auction, transcript } = settled();
    const result = verifyTranscript(transcript, cluster.chain, verifier);
    expect(result.checks.map(({ name, ok }) => [name, ok])).toEqual(
      VERIFICATION_CHECKS.map((name) => [name, true]),
    );
    expect(result.outcome).toEqual({
      auction: toHex(auction),
      phase: "done",
      ...saleTo(idOf("ann"), 300n, LOT.units),
      burned: 0n,
      bids: 2,
      passedOver: 0,
    });
    const hidden = settled({ hiddenReserve: 450n, bond: 1_000_000n });
    expect(verifyTranscript(hidden.transcript, hidden.cluster.chain, verifier).outcome?.clearingPrice).toBe(
      450n,
    );
  });

  it("with one bit changed in any byte it fails", () => {
    const { cluster, transcript } = settled();
    const spots: [name: string, size: number, put: (bytes: Bytes) => Transcript, bytes: Bytes][] = [];
    const spot = (name: string, bytes: Bytes, put: (changed: Bytes) => Transcript) =>
      spots.push([name, bytes.length, put, bytes]);
    spot("genesis", transcript.genesis, (genesis) => ({ ...transcript, genesis }));
    const withEntry = (i: number, part: Partial<Transcript["entries"][number]>): Transcript => ({
      ...transcript,
      entries: transcript.entries.map((one, at) => (at === i ? { ...one, ...part } : one)),
    });
    for (const [i, one] of transcript.entries.entries()) {
      spot(`header ${i}`, one.header, (header) => withEntry(i, { header }));
      for (const [k, op] of one.ops.entries()) {
        spot(`op ${i}/${k}`, op, (changed) =>
          withEntry(i, { ops: one.ops.map((other, at) => (at === k ? changed : other)) }),
        );
      }
    }
    spot("certificate", transcript.certificate, (certificate) => ({ ...transcript, certificate }));
    for (const [i, proof] of transcript.proofs.entries()) {
      spot(`proof ${i}`, proof, (changed) => ({
        ...transcript,
        proofs: transcript.proofs.map((other, at) => (at === i ? changed : other)),
      }));
    }
    const survived: string[] = [];
    let tried = 0;
    for (const [name, size, put, bytes] of spots) {
      for (let at = 0; at < size; at++) {
        const changed = Uint8Array.from(bytes);
        changed[at] = changed[at]! ^ (1 << (at % 8));
        tried++;
        if (failure(put(changed), cluster.chain) === null) survived.push(`${name} byte ${at}`);
      }
    }
    for (let at = 0; at < 64; at++) {
      for (const bit of [0x01, 0x20]) {
        const changed = [...transcript.auction];
        changed[at] = String.fromCharCode(changed[at]!.charCodeAt(0) ^ bit);
        if (failure({ ...transcript, auction: changed.join("") }, cluster.chain) === null)
          survived.push(`auction ${at}`);
      }
    }
    expect(survived).toEqual([]);
    expect(tried).toBeGreaterThan(5000);
  });

  it.each<[string, Partial<Header>, RegExp]>([
    ["chain", { chain: idOf("nobody") }, /names another chain or market$/],
    ["market", { market: idOf("nobody") }, /names another chain or market$/],
    ["epoch", { epoch: 1 }, /names another member set$/],
    ["parent", { parent: idOf("nobody") }, /does not follow the one before it$/],
  ])("says of a header whose %s was changed what is wrong with it, and no bare code", (_, change, words) => {
    const { cluster, transcript } = settled();
    const at = 1;
    const read = decode(headerCodec, transcript.entries[at]!.header, 65536);
    if (!read.ok) throw new Error(read.error.detail);
    const entries = transcript.entries.map((one, i) =>
      i === at ? { ...one, header: encode(headerCodec, { ...read.value, ...change }) } : one,
    );
    const { checks } = verifyTranscript({ ...transcript, entries }, cluster.chain, verifier);
    expect(checks.at(-1)).toMatchObject({ name: "headers", ok: false });
    expect(checks.at(-1)!.detail).toMatch(words);
  });

  it("of another chain, another auction, or with rows or entries missing, doubled or swapped it fails", () => {
    const { cluster, auction, transcript } = settled();
    const { chain } = cluster;
    const other = opened(cluster, "sue", SHORT);
    placed(cluster, "ann", other, 20n);
    ended(cluster, other);
    witnessed(cluster, other);
    const theirs = transcriptOf(cluster.host(0), other);
    const { proofs, entries } = transcript;
    const [row, first, second] = proofs as [Bytes, Bytes, Bytes];
    const failures: Record<string, CheckName | null> = {
      chain: failure(transcript, new Uint8Array(32)),
      auction: failure({ ...transcript, auction: toHex(other) }, chain),
      "other proofs": failure({ ...transcript, proofs: theirs.proofs }, chain),
      "no proof": failure({ ...transcript, proofs: [] }, chain),
      "a commit less": failure({ ...transcript, proofs: [row, first] }, chain),
      "a commit twice": failure({ ...transcript, proofs: [row, first, first] }, chain),
      "a commit more": failure({ ...transcript, proofs: [row, first, second, second] }, chain),
      "a commit of another": failure({ ...transcript, proofs: [row, first, theirs.proofs[1]!] }, chain),
      "commits swapped": failure({ ...transcript, proofs: [row, second, first] }, chain),
      "no entry": failure({ ...transcript, entries: [] }, chain),
      "an entry less": failure({ ...transcript, entries: entries.filter((_, i) => i !== 2) }, chain),
      "the first entry less": failure({ ...transcript, entries: entries.slice(1) }, chain),
      "no certificate": failure({ ...transcript, certificate: new Uint8Array(0) }, chain),
      "an operation less": failure(
        { ...transcript, entries: entries.map((one) => ({ ...one, ops: one.ops.slice(1) })) },
        chain,
      ),
    };
    expect(failures).toEqual({
      chain: "genesis",
      auction: "proofs",
      "other proofs": "proofs",
      "no proof": "proofs",
      "a commit less": "proofs",
      "a commit twice": "proofs",
      "a commit more": "proofs",
      "a commit of another": "proofs",
      "commits swapped": "proofs",
      "no entry": "headers",
      "an entry less": "headers",
      "the first entry less": "terms",
      "no certificate": "certificate",
      "an operation less": "operations",
    });
    expect(toHex(auction)).not.toBe(toHex(other));
  });

  it("a row that names another price or burn does not fit its proof, nor any proof", () => {
    const { cluster, transcript } = settled();
    const proven = read(provenRow, transcript.proofs[0]!);
    const row = read(auctionRow, proven.value);
    if (row.phase.kind !== "done") throw new Error("done");
    for (const phase of [
      { ...row.phase, clearingPrice: 299n },
      { ...row.phase, burned: 1n },
    ]) {
      const value = encode(auctionRow, { ...row, phase });
      const forged = encode(provenRow, { ...proven, value });
      const theirs = read(provenRow, transcript.proofs[1]!).proof;
      const borrowed = encode(provenRow, { ...proven, value, proof: theirs });
      for (const proof of [forged, borrowed]) {
        expect(
          failure({ ...transcript, proofs: [proof, ...transcript.proofs.slice(1)] }, cluster.chain),
        ).toBe("proofs");
      }
    }
  });
});

describe("a quorum that lies is caught by what it cannot sign for others", () => {
  it("an operation that nobody signed fails at the signatures", () => {
    const { cluster, transcript } = settled();
    const { network } = cluster.host(0).live.ledger;
    const authority = { nonce: 9, fee: FEE, validUntilMs: cluster.nowMs + 1000 };
    const op = signOperation(
      network,
      authority,
      { kind: "transfer", to: idOf("bob"), amount: 1n },
      keyOf("ann"),
    );
    const ops = [encodeOperation({ ...op, sig: new Uint8Array(64) })];
    const last = transcript.entries.length - 1;
    const changed = signedAgain(cluster, transcript, (headers) => {
      headers[last] = {
        ...headers[last]!,
        opsRoot: merkleRoot(ops.map(leafHash)),
        opsCount: 1,
        opsBytes: ops[0]!.length,
      };
    });
    const entries = changed.entries.map((one, i) => (i === last ? { ...one, ops } : one));
    expect(failure({ ...changed, entries }, cluster.chain)).toBe("signatures");
  });

  it("rows that no operation of the entries made fail at the check that they contradict", () => {
    const { cluster, transcript } = settled();
    const rows = transcript.proofs.map((one) => read(provenRow, one));
    const row = read(auctionRow, rows[0]!.value);
    const commit = read(commitRow, rows[1]!.value);
    if (row.phase.kind !== "done" || commit.opening === null) throw new Error("done and opened");
    const lies: [CheckName, number, Bytes][] = [
      ["terms", 0, encode(auctionRow, { ...row, terms: { ...row.terms, reserve: 299n } })],
      ["terms", 0, encode(auctionRow, { ...row, creator: idOf("bob") })],
      ["commitments", 1, encode(commitRow, { ...commit, commitment: new Uint8Array(32) })],
      [
        "openings",
        1,
        encode(commitRow, { ...commit, opening: { ...commit.opening, bid: { amount: 999n, units: null } } }),
      ],
      ["openings", 0, encode(auctionRow, { ...row, openedReserve: 400n })],
      ["outcome", 0, encode(auctionRow, { ...row, phase: { ...row.phase, clearingPrice: 301n } })],
      ["outcome", 1, encode(commitRow, { ...commit, award: { units: 1, pays: 9n, receives: 0n } })],
      ["outcome", 0, encode(auctionRow, { ...row, phase: { ...row.phase, burned: 7n } })],
      ["openings", 1, encode(commitRow, { ...commit, opening: null })],
    ];
    for (const [check, at, value] of lies) {
      expect(failure(lyingState(cluster, transcript, at, value), cluster.chain), check).toBe(check);
    }
  });
});

/** A state of a colluding quorum: the auction's rows with one replaced, and a header that attests its root. */
function lyingState(cluster: Cluster, transcript: Transcript, at: number, value: Bytes): Transcript {
  const tree = new StateTree();
  const rows = transcript.proofs.map((one) => read(provenRow, one));
  const lying = rows.map((one, i) => ({ key: one.key, value: i === at ? value : one.value }));
  for (const one of lying) tree.set(one.key, one.value);
  const root = tree.root();
  const proofs = lying.map((one) => encode(provenRow, { ...one, proof: proveRow(tree, one.key)! }));
  const changed = signedAgain(cluster, transcript, (headers) => {
    headers[headers.length - 1] = { ...headers.at(-1)!, execRoot: root };
  });
  return { ...changed, proofs };
}
