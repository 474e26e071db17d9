// Whether everything of an auction was shown: each bid that was committed, and a hidden reserve (spec/auctions#P5).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { AuctionTerms } from "../../../src/market/index.js";
import type { LoggedOperation } from "./chronicle.js";

/** @param before entries below this height count */
export function everythingWasShown(
  operations: readonly LoggedOperation[],
  auction: Hex,
  { reserveHash }: Pick<AuctionTerms, "reserveHash">,
  before: number,
): boolean {
  const sealed = new Set<Hex>();
  let isReserveHidden = reserveHash !== null;
  for (const { height, operation, isRefused } of operations) {
    const { authority, body } = operation;
    if (isRefused || height >= before || !("auction" in body) || toHex(body.auction) !== auction) continue;
    if (body.kind === "commit") sealed.add(toHex(authority!.from));
    if (body.kind === "reveal") sealed.delete(toHex(body.bidder));
    if (body.kind === "openReserve") isReserveHidden = false;
  }
  return sealed.size === 0 && !isReserveHidden;
}
