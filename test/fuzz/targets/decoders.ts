// Targets: every schema that bytes from a socket, a file or a stranger's transcript are read by.

import { encodeBundle, MAX_BUNDLE_BYTES } from "../../../node/net/bundle.js";
import { MAX_SMALL_FRAME_BYTES } from "../../../node/net/limits.js";
import {
  bundle,
  challenge,
  hello,
  introduction,
  response,
  statusMessage,
  syncAnswer,
  syncQuestion,
} from "../../../node/net/wire.js";
import { type Bytes, encode } from "../../../src/base/index.js";
import { merklePath } from "../../../src/crypto/index.js";
import { genesis, rowProof } from "../../../src/ledger/index.js";
import { operation, STATE_FORMS } from "../../../src/market/index.js";
import { provenRow, witness } from "../../../src/peer/proof/witness.js";
import { tipRow } from "../../../src/peer/stored-rows.js";
import {
  certificate,
  evidence,
  guardRecord,
  header,
  logEntry,
  MAX_FRAME_BYTES as MAX_ROW_BYTES,
  memberSet,
  quorumMessage,
} from "../../../src/quorum/index.js";
import { haltRow, justifyRow, ownProposalRow } from "../../../src/quorum/log/rows.js";
import { realInputs, rowsUnder, witnessRow } from "../real.js";
import type { Target } from "../target.js";
import { codecTarget } from "./codec.js";

const key = (fill: number): Bytes => new Uint8Array(32).fill(fill);

const introduced = { peer: "12D3KooW", seatKey: key(3), addresses: ["/ip4/127.0.0.1/tcp/4001"] };

const statuses = (): readonly Bytes[] => [
  encode(statusMessage, {
    v: 2,
    chain: key(1),
    market: key(2),
    final: null,
    seatKey: null,
    addresses: ["/ip4/127.0.0.1/tcp/1"],
    known: [introduced, { ...introduced, seatKey: null }],
  }),
];

const questions = (): readonly Bytes[] => [
  encode(syncQuestion, { kind: "genesis" }),
  encode(syncQuestion, { kind: "getLog", fromHeight: 1, max: 64 }),
  ...realInputs()
    .operations.slice(0, 4)
    .map((op) => encode(syncQuestion, { kind: "submit", op })),
  encode(syncQuestion, { kind: "faucet", agent: key(9) }),
];

/** What travels, by what is read most. */
const TRAVELLING: readonly Target[] = [
  codecTarget({
    name: "quorum-message",
    share: 20,
    codec: quorumMessage,
    maxBytes: MAX_ROW_BYTES,
    real: () => realInputs().messages,
  }),
  codecTarget({
    name: "operation",
    share: 14,
    codec: operation,
    maxBytes: 64 * 1024,
    real: () => realInputs().operations,
  }),
  codecTarget({
    name: "evidence",
    share: 8,
    codec: evidence,
    maxBytes: 8192,
    real: () => realInputs().evidence,
  }),
  codecTarget({
    name: "status",
    share: 6,
    codec: statusMessage,
    maxBytes: MAX_SMALL_FRAME_BYTES,
    real: statuses,
  }),
  codecTarget({
    name: "sync-question",
    share: 6,
    codec: syncQuestion,
    maxBytes: MAX_ROW_BYTES,
    real: questions,
  }),
  codecTarget({
    name: "bundle",
    share: 4,
    codec: bundle,
    maxBytes: MAX_BUNDLE_BYTES,
    real: () => [encodeBundle(realInputs().operations.slice(0, 8))],
  }),
  codecTarget({ name: "sync-answer", share: 4, codec: syncAnswer, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "introduction", share: 2, codec: introduction, maxBytes: MAX_SMALL_FRAME_BYTES }),
  codecTarget({ name: "hello", share: 1, codec: hello, maxBytes: MAX_SMALL_FRAME_BYTES }),
  codecTarget({ name: "challenge", share: 1, codec: challenge, maxBytes: MAX_SMALL_FRAME_BYTES }),
  codecTarget({ name: "response", share: 1, codec: response, maxBytes: MAX_SMALL_FRAME_BYTES }),
];

/** Parts of transcripts and proofs, which people carry about as files. */
const CARRIED: readonly Target[] = [
  codecTarget({
    name: "genesis",
    share: 4,
    codec: genesis,
    maxBytes: 1024 * 1024,
    real: () => [realInputs().genesis],
  }),
  codecTarget({ name: "header", share: 4, codec: header, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "certificate", share: 4, codec: certificate, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "proven-row", share: 2, codec: provenRow, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "row-proof", share: 1, codec: rowProof, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "merkle-path", share: 1, codec: merklePath, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "member-set", share: 1, codec: memberSet, maxBytes: MAX_ROW_BYTES }),
];

/** Rows of a disk that may be damaged. */
const STORED: readonly Target[] = [
  codecTarget({
    name: "log-entry",
    share: 4,
    codec: logEntry,
    maxBytes: MAX_ROW_BYTES,
    real: () => rowsUnder("log/"),
  }),
  codecTarget({ name: "witness", share: 2, codec: witness, maxBytes: 1 << 20, real: () => [witnessRow()] }),
  ...STATE_FORMS.map(({ name, codec }) =>
    codecTarget({
      name: `${name}-row`,
      share: 1,
      codec,
      maxBytes: MAX_ROW_BYTES,
      real: () => [...rowsUnder(`state/${name}/`), ...rowsUnder(`state/${name}`)],
    }),
  ),
  codecTarget({ name: "tip-row", share: 1, codec: tipRow, maxBytes: 256 }),
  codecTarget({ name: "guard-record", share: 1, codec: guardRecord, maxBytes: 4096 }),
  codecTarget({ name: "halt-row", share: 1, codec: haltRow, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "justify-row", share: 1, codec: justifyRow, maxBytes: MAX_ROW_BYTES }),
  codecTarget({ name: "own-proposal-row", share: 1, codec: ownProposalRow, maxBytes: MAX_ROW_BYTES }),
];

export const DECODERS: readonly Target[] = [...TRAVELLING, ...CARRIED, ...STORED];
