// Transcripts: no byte of one can be changed unnoticed, not by whoever passes it on, and not by a quorum that lies.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { transcriptToView } from "../../node/api/transcript-json.js";
import { runCli } from "../../node/cli/run.js";
import { agentKey } from "../../node/crypto/signer.js";
import {
  type Bytes,
  type Codec,
  decode,
  encode,
  type Hash,
  leafHash,
  merkleRoot,
  toHex,
} from "../../src/index.js";
import { proveRow, StateTree } from "../../src/ledger/index.js";
import {
  type AuctionId,
  type AuctionRow,
  auctionKey,
  auctionRow,
  bidCommitment,
  commitRow,
  decodeOperation,
  encodeOperation,
  type OperationBody,
  RECOVERY_BYTES,
} from "../../src/market/index.js";
import {
  type CheckName,
  type Transcript,
  VERIFICATION_CHECKS,
  verifyTranscript,
} from "../../src/peer/index.js";
import { provenRow } from "../../src/peer/proof/witness.js";
import {
  type Certificate,
  certificate,
  entryIdOf,
  header as headerCodec,
  opsBytesOf,
  voteDigest,
  voteDomain,
} from "../../src/quorum/index.js";
import { eventually } from "./eventually.js";
import { credits, HostedNetwork } from "./network.js";
import { cleanUp, mabeam, newHome } from "./process.js";

/** A settled auction: two bids that were opened, one that was not, and a hidden reserve. */
async function settled(network: HostedNetwork): Promise<Transcript> {
  const withholder = agentKey(network.seed("withholder"));
  const bidder = network.faucetAgent;
  const grant = {
    kind: "grant",
    from: bidder.publicKey,
    to: withholder.publicKey,
    free: credits(200),
    stake: 0n,
  } as const;
  expect(await network.front.command(grant)).toMatchObject({ ok: true });
  await eventually("it is funded", () => network.front.peer.ledger.accountOf(withholder.publicKey));
  const auction = await network.openAuction({
    commitMs: 6000,
    revealMs: 6000,
    hiddenReserve: credits(3),
    bond: credits(100),
  });
  await network.bid(network.rival, auction, credits(30));
  await network.bid(bidder, auction, credits(20));
  await network.submit(withholder, commitOf(network, auction, withholder.publicKey));
  await network.ended(auction);
  return eventually("its end is attested", () => network.front.transcript(auction));
}

/** A commit whose maker never opens it. */
function commitOf(network: HostedNetwork, auction: AuctionId, bidder: Bytes): OperationBody {
  const salt = network.seed("salt");
  const commitment = bidCommitment(network, auction, bidder, { amount: credits(99), units: null }, salt);
  return {
    kind: "commit",
    auction,
    commitment,
    lockup: credits(100),
    recovery: new Uint8Array(RECOVERY_BYTES),
  };
}

/** The check that fails; null: none does. */
function failing(network: HostedNetwork, transcript: Transcript): CheckName | null {
  const { ok, checks } = verifyTranscript(transcript, network.chain, network.verifier);
  const failed = checks.find((one) => !one.ok)?.name ?? null;
  expect(ok).toBe(failed === null);
  return failed;
}

const PARTS = ["genesis", "header", "certificate", "op", "proof"] as const;
type Part = (typeof PARTS)[number];

/** Every part of a transcript, with a way to replace its bytes. */
function* partsOf(transcript: Transcript): Generator<[Part, Bytes, (bytes: Bytes) => Transcript]> {
  const { genesis, entries, proofs } = transcript;
  const replaced = <T>(list: readonly T[], i: number, one: T): T[] =>
    list.map((old, j) => (i === j ? one : old));
  yield ["genesis", genesis, (bytes) => ({ ...transcript, genesis: bytes })];
  for (const [i, entry] of entries.entries()) {
    const withEntry = (change: object) => ({
      ...transcript,
      entries: replaced(entries, i, { ...entry, ...change }),
    });
    yield ["header", entry.header, (header) => withEntry({ header })];
    for (const [j, op] of entry.ops.entries()) {
      yield ["op", op, (bytes) => withEntry({ ops: replaced(entry.ops, j, bytes) })];
    }
  }
  yield ["certificate", transcript.certificate, (certificate) => ({ ...transcript, certificate })];
  for (const [i, proof] of proofs.entries()) {
    yield ["proof", proof, (bytes) => ({ ...transcript, proofs: replaced(proofs, i, bytes) })];
  }
}

