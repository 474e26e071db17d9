// What a peer counts and when it opens its bids: the decisions of spec/auctions#R4 and spec/auctions#phases that its voter does not make.
import { type Auction, type EntryRules, OPERATION_RULES, PHASE_RULES } from "../market/index.js";

export interface Conduct extends EntryRules {
  /**
   * Whether the bids of own agents in an auction may be shown. Executed is final, so the phase is one that no leader
   * can take back: the CommitCert on the entry that closed the commits is held (spec/auctions#R4).
   * @param nowMs own clock
   */
  mayOpenBids(auction: Auction, nowMs: number): boolean;
}

export const HONEST_CONDUCT: Conduct = {
  phases: PHASE_RULES,
  operations: OPERATION_RULES,
  mayOpenBids: ({ phase }) => phase.kind === "reveal",
};
