// final: nothing is told as final that a quorum has not committed; votes and certificates are judged here anew.
import { type Bytes, decode, type Hash, type Hex, toHex } from "../../../../src/base/index.js";
import { logKey } from "../../../../src/peer/keyspace.js";
import {
  type Certificate,
  entry as entryCodec,
  entryIdOf,
  type Header,
  logEntry,
  MAX_FRAME_BYTES,
  type QuorumMessage,
  type Vote,
  verifyCertificate,
  voteDigest,
  voteDomain,
  votesOf,
} from "../../../../src/quorum/index.js";
import { PREFIX } from "../../../../src/quorum/log/rows.js";
import type { Court } from "../../checks/statements.js";
import type { Host } from "../world/host.js";
import type { Checker, Trial } from "./checker.js";

/** What was said so far: who committed what, and which entry stands on which. */
class Commitments {
  private readonly signers = new Map<Hex, Set<number>>();
  private readonly parents = new Map<Hex, Hex>();
  private readonly finals = new Set<Hex>();

  constructor(private readonly court: Court) {}

  link(header: Header): void {
    const id = toHex(entryIdOf(header));
    if (this.parents.has(id)) return;
    this.parents.set(id, toHex(header.parent));
    if (this.finals.has(id)) this.makeFinal(id);
  }

  commit(vote: Vote): void {
    const id = toHex(vote.entryId);
    const known = this.signers.get(id) ?? new Set<number>();
    this.signers.set(id, known);
    if (known.has(vote.signer) || !this.isSigned(vote)) return;
    known.add(vote.signer);
    if (known.size >= this.court.electorate.quorum) this.makeFinal(id);
  }

  isFinal(id: Hash): boolean {
    return this.finals.has(toHex(id));
  }

  private makeFinal(id: Hex): void {
    for (let at: Hex | undefined = id; at !== undefined; at = this.parents.get(at)) {
      if (at !== id && this.finals.has(at)) return;
      this.finals.add(at);
    }
  }

  private isSigned({ epoch, setHash, signer, term, entryId, sig }: Vote): boolean {
    const { electorate, chain, market, verifier } = this.court;
    const member = electorate.set.members[signer];
    if (member === undefined || epoch !== electorate.set.epoch) return false;
    if (toHex(setHash) !== toHex(electorate.setHash)) return false;
    const digest = voteDigest(voteDomain(electorate, chain, market), "commit", term, entryId);
    return verifier.verify(member.key, digest, sig);
  }
}

export function finalChecker(trial: Trial, court: Court): Checker {
  const said = new Commitments(court);
  const ENTRY_ROW = PREFIX.entry;

  function learn(message: QuorumMessage): void {
    if (message.kind === "propose") said.link(message.propose.entry.header);
    if (message.kind === "entry") said.link(message.entry.header);
    if (message.kind === "vote" && message.vote.type === "commit") said.commit(message.vote);
    const cert = certificateIn(message);
    if (cert?.type === "commit") for (const vote of votesOf(cert)) said.commit(vote);
  }

  /** A member alone says nothing to anybody: what its own disk holds must do. */
  function ownProof(host: Host, height: number, id: Hash): boolean {
    const row = host.disk.row(logKey(height));
    const kept = row === null ? null : decode(logEntry, row, MAX_FRAME_BYTES);
    if (kept === null || !kept.ok || toHex(entryIdOf(kept.value.header)) !== toHex(id)) return false;
    const { cert } = kept.value;
    if (cert === null || cert.type !== "commit" || toHex(cert.entryId) !== toHex(id)) return false;
    return verifyCertificate(cert, court.electorate, court.chain, court.market, court.verifier).ok;
  }

  return {
    stepped(_host, ready) {
      for (const write of ready.persist) {
        if (write.kind === "put" && write.key.startsWith(ENTRY_ROW)) linkRow(write.value);
      }
    },
    sent(_host, outgoing) {
      if (outgoing.to !== "topic") learn(outgoing.message);
    },
    noticed(host, notice) {
      if (notice.kind !== "entry" || !trial.isHonest(host)) return;
      if (said.isFinal(notice.id) || ownProof(host, notice.height, notice.id)) return;
      trial.report("final", `peer ${host.index} tells height ${notice.height}, and no quorum committed it`);
    },
  };

  function linkRow(value: Bytes): void {
    const row = decode(entryCodec, value, MAX_FRAME_BYTES);
    if (row.ok) said.link(row.value.header);
  }
}

function certificateIn(message: QuorumMessage): Certificate | null {
  if (message.kind === "cert") return message.cert;
  if (message.kind === "log") return message.cert;
  if (message.kind === "status") return message.status.entered;
  return message.kind === "propose" ? message.propose.parentCert : null;
}