const flipped = (bytes: Bytes, at: number): Bytes => {
  const copy = bytes.slice();
  copy[at]! ^= 1 << (at % 8);
  return copy;
};

describe("passed on by somebody who changes one byte", () => {
  let network: HostedNetwork;
  let transcript: Transcript;
  let file: string;
  const home = newHome();

  beforeAll(async () => {
    network = await HostedNetwork.start({ name: "transcript" });
    transcript = await settled(network);
    file = join(home, "transcript.json");
    writeFileSync(file, JSON.stringify(transcriptToView(transcript)));
  });

  afterAll(async () => {
    await cleanUp();
    await network.stop();
  });

  test("as it is, every check holds", () => {
    const verified = verifyTranscript(transcript, network.chain, network.verifier);
    expect(verified.checks.map(({ name, ok }) => [name, ok])).toEqual(
      VERIFICATION_CHECKS.map((name) => [name, true]),
    );
    expect(verified.outcome).toMatchObject({
      phase: "done",
      clearingPrice: credits(20),
      burned: credits(100),
      bids: 3,
    });
  });

  const MAY_FAIL: Readonly<Record<Part, readonly CheckName[]>> = {
    genesis: ["genesis"],
    header: ["headers", "certificate"],
    certificate: ["certificate"],
    op: ["operations"],
    proof: ["proofs"],
  };

  test("anywhere in any part: the check that covers it fails", () => {
    const tried: Partial<Record<Part, number>> = {};
    for (const [part, bytes, replace] of partsOf(transcript)) {
      const count = part === "header" || part === "op" ? 3 : 12;
      for (let i = 0; i < count; i++) {
        const at = Math.min(bytes.length - 1, Math.floor(((i + 0.5) / count) * bytes.length));
        const failed = failing(network, replace(flipped(bytes, at)));
        expect(MAY_FAIL[part], `byte ${at} of a ${part}`).toContain(failed);
        tried[part] = (tried[part] ?? 0) + 1;
      }
    }
    for (const part of PARTS) expect(tried[part]).toBeGreaterThan(8);
  });

  test("anything left out, doubled, or out of order fails too", () => {
    const { entries, proofs } = transcript;
    const without = <T>(list: readonly T[], i: number): T[] => list.filter((_, j) => j !== i);
    const middle = Math.floor(entries.length / 2);
    const busy = entries.findIndex((one) => one.ops.length > 0);
    expect(failing(network, { ...transcript, entries: [] })).toBe("headers");
    expect(failing(network, { ...transcript, entries: without(entries, middle) })).toBe("headers");
    expect(failing(network, { ...transcript, entries: [...entries, ...entries.slice(-1)] })).toBe("headers");
    expect(failing(network, { ...transcript, entries: [...entries].reverse() })).toBe("headers");
    expect(failing(network, { ...transcript, entries: entries.slice(1) })).toBe("terms");
    const bare = entries.map((one, i) => (i === busy ? { ...one, ops: [] } : one));
    expect(failing(network, { ...transcript, entries: bare })).toBe("operations");
    for (const i of proofs.keys()) {
      expect(failing(network, { ...transcript, proofs: without(proofs, i) })).toBe("proofs");
      expect(failing(network, { ...transcript, proofs: [...proofs, proofs[i]!] })).toBe("proofs");
    }
    expect(failing(network, { ...transcript, auction: "00".repeat(32) })).toBe("proofs");
  });

  test("any letter of its file: 9, and never a crash", async () => {
    const text = JSON.stringify(transcriptToView(transcript));
    const spoiled = join(home, "spoiled.json");
    const quiet = {
      env: {},
      out: () => undefined,
      colors: false,
      progress: false,
      self: "mabeam",
      outlive: () => undefined,
      screen: null,
      confirm: async () => null,
    };
    for (let i = 0; i < 120; i++) {
      const at = Math.floor(((i + 0.37) / 120) * text.length);
      writeFileSync(spoiled, text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1));
      let said = "";
      const err = (line: string): void => {
        said += `${line}\n`;
      };
      const exit = await runCli(["verify", spoiled, "--chain", network.chainHex], { ...quiet, err });
      expect([at, exit], said).toEqual([at, 9]);
      expect(said).toMatch(/the check \w+ failed/);
    }
  });

  test("the built program says which check failed, for people and machines: 9", async () => {
    const seen = new Set<Part>();
    for (const [part, bytes, replace] of partsOf(transcript)) {
      if (seen.has(part)) continue;
      seen.add(part);
      const spoiled = join(home, `${part}.json`);
      const changed = replace(flipped(bytes, bytes.length - 1));
      writeFileSync(spoiled, JSON.stringify(transcriptToView(changed)));
      const name = failing(network, changed);
      const ran = await mabeam(newHome(), ["verify", spoiled, "--chain", network.chainHex, "--json"]);
      expect([part, ran.exit]).toEqual([part, 9]);
      expect(ran.err).toMatch(new RegExp(`^mabeam: the check ${name} failed\\.\nCause: .+\nFix: .+\n$`));
      expect(JSON.parse(ran.out)).toMatchObject({ kind: "Verification", ok: false, outcome: null });
    }
    expect(seen.size).toBe(PARTS.length);
    const good = await mabeam(newHome(), ["verify", file, "--chain", network.chainHex]);
    expect([good.exit, good.err]).toEqual([0, ""]);
  });
});

