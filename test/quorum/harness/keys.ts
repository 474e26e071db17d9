// Signatures for tests: fast and sound, since only who holds a signer can make one, and a table judges them.
import { createHash } from "node:crypto";
import { compareBytes, equalBytes, toHex } from "../../../src/base/index.js";
import type { Signer, Verifier } from "../../../src/crypto/index.js";
import type { MemberSet } from "../../../src/quorum/index.js";

const digest = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

export const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

export function testSigner(name: string): Signer {
  const secret = digest(text(`secret ${name}`));
  return {
    publicKey: digest(secret).slice(0, 32),
    sign: (message) => digest(secret, message),
  };
}

export interface TestSeats {
  readonly set: MemberSet;
  /** by seat */
  readonly signers: readonly Signer[];
  readonly verifier: Verifier & { calls: number };
}

export function testSeats(size: number, label = "seat"): TestSeats {
  const signers = Array.from({ length: size }, (_, i) => testSigner(`${label} ${i}`)).sort((a, b) =>
    compareBytes(a.publicKey, b.publicKey),
  );
  const byKey = new Map(signers.map((signer) => [toHex(signer.publicKey), signer]));
  const verifier = {
    calls: 0,
    verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
      this.calls++;
      const signer = byKey.get(toHex(key));
      return signer !== undefined && equalBytes(signer.sign(message), signature);
    },
  };
  const members = signers.map((signer, i) => ({
    key: signer.publicKey,
    agent: digest(text(`agent ${label} ${i}`)).slice(0, 32),
    power: 1,
  }));
  return { set: { epoch: 0, members }, signers, verifier };
}

export const testHash = (name: string): Uint8Array => digest(text(name)).slice(0, 32);
