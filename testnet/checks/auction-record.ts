// What the log and the peers' notices say of each auction, gathered naively: the facts from which outcomes follow.
import { type Hash, type Hex, toHex } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import {
  type AuctionTerms,
  auctionIdOf,
  type BodyOf,
  decodeOperation,
  type Operation,
  operationId,
} from "../../src/market/index.js";
import type { LoggedEntry, PeerTestimony, Testimony } from "./testimony.js";

/** A signed operation in the log, in the log's order. */
export interface Logged {
  readonly height: number;
  readonly id: Hex;
  readonly operation: Operation;
}

export interface AuctionRecord {
  readonly id: Hash;
  readonly seller: Hex;
  readonly terms: AuctionTerms;
  /** ledger time of the entry that holds its creation */
  readonly createdMs: number;
  readonly commits: readonly {
    readonly height: number;
    readonly from: Hex;
    readonly body: BodyOf<"commit">;
  }[];
  readonly reveals: readonly { readonly height: number; readonly body: BodyOf<"reveal"> }[];
  readonly openedReserves: readonly {
    readonly height: number;
    readonly reserve: bigint;
    readonly salt: Hash;
  }[];
  /** the entry at whose start bidding closed, and the one at whose start revealing did; null: not yet */
  readonly revealHeight: number | null;
  readonly settleHeight: number | null;
}

/** Every operation of the log that decodes, in order. Entries hold no others: their leader would not be followed. */
export function loggedOperations(log: readonly LoggedEntry[]): readonly Logged[] {
  return log.flatMap(({ height, ops }) =>
    ops.flatMap((bytes) => {
      const decoded = decodeOperation(bytes);
      return decoded.ok ? [{ height, id: toHex(operationId(decoded.value)), operation: decoded.value }] : [];
    }),
  );
}

/**
 * What entries hold and some peer reports as not applied, by `placeOf`: a refused operation pays its fee, one that was
 * passed over pays nothing.
 */
export function refusals(peers: readonly PeerTestimony[]): ReadonlyMap<string, "refused" | "passed over"> {
  const found = new Map<string, "refused" | "passed over">();
  for (const peer of peers) {
    for (const { notice } of peer.sightings) {
      if (notice.kind !== "operationRefused" && notice.kind !== "operationPassedOver") continue;
      const place = placeOf({ id: toHex(notice.operation), height: notice.height });
      found.set(place, notice.kind === "operationRefused" ? "refused" : "passed over");
    }
  }
  return found;
}

/** One operation may stand in two entries, applied in the first and refused in the second. */
export const placeOf = ({ id, height }: Pick<Logged, "id" | "height">): string => `${id}@${height}`;

/** One record for each auction whose creation is in the log and was not refused, by id. */
export function auctionRecords(testimony: Testimony): ReadonlyMap<Hex, AuctionRecord> {
  const refused = refusals(testimony.peers);
  const accepted = loggedOperations(testimony.log).filter((one) => !refused.has(placeOf(one)));
  const closings = phaseHeights(testimony.peers);
  const records = new Map<Hex, AuctionRecord>();
  for (const { height, operation } of accepted) {
    const { authority, body } = operation;
    if (body.kind !== "createAuction" || authority === null) continue;
    const id = auctionIdOf(testimony.network, authority.from, authority.nonce);
    const key = toHex(id);
    records.set(key, {
      id,
      seller: toHex(authority.from),
      terms: body,
      createdMs: testimony.log[height - 1]!.timeMs,
      ...operationsOn(key, accepted),
      revealHeight: closings.get(key)?.reveal ?? null,
      settleHeight: closings.get(key)?.settled ?? null,
    });
  }
  return records;
}

function operationsOn(
  auction: Hex,
  accepted: readonly Logged[],
): Pick<AuctionRecord, "commits" | "reveals" | "openedReserves"> {
  const commits = [];
  const reveals = [];
  const openedReserves = [];
  for (const { height, operation } of accepted) {
    const { authority, body } = operation;
    if (!("auction" in body) || toHex(body.auction) !== auction) continue;
    if (body.kind === "commit" && authority !== null)
      commits.push({ height, from: toHex(authority.from), body });
    if (body.kind === "reveal") reveals.push({ height, body });
    if (body.kind === "openReserve") openedReserves.push({ height, reserve: body.reserve, salt: body.salt });
  }
  return { commits, reveals, openedReserves };
}

/** When each auction passed to revealing and to its end, by the first peer that says so. */
function phaseHeights(
  peers: readonly PeerTestimony[],
): ReadonlyMap<Hex, { readonly reveal?: number; readonly settled?: number }> {
  const heights = new Map<Hex, { reveal?: number; settled?: number }>();
  const at = (auction: Hash): { reveal?: number; settled?: number } => {
    const key = toHex(auction);
    const known = heights.get(key) ?? {};
    heights.set(key, known);
    return known;
  };
  for (const { notice } of peers.flatMap((peer) => peer.sightings)) {
    if (notice.kind === "auctionPhase" && notice.phase.toLowerCase() === "reveal") {
      at(notice.auction).reveal ??= notice.height;
    }
    if (notice.kind === "auctionSettled") at(notice.auction).settled ??= notice.height;
  }
  return heights;
}

/** H('commit', chain ‖ market ‖ auction ‖ bidder ‖ bid ‖ salt), spelled out once more (spec/auctions#B1). */
export const commitmentHash = (
  { network }: Pick<Testimony, "network">,
  auction: Hash,
  bidder: Uint8Array,
  bidBytes: Uint8Array,
  salt: Uint8Array,
): Hash => taggedHash("commit", network.chain, network.market, auction, bidder, bidBytes, salt);