describe("made by a quorum that lies: what its own certificates cannot hide", () => {
  let network: HostedNetwork;
  let transcript: Transcript;

  beforeAll(async () => {
    network = await HostedNetwork.start({ name: "liars", seats: 1 });
    transcript = await settled(network);
  });

  afterAll(() => network.stop());

  const read = <T>(codec: Codec<T>, bytes: Bytes): T => {
    const decoded = decode(codec, bytes, 1 << 24);
    if (!decoded.ok) throw new Error(decoded.error.code);
    return decoded.value;
  };

  /** The transcript with other operations or rows, all of it linked, rooted and certified anew by the only seat. */
  function forged(lie: {
    readonly ops?: (ops: readonly Bytes[]) => readonly Bytes[];
    readonly auction?: (row: AuctionRow) => AuctionRow;
    readonly commit?: (row: ReturnType<typeof readCommit>) => ReturnType<typeof readCommit>;
  }): Transcript {
    const rows = transcript.proofs
      .map((one) => read(provenRow, one))
      .map(({ key, value }) => {
        if (key.startsWith("auction/"))
          return [key, encode(auctionRow, (lie.auction ?? same)(read(auctionRow, value)))] as const;
        return [key, encode(commitRow, (lie.commit ?? same)(readCommit(value)))] as const;
      });
    const tree = new StateTree();
    for (const [key, value] of rows) tree.set(key, value);
    const execRoot = tree.root();
    const seat = agentKey(network.seatSeed(0));
    const { electorate } = network.front.peer;
    const domain = voteDomain(electorate, network.chain, network.market);
    let parent: Hash | null = null;
    let cert: Certificate | null = null;
    const entries = transcript.entries.map((one) => {
      const before = read(headerCodec, one.header);
      const ops = (lie.ops ?? same)(one.ops);
      const header = {
        ...before,
        parent: parent ?? before.parent,
        execRoot,
        opsRoot: merkleRoot(ops.map(leafHash)),
        opsCount: ops.length,
        opsBytes: opsBytesOf(ops),
      };
      const entryId = entryIdOf(header);
      parent = entryId;
      cert = {
        type: "commit",
        epoch: header.epoch,
        setHash: header.setHash,
        term: header.term,
        entryId,
        signers: [0],
        sigs: [seat.sign(voteDigest(domain, "commit", header.term, entryId))],
      };
      return { header: encode(headerCodec, header), ops };
    });
    const proofs = rows.map(([key, value]) => encode(provenRow, { key, value, proof: proveRow(tree, key)! }));
    return { ...transcript, entries, certificate: encode(certificate, cert!), proofs };
  }

  const same = <T>(value: T): T => value;
  const readCommit = (bytes: Bytes) => read(commitRow, bytes);
  const own = (row: AuctionRow) => row.phase as Extract<AuctionRow["phase"], { kind: "done" }>;

  test("forging is done right: a transcript made anew without a lie verifies, and says that nobody lying is tolerated", () => {
    expect(failing(network, forged({}))).toBe(null);
    const { byzantineTolerance } = verifyTranscript(forged({}), network.chain, network.verifier);
    expect(byzantineTolerance).toBe(0);
  });

  test("an operation that its sender did not sign: signatures", () => {
    const unsign = (bytes: Bytes): Bytes => {
      const decoded = decodeOperation(bytes);
      if (!decoded.ok || decoded.value.sig === null) return bytes;
      return encodeOperation({ ...decoded.value, sig: flipped(decoded.value.sig, 5) });
    };
    expect(failing(network, forged({ ops: (ops) => ops.map(unsign) }))).toBe("signatures");
  });

  test("terms that the seller did not sign: terms", () => {
    const lower = (row: AuctionRow) => ({ ...row, terms: { ...row.terms, reserve: 1n } });
    expect(failing(network, forged({ auction: lower }))).toBe("terms");
    expect(
      failing(network, forged({ auction: (row) => ({ ...row, creator: network.rival.publicKey }) })),
    ).toBe("terms");
  });

  test("a bid that its bidder did not make, or a reserve that the seller did not: commitments, openings", () => {
    const raise = (row: ReturnType<typeof readCommit>) =>
      row.opening === null
        ? row
        : { ...row, opening: { ...row.opening, bid: { amount: row.opening.bid.amount + 1n, units: null } } };
    expect(failing(network, forged({ commit: raise }))).toBe("openings");
    expect(failing(network, forged({ commit: (row) => ({ ...row, lockup: credits(1) }) }))).toBe(
      "commitments",
    );
    expect(failing(network, forged({ auction: (row) => ({ ...row, openedReserve: credits(4) }) }))).toBe(
      "openings",
    );
  });

  test("another price or burn than follows from the bids: outcome", () => {
    const lies: readonly ((row: AuctionRow) => AuctionRow)[] = [
      (row) => ({ ...row, phase: { ...own(row), clearingPrice: own(row).clearingPrice - 1n } }),
      (row) => ({ ...row, phase: { ...own(row), burned: 0n } }),
      ({ phase, ...row }) => {
        const { endedAt, endedMs, burned, dueMs } = phase as ReturnType<typeof own>;
        return { ...row, phase: { kind: "unsold", endedAt, endedMs, burned, dueMs } };
      },
    ];
    for (const auction of lies) expect(failing(network, forged({ auction }))).toBe("outcome");
  });

  test("an auction that has not ended: proofs", () => {
    const unended = (row: AuctionRow): AuctionRow => ({ ...row, phase: { kind: "scheduled" } });
    expect(failing(network, forged({ auction: unended }))).toBe("proofs");
    expect(transcript.proofs.length).toBe(4);
    expect(read(provenRow, transcript.proofs[0]!).key).toBe(
      auctionKey(Uint8Array.from(Buffer.from(transcript.auction, "hex"))),
    );
    expect(toHex(network.chain)).toBe(network.chainHex);
  });
});
