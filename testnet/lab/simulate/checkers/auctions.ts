// live, of auctions: what opens after healing settles before the end; forfeit: no honest bidder fails to reveal in it.
import { type Hex, toHex } from "../../../../src/base/index.js";
import type { AgentId } from "../../../../src/ledger/index.js";
import { endedBy } from "../../checks/auctions.js";
import type { PlacedBid } from "../workload.js";
import type { Checker, Trial } from "./checker.js";

/** @param dueMs an auction that opens earlier than this, after healing, must have settled at the end */
export function auctionsChecker(
  trial: Trial,
  placed: ReadonlyMap<Hex, readonly PlacedBid[]>,
  agents: readonly AgentId[],
  dueMs: number,
): Checker {
  const owed = new Set<Hex>();
  const committed = new Set<string>();
  let isCalm = false;
  return {
    healed: () => {
      isCalm = true;
    },
    noticed(host, notice) {
      if (!isCalm || !trial.isHonest(host)) return;
      if (notice.kind === "auctionOpened" && trial.nowMs() < dueMs) owed.add(toHex(notice.auction));
      const ended = endedBy(notice);
      if (ended !== null) owed.delete(ended);
      if (notice.kind === "bidCommitted" && owed.has(toHex(notice.auction))) {
        committed.add(nameOf(toHex(notice.auction), toHex(notice.bidder)));
      }
      if (notice.kind === "bidRevealed")
        committed.delete(nameOf(toHex(notice.auction), toHex(notice.bidder)));
    },
    ended() {
      for (const auction of owed)
        trial.report("live", `auction ${auction.slice(0, 8)} opened and never settled`);
      for (const [auction, bids] of placed) {
        for (const { host, isWithheld } of bids) {
          if (isWithheld || !trial.isHonest(trial.hosts[host]!)) continue;
          if (!committed.has(nameOf(auction, toHex(agents[host]!)))) continue;
          trial.report(
            "forfeit",
            `the bid of peer ${host} in auction ${auction.slice(0, 8)} was never revealed`,
          );
        }
      }
    },
  };
}

const nameOf = (auction: Hex, bidder: Hex): string => `${auction}/${bidder}`;
