// The formats: what each needs in an auction's terms, and what it does, closed by the type of the former.
import { struct, type TypeOf, union } from "../../../base/index.js";
import { FIRST_PRICE } from "./first-price.js";
import type { Format } from "./format.js";
import { UNIFORM } from "./uniform.js";
import { VICKREY } from "./vickrey.js";

/** The format of an auction, with what that format alone needs fixed. */
export const formatTerms = union({
  vickrey: [0, struct({})],
  "first-price": [1, struct({})],
  uniform: [2, struct({})],
});
export type FormatTerms = TypeOf<typeof formatTerms>;
export type FormatName = FormatTerms["kind"];

/** By which a lot goes by parts to several, at one price. */
export const BY_PARTS: FormatTerms = { kind: "uniform" };

/** Where nobody says otherwise: truth is the best bid in it. */
export const DEFAULT_FORMAT: FormatName = "vickrey";

export const FORMATS: { readonly [K in FormatName]: Format } = {
  vickrey: VICKREY,
  "first-price": FIRST_PRICE,
  uniform: UNIFORM,
};
