// What gateways of one key say to each other, as bytes (spec/gateway#exchange).
import {
  ascii,
  type Bytes,
  decode,
  encode,
  fits,
  fixed,
  lawful,
  list,
  optional,
  struct,
  type TypeOf,
  uint,
  union,
  word,
} from "../base/index.js";
import { BILLIONTHS_A_PART, WHOLE_PARTS } from "./parts.js";

const MAX_BILLIONTHS = WHOLE_PARTS * BILLIONTHS_A_PART;
/** Limits of one pool: a handful of dimensions, in a few windows each. */
const MAX_LEVELS = 16;
const MAX_WINDOW_MS = 366 * 24 * 3_600_000;
/** A class of models, as clients name them. */
const MAX_POOL_LETTERS = 256;
/** A message with all levels that one may have. */
export const MAX_EXCHANGE_BYTES = 2_048;

const share = uint(MAX_BILLIONTHS, 1);

/** How full a part is of one limit. */
export const exchangeLevel = struct({
  dimension: [0, ascii(16)],
  windowMs: [1, uint(MAX_WINDOW_MS, 1)],
  /** what one request has passed may be a few windows */
  level: [2, uint(8 * MAX_BILLIONTHS)],
});

/** What is lent. */
export const exchangeLoan = struct({
  share: [0, share],
  parts: [1, uint(WHOLE_PARTS)],
  standsMs: [2, uint(8 * MAX_WINDOW_MS)],
});

/** What one says to another of a pool. */
export const exchangeMessage = union({
  told: [0, struct({ levels: [0, list(exchangeLevel, MAX_LEVELS)], lendable: [1, uint(MAX_BILLIONTHS)] })],
  ask: [1, struct({ round: [0, uint()], share: [1, share] })],
  loan: [2, struct({ round: [0, uint()], loan: [1, optional(exchangeLoan)] })],
  want: [3, struct({ nth: [0, uint()], waitedMs: [1, optional(uint())] })],
});

/** Of which key, between whose gateways, about which pool. */
export const exchangeFrame = lawful(
  struct({
    seller: [0, fixed(32)],
    capability: [1, word(64)],
    /** who says it, whose presence names the peer that it comes from */
    from: [2, fixed(32)],
    pool: [3, ascii(MAX_POOL_LETTERS)],
    message: [4, exchangeMessage],
  }),
  ({ pool }) => pool.length > 0,
  "a pool has a name",
);
export type ExchangeFrame = TypeOf<typeof exchangeFrame>;

/** null: it has no encoding, as where a pool is called as none of others can be. */
export const encodeExchange = (frame: ExchangeFrame): Bytes | null =>
  fits(exchangeFrame, frame) ? encode(exchangeFrame, frame) : null;

/** null: these bytes are no message. */
export function decodeExchange(bytes: Bytes): ExchangeFrame | null {
  const frame = decode(exchangeFrame, bytes, MAX_EXCHANGE_BYTES);
  return frame.ok ? frame.value : null;
}
