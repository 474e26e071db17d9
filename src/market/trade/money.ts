// The money of a trade at its end. Pure, so that any peer or reader can recompute it (spec/trades#money).
import { unreachable } from "../../base/index.js";
import { BASIS_POINTS, type Params } from "../../ledger/index.js";
import type { Ending } from "./trade.js";

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
function dueToPerformer(
  ending: Ending,
  price: bigint,
  { disputeSplitBp }: Pick<Params, "disputeSplitBp">,
): bigint {
  switch (ending.cause) {
    case "accepted":
    case "unopposed":
    case "rejected":
      return price;
    case "failed":
    case "timedOut":
      return 0n;
    case "upheld":
      return partOf(price, BASIS_POINTS - ending.shareBp);
    case "hung":
      return price - partOf(price, disputeSplitBp);
    default:
      return unreachable(ending);
  }
}

/** Rounded down. */
const partOf = (price: bigint, bp: number): bigint => (price * BigInt(bp)) / BigInt(BASIS_POINTS);

/** The performer receives what is due to it less the fee, rounded down; the fee burns, and the rest of the price returns. */
export function tradeMoney(
  ending: Ending,
  price: bigint,
  params: Pick<Params, "tradeFeeBp" | "disputeSplitBp">,
): TradeMoney {
  const due = dueToPerformer(ending, price, params);
  const received = partOf(due, BASIS_POINTS - params.tradeFeeBp);
  return { received, fee: due - received, returned: price - due };
}
