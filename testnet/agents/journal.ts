// What demo agents tell the testnet that runs them, and nobody else: their values, their bids, and what was refused.
import type { Hex } from "../../src/base/index.js";
import type { Refusal } from "../../src/peer/event.js";

/** A bidder's mind on one auction. Amounts are micro-credits. */
export interface Decision {
  readonly auction: Hex;
  readonly bidder: Hex;
  /** what the lot is worth to it; 0n: nothing */
  readonly value: bigint;
  /** what it meant to bid; 0n: it stays away */
  readonly bid: bigint;
}

export type Wish =
  | "bid"
  | "auction"
  | "grant"
  | "delivery"
  | "failure"
  | "acceptance"
  | "dispute"
  | "verdict"
  | "budget";

export interface Journal {
  decided(decision: Decision): void;
  /** A wish of an agent that its peer did not grant. */
  refused(agent: string, wish: Wish, refusal: Refusal): void;
}
