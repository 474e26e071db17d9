// The oracles, closed by their type: a format without one does not compile. None shares code with the format it judges.
import type { FormatName } from "../../../../src/market/index.js";
import { firstPrice } from "./first-price.js";
import type { Oracle } from "./oracle.js";
import { uniform } from "./uniform.js";
import { vickrey } from "./vickrey.js";

export const ORACLES: { readonly [K in FormatName]: Oracle } = {
  vickrey,
  "first-price": firstPrice,
  uniform,
};

/** Whether bids of a format name units, and amounts are of one. */
export const BY_UNITS: { readonly [K in FormatName]: boolean } = {
  vickrey: false,
  "first-price": false,
  uniform: true,
};
