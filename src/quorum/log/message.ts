// The messages between members: headers, entries, votes, certificates, questions, and the frames that carry them.
import {
  type Bytes,
  bytes,
  type DecodeError,
  decode,
  encode,
  fixed,
  type Hash,
  hash,
  list,
  oneOf,
  optional,
  type Result,
  signature,
  struct,
  type TypeOf,
  uint,
  union,
} from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import {
  MAX_CATCH_UP_ENTRIES,
  MAX_DESCENDANTS,
  MAX_ENTRY_OPS,
  MAX_FRAME_BYTES,
  MAX_GUARD_MARKS,
  MAX_JUSTIFY_ITEMS,
  MAX_OP_BYTES,
  MAX_SEATS,
} from "./limits.js";

export const header = struct({
  v: [0, uint(1, 1)],
  chain: [1, hash],
  market: [2, hash],
  epoch: [3, uint(0xffffffff)],
  setHash: [4, hash],
  term: [5, uint(undefined, 1)],
  leader: [6, uint(MAX_SEATS - 1)],
  height: [7, uint(undefined, 1)],
  parent: [8, hash],
  parentTerm: [9, uint()],
  timeMs: [10, uint()],
  opsRoot: [11, hash],
  opsCount: [12, uint(0xffff)],
  opsBytes: [13, uint(0xffffffff)],
  justifyHash: [14, hash],
  execHeight: [15, uint()],
  execRoot: [16, hash],
  kind: [17, oneOf(["normal", "seal", "tail"])],
  nextSetHash: [18, optional(hash)],
});
export type Header = TypeOf<typeof header>;

/** The id of an entry, which is proposed, voted on and certified. */
export const entryIdOf = (value: Header): Hash => taggedHash("entry", encode(header, value));

const ops = list(bytes(MAX_OP_BYTES), MAX_ENTRY_OPS);

/** A header, its operations, and its leader's signature over the entry id (tag `propose`). */
export const entry = struct({ header: [0, header], ops: [1, ops], leaderSig: [2, signature] });
export type Entry = TypeOf<typeof entry>;

export const VOTE_KINDS = ["ack", "skip", "commit"] as const;
export type VoteKind = (typeof VOTE_KINDS)[number];

/** `entryId` is zero for a skip. */
export const vote = struct({
  type: [0, oneOf(VOTE_KINDS)],
  epoch: [1, uint(0xffffffff)],
  setHash: [2, hash],
  term: [3, uint(undefined, 1)],
  entryId: [4, hash],
  signer: [5, uint(MAX_SEATS - 1)],
  sig: [6, signature],
});
export type Vote = TypeOf<typeof vote>;

/** Votes of one kind for one entry by power ≥ Q; `signers` ascend, `sigs` in their order. */
export const certificate = struct({
  type: [0, oneOf(VOTE_KINDS)],
  epoch: [1, uint(0xffffffff)],
  setHash: [2, hash],
  term: [3, uint(undefined, 1)],
  entryId: [4, hash],
  signers: [5, list(uint(MAX_SEATS - 1), MAX_SEATS, 1)],
  sigs: [6, list(signature, MAX_SEATS, 1)],
});
export type Certificate = TypeOf<typeof certificate>;

/** A header and the certificate that makes it final: a proof of its height for every peer that knows the member set. */
export const finalProof = struct({ header: [0, header], cert: [1, certificate] });
export type FinalProof = TypeOf<typeof finalProof>;

/** A header with its leader's signature over its entry id. */
export const signedHeader = struct({ header: [0, header], leaderSig: [1, signature] });
export type SignedHeader = TypeOf<typeof signedHeader>;

/** A vote or a proposal as its signer signed it: it shows by itself whose it is, and of which term. */
export const signedMessage = union({
  vote: [0, struct({ vote: [0, vote] })],
  proposal: [1, struct({ proposal: [0, signedHeader] })],
});
export type SignedMessage = TypeOf<typeof signedMessage>;

export const propose = struct({
  entry: [0, entry],
  parentHeader: [1, optional(header)],
  parentCert: [2, optional(certificate)],
});
export type Propose = TypeOf<typeof propose>;

