// Verification: an auction recomputed from its transcript and the chain's name, trusting nobody's word for it.
import {
  type Bytes,
  type Codec,
  decode,
  encode,
  equalBytes,
  fromHex,
  type Hash,
  type Hex,
  toHex,
} from "../base/index.js";
import { leafHash, merkleRoot, type Verifier } from "../crypto/index.js";
import {
  type Auction,
  type AuctionRow,
  auctionIdOf,
  auctionKey,
  auctionRow,
  auctionTerms,
  type Commit,
  commitRow,
  decodeGenesis,
  MAX_ROW_BYTES,
  networkOf,
  type Operation,
  verifyRowProof,
} from "../ledger/index.js";
import { bidCommitment, hiddenReserveHash, settlementOf } from "../market/index.js";
import {
  type Certificate,
  certificate,
  type Header,
  header as headerCodec,
  type LogTrust,
  MAX_FRAME_BYTES,
  verifyCertificate,
  verifyHeaderChain,
} from "../quorum/index.js";
import { OperationJudge } from "./operations.js";
import { electorateOf } from "./restore.js";
import type { Transcript } from "./transcript.js";
import { MAX_WITNESS_BYTES, type ProvenRow, provenRow } from "./witness.js";

export const VERIFICATION_CHECKS = [
  "genesis",
  "headers",
  "certificates",
  "operations",
  "signatures",
  "proofs",
  "terms",
  "commitments",
  "outcome",
] as const;
export type CheckName = (typeof VERIFICATION_CHECKS)[number];

export interface CheckResult {
  readonly name: CheckName;
  readonly ok: boolean;
  readonly detail: string;
}

export interface VerifiedOutcome {
  readonly auction: Hex;
  readonly phase: "done" | "unsold" | "void";
  readonly winner: Hex | null;
  readonly price: bigint;
  readonly burned: bigint;
  readonly bids: number;
}

export interface Verification {
  readonly ok: boolean;
  /** in order, up to and including the first that failed */
  readonly checks: readonly CheckResult[];
  /** absent unless every check held */
  readonly outcome: VerifiedOutcome | null;
  /** F of the quorum that signed; with 0 one dishonest member can make two logs */
  readonly byzantineTolerance: number | null;
}

/** Ends the check that runs; its text says what does not hold. */
class Flaw extends Error {}
const flaw = (what: string): never => {
  throw new Flaw(what);
};

/**
 * Recomputes an auction: genesis hashes to the chain, headers form one chain under a quorum's certificate, operations
 * are those that the headers commit to and are signed, the auction's rows stand under an attested state root, and
 * from the opened bids follow the very winner, price and forfeits that the rows state.
 */
export function verifyTranscript(transcript: Transcript, chain: Hash, verifier: Verifier): Verification {
  const checks: CheckResult[] = [];
  const reading = new Reading(transcript, chain, verifier);
  for (const name of VERIFICATION_CHECKS) {
    try {
      checks.push({ name, ok: true, detail: reading[name]() });
    } catch (failure) {
      if (!(failure instanceof Flaw)) throw failure;
      checks.push({ name, ok: false, detail: failure.message });
      return { ok: false, checks, outcome: null, byzantineTolerance: reading.byzantineTolerance };
    }
  }
  return { ok: true, checks, outcome: reading.result(), byzantineTolerance: reading.byzantineTolerance };
}

function read<T>(codec: Codec<T>, bytes: Bytes, what: string, maxBytes = MAX_FRAME_BYTES): T {
  const decoded = decode(codec, bytes, maxBytes);
  if (decoded.ok) return decoded.value;
  return flaw(`${what}: ${decoded.error.code} at byte ${decoded.error.offset}`);
}

interface ReadEntry {
  readonly header: Header;
  readonly cert: Certificate | null;
  readonly ops: readonly Bytes[];
  operations: readonly Operation[];
}

/** The checks in their order; each rests on what the ones before have established. */
class Reading implements Record<CheckName, () => string> {
  byzantineTolerance: number | null = null;
  private trust!: LogTrust;
  private judge!: OperationJudge;
  private entries: ReadEntry[] = [];
  private auction!: Auction;
  private commits: Commit[] = [];
  private settled!: VerifiedOutcome;

  constructor(
    private readonly transcript: Transcript,
    private readonly chain: Hash,
    private readonly verifier: Verifier,
  ) {}

  result(): VerifiedOutcome {
    return this.settled;
  }

