// Auctions and their commits in the state, and what is derived from them: deadlines, open auctions, reveal load.
import { fromHex, type Hex, invariant, toHex } from "../../base/index.js";
import {
  type AgentId,
  Deadlines,
  forgetOutlays,
  Groups,
  ID_PART,
  keyText,
  type Ledger,
  type RowKey,
  table,
} from "../../ledger/index.js";
import {
  type Auction,
  auctionRow,
  type Commit,
  closeMsOf,
  commitRow,
  type EndedPhase,
  isEnded,
  type ShownBid,
} from "./auction.js";
import type { Award } from "./formats/format.js";
import type { AuctionId } from "./id.js";
import { RevealLoad } from "./reveal-load.js";
import { Schedule } from "./schedule.js";
import { isDelivered, leasedLot } from "./terms.js";

/** Whether all is over with the auction: its outcome began no trades, which would still be to come. */
const endsByItself = (auction: Auction): auction is Auction & { readonly phase: EndedPhase } =>
  isEnded(auction.phase) && !(auction.phase.kind === "done" && isDelivered(auction.terms));

export const AUCTIONS = table({
  name: "auction",
  parts: [ID_PART],
  codec: auctionRow,
  stored: (auction: Auction) => auction,
  row: (row, [id]): Auction => ({ ...row, id: fromHex(id!)! }),
  indices: (params) => ({
    /** when each unfinished auction waits for an entry */
    schedule: new Schedule(),
    /** ended ones that began no trades, by when they did, or their window does */
    ended: new Deadlines<Auction>((auction) =>
      endsByItself(auction) ? Math.max(auction.phase.endedMs, leasedLot(auction.terms)?.toMs ?? 0) : null,
    ),
    /** unfinished ones, by creator */
    unfinished: new Groups<Auction>(({ phase, creator }) => (isEnded(phase) ? null : toHex(creator))),
    /** reveals that are still to come */
    revealLoad: new RevealLoad(params),
  }),
});

/** Under its auction and bidder. */
export const COMMITS = table({
  name: "commit",
  parts: [ID_PART, ID_PART],
  codec: commitRow,
  stored: (commit: Commit) => commit,
  row: (row, [, bidder]): Commit => ({ ...row, bidder: fromHex(bidder!)! }),
  indices: () => ({ byAuction: new Groups<Commit>((_, path) => path.slice(0, path.indexOf("/"))) }),
});

export const auctionKey = (auction: AuctionId): RowKey => keyText(AUCTIONS, auction);
export const commitKey = (auction: AuctionId, bidder: AgentId): RowKey => keyText(COMMITS, [auction, bidder]);

export const auctionOf = (ledger: Ledger, id: AuctionId | Hex): Auction | null => ledger.get(AUCTIONS, id);

export const commitOf = (ledger: Ledger, auction: AuctionId | Hex, bidder: AgentId | Hex): Commit | null =>
  ledger.get(COMMITS, [auction, bidder]);

/** An auction's commits in the order of their bidders. */
export function commitsOf(ledger: Ledger, auction: AuctionId): readonly Commit[] {
  const commits = ledger.table(COMMITS);
  return [...commits.index.byAuction.of(toHex(auction))].sort().map((path) => commits.get(path)!);
}

/** Sets or replaces a bidder's commit. */
export function putCommit(ledger: Ledger, auction: AuctionId, commit: Commit): void {
  const isNew = commitOf(ledger, auction, commit.bidder) === null;
  ledger.put(COMMITS, [auction, commit.bidder], commit);
  if (!isNew) return;
  ledger.change(AUCTIONS, auction, (one) => {
    one.commits++;
  });
}

/** Records the opening of a live commit, once. */
export function openCommit(ledger: Ledger, auction: AuctionId, bidder: AgentId, opening: ShownBid): void {
  ledger.change(COMMITS, [auction, bidder], (commit) => {
    invariant(commit.opening === null, "a commit is opened once");
    commit.opening = opening;
  });
  ledger.change(AUCTIONS, auction, (one) => {
    one.reveals++;
  });
}

/** Records what a bidder won. */
export function giveAward(ledger: Ledger, auction: AuctionId, { bidder, ...award }: Award): void {
  ledger.change(COMMITS, [auction, bidder], (commit) => {
    commit.award = award;
  });
}

/** Takes an auction out of the state, with its commits and what budgets count of it. @returns how many rows are gone */
export function forgetAuction(ledger: Ledger, { id, commits }: Auction): number {
  for (const { bidder } of commitsOf(ledger, id)) ledger.table(COMMITS).delete([id, bidder]);
  ledger.table(AUCTIONS).delete(id);
  return 1 + commits + forgetOutlays(ledger, id);
}

/**
 * The ledger time at which the reveals of an auction are due: of a window that does not run yet the earliest it can be,
 * for what waits is weighed against windows that run already. A finite infinity where none is awaited.
 */
export function revealsCloseMs(ledger: Ledger, id: Hex): number {
  const auction = auctionOf(ledger, id);
  if (auction?.phase.kind !== "reveal") return Number.MAX_SAFE_INTEGER - 1;
  return closeMsOf(auction.phase, ledger.clock) ?? auction.phase.openedMs + auction.terms.revealMs;
}
