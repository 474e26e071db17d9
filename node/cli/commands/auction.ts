// `auction list`, `auction show`, `auction cancel`.
import { type AuctionView, type BidView, FORMAT_WORDS, goesByUnits, isOver } from "../../contract/index.js";
import { agreed } from "../agreed.js";
import { mustBeAsked } from "../same.js";
import type { Session } from "../session.js";
import { clock, creditsOf, labelled, painter, short, spanOf, table } from "../show.js";
import { bidOf, priceOf, saleRows, winners } from "./sale.js";
import { showTrades } from "./trade.js";

interface ListOptions {
  readonly phase?: string;
  readonly creator?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export async function list(session: Session, options: ListOptions): Promise<void> {
  const { phase, creator, limit, cursor } = options;
  const query = { limit, phase, creator, cursor };
  const page = await session.client.ask("auctions", { query }, "could not list auctions");
  session.show(page, () => {
    table(
      session.terminal,
      ["AUCTION", "PHASE", "LOT", "RESERVE", "LOCKUPS", "BIDS", "CLOSES", "PRICE", "WINNER"],
      page.items.map(row),
      `No auction yet. Open one: ${session.terminal.self} auction create gpu.a100 --lockup 10`,
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}

const isPurchase = ({ direction }: Pick<AuctionView, "direction">): boolean => direction === "buy";

const row = (one: AuctionView): string[] => [
  short(one.id),
  one.phase,
  `${isPurchase(one) ? "buys " : ""}${one.lot.units} × ${one.lot.capability}`,
  creditsOf(one.reserve),
  one.lockups.map(creditsOf).join(" "),
  one.reveals > 0 ? `${one.reveals}/${one.commits}` : String(one.commits),
  clock(one.phase === "reveal" ? one.revealClosesAt : one.commitClosesAt),
  priceOf(one.outcome, goesByUnits(one.format)),
  winners(one.outcome?.awards ?? []),
];

export async function show(session: Session, _options: object, id: string): Promise<void> {
  const auction = await getAuction(session, id);
  if (session.json) return session.show(auction, () => {});
  const bids = await session.client.ask("bids", { params: { id: auction.id } }, "could not list bids");
  const trades = await tradesOf(session, auction);
  labelled(session.terminal, auctionRows(auction));
  session.terminal.out("");
  showBids(session, bids.items);
  if (trades.length === 0) return;
  session.terminal.out("");
  showTrades(session, trades, "");
}

/** The trades of its outcome, as far as the ledger has them. */
async function tradesOf(session: Session, { id, deliverMs, outcome }: AuctionView) {
  if (deliverMs === 0 || outcome?.status !== "sold") return [];
  const query = { auction: id, limit: 200 };
  return (await session.client.ask("trades", { query }, "could not list its trades")).items;
}

/** The auction whose id is, or begins with, `id`. */
export async function getAuction(session: Session, id: string) {
  const what = `could not find the auction ${id}`;
  const auction = await session.client.ask("auction", { params: { id } }, what);
  mustBeAsked(id, auction.id, what);
  return auction;
}

function auctionRows(auction: AuctionView): (readonly [string, string | null])[] {
  const { lot, outcome } = auction;
  const lapses = lot.to === null ? "" : `, usable until ${lot.to}`;
  const isByUnits = goesByUnits(auction.format);
  return [
    ["Auction", auction.id],
    [isPurchase(auction) ? "Buyer" : "Seller", auction.creator],
    ["Lot", `${lot.units} × ${lot.capability}${lot.from === null ? "" : `, from ${lot.from}`}${lapses}`],
    ["Phase", auction.phase],
    ["Kept", auction.forgotten ? "the ledger has forgotten it; this is what the daemon kept" : null],
    ["Format", FORMAT_WORDS[auction.format][auction.direction]],
    [
      isPurchase(auction) ? "Ceiling" : "Reserve",
      `${creditsOf(auction.reserve)} credits${isByUnits ? " a unit" : ""}${auction.hiddenReserve ? ", and a hidden one" : ""}`,
    ],
    [
      "Standing",
      auction.standingWeight === null
        ? null
        : `weighs ${auction.standingWeight} bp: an ask counts for so much more without any, and a second price is reckoned back`,
    ],
    [
      "Delivery",
      auction.deliverMs === 0
        ? null
        : `within ${spanOf(auction.deliverMs)}, and ${spanOf(auction.settleMs)} to look at it`,
    ],
    ["Lockups", `${auction.lockups.map(creditsOf).join(", ")} credits`],
    ["Opens", auction.opensAt],
    ["Bids until", auction.commitClosesAt],
    [
      "Reveals until",
      isOver(auction.phase) ? auction.revealClosesAt : (auction.revealClosesAt ?? "not known yet"),
    ],
    ["Outcome", outcome?.status ?? null],
    ...saleRows(outcome, isByUnits),
    ["Burned", outcome == null || outcome.burned === "0" ? null : `${creditsOf(outcome.burned)} credits`],
  ];
}

/** A sealed bid has no amount to show. */
export function showBids(session: Session, bids: readonly BidView[]): void {
  const paint = painter(session.terminal);
  const isWeighed = bids.some(({ standing }) => standing !== null);
  table(
    session.terminal,
    ["BIDDER", "STATE", "AMOUNT", "LOCKUP", "HEIGHT", ...(isWeighed ? ["STANDING"] : [])],
    bids.map((one) => [
      short(one.bidder),
      one.state === "revealed" && one.won === true ? paint.green("won") : one.state,
      one.state === "revealed" ? bidOf(one) : one.state === "sealed" ? "sealed" : "never shown",
      creditsOf(one.lockup),
      String(one.committedHeight),
      ...(isWeighed ? [String(one.standing)] : []),
    ]),
    "No bids yet.",
  );
}

interface CancelOptions {
  readonly agent?: string;
  readonly fee?: string;
  readonly yes?: true;
}

export async function cancel(session: Session, options: CancelOptions, id: string): Promise<void> {
  const auction = await getAuction(session, id);
  const what = `could not cancel the auction ${short(auction.id)}`;
  await agreed(session.terminal, options, `Cancel the auction ${short(auction.id)}?`, what);
  const { agent, fee } = options;
  const asking = { params: { id: auction.id }, query: { agent, fee } };
  const receipt = await session.client.ask("cancelAuction", asking, what);
  session.show(receipt, () => session.terminal.out(`Cancelling ${auction.id}`));
}
