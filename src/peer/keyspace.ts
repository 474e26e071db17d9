// Where things lie on disk: one prefix for each kind of row, and nothing written outside them.
import type { Hex } from "../base/index.js";

const HEIGHT_DIGITS = 16;

/** The voter's rows begin with this; it names the rest itself. */
export const QUORUM_PREFIX = "quorum/";
/** Finalised entries, by height. */
export const LOG_PREFIX = "log/";
/** Rows of the ledger, under their own keys. */
export const STATE_PREFIX = "state/";
/** Openings of own bids: durable before their commit is published. */
export const OPENING_PREFIX = "own/opening/";
/** Own hidden reserves: durable before their auction is published. */
export const RESERVE_PREFIX = "own/reserve/";
/** Own operations that no finalised entry holds yet. */
export const OPERATION_PREFIX = "own/operation/";
/** Proofs of settled auctions against certified state roots: kept as long as the ledger keeps the auction. */
export const WITNESS_PREFIX = "witness/";
/** The same of auctions in which an own agent sold or bid: kept for good. */
export const OWN_WITNESS_PREFIX = "own/witness/";

/** From where to where the log of an own auction reaches, by the height at which it begins: kept as its proof is. */
export const OWN_STRETCH_PREFIX = "own/stretch/";

/** What became of own agents' money and auctions: written with the entry that did it, read by nobody but the API. */
export const OWN_HISTORY_PREFIX = "own/history/";
export const PAST_AUCTION_PREFIX = `${OWN_HISTORY_PREFIX}auction/`;

/** What executed entries did, kept when the ledger forgets it: the same at every peer, and made again from the log. */
export const HISTORY_PREFIX = "history/";
const MOVEMENT_PREFIX = `${OWN_HISTORY_PREFIX}money/`;

export const logKey = (height: number): string => LOG_PREFIX + String(height).padStart(HEIGHT_DIGITS, "0");
export const stateKey = (key: string): string => STATE_PREFIX + key;
export const openingKey = (auction: Hex, bidder: Hex, counter: number): string =>
  `${OPENING_PREFIX}${auction}/${bidder}/${counter}`;
export const reserveKey = (auction: Hex): string => RESERVE_PREFIX + auction;
export const operationKey = (key: Hex): string => OPERATION_PREFIX + key;
export const witnessKey = (auction: Hex): string => WITNESS_PREFIX + auction;
export const ownWitnessKey = (auction: Hex): string => OWN_WITNESS_PREFIX + auction;
/** The auction whose witness lies under the key; null: the key is none of a witness. */
export const witnessedBy = (key: string): Hex | null => {
  const prefix = [WITNESS_PREFIX, OWN_WITNESS_PREFIX].find((one) => key.startsWith(one));
  return prefix === undefined ? null : key.slice(prefix.length);
};
export const ownStretchKey = (from: number): string =>
  OWN_STRETCH_PREFIX + String(from).padStart(HEIGHT_DIGITS, "0");
export const pastAuctionKey = (auction: Hex): string => PAST_AUCTION_PREFIX + auction;
export const movementsOf = (agent: Hex): string => `${MOVEMENT_PREFIX}${agent}/`;
/** Whose movement lies under the key; null: it is none of a movement. */
export const ownerOfMovement = (key: string): Hex | null =>
  key.startsWith(MOVEMENT_PREFIX) ? key.slice(MOVEMENT_PREFIX.length).split("/")[0]! : null;
/** By agent, height, and place among what the entry did: the order in which things happened. */
export const movementKey = (agent: Hex, height: number, place: number): string =>
  movementsOf(agent) + placeOf(height, place);
/** `<height>.<place>`: places are in the order in which things happened. */
export const placeOf = (height: number, place: number): string =>
  `${String(height).padStart(HEIGHT_DIGITS, "0")}.${String(place).padStart(5, "0")}`;
/** Everything of a kind of history begins so. */
export const historyKind = (kind: string): string => `${HISTORY_PREFIX}${kind}/`;
/** Below it rows of a kind of history, by place. */
export const historyRows = (kind: string): string => `${historyKind(kind)}at/`;
/** Below it the places of a kind of history that concern a subject. A blank ends the subject: no subject has one. */
export const historyPlaces = (kind: string, subject: string): string => `${historyKind(kind)}of/${subject} `;
/** From which height on a kind of history is whole: no other key of history ends so. */
export const HISTORY_BEGIN = "/from";
export const historyBeginKey = (kind: string): string => HISTORY_PREFIX + kind + HISTORY_BEGIN;
/** From where on the log is here. */
export const KEPT_LOG_KEY = "kept-log";
/** Up to where the log is executed, and the state's root there: in one batch with the rows it speaks of (P7). */
export const TIP_KEY = "tip";
