// Trades in the world of a lone peer: sales with delivery that have been won.
import { fromHex, toHex } from "../../src/base/index.js";
import { auctionOf, type Trade, tradesOf } from "../../src/market/index.js";
import type { Command } from "../../src/peer/index.js";
import { bidding, idOf, keyOf } from "../peer/cluster.js";
import { LonePeer, ME } from "./lone-peer.js";

export const CREDIT = 1_000_000n;
export const DELIVER_MS = 20_000;
export const SETTLE_MS = 5_000;

/** Of a sale with delivery. */
export const TERMS = {
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

/** Gives a lone peer the key of its seat's owner, who alone judges here, and funds for the fees of its votes. */
export async function seated(lone: LonePeer): Promise<string> {
  await lone.command({ kind: "holdAgent", key: keyOf("owner 0") });
  await lone.command({ kind: "transfer", from: fromHex(ME)!, to: idOf("owner 0"), amount: CREDIT });
  lone.pass(1000);
  return toHex(idOf("owner 0"));
}

/** What `me` has bought of `sue` for a credit, delivered as what has this hash. */
export function bought(lone: LonePeer, hash: string): Trade {
  const [one] = sold(lone, "sue", { me: 4n * CREDIT });
  lone.by("sue", { kind: "deliver", from: idOf("sue"), trade: one!.id, hash: fromHex(hash)! });
  lone.pass(1000);
  return one!;
}

export const hexOf = (trade: Pick<Trade, "id">): string => toHex(trade.id);
