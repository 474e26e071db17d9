// The envelope of an operation: which network it is for, who sends it, in what order, at what price, and until when.
import {
  amount,
  type Codec,
  equalBytes,
  type Hash,
  hash,
  optional,
  struct,
  type TypeOf,
  uint,
} from "../base/index.js";
import { ACCOUNTS } from "./account.js";
import { agentId, type Lane } from "./agent.js";
import type { Network } from "./genesis.js";
import type { Ledger } from "./ledger.js";
import { burn, takeForGood } from "./money.js";
import type { Params } from "./params.js";
import { type Rejection, reject } from "./rejection.js";
import { type DrawFault, drawFault, feeOnly } from "./spending.js";

/** Who an operation is from, in what order, at what price, and until when. Absent where it proves itself. */
export const authority = struct({
  from: [0, agentId],
  /** the next nonce of (from, lane) */
  nonce: [1, uint()],
  fee: [2, amount],
  /** ledger time after which no entry may include it */
  validUntilMs: [3, uint()],
});
export type Authority = TypeOf<typeof authority>;

/** The fields of an operation with such a body, but for its signature. */
export const envelopeOf = <Body>(body: Codec<Body>) =>
  ({
    v: [0, uint(1, 1)],
    chain: [1, hash],
    market: [2, hash],
    authority: [3, optional(authority)],
    body: [4, body],
  }) as const;

type Face = Network & { readonly authority: Authority | null };

export type FaceFault = "WRONG_CHAIN" | "WRONG_MARKET" | "FEE_BELOW_MINIMUM" | "EXPIRED" | "VALID_TOO_LONG";

/**
 * Why no entry of ledger time `timeMs` may include the operation, whatever the state (spec/log#V3), or null. Its size,
 * encoding and signature are judged where its bytes are.
 */
export function faceFault(
  op: Face,
  network: Network,
  params: Pick<Params, "minFee" | "maxValidityMs">,
  timeMs: number,
): Rejection<FaceFault> | null {
  if (!equalBytes(op.chain, network.chain)) return reject("WRONG_CHAIN");
  if (!equalBytes(op.market, network.market)) return reject("WRONG_MARKET");
  if (op.authority === null) return null;
  const { fee, validUntilMs } = op.authority;
  if (fee < params.minFee) {
    return reject("FEE_BELOW_MINIMUM", { fee: fee.toString(), minFee: params.minFee.toString() });
  }
  if (validUntilMs < timeMs) return reject("EXPIRED", { validUntilMs, timeMs });
  if (validUntilMs > timeMs + params.maxValidityMs) {
    return reject("VALID_TOO_LONG", { validUntilMs, atMostMs: timeMs + params.maxValidityMs });
  }
  return null;
}

export type SenderFault = "ACCOUNT_UNKNOWN" | "NONCE_NOT_NEXT" | DrawFault;

/** What an operation does at which time: as far as its fee goes. */
export interface Occasion {
  readonly lane: Lane;
  /** ledger time of the entry */
  readonly timeMs: number;
  /** the auction that it is about; null: none that the state has */
  readonly auction: Hash | null;
}

/** The rules that hold for whoever sends anything: who breaks one cannot be charged, and leaves no trace. */
export function senderFault(
  ledger: Ledger,
  { lane, timeMs, auction }: Occasion,
  by: Authority,
): Rejection<SenderFault> | null {
  const account = ledger.accountOf(by.from);
  if (account === null) return reject("ACCOUNT_UNKNOWN");
  const next = account.nonces[lane];
  if (by.nonce !== next) return reject("NONCE_NOT_NEXT", { nonce: by.nonce, next });
  return drawFault(ledger, by.from, timeMs, feeOnly(by.fee, auction));
}

/**
 * Uses up the nonce and burns the whole fee, of an operation that is applied and of one that fails alike: to fail is
 * not cheaper (ADR 0030). @param by an authority in which `senderFault` has just found nothing
 */
export function charge(ledger: Ledger, { lane, timeMs, auction }: Occasion, by: Authority): void {
  ledger.change(ACCOUNTS, by.from, (one) => {
    one.nonces = { ...one.nonces, [lane]: one.nonces[lane] + 1 };
  });
  takeForGood(ledger, by.from, by.fee, { timeMs, auction });
  burn(ledger, by.fee);
}
