// The skeleton's messages: what they must say, and as many further bytes as the true ones have.
import { type Bytes, unreachable } from "../../../src/base/index.js";
import { bytesOfAll, FRAME_BYTES, noise } from "./skeleton-costs.js";

const KINDS = ["operation", "propose", "ack", "commit", "cert", "final"] as const;
type Kind = (typeof KINDS)[number];
const HEAD_BYTES = 8;

interface Head {
  readonly term: number;
  readonly seat: number;
}

export type Ballot = Head & { readonly kind: "ack" | "commit" };
export type Frame =
  | (Head & { readonly kind: "operation"; readonly body: Bytes })
  | (Head & { readonly kind: "propose"; readonly operations: readonly Bytes[] })
  | Ballot
  /** certificates are for those whose votes were lost: here none is */
  | (Head & { readonly kind: "cert" })
  | (Head & { readonly kind: "final" });

function head(kind: Kind, { term, seat }: Head, length: number): Buffer {
  const frame = Buffer.from(noise(length));
  frame.writeUInt8(KINDS.indexOf(kind), 0);
  frame.writeUInt8(seat, 1);
  frame.writeUInt32BE(term, 4);
  return frame;
}

/** A message of one size, or a single operation. */
export function small(kind: Exclude<Kind, "propose">, term: number, seat: number, body?: Bytes): Bytes {
  switch (kind) {
    case "operation": {
      const frame = head(kind, { term, seat }, HEAD_BYTES + body!.length);
      frame.set(body!, HEAD_BYTES);
      return frame;
    }
    case "ack":
    case "commit":
      return head(kind, { term, seat }, FRAME_BYTES.vote);
    case "cert":
      return head(kind, { term, seat }, FRAME_BYTES.cert);
    case "final":
      return head(kind, { term, seat }, FRAME_BYTES.final);
    default:
      return unreachable(kind);
  }
}

/** A PROPOSE with its operations in it, each after three bytes for its length. */
export function proposal(term: number, seat: number, operations: readonly Bytes[]): Bytes {
  const frame = head("propose", { term, seat }, FRAME_BYTES.propose + bytesOfAll(operations));
  let at = HEAD_BYTES;
  at = frame.writeUInt16BE(operations.length, at);
  for (const one of operations) {
    frame.writeUIntBE(one.length, at, 3);
    frame.set(one, at + 3);
    at += 3 + one.length;
  }
  return frame;
}

export function readFrame(raw: Bytes): Frame {
  const frame = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const bytes = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  const kind = KINDS[frame.readUInt8(0)]!;
  const [term, seat] = [frame.readUInt32BE(4), frame.readUInt8(1)];
  if (kind === "operation") return { kind, term, seat, body: bytes.subarray(HEAD_BYTES) };
  if (kind !== "propose") return { kind, term, seat } as Frame;
  const operations: Bytes[] = [];
  let at = HEAD_BYTES + 2;
  for (let i = frame.readUInt16BE(HEAD_BYTES); i > 0; i--) {
    const end = at + 3 + frame.readUIntBE(at, 3);
    operations.push(bytes.subarray(at + 3, end));
    at = end;
  }
  return { kind, term, seat, operations };
}
