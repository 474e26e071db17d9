// What demo sellers hand over: a note of what may be used by whom. Anybody makes it anew from the trade, and so sees what is missing.
import { createHash } from "node:crypto";
import { type Bytes, equalBytes, toHex } from "../../src/base/index.js";
import type { Trade } from "../../src/market/index.js";

/** The parts of a trade that its note names. */
export type Noted = Pick<Trade, "id" | "buyer" | "capability" | "units" | "fence">;

/** Of all that was sold where nothing else is said. Of two notes for one thing the greater fence is valid. */
export const noteOf = ({ id, buyer, capability, units, fence }: Noted, handedOver = units): Bytes =>
  createHash("sha256")
    .update(`${handedOver} ${capability} for ${toHex(buyer)} by trade ${toHex(id)}, fence ${fence}`)
    .digest();

/** What of a delivery is wrong, in bp of it, rounded up: all of it where it is no note of this trade; null: nothing. */
export function missingOf(trade: Noted, delivered: Bytes): number | null {
  const { units } = trade;
  if (equalBytes(noteOf(trade), delivered)) return null;
  for (let some = units - 1; some > 0; some--) {
    if (equalBytes(noteOf(trade, some), delivered)) return Math.ceil(((units - some) * 10_000) / units);
  }
  return 10_000;
}
