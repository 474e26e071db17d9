// What certificates need and what they do: power, order of signers, and which of them make an entry final.
import type { VoteKind } from "./message.js";

/** The decisions on which "a quorum has said so" rests (PROTOCOL §1.1, §1.3). */
export interface CertificateRules {
  /** Q: the power of a quorum, for a set of power P = 1.. (§1.1). */
  quorumPower(power: number): number;
  /** Whether a certificate may list these signers: ascending, so that nobody counts twice (§1.3). */
  maySign(signers: readonly number[]): boolean;
  /** R10: whether a certificate of this kind makes its entry final, with all ancestors. */
  makesFinal(kind: VoteKind): boolean;
}

export const CERTIFICATE_RULES: CertificateRules = {
  quorumPower: (power) => Math.ceil((2 * power) / 3),
  maySign: (signers) => signers.every((signer, i) => i === 0 || signer > signers[i - 1]!),
  makesFinal: (kind) => kind === "commit",
};
