// Windows in the world of a lone peer: parts of a key, sold for a time.
import { type AuctionId, auctionOf } from "../../src/market/index.js";
import { bidding } from "../peer/cluster.js";
import type { LonePeer } from "./lone-peer.js";

export const WINDOW_MS = 20_000;
const PRICE = 1000n;

/** A window that begins in ten seconds, of which sue has sold these parts; once its auction has ended. */
export function leased(lone: LonePeer, parts: Readonly<Record<string, number>>): AuctionId {
  const fromMs = lone.nowMs + 10_000;
  const lot = { capability: "key.team", units: 1000, fromMs, toMs: fromMs + WINDOW_MS };
  const terms = { format: { kind: "uniform" }, reserve: PRICE, lockups: [1000n * PRICE] } as const;
  const id = lone.auction("sue", { ...terms, lot, commitMs: 1000, revealMs: 1200 }, {});
  for (const [bidder, units] of Object.entries(parts)) lone.by(bidder, bidding(bidder, id, PRICE, { units }));
  const hasEnded = () => auctionOf(lone.peer.ledger, id)?.phase.kind === "done";
  for (let s = 0; s < 20 && !hasEnded(); s++) lone.pass(500);
  return id;
}
