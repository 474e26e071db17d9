// Routes about auctions and bids.
import { z } from "zod";
import { toHex } from "../../../src/base/index.js";
import { leastSellerBond } from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import type { Backend } from "../backend.js";
import {
  type Api,
  actingAgent,
  answers,
  auctionNamed,
  backendOf,
  bytesOf,
  feeOf,
  grant,
  onlyPeer,
  pagedById,
  peerQuery,
  type RouteContext,
  wishFor,
} from "../context.js";
import { asList, wholePage } from "../paging.js";
import { problem } from "../problem.js";
import {
  type AuctionView,
  amount,
  asDocument,
  auctionDocument,
  auctionListDocument,
  auctionView,
  bidListDocument,
  bidView,
  type CreateAuctionRequest,
  createAuctionRequest,
  hex32,
  hexPrefix,
  outcomeDocument,
  ownBidListDocument,
  ownBidView,
  type PlaceBidRequest,
  phase,
  placeBidRequest,
  receiptDocument,
} from "../shape/index.js";

const named = z.strictObject({ id: hexPrefix });

export function auctionRoutes(app: Api, context: RouteContext): void {
  app.get(
    "/v1/auctions",
    {
      schema: {
        tags: ["auctions"],
        summary: "The auctions that the ledger holds, newest first",
        querystring: z.strictObject({
          ...peerQuery,
          ...pagedById,
          phase: phase.optional(),
          seller: hex32.optional(),
        }),
        response: answers(200, auctionListDocument),
      },
    },
    async (request) => {
      const { phase = null, seller, cursor = null, limit } = request.query;
      const filter = { phase, seller: seller === undefined ? null : bytesOf(seller) };
      const page = await backendOf(context, request).auctions(filter, { cursor, limit });
      return asList("AuctionList", auctionView, page, (one) => one.id, context.onUnshown);
    },
  );

  app.get("/v1/auctions/:id", readOf("One auction", auctionDocument), async (request) => {
    const backend = backendOf(context, request);
    return asDocument("Auction", await knownAuction(backend, request.params.id));
  });

  app.get(
    "/v1/auctions/:id/bids",
    readOf("Its bids, in the order of their commits", bidListDocument),
    async (request) => {
      const backend = backendOf(context, request);
      const bids = await backend.bids(await auctionNamed(backend, request.params.id));
      return asList("BidList", bidView, wholePage(bids), (one) => one.commitment, context.onUnshown);
    },
  );

  app.get("/v1/auctions/:id/outcome", readOf("What it ended with", outcomeDocument), async (request) => {
    const backend = backendOf(context, request);
    const outcome = await backend.outcome(await auctionNamed(backend, request.params.id));
    if (outcome === null) throw problem("OUTCOME_PENDING");
    return asDocument("Outcome", outcome);
  });

  app.post("/v1/auctions", writeOf("Sell by auction", createAuctionRequest), (request, reply) =>
    grant(context, request, reply, async (backend) => {
      const command = await createCommand(backend, request.body);
      const wish = { action: "createAuction", agent: toHex(command.from) } as const;
      return wishFor(backend, wish, command);
    }),
  );

  app.delete(
    "/v1/auctions/:id",
    {
      schema: {
        tags: ["auctions"],
        summary: "Call off an auction that has no bids",
        params: z.strictObject({ id: hex32 }),
        querystring: z.strictObject({ ...peerQuery, agent: hex32.optional(), fee: amount.optional() }),
        response: answers(202, receiptDocument),
      },
    },
    (request, reply) =>
      grant(context, request, reply, async (backend) => {
        const auction = await auctionNamed(backend, request.params.id);
        const from = await actingAgent(backend, request.query.agent);
        const wish = { action: "cancelAuction", agent: toHex(from), auction: toHex(auction) } as const;
        const command = { kind: "cancelAuction", from, auction, ...feeOf(request.query.fee) } as const;
        return wishFor(backend, wish, command);
      }),
  );

  app.get(
    "/v1/bids",
    {
      schema: {
        tags: ["auctions"],
        summary: "The bids of this daemon's own agents, with their amounts",
        querystring: z.strictObject({ ...peerQuery, ...pagedById }),
        response: answers(200, ownBidListDocument),
      },
    },
    async (request) => {
      const { cursor = null, limit } = request.query;
      const page = await backendOf(context, request).ownBids({ cursor, limit });
      return asList("OwnBidList", ownBidView, page, (one) => one.commitment, context.onUnshown);
    },
  );

  app.post(
    "/v1/bids",
    writeOf("Place a sealed bid, or replace one's earlier bid", placeBidRequest),
    (request, reply) => grant(context, request, reply, (backend) => bidWish(context, backend, request.body)),
  );
}

export const readOf = <S extends z.ZodType>(summary: string, document: S) => ({
  schema: {
    tags: ["auctions"],
    summary,
    params: named,
    querystring: onlyPeer,
    response: answers(200, document),
  },
});

const writeOf = <B extends z.ZodType>(summary: string, body: B) => ({
  schema: {
    tags: ["auctions"],
    summary,
    querystring: onlyPeer,
    body,
    response: answers(202, receiptDocument),
  },
});

async function knownAuction(backend: Backend, id: string): Promise<AuctionView> {
  const view = await backend.auction(await auctionNamed(backend, id));
  if (view === null) throw problem("AUCTION_UNKNOWN");
  return view;
}

type CreateCommand = Extract<Command, { kind: "createAuction" }>;

/** The windows come from the network, the bond from its rule, where the request names none. */
async function createCommand(backend: Backend, body: CreateAuctionRequest): Promise<CreateCommand> {
  const { timing } = await backend.node();
  const lockups = body.lockups.map(BigInt);
  const hiddenReserve = body.hiddenReserve === null ? null : BigInt(body.hiddenReserve);
  const leastBond = leastSellerBond({ lockups }, hiddenReserve !== null);
  const { from, to, ...lot } = body.lot;
  return {
    kind: "createAuction",
    from: await actingAgent(backend, body.agent),
    ...feeOf(body.fee),
    lot: {
      ...lot,
      fromMs: from === null ? null : Date.parse(from),
      toMs: to === null ? null : Date.parse(to),
    },
    reserve: BigInt(body.reserve),
    lockups,
    startInMs: body.startInMs,
    commitMs: body.commitMs ?? timing.commitMs,
    revealMs: body.revealMs ?? timing.revealMs,
    hiddenReserve,
    sellerBond: body.sellerBond === undefined ? leastBond : BigInt(body.sellerBond),
  };
}

/** Without a wished delay the commit is published at a random moment, because the moment itself would tell something. */
async function bidWish(context: RouteContext, backend: Backend, body: PlaceBidRequest) {
  const auction = await auctionNamed(backend, body.auction);
  const from = await actingAgent(backend, body.agent);
  const wish = { action: "placeBid", agent: toHex(from), auction: toHex(auction) } as const;
  return wishFor(backend, wish, {
    kind: "placeBid",
    from,
    auction,
    ...feeOf(body.fee),
    amount: BigInt(body.amount),
    lockup: body.lockup === null ? null : BigInt(body.lockup),
    delayMs: body.delayMs ?? { uniform: Math.floor(context.random() * 2 ** 32) },
  });
}
