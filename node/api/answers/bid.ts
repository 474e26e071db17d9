// Bids: those of an auction, and the own agents' with their amounts.
import { toHex } from "../../../src/base/index.js";
import { type BID_ROUTES, bidView, ownBidView } from "../../contract/index.js";
import { type Answers, actingAgent, auctionNamed, feeOf, grant, wishFor } from "../answer.js";
import { asList, wholePage } from "../paging.js";

export const BID_ANSWERS: Answers<typeof BID_ROUTES> = {
  async bids({ peer, params, serving }) {
    const bids = await peer.bids(await auctionNamed(peer, params.id));
    return asList("BidList", bidView, wholePage(bids), (one) => one.commitment, serving.onUnshown);
  },

  async ownBids({ peer, query: { cursor = null, limit }, serving }) {
    const page = await peer.ownBids({ cursor, limit });
    return asList("OwnBidList", ownBidView, page, (one) => one.commitment, serving.onUnshown);
  },

  /** Without a wished delay the commit is published at a random moment, because the moment itself would tell something. */
  placeBid: (ask) =>
    grant(ask, async (peer) => {
      const { body, serving } = ask;
      const auction = await auctionNamed(peer, body.auction);
      const from = await actingAgent(peer, body.agent);
      const receipt = { action: "placeBid", agent: toHex(from), auction: toHex(auction) } as const;
      return wishFor(peer, receipt, {
        kind: "placeBid",
        from,
        auction,
        ...feeOf(body.fee),
        amount: BigInt(body.amount),
        lockup: body.lockup === null ? null : BigInt(body.lockup),
        delayMs: body.delayMs ?? { uniform: Math.floor(serving.random() * 2 ** 32) },
      });
    }),
};
