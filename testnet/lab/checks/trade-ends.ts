// What the end of a trade does with its price, its bond and its performer's stake, reckoned anew (spec/trades#money, spec/disputes#money).
import type { Hex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";
import type { DisputeCourse, DisputeRates } from "./disputes.js";
import type { Ladder } from "./ladder.js";

/** How a trade ends; of an upheld dispute the share that was found wrong, in bp. */
export type End =
  | { readonly cause: "accepted" | "unopposed" | "failed" | "timedOut" | "rejected" | "hung" }
  | { readonly cause: "upheld"; readonly share: number };

export interface Ending {
  readonly cause: End["cause"];
  readonly height: number;
  /** by the performer; the rest of what it was due burns */
  readonly received: bigint;
  readonly fee: bigint;
  readonly returned: bigint;
  /** what the performer pays out of its stake for ending so; 0: nothing, or it was a warning */
  readonly due: bigint;
}

export interface TradeCourse {
  readonly id: Hex;
  readonly auction: Hex;
  readonly performer: Hex;
  readonly buyer: Hex;
  readonly price: bigint;
  /** of the performer's stake */
  readonly lien: bigint;
  /** null: what was delivered is not disputed */
  readonly dispute: DisputeCourse | null;
  readonly ending: Ending | null;
}

const WHOLE_BP = 10_000n;

export function endingOf(
  trade: TradeCourse,
  end: End,
  height: number,
  rates: Pick<Params, "tradeFeeBp"> & DisputeRates,
  ladder: Ladder,
): Ending {
  const earned = earnedOf(trade.price, end, rates);
  const received = (earned * (WHOLE_BP - BigInt(rates.tradeFeeBp))) / WHOLE_BP;
  const { cause } = end;
  const fails = cause === "failed" || cause === "timedOut" || cause === "upheld";
  const share = cause === "upheld" ? end.share : Number(WHOLE_BP);
  const due = fails ? ladder.dueFor(trade, cause, height, share) : 0n;
  return { cause, height, received, fee: earned - received, returned: trade.price - earned, due };
}

/** What of the price is the performer's, its fee included. */
function earnedOf(price: bigint, end: End, { disputeSplitBp }: DisputeRates): bigint {
  switch (end.cause) {
    case "failed":
    case "timedOut":
      return 0n;
    case "upheld":
      return (price * (WHOLE_BP - BigInt(end.share))) / WHOLE_BP;
    case "hung":
      return price - (price * BigInt(disputeSplitBp)) / WHOLE_BP;
    default:
      return price;
  }
}

/** What of a buyer's bond has gone to the performer: all of it where the dispute was rejected. */
export const bondLost = ({ ending, dispute }: TradeCourse): bigint =>
  ending?.cause === "rejected" ? (dispute?.bond ?? 0n) : 0n;
