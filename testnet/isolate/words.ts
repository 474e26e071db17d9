// What a peer's process and the one that started it say to each other.
import type { TestnetSize } from "../plan.js";

/** What a peer's process is told when it starts: who it is. */
export interface PeerPost extends TestnetSize {
  /** its data folder */
  readonly home: string;
  /** its place in the plan that follows from the size */
  readonly place: number;
}

/** From the peer's process. */
export type PeerWord =
  /** it listens, and its API answers */
  | {
      readonly kind: "serving";
      readonly api: string;
      readonly tokenFile: string;
      readonly addresses: readonly string[];
    }
  /** a demo agent here was refused what it wished */
  | { readonly kind: "refused"; readonly agent: string; readonly wish: string; readonly code: string }
  /** the auctions of the sellers here are over */
  | { readonly kind: "traded"; readonly late: number };

/** To the peer's process: let the demo agents whose keys it holds trade. */
export interface TradeWord {
  readonly kind: "trade";
  /** auctions that its sellers open in all; null: for ever */
  readonly rounds: number | null;
  readonly atOnce: number;
  readonly pauseMs: number;
}