/** A finalised entry as the log keeps it; `cert` is absent where a descendant's certificate finalised it. */
export const logEntry = struct({
  header: [0, header],
  ops: [1, ops],
  justification: [2, list(certificate, MAX_JUSTIFY_ITEMS)],
  cert: [3, optional(certificate)],
});
export type LogEntry = TypeOf<typeof logEntry>;

const MARK_KINDS = ["propose", "ack", "skip", "commit"] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

/** A mark of a signed message: enough to restore one vote, or the memory of one proposal. */
export const signedMark = struct({
  type: [0, oneOf(MARK_KINDS)],
  epoch: [1, uint(0xffffffff)],
  term: [2, uint(undefined, 1)],
  entryId: [3, hash],
});
export type SignedMark = TypeOf<typeof signedMark>;

/** The marks of one batch, written before the batch: `voteSeq` counts batches that signed (spec/persistence#U2). */
export const guardRecord = struct({
  voteSeq: [0, uint()],
  instance: [1, fixed(16)],
  marks: [2, list(signedMark, MAX_GUARD_MARKS)],
});
export type GuardRecord = TypeOf<typeof guardRecord>;

/** A signed account of where a member stands; amnesia and the clocks of leaders rely on it. */
export const status = struct({
  epoch: [0, uint(0xffffffff)],
  setHash: [1, hash],
  term: [2, uint(undefined, 1)],
  /** the certificate that ended term − 1; absent in term 1 */
  entered: [3, optional(certificate)],
  finalHeight: [4, uint()],
  finalId: [5, hash],
  maxTermSeen: [6, uint()],
  clockMs: [7, uint()],
  /** the highest message of the asker that this member holds, by term then kind */
  highestOfAsker: [8, optional(signedMessage)],
  nonce: [9, fixed(16)],
  signer: [10, uint(MAX_SEATS - 1)],
  sig: [11, signature],
});
export type Status = TypeOf<typeof status>;

/** Messages on a quorum stream, and the two questions that any peer may ask. */
export const quorumMessage = union({
  propose: [0, struct({ propose: [0, propose] })],
  vote: [1, struct({ vote: [0, vote] })],
  cert: [2, struct({ cert: [0, certificate] })],
  getJustify: [3, struct({ justifyHash: [0, hash], from: [1, uint(0xffffffff)] })],
  justify: [
    4,
    struct({
      justifyHash: [0, hash],
      from: [1, uint(0xffffffff)],
      total: [2, uint(0xffffffff)],
      certs: [3, list(certificate, MAX_JUSTIFY_ITEMS)],
    }),
  ],
  getEntry: [5, struct({ entryId: [0, hash] })],
  entry: [6, struct({ entry: [0, entry] })],
  getStatus: [7, struct({ nonce: [0, fixed(16)] })],
  status: [8, struct({ status: [0, status] })],
  op: [9, struct({ op: [0, bytes(MAX_OP_BYTES)] })],
  final: [10, struct({ header: [0, header], cert: [1, certificate] })],
  getLog: [11, struct({ fromHeight: [0, uint(undefined, 1)], max: [1, uint(MAX_CATCH_UP_ENTRIES, 1)] })],
  /** entries from a height on, then headers of descendants up to the one that `cert` certifies */
  log: [
    12,
    struct({
      entries: [0, list(logEntry, MAX_CATCH_UP_ENTRIES)],
      descendants: [1, list(header, MAX_DESCENDANTS)],
      cert: [2, optional(certificate)],
    }),
  ],
  /** the certificates that ended these terms, which a leader lacks for its gap (R2) */
  getCerts: [13, struct({ fromTerm: [0, uint(undefined, 1)], toTerm: [1, uint(undefined, 1)] })],
  certs: [14, struct({ certs: [0, list(certificate, MAX_JUSTIFY_ITEMS)] })],
});
export type QuorumMessage = TypeOf<typeof quorumMessage>;

/** The one encoding of a message. @throws InvariantError for a message that no peer would accept. */
export const encodeMessage = (message: QuorumMessage): Bytes => encode(quorumMessage, message);

/** The message in a frame of at most MAX_FRAME_BYTES, or why there is none (R0). */
export const decodeMessage = (frame: Bytes): Result<QuorumMessage, DecodeError> =>
  decode(quorumMessage, frame, MAX_FRAME_BYTES);