  genesis(): string {
    const genesis = decodeGenesis(this.transcript.genesis);
    if (!genesis.ok) return flaw(`the genesis is none: ${genesis.error.message}`);
    const network = networkOf(genesis.value);
    if (!equalBytes(network.chain, this.chain)) {
      return flaw(`the genesis is of chain ${toHex(network.chain)}, not of ${toHex(this.chain)}`);
    }
    this.trust = { electorate: electorateOf(genesis.value), ...network, verifier: this.verifier };
    this.judge = new OperationJudge(network, genesis.value.params, this.verifier);
    return `chain ${toHex(this.chain).slice(0, 16)}, ${genesis.value.seats.length} seats`;
  }

  headers(): string {
    this.entries = this.transcript.entries.map((one, i) => ({
      header: read(headerCodec, one.header, `header ${i}`),
      cert: one.cert === null ? null : read(certificate, one.cert, `certificate ${i}`),
      ops: one.ops,
      operations: [],
    }));
    const first = this.entries[0]?.header.height;
    return first === undefined
      ? flaw("there is no entry")
      : `heights ${first} to ${this.entries.at(-1)!.header.height}`;
  }

  certificates(): string {
    const { electorate, chain, market } = this.trust;
    const headers = this.entries.map((one) => one.header);
    const cert = this.entries.at(-1)!.cert ?? flaw("the last entry has no certificate");
    const proven = verifyHeaderChain(headers, cert, this.trust);
    if (!proven.ok) return flaw(`the headers are not final: ${proven.error}`);
    for (const [i, one] of this.entries.entries()) {
      if (one.cert === null) continue;
      const id = proven.value.entries[i]!.id;
      const verdict = verifyCertificate(one.cert, electorate, chain, market, this.verifier);
      if (!verdict.ok || one.cert.type !== "commit" || !equalBytes(one.cert.entryId, id)) {
        flaw(`the certificate of height ${one.header.height} does not certify it`);
      }
    }
    this.byzantineTolerance = proven.value.byzantineTolerance;
    return `${cert.signers.length} of ${electorate.size} members signed, Q = ${electorate.quorum}`;
  }

  operations(): string {
    let count = 0;
    for (const { header, ops } of this.entries) {
      const bytes = ops.reduce((sum, one) => sum + one.length, 0);
      const root = merkleRoot(ops.map(leafHash));
      if (!equalBytes(root, header.opsRoot) || ops.length !== header.opsCount || bytes !== header.opsBytes) {
        flaw(`the operations of height ${header.height} are not those its header commits to`);
      }
      count += ops.length;
    }
    return `${count} operations under ${this.entries.length} headers`;
  }

  signatures(): string {
    for (const one of this.entries) {
      const fault = this.judge.judgeEntry(one.header.timeMs, one.ops);
      if (fault !== null) flaw(`an operation of height ${one.header.height} is invalid: ${fault}`);
      one.operations = one.ops.map((bytes) => {
        const judged = this.judge.read(bytes);
        return typeof judged === "string" ? flaw(judged) : judged.operation;
      });
    }
    return "every operation is signed by its sender, or proves itself";
  }

  proofs(): string {
    const rows = this.transcript.proofs.map((one, i) =>
      read(provenRow, one, `proof ${i}`, MAX_WITNESS_BYTES),
    );
    const id = fromHex(this.transcript.auction);
    if (id === null || id.length !== 32 || toHex(id) !== this.transcript.auction) {
      return flaw("the auction's id is none");
    }
    const [first, ...rest] = rows;
    if (first === undefined || first.key !== auctionKey(id)) return flaw("the auction's row is missing");
    const row = read(auctionRow, first.value, "the auction's row", MAX_ROW_BYTES);
    this.auction = { id, ...row };
    const attesting = this.attesting(rows, row);
    this.commits = rest.map((one, i) => commitOf(one, id, rest[i - 1]?.key ?? ""));
    if (this.commits.length !== row.commits) {
      return flaw(`${this.commits.length} commits are proven, the auction has ${row.commits}`);
    }
    return `${rows.length} rows under the root of height ${attesting.execHeight}`;
  }

  /** The header under whose state root all rows stand, executed at or after the auction's end. */
  private attesting(rows: readonly ProvenRow[], { phase }: AuctionRow): Header {
    if (!("endedAt" in phase)) return flaw("the auction has not ended in this state");
    const roots = this.entries.map((one) => one.header).filter((one) => one.execHeight >= phase.endedAt);
    const found = roots.find((header) =>
      rows.every(({ key, value, proof }) => verifyRowProof(header.execRoot, key, value, proof)),
    );
    return found ?? flaw("no header's state root has these rows");
  }

