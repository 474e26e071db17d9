// What a decoded message weighs in the driver's queue: at least the frame it came in, whatever its header claims.
import type { Bytes } from "../../src/base/index.js";
import { type Certificate, opsBytesOf, type QuorumMessage } from "../../src/quorum/index.js";

/** What a message, a header or a certificate weighs in the driver's queue, and what an array of bytes adds. */
const MESSAGE_BYTES = 512;
const OBJECT_BYTES = 64;

/** Roughly the bytes of what a message carries; never the header's word for it. */
export function weightOf(message: QuorumMessage): number {
  switch (message.kind) {
    case "propose":
      return MESSAGE_BYTES + opsWeight(message.propose.entry.ops);
    case "entry":
      return MESSAGE_BYTES + opsWeight(message.entry.ops);
    case "certs":
    case "justify":
      return MESSAGE_BYTES + certsWeight(message.certs);
    case "log":
      return message.entries.reduce(
        (sum, { ops, justification }) => sum + MESSAGE_BYTES + opsWeight(ops) + certsWeight(justification),
        MESSAGE_BYTES * (1 + message.descendants.length),
      );
    default:
      return MESSAGE_BYTES;
  }
}

const opsWeight = (ops: readonly Bytes[]): number => opsBytesOf(ops) + OBJECT_BYTES * ops.length;

const certsWeight = (certs: readonly Certificate[]): number =>
  certs.reduce((sum, { sigs }) => sum + MESSAGE_BYTES + (64 + OBJECT_BYTES) * sigs.length, 0);
