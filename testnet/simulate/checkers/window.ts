// window: bidders have revealMs from the moment that a quorum's members know REVEAL, whatever a liar does to the log.
// A window may end early when everything was shown: then nobody needed more of it.
import { type Hex, toHex } from "../../../src/base/index.js";
import { auctionIdOf, type Network } from "../../../src/ledger/operation.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { Timing } from "../../../src/quorum/contract.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";
import { everythingWasShown } from "./shown.js";

/** Ledger time may lag at the window's start and lead at its end, by what patience allows at its greatest (§1.7). */
const slackMs = ({ precisionMs, messageDelayMs }: Timing): number =>
  8 * (precisionMs + messageDelayMs) + 10 * precisionMs;

export function windowChecker(trial: Trial, chronicle: Chronicle, network: Network, timing: Timing): Checker {
  const revealingAtMs = new Map<Hex, number>();
  const settledAtMs = new Map<Hex, number>();
  const settledAt = new Map<Hex, number>();

  function note(notice: Notice): void {
    if (notice.kind === "auctionSettled") {
      keepFirst(settledAtMs, toHex(notice.auction));
      settledAt.set(toHex(notice.auction), notice.height);
    }
    if (notice.kind === "auctionPhase" && notice.phase === "reveal")
      keepFirst(revealingAtMs, toHex(notice.auction));
  }

  function keepFirst(times: Map<Hex, number>, auction: Hex): void {
    if (!times.has(auction)) times.set(auction, trial.nowMs());
  }

  return {
    // What a machine knows counts, told or not: a crash may keep it from telling.
    stepped(host, ready) {
      if (trial.isHonest(host)) for (const notice of ready.notify) note(notice);
    },
    ended() {
      const operations = chronicle.operations();
      for (const { height, operation } of operations) {
        const { authority, body } = operation;
        if (body.kind !== "createAuction" || authority === null) continue;
        const auction = toHex(auctionIdOf(network, authority.from, authority.nonce));
        const [from, to] = [revealingAtMs.get(auction), settledAtMs.get(auction)];
        if (from === undefined || to === undefined) continue;
        const leastMs = body.revealMs - slackMs(timing);
        if (to - from >= leastMs) continue;
        const end = settledAt.get(auction)!;
        if (!chronicle.isComplete(height, end) || everythingWasShown(operations, auction, body, end))
          continue;
        const lasted = `${Math.round(to - from)} of ${body.revealMs} ms`;
        trial.report("window", `auction ${auction.slice(0, 8)} could be revealed in for ${lasted}`);
      }
    },
  };
}
