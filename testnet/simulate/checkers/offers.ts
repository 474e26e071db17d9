// The auctions that a log creates, with their terms and their course.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { AgentId, Network } from "../../../src/ledger/index.js";
import { type AuctionTerms, auctionIdOf } from "../../../src/market/index.js";
import type { Chronicle } from "./chronicle.js";
import { type Course, coursesOf } from "./courses.js";

export interface Offer {
  readonly id: Hex;
  /** of the entry that holds its creation */
  readonly height: number;
  readonly seller: AgentId;
  readonly terms: AuctionTerms;
  readonly course: Course;
}

/** In the order of the log; a creation that was refused made none. */
export function offersOf(chronicle: Chronicle, network: Network): readonly Offer[] {
  const courses = coursesOf(chronicle);
  return chronicle.operations().flatMap(({ height, operation, isRefused }): Offer[] => {
    const { authority, body } = operation;
    if (isRefused || body.kind !== "createAuction" || authority === null) return [];
    const id = toHex(auctionIdOf(network, authority.from, authority.nonce));
    return [{ id, height, seller: authority.from, terms: body, course: courses.get(id) ?? {} }];
  });
}
