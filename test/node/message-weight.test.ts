// The queue's bounds are in bytes: a message must not pass for lighter than the frame it came in.
import { expect, test } from "vitest";
import { weightOf } from "../../node/driver/message-weight.js";
import { type Certificate, encodeMessage, type QuorumMessage } from "../../src/quorum/index.js";
import { certificateOf, headerOf } from "./net-fixture.js";

const ops = Array.from({ length: 20 }, (_, i) => new Uint8Array(60_000).fill(i));
const header = headerOf(9); // claims no operations at all
const leaderSig = new Uint8Array(64);
const large: Certificate = {
  ...certificateOf(9),
  signers: Array.from({ length: 86 }, (_, i) => i),
  sigs: Array.from({ length: 86 }, () => new Uint8Array(64)),
};
const certs = Array.from({ length: 200 }, () => large);
const hash = new Uint8Array(32);

const messages: readonly QuorumMessage[] = [
  { kind: "propose", propose: { entry: { header, ops, leaderSig }, parentHeader: null, parentCert: null } },
  { kind: "entry", entry: { header, ops, leaderSig } },
  { kind: "certs", certs },
  { kind: "justify", justifyHash: hash, from: 0, total: 200, certs },
  {
    kind: "log",
    entries: [{ header, ops, justification: certs.slice(0, 9), cert: null }],
    descendants: Array.from({ length: 500 }, (_, i) => headerOf(i + 10)),
    cert: certificateOf(9),
  },
  { kind: "final", header, cert: certificateOf(9) },
];

for (const message of messages) {
  test(`a ${message.kind} weighs at least its frame`, () => {
    expect(weightOf(message)).toBeGreaterThanOrEqual(encodeMessage(message).length);
  });
}
