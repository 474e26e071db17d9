// Row keys: how the rows of the state are named.
import { type Bytes, toHex } from "../base/index.js";
import type { AgentId, AuctionId } from "./operation.js";

/** `kind` or `kind/part/…`, parts in lower-case hex or decimal: ASCII, so that order is the same everywhere. */
export type RowKey = string;

export const TOTALS_KEY: RowKey = "totals";
export const CONGESTION_KEY: RowKey = "congestion";
export const accountKey = (agent: AgentId): RowKey => `account/${toHex(agent)}`;
export const granterKey = (agent: AgentId): RowKey => `granter/${toHex(agent)}`;
export const auctionKey = (auction: AuctionId): RowKey => `auction/${toHex(auction)}`;
export const commitKey = (auction: AuctionId, bidder: AgentId): RowKey =>
  `commit/${toHex(auction)}/${toHex(bidder)}`;
/** The class of E1–E5 is A (PROTOCOL §1.9). */
export const slashKey = (seatKey: Bytes, epoch: number, term: number): RowKey =>
  `slash/${toHex(seatKey)}/${epoch}/${term}/A`;
