// Trades in the world of a lone peer: sales with delivery that have been won.
import { fromHex, toHex } from "../../src/base/index.js";
import { auctionOf, type Trade, tradesOf } from "../../src/market/index.js";
import type { Command } from "../../src/peer/index.js";
import { bidding } from "../peer/cluster.js";
import { LonePeer, ME } from "./lone-peer.js";

export const CREDIT = 1_000_000n;
export const DELIVER_MS = 20_000;
export const SETTLE_MS = 5_000;

const TERMS = {
  reserve: CREDIT,
  lockups: [10n * CREDIT],
  commitMs: 1000,
  revealMs: 1200,
  deliverMs: DELIVER_MS,
  settleMs: SETTLE_MS,
};

type Terms = Partial<Extract<Command, { kind: "createAuction" }>>;

/** The trades of an auction of this creator's with these bids, of one unit where it goes by units, once it has ended. */
export function sold(
  lone: LonePeer,
  creator: string,
  bids: Readonly<Record<string, bigint>>,
  terms: Terms = {},
): readonly Trade[] {
  const id = lone.auction(creator, { ...TERMS, ...terms }, terms.format === undefined ? bids : {});
  for (const [bidder, amount] of terms.format === undefined ? [] : Object.entries(bids))
    lone.by(bidder, bidding(bidder, id, amount, { units: 1 }));
  for (let s = 0; s < 20 && auctionOf(lone.peer.ledger, id)?.phase.kind !== "done"; s++) lone.pass(500);
  return tradesOf(lone.peer.ledger, id);
}

/** A lone peer in a network of owners who trust each other: nobody needs stake. */
export const trusting = (): LonePeer => new LonePeer({ lienBp: 0 });

/** A lone peer whose agent has this much stake. */
export async function staked(amount: bigint): Promise<LonePeer> {
  const lone = new LonePeer();
  await lone.command({ kind: "bond", from: fromHex(ME)!, amount });
  lone.pass(1000);
  return lone;
}

export const hexOf = (trade: Pick<Trade, "id">): string => toHex(trade.id);
