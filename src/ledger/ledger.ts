// The ledger: everything that operations change, owned in place, with the list of rows that were touched.
import { type Hex, invariant, sortedKeys, toHex } from "../base/index.js";
import type { Account } from "./account.js";
import { type Auction, type Commit, isEnded, type ShownBid } from "./auction.js";
import { type Genesis, networkOf } from "./genesis.js";
import type { AgentId, AuctionId, Network } from "./operation.js";
import type { Params } from "./params.js";
import type { Congestion, Granter, Slash, Totals } from "./records.js";
import { RevealLoad } from "./reveal-load.js";
import { accountKey, auctionKey, CONGESTION_KEY, commitKey, type RowKey, TOTALS_KEY } from "./row-key.js";
import { StateTree } from "./state-tree.js";

/** An auction that has ended, in the order in which its rows will be forgotten. */
interface Ended {
  readonly endedMs: number;
  readonly id: Hex;
}

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
  readonly tree = new StateTree();

  /** Derived: auctions that have not ended; those that have; reveals that are still to come. */
  readonly unfinished = new Map<Hex, Auction>();
  readonly ended: Ended[] = [];
  readonly unfinishedBySeller = new Map<Hex, number>();
  readonly revealLoad: RevealLoad;
  /** Derived, memo of `transitionDueMs`; undefined: to be found again. */
  transitionDueMs: number | null | undefined = undefined;

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
    this.revealLoad.update(auction);
    this.transitionDueMs = undefined;
  }

  touchTotals(): void {
    this.touched.add(TOTALS_KEY);
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
      this.enqueueEnded({ endedMs: auction.phase.endedMs, id });
      return;
    }
    this.unfinished.set(id, auction);
    this.revealLoad.update(auction);
    this.countUnfinished(auction, 1);
  }

  /** Moves an auction that has just ended from one derived list to the other. */
  retire(auction: Auction): void {
    invariant(isEnded(auction.phase), "only an ended auction retires");
    this.unfinished.delete(toHex(auction.id));
    this.countUnfinished(auction, -1);
    this.track(auction);
  }

  /** Forgets an ended auction with its commits. */
  forget(id: Hex): void {
    const auction = this.auctions.get(id);
    invariant(auction !== undefined && isEnded(auction.phase), "only an ended auction is forgotten");
    for (const commit of this.commitsOf(auction.id)) this.touched.add(commitKey(auction.id, commit.bidder));
    this.touched.add(auctionKey(auction.id));
    this.commits.delete(id);
    this.auctions.delete(id);
  }

  private countUnfinished(auction: Auction, by: number): void {
    const seller = toHex(auction.seller);
    const count = (this.unfinishedBySeller.get(seller) ?? 0) + by;
    if (count === 0) this.unfinishedBySeller.delete(seller);
    else this.unfinishedBySeller.set(seller, count);
  }

  /** Keeps the queue sorted by (endedMs, id), however it was filled: a restored peer forgets in the same order. */
  private enqueueEnded(one: Ended): void {
    let at = this.ended.length;
    while (at > 0 && isAfter(this.ended[at - 1]!, one)) at--;
    this.ended.splice(at, 0, one);
  }
}

const isAfter = (a: Ended, b: Ended): boolean =>
  a.endedMs > b.endedMs || (a.endedMs === b.endedMs && a.id > b.id);
