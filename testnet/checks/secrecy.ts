// secrecy: nothing that any peer said, logged or passed on held a bid's amount before bidding had closed (spec/auctions#R4).
import { amount, type Bytes, encode, type Hex, toHex } from "../../src/base/index.js";
import { decodeOperation } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { auctionRecords } from "./auction-record.js";
import { type Check, type SecretBid, type Testimony, verdict } from "./testimony.js";

/**
 * An amount as it would lie in an operation. Below this length other bytes hold the same too often to say anything;
 * demo agents' values take five bytes.
 */
const MIN_TELLING_BYTES = 5;

export function checkSecrecy(testimony: Testimony): Check {
  const closings = firstClosings(testimony);
  const wrongs = [
    ...loudNotices(testimony, closings),
    ...loudGossip(testimony, closings),
    ...earlyReveals(testimony),
  ];
  const heard = testimony.peers.reduce((sum, peer) => sum + peer.overheard.length, 0);
  const noticed = testimony.peers.reduce((sum, peer) => sum + peer.sightings.length, 0);
  return verdict(
    "secrecy",
    wrongs,
    `${testimony.secrets.length} bids stayed secret in ${heard} gossiped operations and ${noticed} notices`,
  );
}

/** When the first peer knew that an auction's bidding had closed: from there on amounts may be shown. */
function firstClosings({ peers }: Testimony): ReadonlyMap<Hex, number> {
  const closings = new Map<Hex, number>();
  for (const { order, notice } of peers.flatMap((peer) => peer.sightings)) {
    if (notice.kind !== "auctionPhase" || notice.phase.toLowerCase() !== "reveal") continue;
    const auction = toHex(notice.auction);
    closings.set(auction, Math.min(order, closings.get(auction) ?? Number.POSITIVE_INFINITY));
  }
  return closings;
}

const closedAt = (closings: ReadonlyMap<Hex, number>, auction: Hex): number =>
  closings.get(auction) ?? Number.POSITIVE_INFINITY;

/** Notices of an auction that name one of its amounts before that peer itself knew of the close. */
function loudNotices({ peers, secrets }: Testimony, closings: ReadonlyMap<Hex, number>): string[] {
  const byAuction = byAuctionOf(secrets);
  return peers.flatMap((peer) =>
    peer.sightings.flatMap(({ order, notice }) => {
      if (!("auction" in notice)) return [];
      const auction = toHex(notice.auction);
      if (order >= closedAt(closings, auction)) return [];
      const told = (byAuction.get(auction) ?? []).find((bid) => amountsOf(notice).includes(bid.amount));
      if (told === undefined && notice.kind !== "bidRevealed") return [];
      return [`${peer.name} told an amount in ${auction.slice(0, 8)} (${notice.kind}) before its close`];
    }),
  );
}

function byAuctionOf<B extends SecretBid>(bids: readonly B[]): ReadonlyMap<Hex, readonly B[]> {
  const groups = new Map<Hex, B[]>();
  for (const bid of bids) groups.set(bid.auction, [...(groups.get(bid.auction) ?? []), bid]);
  return groups;
}

const amountsOf = (notice: Notice): bigint[] =>
  Object.values(notice).filter((value): value is bigint => typeof value === "bigint");

/** Operations on the wire that open, or simply contain, an amount before any peer knew of the close. */
function loudGossip({ peers, secrets }: Testimony, closings: ReadonlyMap<Hex, number>): string[] {
  const needles = byAuctionOf(secrets.map((bid) => ({ ...bid, bytes: encode(amount, bid.amount) })));
  const judged = new Map<Bytes, { readonly auction: Hex; readonly opens: boolean } | null>();
  return peers.flatMap((peer) =>
    peer.overheard.flatMap(({ order, bytes }) => {
      if (!judged.has(bytes)) judged.set(bytes, opens(bytes, needles));
      const found = judged.get(bytes);
      if (found == null || !found.opens || order >= closedAt(closings, found.auction)) return [];
      return [`${peer.name} passed on an amount in ${found.auction.slice(0, 8)} before its close`];
    }),
  );
}

type Needle = SecretBid & { readonly bytes: Bytes };

function opens(
  bytes: Bytes,
  needles: ReadonlyMap<Hex, readonly Needle[]>,
): { readonly auction: Hex; readonly opens: boolean } | null {
  const decoded = decodeOperation(bytes);
  if (!decoded.ok || !("auction" in decoded.value.body)) return null;
  const auction = toHex(decoded.value.body.auction);
  const haystack = Buffer.from(bytes);
  const telling = (needles.get(auction) ?? []).filter((needle) => needle.bytes.length >= MIN_TELLING_BYTES);
  return {
    auction,
    opens:
      decoded.value.body.kind === "reveal" || telling.some((needle) => haystack.indexOf(needle.bytes) !== -1),
  };
}

/** Openings that an entry before the closing one holds. */
const earlyReveals = (testimony: Testimony): string[] =>
  [...auctionRecords(testimony)].flatMap(([auction, record]) =>
    record.reveals
      .filter(({ height }) => height < (record.revealHeight ?? Number.POSITIVE_INFINITY))
      .map(
        ({ height }) =>
          `the entry at height ${height} opens a bid in ${auction.slice(0, 8)} before its close`,
      ),
  );
