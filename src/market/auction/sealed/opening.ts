// What all openings of an auction have in common: when they are taken, by when, and until when they are of use.
import { type Hash, toHex } from "../../../base/index.js";
import { type Ledger, type Rejection, reject } from "../../../ledger/index.js";
import type { OpeningWindow } from "../../subject.js";
import { closeMsOf, isEnded } from "../auction.js";
import { auctionOf } from "../auctions.js";
import type { AuctionId } from "../id.js";
import type { AuctionRefusal } from "../rules.js";

/** Openings are taken in REVEAL alone. */
export function revealIsOpen(
  ledger: Ledger,
  body: { readonly auction: AuctionId },
): Rejection<AuctionRefusal> | null {
  const { phase } = auctionOf(ledger, body.auction)!;
  if (phase.kind === "reveal") return null;
  if (isEnded(phase)) return reject("REVEAL_TOO_LATE", { phase: phase.kind, closedMs: phase.endedMs });
  return reject("REVEAL_TOO_EARLY", { phase: phase.kind });
}

interface OpeningBody {
  readonly auction: AuctionId;
}

/** The traits that every opening has. */
export const OPENING = {
  by: "itself",
  lane: "critical",
  topic: "ops",
  shelf: "openings",
  about: (body: OpeningBody): Hash | null => body.auction,
  evidence: () => null,
  window(ledger: Ledger, body: OpeningBody): OpeningWindow {
    const { phase, terms } = auctionOf(ledger, body.auction)!;
    const closeMs = phase.kind === "reveal" ? closeMsOf(phase, ledger.clock) : null;
    return { closeMs, lengthMs: terms.revealMs };
  },
  /** It goes with its auction's end. */
  staleness(ledger: Ledger, body: OpeningBody): "REVEAL_TOO_LATE" | null {
    const auction = auctionOf(ledger, body.auction);
    return auction === null || isEnded(auction.phase) ? "REVEAL_TOO_LATE" : null;
  },
} as const;

/** Whether an auction ended in an entry above a height. */
export function endedSince(ledger: Ledger, id: AuctionId, height: number): boolean {
  const phase = auctionOf(ledger, id)?.phase;
  return phase !== undefined && isEnded(phase) && phase.endedAt > height;
}

/** What an opening proves: one bidder's commit, or the reserve. */
export const openingTarget = (auction: AuctionId, who: string): string => `${toHex(auction)}/${who}`;
