// The auctions that a log creates, each with its terms, its course and what was applied to it: the material of their laws.
import { type Hash, type Hex, toHex } from "../../../src/base/index.js";
import type { AgentId, Network } from "../../../src/ledger/index.js";
import { type AuctionTerms, auctionIdOf, type Operation } from "../../../src/market/index.js";
import type { Notice } from "../../../src/peer/ready.js";

/** What was told of one height. */
export interface Told {
  readonly height: number;
  readonly notices: readonly Notice[];
}

/** A signed operation in the log. One operation may stand in two entries, applied in the first and refused in the second. */
export interface LoggedOperation {
  readonly height: number;
  readonly id: Hex;
  readonly operation: Operation;
  /** of its bytes */
  readonly size: number;
  /** why it was not applied; null: it was */
  readonly code: string | null;
  /** it was not applied */
  readonly isRefused: boolean;
  /** it left no trace at all: no fee, no nonce */
  readonly isPassedOver: boolean;
}

/** The entries that opened an auction, closed its commits and settled it; absent: that has not come, or nobody could tell. */
export interface Course {
  open?: number;
  reveal?: number;
  ended?: number;
}

export interface AuctionRecord {
  readonly id: Hash;
  /** the beginning of its id, for people */
  readonly name: Hex;
  /** of the entry that holds its creation */
  readonly height: number;
  readonly creator: AgentId;
  readonly terms: AuctionTerms;
  readonly course: Readonly<Course>;
  /** what was applied to it, in the order of the log */
  readonly operations: readonly LoggedOperation[];
}

/** By id, in the order of the log; a creation that was refused made none. */
export function auctionsOf(
  network: Network,
  operations: readonly LoggedOperation[],
  told: readonly Told[],
): ReadonlyMap<Hex, AuctionRecord> {
  const records = new Map<Hex, AuctionRecord & { readonly operations: LoggedOperation[] }>();
  const courses = coursesOf(told);
  for (const logged of operations) {
    const { authority, body } = logged.operation;
    if (logged.isRefused) continue;
    if ("auction" in body) records.get(toHex(body.auction))?.operations.push(logged);
    if (body.kind !== "createAuction" || authority === null) continue;
    const { height } = logged;
    const id = auctionIdOf(network, authority.from, authority.nonce);
    const key = toHex(id);
    records.set(key, {
      ...{ id, name: key.slice(0, 8), height, creator: authority.from, terms: body },
      course: courses.get(key) ?? {},
      operations: [],
    });
  }
  return records;
}

/** Commits that entries hold and the ledger refused. */
export const commitsRefused = (operations: readonly LoggedOperation[]): number =>
  operations.filter(({ operation, isRefused }) => operation.body.kind === "commit" && isRefused).length;

function coursesOf(told: readonly Told[]): ReadonlyMap<Hex, Course> {
  const courses = new Map<Hex, Course>();
  const pass = (auction: Hash, mark: keyof Course, height: number): void => {
    const key = toHex(auction);
    courses.set(key, { ...courses.get(key), [mark]: height });
  };
  for (const { height, notices } of told) {
    for (const notice of notices) {
      if (notice.kind === "auctionSettled") pass(notice.auction, "ended", height);
      else if (notice.kind === "auctionPhase" && (notice.phase === "open" || notice.phase === "reveal"))
        pass(notice.auction, notice.phase, height);
    }
  }
  return courses;
}

/** The auction that a notice tells the end of; null: it tells of none. */
export const endedBy = (notice: Notice): Hex | null =>
  notice.kind === "auctionSettled" || (notice.kind === "auctionPhase" && notice.phase === "cancelled")
    ? toHex(notice.auction)
    : null;

/**
 * Whether everything was shown: each bid that was committed, and a hidden reserve (spec/auctions#P5).
 * @param before entries below this height count
 */
export function everythingWasShown({ operations, terms }: AuctionRecord, before: number): boolean {
  const sealed = new Set<Hex>();
  let isReserveHidden = terms.reserveHash !== null;
  for (const { height, operation } of operations) {
    const { authority, body } = operation;
    if (height >= before) continue;
    if (body.kind === "commit") sealed.add(toHex(authority!.from));
    if (body.kind === "reveal") sealed.delete(toHex(body.bidder));
    if (body.kind === "openReserve") isReserveHidden = false;
  }
  return sealed.size === 0 && !isReserveHidden;
}
