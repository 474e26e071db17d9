// Auctions, and what their outcome follows from.
import { toHex } from "../../../src/base/index.js";
import { leastSellerBond } from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import {
  type AUCTION_ROUTES,
  asDocument,
  auctionView,
  type CreateAuctionRequest,
  type TranscriptView,
} from "../../contract/index.js";
import { type Answers, actingAgent, auctionNamed, bytesOf, feeOf, grant, wishFor } from "../answer.js";
import type { Backend } from "../backend.js";
import { asList } from "../paging.js";
import { problem } from "../problem.js";

export const AUCTION_ANSWERS: Answers<typeof AUCTION_ROUTES> = {
  async auctions({ peer, query, serving }) {
    const { phase = null, seller, cursor = null, limit } = query;
    const filter = { phase, seller: seller === undefined ? null : bytesOf(seller) };
    const page = await peer.auctions(filter, { cursor, limit });
    return asList("AuctionList", auctionView, page, (one) => one.id, serving.onUnshown);
  },

  async auction({ peer, params }) {
    const view = await peer.auction(await auctionNamed(peer, params.id));
    if (view === null) throw problem("AUCTION_UNKNOWN");
    return asDocument("Auction", view);
  },

  async outcome({ peer, params }) {
    const outcome = await peer.outcome(await auctionNamed(peer, params.id));
    if (outcome === null) throw problem("OUTCOME_PENDING");
    return asDocument("Outcome", outcome);
  },

  transcript: async ({ peer, params }) => asDocument("Transcript", await transcriptNamed(peer, params.id)),

  createAuction: (ask) =>
    grant(ask, async (peer) => {
      const command = await createCommand(peer, ask.body);
      return wishFor(peer, { action: "createAuction", agent: toHex(command.from) }, command);
    }),

  cancelAuction: (ask) =>
    grant(ask, async (peer) => {
      const auction = await auctionNamed(peer, ask.params.id);
      const from = await actingAgent(peer, ask.query.agent);
      const receipt = { action: "cancelAuction", agent: toHex(from), auction: toHex(auction) } as const;
      return wishFor(peer, receipt, { kind: "cancelAuction", from, auction, ...feeOf(ask.query.fee) });
    }),
};

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

/** The transcript of an auction, one that the ledger has forgotten and this peer has not included. */
async function transcriptNamed(backend: Backend, text: string): Promise<TranscriptView> {
  const kept = /^[0-9a-f]{64}$/.test(text) ? await backend.transcript(bytesOf(text)) : null;
  if (kept !== null) return kept;
  const id = await auctionNamed(backend, text);
  const transcript = await backend.transcript(id);
  if (transcript !== null) return transcript;
  const outcome = await backend.outcome(id);
  if (outcome === null) throw problem("OUTCOME_PENDING");
  throw problem(outcome.status === "cancelled" ? "AUCTION_CANCELLED" : "PROOF_PENDING");
}
