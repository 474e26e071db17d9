// What travels on the direct protocols, apart from the quorum's own messages.
import {
  ascii,
  bytes,
  fixed,
  hash,
  list,
  optional,
  signature,
  struct,
  type TypeOf,
  uint,
  union,
} from "../../src/base/index.js";
import { BUCKET_HASHES_BYTES, MAX_ROW_BYTES } from "../../src/ledger/index.js";
import { finalProof, MAX_CATCH_UP_ENTRIES, MAX_FRAME_BYTES, MAX_OP_BYTES } from "../../src/quorum/index.js";
import { ANSWER_OVERHEAD_BYTES, MAX_GENESIS_BYTES } from "./limits.js";

export const QUORUM_PROTOCOL = "/mabeam/1/quorum";
export const SYNC_PROTOCOL = "/mabeam/1/sync";
export const STATUS_PROTOCOL = "/mabeam/1/status";

/** Peers named in one status, and addresses of each: 64 · (4 · 130 + 100) bytes fit its frame, with a final proof of 10 KiB. */
export const MAX_INTRODUCED = 64;
export const MAX_ADDRESSES = 4;
export const MAX_ADDRESS_CHARACTERS = 128;
const address = ascii(MAX_ADDRESS_CHARACTERS);

/** Where a peer may be reached. A seat's key is a claim here; only the quorum protocol proves it. */
export const introduction = struct({
  peer: [0, ascii(64)],
  seatKey: [1, optional(fixed(32))],
  addresses: [2, list(address, MAX_ADDRESSES, 1)],
});
export type Introduction = TypeOf<typeof introduction>;

/** Who is speaking, where it stands, and whom it knows. A height is shown by its certificate or not at all (ADR 0034). */
export const statusMessage = struct({
  v: [0, uint(2, 2)],
  chain: [1, hash],
  market: [2, hash],
  final: [3, optional(finalProof)],
  seatKey: [4, optional(fixed(32))],
  addresses: [5, list(address, MAX_ADDRESSES)],
  known: [6, list(introduction, MAX_INTRODUCED)],
});
export type StatusMessage = TypeOf<typeof statusMessage>;

export const MAX_BUNDLE_OPS = 64;
/** What travels on the topic `ops`: operations, each once. */
export const bundle = struct({ ops: [0, list(bytes(MAX_OP_BYTES), MAX_BUNDLE_OPS, 1)] });
/** Rows of one answer, and characters of a row's key: more than any has. */
export const MAX_SNAPSHOT_ROWS = 1 << 14;
const MAX_KEY_CHARACTERS = 256;

export const syncQuestion = union({
  genesis: [0, struct({})],
  getLog: [1, struct({ fromHeight: [0, uint(undefined, 1)], max: [1, uint(MAX_CATCH_UP_ENTRIES, 1)] })],
  submit: [2, struct({ op: [0, bytes(MAX_OP_BYTES)] })],
  /** of a testnet: funds for an agent that has no account yet */
  faucet: [3, struct({ agent: [0, fixed(32)] })],
  /** the state of a height that a final header attests */
  getSnapshot: [4, struct({})],
  /** its rows, from a place on */
  getRows: [5, struct({ height: [0, uint()], bucket: [1, uint(4095)], row: [2, uint()] })],
});
export type SyncQuestion = TypeOf<typeof syncQuestion>;

/** Refusals that are nobody's fault: the log begins later here; no snapshot is attested yet; that one is not held any more. */
export const LOG_PRUNED = "LOG_PRUNED";
export const SNAPSHOT_PENDING = "SNAPSHOT_PENDING";
export const SNAPSHOT_GONE = "SNAPSHOT_GONE";

export const MAX_LOG_BYTES = MAX_FRAME_BYTES - ANSWER_OVERHEAD_BYTES;

export const syncAnswer = union({
  genesis: [0, struct({ genesis: [0, bytes(MAX_GENESIS_BYTES)] })],
  /** an encoded `log` message */
  log: [1, struct({ log: [0, bytes(MAX_LOG_BYTES)] })],
  /** what became of a submitted operation or of a wish for funds: ACCEPTED, or the code of the refusal */
  verdict: [2, struct({ code: [0, ascii(64)] })],
  refused: [3, struct({ code: [0, ascii(64)] })],
  /** the height, and the hashes of the buckets of its state tree */
  snapshot: [4, struct({ height: [0, uint()], buckets: [1, fixed(BUCKET_HASHES_BYTES)] })],
  /** encoded `snapshotRows`; without any: there are no more */
  rows: [5, struct({ rows: [0, bytes(MAX_LOG_BYTES)] })],
});

/** A row of a state, under its own key. */
export const snapshotRow = struct({ key: [0, ascii(MAX_KEY_CHARACTERS)], value: [1, bytes(MAX_ROW_BYTES)] });

/** Rows of a state in the order of buckets and keys: as many as an answer holds. */
export const snapshotRows = list(snapshotRow, MAX_SNAPSHOT_ROWS);
export type SyncAnswer = TypeOf<typeof syncAnswer>;

/** The three messages that open a quorum stream, before frames of `quorumMessage`. */
export const hello = struct({ key: [0, fixed(32)], nonce: [1, fixed(32)] });
export const challenge = struct({ key: [0, fixed(32)], nonce: [1, fixed(32)], sig: [2, signature] });
export const response = struct({ sig: [0, signature] });
