// Market access by a peer of this process: the same commands and reads that the API offers.
import type { PeerNode } from "../../node/peer-node.js";
import { auctionOf } from "../../src/market/index.js";
import type { MarketAccess } from "./market-access.js";

export const accessTo = (node: PeerNode): MarketAccess => ({
  command: (command) => node.command(command),
  subscribe: (listener) => node.subscribe(listener),
  freeFunds: (agent) => node.peer.ledger.accountOf(agent)?.free ?? 0n,
  auctionOf: (auction) => auctionOf(node.peer.ledger, auction),
});
