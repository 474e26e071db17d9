// What is wrong with an operation on its face: whatever the state, at a given ledger time (spec/log#V3).
import { equalBytes } from "../base/index.js";
import { type Rejection, reject } from "./context.js";
import type { Network, Operation } from "./operation.js";
import type { Params } from "./params.js";

/**
 * Why no entry of ledger time `timeMs` may include the operation, or null. Its size, encoding and signature are
 * judged where its bytes are.
 */
export function faceFault(op: Operation, network: Network, params: Params, timeMs: number): Rejection | null {
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
