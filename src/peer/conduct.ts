// What a peer counts, when it opens its bids, and behind what it lets go of its log: the decisions that its voter does not make.

import {
  type Auction,
  type EntryRules,
  OPERATION_RULES,
  PHASE_RULES,
  STAKE_RULES,
  TRADE_RULES,
} from "../market/index.js";
import type { Header } from "../quorum/index.js";
import { REPETITION, type RepetitionRules } from "./repetition.js";

export interface Conduct extends EntryRules {
  /**
   * Whether the bids of own agents in an auction may be shown. Executed is final, so the phase is one that no leader
   * can take back: the CommitCert on the entry that closed the commits is held (spec/auctions#R4).
   * @param nowMs own clock
   */
  mayOpenBids(auction: Auction, nowMs: number): boolean;
  /** when own operations are handed to others again (spec/money#K12) */
  readonly repetition: RepetitionRules;
  /**
   * The height whose state a final header attests: a state that may be taken from others, and behind which the log may go
   * (spec/log#snapshots, spec/persistence#P8).
   */
  attestedBy(header: Pick<Header, "height" | "execHeight">): number;
}

export const HONEST_CONDUCT: Conduct = {
  phases: PHASE_RULES,
  operations: OPERATION_RULES,
  stake: STAKE_RULES,
  trades: TRADE_RULES,
  mayOpenBids: ({ phase }) => phase.kind === "reveal",
  repetition: REPETITION,
  attestedBy: ({ execHeight }) => execHeight,
};
