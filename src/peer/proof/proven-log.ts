// The log in a transcript, check by check: of this chain, linked, final, and signed.
import { equalBytes, err, type Hash, toHex } from "../../base/index.js";
import type { Verifier } from "../../crypto/index.js";
import { decodeGenesis, type Genesis, type Network, networkOf } from "../../ledger/index.js";
import type { Operation } from "../../market/index.js";
import {
  bodyFor,
  certificate,
  header as headerCodec,
  headerFault,
  type KnownEntry,
  type LogRefusal,
  type LogTrust,
  linkHeaders,
  MAX_FRAME_BYTES,
  verifyCommit,
} from "../../quorum/index.js";
import { electorateOf } from "../genesis-members.js";
import { OperationJudge } from "../operations.js";
import { type Checked, every, holds, part } from "./checked.js";
import type { Transcript } from "./transcript.js";

/** What a chain's name makes of a genesis: against whom everything else is judged. */
export interface Ground extends LogTrust {
  readonly genesis: Genesis;
  readonly network: Network;
}

/** The genesis hashes to the chain that the reader has named. */
export function checkGenesis(
  { genesis: bytes }: Transcript,
  chain: Hash,
  verifier: Verifier,
): Checked<Ground> {
  const read = decodeGenesis(bytes);
  if (!read.ok) return err(`the genesis is none: ${read.error.message}`);
  const genesis = read.value;
  const network = networkOf(genesis);
  if (!equalBytes(network.chain, chain)) {
    return err(`the genesis is of chain ${toHex(network.chain)}, not of ${toHex(chain)}`);
  }
  const ground = { genesis, network, ...network, electorate: electorateOf(genesis), verifier };
  return holds(ground, `chain ${toHex(chain).slice(0, 16)}, ${genesis.seats.length} seats`);
}

const WRONG_PLACE: Partial<Record<LogRefusal, string>> = {
  WRONG_CHAIN: "names another chain or market",
  WRONG_EPOCH: "names another member set",
  WRONG_LEADER: "is not by the leader of its term",
  BAD_LINK: "does not follow the one before it",
};

/** Headers without contradictions, each following the one before, by the leader of its term. */
export function checkHeaders({ entries }: Transcript, ground: Ground): Checked<readonly KnownEntry[]> {
  const headers = every(entries, (one, i) => part(headerCodec, one.header, `header ${i}`, MAX_FRAME_BYTES));
  if (!headers.ok) return headers;
  const linked = linkHeaders(headers.value, ground);
  if (!linked.ok) {
    const { refusal, index } = linked.error;
    const height = headers.value[index]?.height;
    return height === undefined
      ? err("there is no entry")
      : err(`the header of height ${height} ${WRONG_PLACE[refusal] ?? refusal}`);
  }
  for (const { header } of linked.value) {
    const fault = headerFault(header, ground.electorate);
    if (fault !== null) return err(`the header of height ${header.height} contradicts itself: ${fault}`);
  }
  const [first, last] = [headers.value[0]!, headers.value.at(-1)!];
  return holds(linked.value, `heights ${first.height} to ${last.height}, each following the one before`);
}

/** A quorum's certificate on the last header makes all of them final. @returns F of the quorum that signed */
export function checkCertificate(
  transcript: Transcript,
  entries: readonly KnownEntry[],
  ground: Ground,
): Checked<number> {
  const cert = part(certificate, transcript.certificate, "the certificate", MAX_FRAME_BYTES);
  if (!cert.ok) return cert;
  const last = entries.at(-1)!;
  const verdict = verifyCommit(last, cert.value, ground);
  if (!verdict.ok) return err(`it does not make height ${last.header.height} final: ${verdict.error}`);
  const { electorate } = ground;
  const detail = `${cert.value.signers.length} of ${electorate.size} members signed, Q = ${electorate.quorum}`;
  return holds(verdict.value.byzantineTolerance, detail);
}

/** The operations are those that the headers commit to. */
export function checkOperations(
  transcript: Transcript,
  entries: readonly KnownEntry[],
): Checked<readonly KnownEntry[]> {
  for (const [i, { header }] of entries.entries()) {
    if (bodyFor(header, transcript.entries[i]!.ops) === null) {
      return err(`the operations of height ${header.height} are not those its header commits to`);
    }
  }
  const count = entries.reduce((sum, { header }) => sum + header.opsCount, 0);
  return holds(entries, `${count} operations under ${entries.length} headers`);
}

/** A final entry with its operations read. */
export interface ProvenEntry extends Pick<KnownEntry, "header"> {
  readonly operations: readonly Operation[];
}

/** Every operation is valid in its entry, and signed by its sender or proven by itself. */
export function checkSignatures(
  transcript: Transcript,
  entries: readonly KnownEntry[],
  { network, genesis, verifier }: Ground,
): Checked<readonly ProvenEntry[]> {
  const judge = new OperationJudge(network, genesis.params, verifier);
  const read = every(entries, ({ header }, i) => {
    const { ops } = transcript.entries[i]!;
    const fault = (why: string) => err(`an operation of height ${header.height} is invalid: ${why}`);
    const invalid = judge.judgeEntry(header.timeMs, ops);
    if (invalid !== null) return fault(invalid);
    const operations = every(ops, (bytes) => {
      const judged = judge.read(bytes);
      return typeof judged === "string" ? fault(judged) : { ok: true, value: judged.operation };
    });
    return operations.ok ? { ok: true, value: { header, operations: operations.value } } : operations;
  });
  return read.ok ? holds(read.value, "every operation is signed by its sender, or proves itself") : read;
}
