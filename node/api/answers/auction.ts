// Auctions, and what their outcome follows from.
import { toHex } from "../../../src/base/index.js";
import type { Ledger, Params } from "../../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  type AuctionId,
  auctionOf,
  FORMATS,
  leastBondOf,
  PAID_AT_ONCE,
} from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import {
  type AUCTION_ROUTES,
  asDocument,
  auctionView as auctionSchema,
  type CreateAuctionRequest,
  type OutcomeView,
} from "../../contract/index.js";
import {
  type Answers,
  actingAgent,
  bytesOf,
  feeOf,
  grant,
  SOME_IDS,
  startingWith,
  wholeId,
  wishFor,
} from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asList, pageOf } from "../paging.js";
import { problem } from "../problem.js";
import type { TranscriptParts } from "../transcript-json.js";
import { auctionView, newestAuctions, outcomeView, shownAuction } from "../views/auction.js";

export const AUCTION_ANSWERS: Answers<typeof AUCTION_ROUTES> = {
  async auctions({ peer, query, serving }) {
    const { phase = null, creator, cursor = null, limit } = query;
    const { ledger } = peer.state;
    const filter = { phase, creator: creator === undefined ? null : bytesOf(creator) };
    const { items, nextCursor } = pageOf(newestAuctions(ledger, filter), { cursor, limit }, (one) =>
      toHex(one.id),
    );
    const page = { items: items.map((one) => auctionView(shownAuction(ledger, one))), nextCursor };
    return asList("AuctionList", auctionSchema, page, (one) => one.id, serving.onUnshown);
  },

  async auction({ peer, params }) {
    const id = await auctionNamed(peer, params.id);
    const ledger = await whereKept(peer, id);
    if (ledger === null) throw problem("AUCTION_UNKNOWN");
    const shown = shownAuction(ledger, auctionOf(ledger, id)!);
    return asDocument("Auction", auctionView(shown, ledger !== peer.state.ledger));
  },

  async outcome({ peer, params }) {
    const outcome = await outcomeOf(peer, await auctionNamed(peer, params.id));
    if (outcome === null) throw problem("OUTCOME_PENDING");
    return asDocument("Outcome", outcome);
  },

  async transcript({ peer, params, request, reply, serving }) {
    await serving.transcripts.serve(request, reply, () => transcriptNamed(peer, params.id));
  },

  createAuction: (ask) =>
    grant(ask, (peer) => {
      const command = createCommand(peer, ask.body);
      return wishFor(peer, { action: "createAuction", agent: toHex(command.from) }, command);
    }),

  cancelAuction: (ask) =>
    grant(ask, async (peer) => {
      const auction = await auctionNamed(peer, ask.params.id);
      const from = actingAgent(peer, ask.query.agent);
      const receipt = { action: "cancelAuction", agent: toHex(from), auction: toHex(auction) } as const;
      return wishFor(peer, receipt, { kind: "cancelAuction", from, auction, ...feeOf(ask.query.fee) });
    }),
};

/** The auction that an id or a unique prefix names. @throws Problem AUCTION_UNKNOWN, ID_AMBIGUOUS */
export async function auctionNamed({ state, node }: HostedPeer, text: string): Promise<AuctionId> {
  const live = startingWith(state.ledger.table(AUCTIONS).keys(), text, SOME_IDS);
  const past = await node.pastAuctionsLike(text, SOME_IDS);
  const whole = wholeId(text, [...new Set([...live, ...past])].slice(0, SOME_IDS));
  if (whole === null) throw problem("AUCTION_UNKNOWN", auctionUnknown(text, node.isBehind));
  return bytesOf(whole);
}

const auctionUnknown = (text: string, isBehind: boolean): string =>
  isBehind
    ? `no auction's id begins with ${text} in what this peer has of the log; it is behind, and catches up`
    : `no auction's id begins with ${text}; others' auctions are forgotten some time after their end, unless their proof is kept here`;

