// The money of a trade at its end. Pure, so that any peer or reader can recompute it (spec/trades#money).
import { BASIS_POINTS, type Params } from "../../ledger/index.js";
import type { EndCause } from "./trade.js";

/** Where the price goes: the three parts sum to it. */
export interface TradeMoney {
  /** by the performer */
  readonly received: bigint;
  /** burned */
  readonly fee: bigint;
  /** to where the buyer's lock was taken from */
  readonly returned: bigint;
}

/** What of the price is the performer's, before the fee. */
function dueToPerformer(cause: EndCause, price: bigint): bigint {
  switch (cause) {
    case "accepted":
    case "unopposed":
      return price;
    case "failed":
    case "timedOut":
      return 0n;
  }
}

/** The performer receives what is due to it less the fee, rounded down; the fee burns, and the rest of the price returns. */
export function tradeMoney(
  cause: EndCause,
  price: bigint,
  { tradeFeeBp }: Pick<Params, "tradeFeeBp">,
): TradeMoney {
  const due = dueToPerformer(cause, price);
  const received = (due * BigInt(BASIS_POINTS - tradeFeeBp)) / BigInt(BASIS_POINTS);
  return { received, fee: due - received, returned: price - due };
}