  terms(): string {
    const { id, seller, terms, createdAt } = this.auction;
    const wanted = encode(auctionTerms, terms);
    for (const { authority, body } of this.at(createdAt)?.operations ?? []) {
      if (body.kind !== "createAuction" || !equalBytes(authority!.from, seller)) continue;
      if (!equalBytes(auctionIdOf(this.trust, seller, authority!.nonce), id)) continue;
      if (equalBytes(encode(auctionTerms, body), wanted)) return `signed by ${toHex(seller).slice(0, 16)}`;
    }
    return flaw(`no operation of height ${createdAt} creates this auction on these terms`);
  }

  commitments(): string {
    for (const commit of this.commits) this.signedCommit(commit);
    const opened = this.commits.filter((one) => one.opening !== null);
    for (const one of opened) this.openedCommit(one);
    const { openedReserve, terms } = this.auction;
    if (openedReserve !== null) this.openedReserve(openedReserve, terms.reserveHash);
    return `${this.commits.length} commits, ${opened.length} opened`;
  }

  private signedCommit(commit: Commit): void {
    const found = this.at(commit.committedAt)?.operations.some(
      ({ authority, body }) =>
        body.kind === "commit" &&
        equalBytes(authority!.from, commit.bidder) &&
        equalBytes(body.auction, this.auction.id) &&
        equalBytes(body.commitment, commit.commitment) &&
        equalBytes(body.recovery, commit.recovery) &&
        body.lockup === commit.lockup,
    );
    if (!found) flaw(`${toHex(commit.bidder)} signed no such commit at height ${commit.committedAt}`);
  }

  private openedCommit({ bidder, commitment, lockup, opening, committedAt }: Commit): void {
    const { bid, salt } = opening!;
    const hash = bidCommitment(this.trust, this.auction.id, bidder, bid, salt);
    if (!equalBytes(hash, commitment)) flaw(`the bid of ${toHex(bidder)} does not open its commitment`);
    if (bid.amount > lockup) flaw(`the bid of ${toHex(bidder)} is above its lockup`);
    const shown = this.entries.some(
      ({ header, operations }) =>
        header.height > committedAt &&
        operations.some(
          ({ body }) =>
            body.kind === "reveal" && equalBytes(body.bidder, bidder) && equalBytes(body.salt, salt),
        ),
    );
    if (!shown) flaw(`no entry reveals the bid of ${toHex(bidder)}`);
  }

  private openedReserve(reserve: bigint, reserveHash: Bytes | null): void {
    const shown = this.entries.some(({ operations }) =>
      operations.some(
        ({ body }) =>
          body.kind === "openReserve" &&
          equalBytes(body.auction, this.auction.id) &&
          body.reserve === reserve &&
          reserveHash !== null &&
          equalBytes(hiddenReserveHash(this.trust, body.auction, reserve, body.salt), reserveHash),
      ),
    );
    if (!shown) flaw("no entry opens the hidden reserve");
  }

  outcome(): string {
    const { phase } = this.auction;
    if (phase.kind !== "done" && phase.kind !== "unsold" && phase.kind !== "void") {
      return flaw(`the auction ended ${phase.kind}: there is no outcome to recompute`);
    }
    if (phase.dueMs > phase.endedMs) return flaw("the auction ended before it was due to");
    const settled = settlementOf(this.auction, this.commits, phase.dueMs);
    const stated =
      phase.kind === "done" ? { winner: phase.winner, price: phase.price } : { winner: null, price: 0n };
    const winner = settled.winner === null ? null : toHex(settled.winner);
    const statedWinner = stated.winner === null ? null : toHex(stated.winner);
    if (settled.outcome !== phase.kind || winner !== statedWinner || settled.price !== stated.price) {
      return flaw(
        `recomputed ${settled.outcome}, winner ${winner}, price ${settled.price}; the state says ${phase.kind}, winner ${statedWinner}, price ${stated.price}`,
      );
    }
    if (settled.burned !== phase.burned)
      return flaw(`recomputed ${settled.burned} burned, the state says ${phase.burned}`);
    this.settled = {
      auction: this.transcript.auction,
      phase: phase.kind,
      winner,
      price: settled.price,
      burned: settled.burned,
      bids: this.commits.length,
    };
    return `${phase.kind}, price ${settled.price}, ${settled.burned} burned`;
  }

  private at(height: number): ReadEntry | undefined {
    return this.entries[height - this.entries[0]!.header.height];
  }
}

/** The commit in a proven row; rows come in the order of their keys, each once. */
function commitOf({ key, value }: ProvenRow, auction: Hash, before: string): Commit {
  const [kind, of, bidder] = key.split("/");
  const id = fromHex(bidder ?? "");
  if (kind !== "commit" || of !== toHex(auction) || id === null || key <= before) {
    return flaw(`the row ${key} is no commit of this auction, or stands twice`);
  }
  return { bidder: id, ...read(commitRow, value, key, MAX_ROW_BYTES) };
}
