// Custody: the secrets of own agents' sealed bids and hidden reserves, on disk before anything is published.
import {
  amount,
  type Bytes,
  decode,
  encode,
  fixed,
  type Hash,
  type Hex,
  hash,
  invariant,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../base/index.js";
import { agentId, bid } from "../ledger/operation.js";
import type { Effects } from "./effects.js";
import { OPENING_PREFIX, openingKey, RESERVE_PREFIX, reserveKey } from "./keyspace.js";

/** What opens one commitment of an own agent, and when that commitment is to be published. */
const opening = struct({
  auction: [0, hash],
  bidder: [1, agentId],
  /** 0 for the first bid of this agent in this auction, one more for each replacement */
  counter: [2, uint(0xffff)],
  bid: [3, bid],
  salt: [4, fixed(32)],
  commitment: [5, hash],
  lockup: [6, amount],
  /** local time of publication; 0 once the commit was published */
  publishAtMs: [7, uint()],
});
export type Opening = TypeOf<typeof opening>;

const hiddenReserve = struct({ auction: [0, hash], reserve: [1, amount], salt: [2, fixed(32)] });
export type HiddenReserve = TypeOf<typeof hiddenReserve>;

const MAX_ROW_BYTES = 512;
const MAX_TRIED = 4096;

export class Custody {
  /** by auction, then in the order of bidder and counter */
  private readonly byAuction = new Map<Hex, Map<string, Opening>>();
  private readonly reserves = new Map<Hex, HiddenReserve>();
  /** commitments whose recovery was tried once: another program of the same agent made those that do not open */
  private readonly tried = new Set<Hex>();

  /** Takes in a row of disk; false if it is not one of custody's. */
  restore(key: string, value: Bytes): boolean {
    if (key.startsWith(OPENING_PREFIX)) {
      const row = decode(opening, value, MAX_ROW_BYTES);
      invariant(row.ok, `the stored opening ${key} is damaged`);
      this.hold(row.value);
      return true;
    }
    if (key.startsWith(RESERVE_PREFIX)) {
      const row = decode(hiddenReserve, value, MAX_ROW_BYTES);
      invariant(row.ok, `the stored reserve ${key} is damaged`);
      this.reserves.set(toHex(row.value.auction), row.value);
      return true;
    }
    return false;
  }

  keep(one: Opening, effects: Effects): void {
    this.hold(one);
    effects.put(openingKey(toHex(one.auction), toHex(one.bidder), one.counter), encode(opening, one));
  }

  keepReserve(one: HiddenReserve, effects: Effects): void {
    this.reserves.set(toHex(one.auction), one);
    effects.put(reserveKey(toHex(one.auction)), encode(hiddenReserve, one));
  }

  /** Forgets an auction that is over. */
  forget(auction: Hash, effects: Effects): void {
    const id = toHex(auction);
    for (const one of this.openingsOf(auction)) effects.delete(openingKey(id, toHex(one.bidder), one.counter));
    this.byAuction.delete(id);
    if (this.reserves.delete(id)) effects.delete(reserveKey(id));
  }

  openingsOf(auction: Hash): readonly Opening[] {
    return [...(this.byAuction.get(toHex(auction))?.values() ?? [])];
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
    const wanted = toHex(commitment);
    const agent = toHex(bidder);
    return (
      this.openingsOf(auction).find((one) => toHex(one.commitment) === wanted && toHex(one.bidder) === agent) ?? null
    );
  }

  /** Whether a commitment's recovery has not been tried in this run. */
  triesFirst(commitment: Hash): boolean {
    const id = toHex(commitment);
    if (this.tried.has(id)) return false;
    this.tried.add(id);
    if (this.tried.size > MAX_TRIED) this.tried.delete(this.tried.values().next().value!);
    return true;
  }

  /** The counter of an agent's next bid in an auction. */
  nextCounter(auction: Hash, bidder: Bytes): number {
    const agent = toHex(bidder);
    let next = 0;
    for (const one of this.openingsOf(auction)) {
      if (toHex(one.bidder) === agent) next = Math.max(next, one.counter + 1);
    }
    return next;
  }

  /** Openings whose commit is still to be published, in the order of time. */
  unpublished(): readonly Opening[] {
    const waiting: Opening[] = [];
    for (const openings of this.byAuction.values()) {
      for (const one of openings.values()) if (one.publishAtMs > 0) waiting.push(one);
    }
    return waiting.sort((a, b) => a.publishAtMs - b.publishAtMs);
  }

  private hold(one: Opening): void {
    const id = toHex(one.auction);
    const openings = this.byAuction.get(id) ?? new Map<string, Opening>();
    openings.set(`${toHex(one.bidder)}/${one.counter}`, one);
    this.byAuction.set(id, openings);
  }
}
