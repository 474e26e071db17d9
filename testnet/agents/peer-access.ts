// Market access by a peer of this process: the same commands and reads that the API offers.
import type { PeerNode } from "../../node/peer-node.js";
import { equalBytes } from "../../src/base/index.js";
import { freeStake, payerOf } from "../../src/ledger/index.js";
import { auctionOf, hasEnded, lockableOf, TRADES, tradeOf } from "../../src/market/index.js";
import type { MarketAccess } from "./market-access.js";

export const accessTo = (node: PeerNode): MarketAccess => ({
  command: (command) => node.command(command),
  subscribe: (listener) => node.subscribe(listener),
  freeFunds: (agent) => node.peer.ledger.accountOf(agent)?.free ?? 0n,
  lockable: (agent) => lockableOf(node.peer.ledger, agent, node.peer.tip.timeMs),
  spendsOfOthers: (agent) => payerOf(node.peer.ledger, agent, node.peer.tip.timeMs).levels.length > 0,
  freeStake(agent) {
    const account = node.peer.ledger.accountOf(agent);
    return account === null ? 0n : freeStake(account);
  },
  openTrades: (agent) =>
    [...node.peer.ledger.table(TRADES).values()].filter(
      (trade) => !hasEnded(trade) && (equalBytes(trade.performer, agent) || equalBytes(trade.buyer, agent)),
    ),
  disputes: () =>
    [...node.peer.ledger.table(TRADES).values()].filter(({ state }) => state.kind === "disputed"),
  tradeOf: (trade) => tradeOf(node.peer.ledger, trade),
  auctionOf: (auction) => auctionOf(node.peer.ledger, auction),
});
