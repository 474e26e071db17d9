// The proof that a connection belongs to a seat: both sides sign for this very pair of transport keys (spec/network#R5).
import { randomBytes } from "node:crypto";
import { type Bytes, type Codec, decode, encode, type Hash, u32be } from "../../src/base/index.js";
import { type Signer, taggedHash } from "../../src/crypto/index.js";
import type { FrameStream } from "./frame-stream.js";
import type { AsyncVerifier, Role } from "./ports.js";
import { challenge, hello, response } from "./wire.js";

/** What both signatures of one opening are bound to. */
export interface ProofContext {
  readonly chain: Hash;
  readonly market: Hash;
  /** raw Ed25519 keys of the two ends, as Noise authenticated them */
  readonly openerPeer: Bytes;
  readonly responderPeer: Bytes;
  readonly openerKey: Bytes;
  readonly responderKey: Bytes;
  readonly openerNonce: Bytes;
  readonly responderNonce: Bytes;
}

export type ProofRole = "opener" | "responder";

/**
 * What a side signs, tag `peer`. The transport keys are those that each end sees for itself, so a proof carried over
 * by a third party names the wrong pair; the nonces make it fresh; the role keeps one side's from serving the other.
 */
export const proofDigest = (role: ProofRole, context: ProofContext): Hash =>
  taggedHash(
    "peer",
    u32be(role === "opener" ? 0 : 1),
    context.chain,
    context.market,
    context.openerPeer,
    context.responderPeer,
    context.openerKey,
    context.responderKey,
    context.openerNonce,
    context.responderNonce,
  );

export type ProofFault = "BAD_HANDSHAKE" | "NOT_SEATED" | "BAD_PROOF" | "OVERLOADED";

export class ProofError extends Error {
  override readonly name = "ProofError";
  constructor(readonly code: ProofFault) {
    super(code);
  }
}

/** This end, and who sits where. */
export interface Prover {
  readonly chain: Hash;
  readonly market: Hash;
  readonly signer: Signer;
  readonly role: Pick<Role, "electorate">;
  readonly verifier: AsyncVerifier;
}

/** Proves this end's seat on a stream that it opened. @returns the seat that the other end proved */
export async function proveAsOpener(
  frames: FrameStream,
  prover: Prover,
  self: Bytes,
  remote: Bytes,
): Promise<number> {
  const openerNonce = randomBytes(32);
  const openerKey = prover.signer.publicKey;
  frames.send(encode(hello, { key: openerKey, nonce: openerNonce }));
  const theirs = await readOne(frames, challenge);
  const seat = seatOf(prover, theirs.key);
  const context: ProofContext = {
    chain: prover.chain,
    market: prover.market,
    openerPeer: self,
    responderPeer: remote,
    openerKey,
    responderKey: theirs.key,
    openerNonce,
    responderNonce: theirs.nonce,
  };
  await check(prover, theirs.key, proofDigest("responder", context), theirs.sig);
  frames.send(encode(response, { sig: prover.signer.sign(proofDigest("opener", context)) }));
  return seat;
}

/** Judges the proof of the end that opened the stream, and proves this one's. @returns the opener's seat */
export async function proveAsResponder(
  frames: FrameStream,
  prover: Prover,
  self: Bytes,
  remote: Bytes,
): Promise<number> {
  const theirs = await readOne(frames, hello);
  const seat = seatOf(prover, theirs.key);
  const context: ProofContext = {
    chain: prover.chain,
    market: prover.market,
    openerPeer: remote,
    responderPeer: self,
    openerKey: theirs.key,
    responderKey: prover.signer.publicKey,
    openerNonce: theirs.nonce,
    responderNonce: randomBytes(32),
  };
  const sig = prover.signer.sign(proofDigest("responder", context));
  frames.send(encode(challenge, { key: context.responderKey, nonce: context.responderNonce, sig }));
  const proof = await readOne(frames, response);
  await check(prover, theirs.key, proofDigest("opener", context), proof.sig);
  return seat;
}

async function readOne<T>(frames: FrameStream, codec: Codec<T>): Promise<T> {
  const decoded = decode(codec, await frames.read(), frames.maxBytes);
  if (!decoded.ok) throw new ProofError("BAD_HANDSHAKE");
  return decoded.value;
}

/** One's own seat is refused too: a second daemon of one key is not another member. */
function seatOf(prover: Prover, key: Bytes): number {
  const seat = prover.role.electorate.seatOf(key);
  if (seat === null || seat === prover.role.electorate.seatOf(prover.signer.publicKey)) {
    throw new ProofError("NOT_SEATED");
  }
  return seat;
}

async function check(prover: Prover, key: Bytes, digest: Hash, sig: Bytes): Promise<void> {
  const verdict = await prover.verifier.verifyAsync(key, digest, sig);
  if (verdict === "overloaded") throw new ProofError("OVERLOADED");
  if (verdict !== "valid") throw new ProofError("BAD_PROOF");
}
