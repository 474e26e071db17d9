// Custody: the secrets of own agents' sealed bids and hidden reserves, on disk before anything is published.
import {
  amount,
  type Bytes,
  decode,
  encode,
  equalBytes,
  fixed,
  type Hash,
  Heap,
  type Hex,
  hash,
  optional,
  sortedKeys,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../../base/index.js";
import { agentId, Groups } from "../../ledger/index.js";
import { bid } from "../../market/index.js";
import type { Effects } from "../effects.js";
import { OPENING_PREFIX, openingKey, RESERVE_PREFIX, reserveKey } from "../keyspace.js";

/**
 * Bids of one agent in one auction, replacements included. Whoever restores a key alone tries so many counters to
 * find a bid again (spec/auctions#R7), so no bid gets a higher one.
 */
export const MAX_BIDS = 64;

/** What opens one commitment of an own agent, and when that commitment is to be published. */
export const opening = struct({
  auction: [0, hash],
  bidder: [1, agentId],
  /** 0 for the first bid of this agent in this auction, one more for each replacement */
  counter: [2, uint(MAX_BIDS - 1)],
  bid: [3, bid],
  salt: [4, fixed(32)],
  commitment: [5, hash],
  lockup: [6, amount],
  /** local time of publication; absent once the commit was published */
  publishAtMs: [7, optional(uint())],
  /** what its commit is to pay, as its owner said; absent: what is estimated then */
  fee: [8, optional(amount)],
});
export type Opening = TypeOf<typeof opening>;
/** An opening whose commit has still to be published. */
export type Unpublished = Opening & { readonly publishAtMs: number };

export const hiddenReserve = struct({ auction: [0, hash], reserve: [1, amount], salt: [2, fixed(32)] });
export type HiddenReserve = TypeOf<typeof hiddenReserve>;

const MAX_ROW_BYTES = 512;
const MAX_TRIED = 4096;

const isUnpublished = (one: Opening): one is Unpublished => one.publishAtMs !== null;

const keyOf = (one: Opening): string => openingKey(toHex(one.auction), toHex(one.bidder), one.counter);

/** An opening that waits for its publication. */
interface Publication {
  /** the key of its row */
  readonly id: string;
  readonly opening: Unpublished;
  /** how many came to wait before it */
  readonly place: number;
}

const publishedBefore = (a: Publication, b: Publication): boolean =>
  a.opening.publishAtMs < b.opening.publishAtMs ||
  (a.opening.publishAtMs === b.opening.publishAtMs && a.place < b.place);

const inOrder = (publications: Iterable<Publication>): readonly Unpublished[] =>
  [...publications].sort((a, b) => (publishedBefore(a, b) ? -1 : 1)).map(({ opening: one }) => one);

export class Custody {
  /** by auction, then by the key of its row */
  private readonly byAuction = new Map<Hex, Map<string, Opening>>();
  private readonly publications = new Heap<Publication>(publishedBefore);
  private readonly byBidder = new Groups<Unpublished>(({ bidder }) => toHex(bidder));
  private places = 0;
  /** auctions of which something is held, and has still to be opened or let go, or may have to be */
  private readonly stirred = new Set<Hex>();
  /** agents whose commits in the log may be ones that are not held */
  private unrecovered = new Set<Hex>();
  private readonly reserves = new Map<Hex, HiddenReserve>();
  /** commitments whose recovery was tried once: another program of the same agent made those that do not open */
  private readonly tried = new Set<Hex>();

  /** Takes in a row of disk; false if it is not one that custody has written. */
  restore(key: string, value: Bytes): boolean {
    if (key.startsWith(OPENING_PREFIX)) {
      const row = decode(opening, value, MAX_ROW_BYTES);
      if (!row.ok || keyOf(row.value) !== key) return false;
      this.hold(row.value);
      return true;
    }
    const row = decode(hiddenReserve, value, MAX_ROW_BYTES);
    if (!row.ok || !key.startsWith(RESERVE_PREFIX) || reserveKey(toHex(row.value.auction)) !== key)
      return false;
    this.holdReserve(row.value);
    return true;
  }

  keep(one: Opening, effects: Effects): void {
    this.hold(one);
    effects.put(keyOf(one), encode(opening, one));
  }

  /** Lets go of the openings of one agent in an auction that were never published: a newer bid takes their place. */
  dropUnpublished(auction: Hash, bidder: Bytes, effects: Effects): void {
    for (const one of this.openingsOf(auction)) {
      if (!isUnpublished(one) || !equalBytes(one.bidder, bidder)) continue;
      const key = keyOf(one);
      this.byAuction.get(toHex(auction))!.delete(key);
      this.unwait(key);
      effects.delete(key);
    }
  }

  keepReserve(one: HiddenReserve, effects: Effects): void {
    this.holdReserve(one);
    effects.put(reserveKey(toHex(one.auction)), encode(hiddenReserve, one));
  }

  /** Forgets an auction that is over, or that never came to be. */
  forget(auction: Hash, effects: Effects): void {
    const id = toHex(auction);
    for (const key of this.byAuction.get(id)?.keys() ?? []) {
      effects.delete(key);
      this.unwait(key);
    }
    this.byAuction.delete(id);
    this.stirred.delete(id);
    if (this.reserves.delete(id)) effects.delete(reserveKey(id));
  }

  /** What is held for an auction, in the order of its rows' keys. */
  openingsOf(auction: Hash): readonly Opening[] {
    const openings = this.byAuction.get(toHex(auction));
    return openings === undefined ? [] : sortedKeys(openings).map((key) => openings.get(key)!);
  }

  get hasReserves(): boolean {
    return this.reserves.size > 0;
  }

  reserveOf(auction: Hash): HiddenReserve | null {
    return this.reserves.get(toHex(auction)) ?? null;
  }

  /** Ids of the auctions for which anything is held, in order. */
  auctions(): readonly Hex[] {
    return [...new Set([...this.byAuction.keys(), ...this.reserves.keys()])].sort();
  }

  /** The opening of a commitment, if it is held. */
  find(auction: Hash, bidder: Bytes, commitment: Bytes): Opening | null {
    for (const one of this.byAuction.get(toHex(auction))?.values() ?? []) {
      if (equalBytes(one.commitment, commitment) && equalBytes(one.bidder, bidder)) return one;
    }
    return null;
  }

  /** Whether a commitment's recovery has not been tried in this run. */
  triesFirst(commitment: Hash): boolean {
    const id = toHex(commitment);
    if (this.tried.has(id)) return false;
    this.tried.add(id);
    if (this.tried.size > MAX_TRIED) this.tried.delete(this.tried.values().next().value!);
    return true;
  }

  /** The counter of an agent's next bid in an auction; null: it has bid too often. */
  nextCounter(auction: Hash, bidder: Bytes): number | null {
    let next = 0;
    for (const one of this.openingsOf(auction)) {
      if (equalBytes(one.bidder, bidder)) next = Math.max(next, one.counter + 1);
    }
    return next < MAX_BIDS ? next : null;
  }

  /** The row of an auction has changed: if anything is held for it, it is to be looked at. */
  stir(auction: Hex): void {
    if (this.byAuction.has(auction) || this.reserves.has(auction)) this.stirred.add(auction);
  }

  /** Nothing of it is to be opened before its row changes. */
  rest(auction: Hex): void {
    this.stirred.delete(auction);
  }

  /** The log may hold a commit of an agent that this disk does not know of. */
  recoverLater(agent: Hex): void {
    this.unrecovered.add(agent);
  }

  /** Agents of whom that was said since this was asked last. */
  takeUnrecovered(): ReadonlySet<Hex> {
    const { unrecovered } = this;
    if (unrecovered.size > 0) this.unrecovered = new Set();
    return unrecovered;
  }

  /** Ids of the auctions that are to be looked at, in order. */
  toLookAt(): readonly Hex[] {
    return [...this.stirred].sort();
  }

  /** Openings whose commit is still to be published, in the order of time. */
  unpublished(): readonly Unpublished[] {
    return inOrder(this.publications.values());
  }

  /** Those whose time has come at `nowMs`, in the order of time. */
  toPublish(nowMs: number): readonly Unpublished[] {
    return inOrder(this.publications.firstWhile(({ opening: one }) => one.publishAtMs <= nowMs));
  }

  /** The time of the first that is published after `nowMs`; null: there is none. */
  nextPublicationMs(nowMs: number): number | null {
    const next = this.publications.firstBeyond(({ opening: one }) => one.publishAtMs <= nowMs);
    return next?.opening.publishAtMs ?? null;
  }

  /** Those of an agent, in the order of time. */
  unpublishedOf(bidder: Hex): readonly Unpublished[] {
    return inOrder([...this.byBidder.of(bidder)].map((key) => this.publications.get(key)!));
  }

  private hold(one: Opening): void {
    const id = toHex(one.auction);
    const key = keyOf(one);
    const openings = this.byAuction.get(id) ?? new Map<string, Opening>();
    openings.set(key, one);
    this.byAuction.set(id, openings);
    this.stirred.add(id);
    if (isUnpublished(one)) this.wait(key, one);
    else this.unwait(key);
  }

  private holdReserve(one: HiddenReserve): void {
    const id = toHex(one.auction);
    this.reserves.set(id, one);
    this.stirred.add(id);
  }

  private wait(id: string, one: Unpublished): void {
    const place = this.publications.get(id)?.place ?? this.places++;
    this.publications.set({ id, opening: one, place });
    this.byBidder.set(id, one);
  }

  private unwait(key: string): void {
    this.publications.delete(key);
    this.byBidder.delete(key);
  }
}
