// Row keys: how the rows of the state are named.
import { toHex } from "../base/index.js";
import { FAULT_CLASS, type ProvenFault } from "./context.js";
import type { AgentId, AuctionId } from "./operation.js";

/** `kind` or `kind/part/…`, parts in lower-case hex or decimal: ASCII, so that order is the same everywhere. */
export type RowKey = string;

export const TOTALS_KEY: RowKey = "totals";
export const CONGESTION_KEY: RowKey = "congestion";
export const CLOCK_KEY: RowKey = "clock";
export const accountKey = (agent: AgentId): RowKey => `account/${toHex(agent)}`;
export const granterKey = (agent: AgentId): RowKey => `granter/${toHex(agent)}`;
export const auctionKey = (auction: AuctionId): RowKey => `auction/${toHex(auction)}`;
export const commitKey = (auction: AuctionId, bidder: AgentId): RowKey =>
  `commit/${toHex(auction)}/${toHex(bidder)}`;
/** What the same fault is punished under once (PROTOCOL §1.9). */
export const slashKey = ({ key, epoch, term, type }: Omit<ProvenFault, "agent">): RowKey =>
  `slash/${toHex(key)}/${epoch}/${term}/${FAULT_CLASS[type]}`;
