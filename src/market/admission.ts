// Admission: the cheap reads that decide whether an operation from the network is worth keeping (spec/network#admission).
import {
  drawFault,
  faceFault,
  feeOnly,
  type Ledger,
  NONCE_WINDOW,
  type Rejection,
  reject,
} from "../ledger/index.js";
import type { EvidenceJudge } from "./justice/fault.js";
import { evidenceIn, laneOf, type Operation, provenForm } from "./operation.js";
import { check } from "./rulebook.js";
import type { EntryContext } from "./subject.js";
import type { RejectionCode } from "./subjects.js";

/**
 * `refuse`: whoever relayed it could have seen the fault by itself. `ignore`: it is of no use, and nobody is to blame.
 * `later`: it may yet become valid when this peer has executed more of the log: for the pending pool.
 */
export type Admission =
  | { readonly kind: "accept" }
  | { readonly kind: "refuse" | "ignore" | "later"; readonly rejection: Rejection<RejectionCode> };

/** Faults that are the same at every peer and at every time. */
const TIMELESS: ReadonlySet<string> = new Set<RejectionCode>([
  "WRONG_CHAIN",
  "WRONG_MARKET",
  "FEE_BELOW_MINIMUM",
]);

/** What a peer that lags may find wrong with what is right elsewhere. */
const MAY_PASS: ReadonlySet<string> = new Set<RejectionCode>([
  "ACCOUNT_UNKNOWN",
  "FUNDS_TOO_LOW",
  "BUDGET_EXCEEDED",
  "BUDGET_ENDED",
  "AUCTION_UNKNOWN",
  "REVEAL_TOO_EARLY",
  "COMMIT_UNKNOWN",
]);

const ACCEPT: Admission = { kind: "accept" };

/**
 * Steps 3, 5 and 6 of spec/network#admission, before the signature is verified: the account is known, the nonce of its lane is
 * within the window, the fee is covered; an opening's commit exists, and the hash matches.
 * @param nowMs local clock, as the next entries' ledger time will be
 * @param judgeEvidence null: evidence passes here, and is judged where its signatures are verified
 */
export function judgeAdmission(
  ledger: Ledger,
  op: Operation,
  nowMs: number,
  judgeEvidence: EvidenceJudge | null = null,
): Admission {
  const fault = faceFault(op, ledger.network, ledger.params, nowMs);
  if (fault !== null) return { kind: TIMELESS.has(fault.code) ? "refuse" : "ignore", rejection: fault };
  if (op.authority !== null) return judgeSender(ledger, op, nowMs);
  if (judgeEvidence === null && evidenceIn(op.body) !== null) return ACCEPT;
  const rejection = check(ledger, op, nextMoment(nowMs, judgeEvidence ?? (() => null)));
  return rejection === null ? ACCEPT : refusal(rejection);
}

const refusal = (rejection: Rejection<RejectionCode>): Admission => ({
  kind: MAY_PASS.has(rejection.code) ? "later" : "ignore",
  rejection,
});

function judgeSender(ledger: Ledger, op: Operation, nowMs: number): Admission {
  const { from, nonce, fee } = op.authority!;
  const account = ledger.accountOf(from);
  if (account === null) return refusal(reject("ACCOUNT_UNKNOWN"));
  const next = account.nonces[laneOf(op.body.kind)];
  const rejection = reject("NONCE_NOT_NEXT", { nonce, next });
  if (nonce < next) return { kind: "ignore", rejection };
  if (nonce >= next + NONCE_WINDOW) return { kind: "later", rejection };
  const unpaid = drawFault(ledger, from, nowMs, feeOnly(fee, null));
  return unpaid === null ? ACCEPT : refusal(unpaid);
}

/** Operations that prove themselves are judged by state alone: of the moment, only its time matters. */
const nextMoment = (timeMs: number, judgeEvidence: EvidenceJudge): EntryContext => ({
  height: 0,
  timeMs,
  parentTimeMs: timeMs,
  leader: 0,
  epoch: 0,
  tolerance: 0,
  execHeight: 0,
  parentExecHeight: 0,
  judgeEvidence,
});

/** The account that signed it is known, or what it opens is; what is not may be anybody's garbage. */
export const isGrounded = (ledger: Ledger, { authority, body }: Operation): boolean =>
  authority === null ? provenForm(body)!.isGrounded(ledger, body) : ledger.accountOf(authority.from) !== null;

/**
 * Why no entry at or after a ledger time can hold the operation any more, or null: it has expired, or its nonce was
 * used by another; what proves itself goes with what it is about.
 */
export function staleness(
  ledger: Ledger,
  { authority, body }: Operation,
  timeMs: number,
  judge: EvidenceJudge,
): RejectionCode | null {
  if (authority === null) return provenForm(body)!.staleness(ledger, body, nextMoment(timeMs, judge));
  if (authority.validUntilMs < timeMs) return "EXPIRED";
  const next = ledger.accountOf(authority.from)?.nonces[laneOf(body.kind)] ?? 0;
  return authority.nonce < next ? "NONCE_NOT_NEXT" : null;
}
