// Bids: those of an auction, and the own agents' with their amounts.
import { fromHex, toHex } from "../../../src/base/index.js";
import { AUCTIONS, auctionOf, isEnded } from "../../../src/market/index.js";
import { type BID_ROUTES, bidView, type OwnBidView, ownBidView } from "../../contract/index.js";
import { type Answers, actingAgent, feeOf, grant, wishFor } from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asList, pageOf, wholePage } from "../paging.js";
import { bidViews } from "../views/auction.js";
import { bidsIn, liveBids } from "../views/own.js";
import { auctionNamed, whereKept } from "./auction.js";

export const BID_ANSWERS: Answers<typeof BID_ROUTES> = {
  async bids({ peer, params, serving }) {
    const id = await auctionNamed(peer, params.id);
    const ledger = await whereKept(peer, id);
    const bids = ledger === null ? [] : bidViews(ledger, auctionOf(ledger, id)!);
    return asList("BidList", bidView, wholePage(bids), (one) => one.commitment, serving.onUnshown);
  },

  async ownBids({ peer, query: { cursor = null, limit }, serving }) {
    const bids = [...liveBids(peer.state), ...(await pastBids(peer))];
    const page = pageOf(bids, { cursor, limit }, (one) => one.commitment);
    return asList("OwnBidList", ownBidView, page, (one) => one.commitment, serving.onUnshown);
  },

  /** Without a wished delay the commit is published at a random moment, because the moment itself would tell something. */
  placeBid: (ask) =>
    grant(ask, async (peer) => {
      const { body, serving } = ask;
      const auction = await auctionNamed(peer, body.auction);
      const from = actingAgent(peer, body.agent);
      const receipt = { action: "placeBid", agent: toHex(from), auction: toHex(auction) } as const;
      return wishFor(peer, receipt, {
        kind: "placeBid",
        from,
        auction,
        ...feeOf(body.fee),
        amount: BigInt(body.amount),
        units: body.units,
        lockup: body.lockup === null ? null : BigInt(body.lockup),
        delayMs: body.delayMs ?? { uniform: Math.floor(serving.random() * 2 ** 32) },
      });
    }),
};

/** Bids of own agents in auctions that the ledger has forgotten, the latest end first. */
async function pastBids({ node, state: { ledger, agents } }: HostedPeer): Promise<readonly OwnBidView[]> {
  const bids: { readonly endedMs: number; readonly view: OwnBidView }[] = [];
  for (const id of await node.ownPastAuctions()) {
    if (ledger.table(AUCTIONS).has(id)) continue;
    const past = await node.pastAuction(fromHex(id)!);
    const auction = past === null ? null : auctionOf(past, id);
    if (past === null || auction === null) continue;
    const endedMs = isEnded(auction.phase) ? auction.phase.endedMs : 0;
    bids.push(...bidsIn(past, auction, agents).map((view) => ({ endedMs, view })));
  }
  return bids.sort((a, b) => b.endedMs - a.endedMs).map(({ view }) => view);
}
