// Estimates: what each lane asks, remembered, since an estimate looks at all that waits and is asked for with each bid kept.
import type { Lane, Ledger } from "../ledger/index.js";
import { estimateFee } from "../market/index.js";
import type { Mempool } from "./mempool.js";

/** An estimate holds until an entry comes, or so many operations: one alone hardly moves the price of a thousand places. */
const OPERATIONS_OF_AN_ESTIMATE = 32;

interface Seen {
  readonly mempool: Mempool;
  readonly ledger: Ledger;
  readonly tip: { readonly height: number; readonly timeMs: number };
}

interface Estimate {
  readonly height: number;
  readonly additions: number;
  readonly fee: bigint;
}

export class Estimates {
  private readonly known = new Map<Lane, Estimate>();

  /** The fee for a place in the next entry, in micro-credits. */
  of({ mempool, ledger, tip }: Seen, lane: Lane): bigint {
    const { height, timeMs } = tip;
    const { additions } = mempool;
    const known = this.known.get(lane);
    if (known?.height === height && additions - known.additions < OPERATIONS_OF_AN_ESTIMATE) return known.fee;
    const fee = estimateFee(mempool.inTurn(), ledger, lane, timeMs);
    this.known.set(lane, { height, additions, fee });
    return fee;
  }
}
