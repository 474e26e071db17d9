// secrecy: nothing that any peer says, logs or passes on holds a bid's amount before bidding has closed (spec/auctions#R4).
import { type Bytes, type Hex, toHex } from "../../../src/base/index.js";
import { decodeOperation } from "../../../src/market/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { History } from "./history.js";

/** What an agent means to bid, and tells nobody but its own peer. */
export interface SecretBid {
  readonly amount: bigint;
}

/** By which bytes an amount would be known, wherever they lie. */
export interface Trace {
  /** null: other bytes hold the same too often to say anything */
  of(amount: bigint): Bytes | null;
  /** amounts so wide that they turn up nowhere by chance; else only what speaks of their own auction is held against them */
  readonly isRare: boolean;
}

/** Is told in its order what a world says and passes on, whoever does it. */
export class Secrecy {
  private readonly closed = new Set<Hex>();
  private readonly closedBy = new Map<number, Set<Hex>>();
  /** equal bytes are one object, and are judged once: what may be said once may be said again */
  private readonly judged = new WeakSet<Bytes>();

  /**
   * @param bids by auction, as they come
   * @param homeOf the peer that opens a bidder's bids; null: it is not known
   */
  constructor(
    private readonly bids: ReadonlyMap<Hex, readonly SecretBid[]>,
    private readonly trace: Trace,
    private readonly homeOf: (bidder: Hex) => number | null = () => null,
  ) {}

  /** A peer knows this: once one knows that bidding has closed, the auction's amounts may be shown. */
  known(peer: number, notice: Notice): void {
    if (notice.kind !== "auctionPhase" || notice.phase !== "reveal") return;
    const auction = toHex(notice.auction);
    this.closed.add(auction);
    this.closedBy.set(peer, (this.closedBy.get(peer) ?? new Set<Hex>()).add(auction));
  }

  /** What is wrong with telling this now; null: nothing. */
  toldWrong(notice: Notice): string | null {
    if (notice.kind === "entry" || notice.kind === "auctionPhase") return null;
    const about = "auction" in notice ? toHex(notice.auction) : null;
    if (notice.kind === "bidRevealed" && !this.closed.has(toHex(notice.auction)))
      return `tells of a reveal in ${about?.slice(0, 8)} before the close`;
    for (const { amount } of this.secrets(about)) {
      if (Object.values(notice).includes(amount))
        return `tells the amount ${amount} (${notice.kind}) before the close`;
    }
    return null;
  }

  /** What is wrong with this operation's passing a peer now; null: nothing. */
  passedWrong(peer: number, bytes: Bytes): string | null {
    if (this.judged.has(bytes)) return null;
    this.judged.add(bytes);
    const decoded = decodeOperation(bytes);
    const body = decoded.ok ? decoded.value.body : null;
    const about = body !== null && "auction" in body ? toHex(body.auction) : null;
    if (body?.kind === "reveal") {
      const [auction, bidder] = [toHex(body.auction), toHex(body.bidder)];
      if (!this.closed.has(auction))
        return `passes on the reveal of ${bidder.slice(0, 8)} in ${auction.slice(0, 8)} before anyone knows the close`;
      if (this.homeOf(bidder) === peer && this.closedBy.get(peer)?.has(auction) !== true)
        return "sends its own reveal before it knows the close";
    }
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { amount } of this.secrets(about)) {
      const needle = this.trace.of(amount);
      if (needle !== null && haystack.indexOf(needle) >= 0)
        return `passes on the amount ${amount} before the close`;
    }
    return null;
  }

  /** Bids of auctions that nobody knows to be closed, as far as something about this one may tell them. */
  private *secrets(about: Hex | null): Iterable<SecretBid> {
    for (const [auction, bids] of this.bids) {
      if (!this.closed.has(auction) && (this.trace.isRare || auction === about)) yield* bids;
    }
  }
}

/** Openings that an entry before the closing one holds. */
export const earlyReveals = (history: History): readonly string[] =>
  [...history.auctions().values()].flatMap(({ name, course, operations }) =>
    operations
      .filter(
        ({ height, operation }) => operation.body.kind === "reveal" && height < (course.reveal ?? Infinity),
      )
      .map(({ height }) => `the entry at height ${height} opens a bid in ${name} before its close`),
  );
