// The formats, closed by their type: a new kind in the terms does not compile before it has its row.
import type { AuctionTerms } from "../terms.js";
import type { Format } from "./format.js";
import { VICKREY } from "./vickrey.js";

export const FORMATS: { readonly [K in AuctionTerms["format"]]: Format } = { vickrey: VICKREY };
