// What a demo agent has of the world: one peer's commands, notices and finalised state, as any user of its API.
import type { AgentId } from "../../src/ledger/index.js";
import type { Auction } from "../../src/market/auction/auction.js";
import type { AuctionId, Trade, TradeId } from "../../src/market/index.js";
import type { Command, CommandResult } from "../../src/peer/event.js";
import type { Notice } from "../../src/peer/ready.js";

export interface MarketAccess {
  command(command: Command): Promise<CommandResult>;
  /** Returns how to stop listening. */
  subscribe(listener: (notice: Notice) => void): () => void;
  /** Free micro-credits of an account in the finalised state; 0n where there is none. */
  freeFunds(agent: AgentId): bigint;
  /** The most that an agent may lock in a new auction now, likewise: of its own funds, or by its budgets. */
  lockable(agent: AgentId): bigint;
  /** Whether a budget lets an agent spend of another's funds, likewise. */
  spendsOfOthers(agent: AgentId): boolean;
  /** Stake of an account that secures nothing, likewise. */
  freeStake(agent: AgentId): bigint;
  /** Trades in the finalised state that have not ended, and in which an agent performs or buys. */
  openTrades(agent: AgentId): readonly Trade[];
  /** Trades in the finalised state that the seats judge. */
  disputes(): readonly Trade[];
  /** In the finalised state; null: no such trade. */
  tradeOf(trade: TradeId): Trade | null;
  /** In the finalised state; null: no such auction. */
  auctionOf(auction: AuctionId): Readonly<Auction> | null;
}
