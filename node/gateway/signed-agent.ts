// How an agent of a ledger says in a field that requests are its own: its key, until when, and its signature of both (spec/gateway#G7).
import { type Bytes, fromHex, type Hash, toHex, utf8 } from "../../src/base/index.js";
import { isSmallOrder, type Signer, taggedHash } from "../../src/crypto/index.js";
import { type NativeVerification, nativeVerification } from "../crypto/native.js";
import { wellShaped } from "../crypto/signature-shape.js";

export const SIGNED_FIELD = "x-mabeam-signed";
/** Of its life: a field that was lost is somebody's for no longer. */
export const MOST_SIGNED_MS = 31 * 86_400_000;

const SHAPE = /^([0-9a-f]{64})\.([1-9]\d{0,14})\.([\w-]{86})$/;
/** Fields that were verified, and keys of them that are kept. */
const MOST_KEPT = 1_024;

/** @param untilMs since 1970 */
export const signedField = (key: Signer, untilMs: number): string => {
  const signature = Buffer.from(key.sign(messageOf(key.publicKey, untilMs)));
  return `${toHex(key.publicKey)}.${untilMs}.${signature.toString("base64url")}`;
};

export class SignedAgents {
  /** null: nobody has signed yet */
  private native: NativeVerification | null = null;
  /** clients send the same field with each request; the one that was verified first, first */
  private readonly verified = new Set<string>();

  /** The agent that a field names, in hexadecimal; null: it names none, its signature is another's, it is over, or would be for too long. */
  agentIn(field: string, wallMs: number): string | null {
    const [, agent, until, signature] = SHAPE.exec(field) ?? [];
    if (agent === undefined) return null;
    const untilMs = Number(until);
    if (untilMs <= wallMs || untilMs > wallMs + MOST_SIGNED_MS) return null;
    if (this.verified.has(field)) return agent;
    const bytes = new Uint8Array(Buffer.from(signature!, "base64url"));
    const key = fromHex(agent)!;
    this.native ??= nativeVerification(MOST_KEPT);
    if (!wellShaped(key, bytes) || isSmallOrder(key)) return null;
    if (!this.native.accepts(key, messageOf(key, untilMs), bytes)) return null;
    this.verified.add(field);
    const [oldest] = this.verified;
    if (this.verified.size > MOST_KEPT) this.verified.delete(oldest!);
    return agent;
  }
}

const messageOf = (agent: Bytes, untilMs: number): Hash =>
  taggedHash("gateway", agent, utf8(String(untilMs)));