/** The ledger that holds the auction's rows: the living one, or what is kept of a forgotten one; null: there is none. */
export async function whereKept({ state, node }: HostedPeer, id: AuctionId): Promise<Ledger | null> {
  return auctionOf(state.ledger, id) === null ? node.pastAuction(id) : state.ledger;
}

async function outcomeOf(peer: HostedPeer, id: AuctionId): Promise<OutcomeView | null> {
  const ledger = await whereKept(peer, id);
  return ledger && outcomeView(shownAuction(ledger, auctionOf(ledger, id)!));
}

type CreateCommand = Extract<Command, { kind: "createAuction" }>;

/** The windows come from the network, the bond from its rule, where the request names none. */
function createCommand(peer: HostedPeer, body: CreateAuctionRequest): CreateCommand {
  const { params } = peer.state.ledger;
  const lockups = body.lockups.map(BigInt);
  const hiddenReserve = body.hiddenReserve === null ? null : BigInt(body.hiddenReserve);
  const leastBond = leastBondOf({ lockups }, hiddenReserve !== null);
  const { from, to, ...lot } = body.lot;
  return {
    kind: "createAuction",
    from: actingAgent(peer, body.agent),
    ...feeOf(body.fee),
    format: { kind: body.format },
    direction: body.direction,
    lot: {
      ...lot,
      fromMs: from === null ? null : Date.parse(from),
      toMs: to === null ? null : Date.parse(to),
    },
    reserve: BigInt(body.reserve),
    lockups,
    startInMs: body.startInMs,
    commitMs: body.commitMs ?? params.defaultCommitMs,
    revealMs: body.revealMs ?? params.defaultRevealMs,
    hiddenReserve,
    standingWeight: body.standingWeight,
    bond: body.bond === undefined ? leastBond : BigInt(body.bond),
    ...deliveryOf(body, params),
  };
}

/** What is not said of a delivery: the network's time to look at it, and of a sale by units all that it could bring. */
function deliveryOf(
  { deliverMs, settleMs, value, direction, format, lot, lockups }: CreateAuctionRequest,
  { defaultSettleMs }: Pick<Params, "defaultSettleMs">,
): Pick<CreateCommand, "deliverMs" | "settleMs" | "value"> {
  if (deliverMs === 0) return PAID_AT_ONCE;
  const declares = direction === "sell" && FORMATS[format].isDivisible;
  const most = BigInt(lot.units) * BigInt(lockups.at(-1)!);
  return {
    deliverMs,
    settleMs: settleMs ?? defaultSettleMs,
    value: declares ? (value === undefined ? most : BigInt(value)) : null,
  };
}

async function pastAuctionOf({ node }: HostedPeer, id: AuctionId): Promise<Auction | null> {
  const ledger = await node.pastAuction(id);
  return ledger === null ? null : auctionOf(ledger, id);
}

/** The transcript of an auction, one that the ledger has forgotten and this peer has not included. */
async function transcriptNamed(peer: HostedPeer, text: string): Promise<TranscriptParts> {
  const kept = /^[0-9a-f]{64}$/.test(text) ? await peer.node.openTranscript(bytesOf(text)) : null;
  if (kept !== null) return kept;
  const id = await auctionNamed(peer, text);
  const transcript = await peer.node.openTranscript(id);
  if (transcript !== null) return transcript;
  const outcome = await outcomeOf(peer, id);
  if (outcome === null) throw problem("OUTCOME_PENDING");
  const { from } = peer.state.kept;
  const known = auctionOf(peer.state.ledger, id) ?? (await pastAuctionOf(peer, id));
  if (known !== null && known.createdAt < from)
    throw problem(
      "LOG_PRUNED",
      `the log is kept here from height ${from} on, and the auction began at ${known.createdAt}`,
    );
  throw problem(outcome.status === "cancelled" ? "AUCTION_CANCELLED" : "PROOF_PENDING");
}
