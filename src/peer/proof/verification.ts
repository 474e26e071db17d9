// Verification: an auction recomputed from its transcript and the chain's name, trusting nobody's word for it.
import type { Hash, Hex } from "../../base/index.js";
import type { Verifier } from "../../crypto/index.js";
import type { Replayed } from "../../market/index.js";
import type { Checked } from "./checked.js";
import {
  checkCommitments,
  checkOpenings,
  checkOutcome,
  checkPhases,
  checkProofs,
  checkTerms,
  type Outcome,
} from "./proven-auction.js";
import {
  checkCertificate,
  checkGenesis,
  checkHeaders,
  checkOperations,
  checkSignatures,
} from "./proven-log.js";
import type { Transcript } from "./transcript.js";

/** In their order; each rests on what the ones before have established. */
export const VERIFICATION_CHECKS = [
  "genesis",
  "headers",
  "certificate",
  "operations",
  "signatures",
  "proofs",
  "terms",
  "commitments",
  "phases",
  "openings",
  "outcome",
] as const;
export type CheckName = (typeof VERIFICATION_CHECKS)[number];

export interface CheckResult {
  readonly name: CheckName;
  readonly ok: boolean;
  readonly detail: string;
}

export interface VerifiedOutcome extends Outcome {
  readonly auction: Hex;
  readonly bids: number;
  /** bids and terms that are not as they were signed, though nothing in the log tells why: for want of funds, or left out */
  readonly passedOver: number;
}

export interface Verification {
  readonly ok: boolean;
  /** in order, up to and including the first that failed */
  readonly checks: readonly CheckResult[];
  /** absent unless every check held */
  readonly outcome: VerifiedOutcome | null;
  /** the auction and its commits, all of it recomputed; absent unless every check held */
  readonly proven: Pick<Replayed, "auction" | "commits"> | null;
  /** F of the quorum that signed; with 0 one dishonest member can make two logs */
  readonly byzantineTolerance: number | null;
}

/**
 * Recomputes an auction: genesis hashes to the chain, headers form one chain under a quorum's certificate, operations
 * are those that the headers commit to and are signed, the auction's rows stand under an attested state root, and the
 * rules lead from the log to these rows: phases, openings, winner, price and forfeits (ADR 0036). What a transcript
 * cannot show is why a commit was left out: for that, its quorum is trusted.
 */
export function verifyTranscript(transcript: Transcript, chain: Hash, verifier: Verifier): Verification {
  const checks: CheckResult[] = [];
  let byzantineTolerance: number | null = null;
  const passed = <T>(name: CheckName, checked: Checked<T>): T | null => {
    checks.push({ name, ok: checked.ok, detail: checked.ok ? checked.value.detail : checked.error });
    return checked.ok ? checked.value.value : null;
  };
  const refused = (): Verification => ({
    ok: false,
    checks,
    outcome: null,
    proven: null,
    byzantineTolerance,
  });

  const ground = passed("genesis", checkGenesis(transcript, chain, verifier));
  if (ground === null) return refused();
  const linked = passed("headers", checkHeaders(transcript, ground));
  if (linked === null) return refused();
  byzantineTolerance = passed("certificate", checkCertificate(transcript, linked, ground));
  if (byzantineTolerance === null) return refused();
  const bodies = passed("operations", checkOperations(transcript, linked));
  if (bodies === null) return refused();
  const entries = passed("signatures", checkSignatures(transcript, bodies, ground));
  if (entries === null) return refused();
  const stated = passed("proofs", checkProofs(transcript, entries));
  if (stated === null) return refused();
  const offered = passed("terms", checkTerms(stated, entries, ground));
  if (offered === null) return refused();
  const signed = passed("commitments", checkCommitments(offered, entries));
  if (signed === null) return refused();
  const lived = passed("phases", checkPhases(signed, entries, ground));
  if (lived === null) return refused();
  const opened = passed("openings", checkOpenings(stated, lived));
  if (opened === null) return refused();
  const outcome = passed("outcome", checkOutcome(stated, opened));
  if (outcome === null) return refused();

  const { auction, commits, passedOver } = opened;
  return {
    ok: true,
    checks,
    byzantineTolerance,
    proven: { auction, commits },
    outcome: { ...outcome, auction: transcript.auction, bids: commits.length, passedOver },
  };
}
