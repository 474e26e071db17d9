// The ledger: everything that operations change, owned in place, with the list of rows that were touched.
import { type Hex, invariant, sortedKeys, toHex } from "../base/index.js";
import type { Account } from "./account.js";
import { type Auction, type Commit, isEnded, type ShownBid } from "./auction.js";
import { type Clock, newClock } from "./clock.js";
import { Deadlines } from "./deadlines.js";
import { type Genesis, networkOf } from "./genesis.js";
import type { AgentId, AuctionId, Network } from "./operation.js";
import type { Params } from "./params.js";
import type { Congestion, Granter, Slash, Totals } from "./records.js";
import { RevealLoad } from "./reveal-load.js";
import {
  accountKey,
  auctionKey,
  CLOCK_KEY,
  CONGESTION_KEY,
  commitKey,
  type RowKey,
  TOTALS_KEY,
} from "./row-key.js";
import { Schedule } from "./schedule.js";
import { StateTree } from "./state-tree.js";

/**
 * State changes in place and is written row by row: what changes a row touches it in the same breath.
 * The maps are keyed by lower-case hex; peers that must agree walk them in sorted order.
 */
export class Ledger {
  readonly network: Network;
  readonly params: Params;
  readonly accounts = new Map<Hex, Account>();
  readonly granters = new Map<Hex, Granter>();
  readonly auctions = new Map<Hex, Auction>();
  /** by auction, then by bidder */
  readonly commits = new Map<Hex, Map<Hex, Commit>>();
  /** by the key of the row */
  readonly slashes = new Map<RowKey, Slash>();
  readonly totals: Totals = { minted: 0n, burned: 0n, insurance: 0n };
  readonly congestion: Congestion = { fullRun: 0, revealsFullAt: 0 };
  readonly clock: Clock = newClock();
  readonly tree = new StateTree();

  /**
   * Derived: auctions that have not ended, and when each waits for an entry; those that have, by when; reveals that are
   * still to come.
   */
  readonly unfinished = new Map<Hex, Auction>();
  readonly schedule = new Schedule();
  readonly ended = new Deadlines();
  readonly unfinishedBySeller = new Map<Hex, number>();
  readonly revealLoad: RevealLoad;

  /** Rows that changed since `commitRows`. */
  readonly touched = new Set<RowKey>();

  constructor(readonly genesis: Genesis) {
    this.network = networkOf(genesis);
    this.params = genesis.params;
    this.revealLoad = new RevealLoad(this.params);
  }

  accountOf(agent: AgentId): Account | null {
    return this.accounts.get(toHex(agent)) ?? null;
  }

  auctionOf(id: AuctionId): Auction | null {
    return this.auctions.get(toHex(id)) ?? null;
  }

  commitOf(auction: AuctionId, bidder: AgentId): Commit | null {
    return this.commits.get(toHex(auction))?.get(toHex(bidder)) ?? null;
  }

  /** An auction's commits in the order of their bidders. */
  commitsOf(auction: AuctionId): readonly Commit[] {
    const commits = this.commits.get(toHex(auction));
    return commits === undefined ? [] : sortedKeys(commits).map((bidder) => commits.get(bidder)!);
  }

  touch(key: RowKey): void {
    this.touched.add(key);
  }

  touchAccount(account: Account): void {
    this.touched.add(accountKey(account.id));
  }

  touchAuction(auction: Auction): void {
    this.touched.add(auctionKey(auction.id));
    this.schedule.set(auction);
    this.revealLoad.update(auction);
  }

  touchTotals(): void {
    this.touched.add(TOTALS_KEY);
  }

  /** Sets the clock that an entry brings. */
  setClock(clock: Clock): void {
    Object.assign(this.clock, clock);
    this.touched.add(CLOCK_KEY);
  }

  touchCongestion(): void {
    this.touched.add(CONGESTION_KEY);
  }

  addAccount(account: Account): void {
    this.accounts.set(toHex(account.id), account);
    this.touchAccount(account);
  }

  addAuction(auction: Auction): void {
    this.auctions.set(toHex(auction.id), auction);
    this.track(auction);
    this.touchAuction(auction);
  }

  /** Sets or replaces a bidder's commit. */
  putCommit(auction: Auction, commit: Commit): void {
    const id = toHex(auction.id);
    const commits = this.commits.get(id) ?? new Map<Hex, Commit>();
    const bidder = toHex(commit.bidder);
    if (!commits.has(bidder)) auction.commits++;
    commits.set(bidder, commit);
    this.commits.set(id, commits);
    this.touched.add(commitKey(auction.id, commit.bidder));
    this.touchAuction(auction);
  }

  /** Records the opening of a live commit, once. */
  openCommit(auction: Auction, bidder: AgentId, opening: ShownBid): void {
    const commit = this.commitOf(auction.id, bidder);
    invariant(commit !== null && commit.opening === null, "a commit is opened once");
    commit.opening = opening;
    auction.reveals++;
    this.touched.add(commitKey(auction.id, bidder));
    this.touchAuction(auction);
  }

  /** Enters an auction of any phase into the derived lists. */
  track(auction: Auction): void {
    const id = toHex(auction.id);
    if (isEnded(auction.phase)) {
      this.ended.set(id, auction.phase.endedMs);
      return;
    }
    this.unfinished.set(id, auction);
    this.schedule.set(auction);
    this.revealLoad.update(auction);
    this.countUnfinished(auction, 1);
  }

  /** Moves an auction that has just ended from one derived list to the other. */
  retire(auction: Auction): void {
    invariant(isEnded(auction.phase), "only an ended auction retires");
    this.finish(auction);
    this.track(auction);
  }

  private finish(auction: Auction): void {
    const id = toHex(auction.id);
    this.unfinished.delete(id);
    this.schedule.delete(id);
    this.countUnfinished(auction, -1);
  }

  /** Takes an auction out of the state, with its commits. @returns how many rows are gone */
  forget(auction: Auction): number {
    const id = toHex(auction.id);
    invariant(this.auctions.get(id) === auction, "what is forgotten is there");
    if (!isEnded(auction.phase)) this.finish(auction);
    for (const commit of this.commitsOf(auction.id)) this.touched.add(commitKey(auction.id, commit.bidder));
    this.touched.add(auctionKey(auction.id));
    this.commits.delete(id);
    this.auctions.delete(id);
    this.ended.delete(id);
    return 1 + auction.commits;
  }

  private countUnfinished(auction: Auction, by: number): void {
    const seller = toHex(auction.seller);
    const count = (this.unfinishedBySeller.get(seller) ?? 0) + by;
    if (count === 0) this.unfinishedBySeller.delete(seller);
    else this.unfinishedBySeller.set(seller, count);
  }
}
