// A trade for tests of disputes, from its auction to its delivery.

import { type Hash, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import { type Trade, type TradeId, tradeOf, tradesOf } from "../../src/market/index.js";
import { agent, type EntryOptions, World, type WorldOptions } from "./world.js";

export const CREDIT = 1_000_000n;
/** of the trade that `deliveredTrade` makes */
export const PRICE = 40n * CREDIT;
export const LIEN = 60n * CREDIT;
export const EVIDENCE: Hash = taggedHash("leaf", utf8("evidence"));
export const GOODS: Hash = taggedHash("leaf", utf8("goods"));
export const SETTLE_MS = 5000;

/** Names of the owners of so many seats; with funds, for they pay the fees of their votes. */
export const seatNames = (seats: number): readonly string[] =>
  Array.from({ length: seats }, (_, i) => `seat ${i}`);

/** A world in which `seller` and `buyer` may trade, and all seats can pay for a vote. */
export function tradingWorld({
  seats = 4,
  seller = "seller",
  params = {},
  ...rest
}: WorldOptions & { readonly seller?: string } = {}): World {
  return new World({
    seats,
    names: ["seller", "buyer", "other", ...seatNames(seats)],
    stakes: { [seller]: 200n * CREDIT },
    params,
    ...rest,
  });
}

/** Sells a lot of one unit for `PRICE` and returns the trade, due. */
export function dueTrade(world: World, seller = "seller", buyer = "buyer"): Trade {
  const auction = world.create(seller, {
    reserve: PRICE,
    lockups: [PRICE],
    deliverMs: 10_000,
    settleMs: SETTLE_MS,
  });
  world.until(auction, "open");
  world.entry([world.op(buyer, world.commit(auction, buyer, PRICE, PRICE))]);
  world.until(auction, "reveal");
  world.entry([world.reveal(auction, buyer, PRICE)]);
  world.until(auction, "done");
  return tradesOf(world.ledger, auction)[0]!;
}

/** The same, delivered. */
export function deliveredTrade(world: World, seller = "seller", buyer = "buyer"): TradeId {
  const { id } = dueTrade(world, seller, buyer);
  world.entry([world.op(seller, { kind: "deliver", trade: id, hash: GOODS })]);
  return id;
}

/** The same, disputed. */
export function disputedTrade(world: World, bond = 2n * CREDIT, seller = "seller", buyer = "buyer"): TradeId {
  const trade = deliveredTrade(world, seller, buyer);
  world.entry([world.op(buyer, { kind: "dispute", trade, evidence: EVIDENCE, bond })]);
  return trade;
}

/** What became of one operation, in an entry of its own: its code, or null. */
export function outcomeOf(
  world: World,
  from: string,
  body: Parameters<World["op"]>[1],
  options: EntryOptions = {},
): string | null {
  const { receipts } = world.entry([world.op(from, body)], options);
  return receipts[0]!.code;
}

/** A juror's vote, in an entry of its own. @param share null: nothing is wrong */
export const vote = (world: World, trade: TradeId, juror: string, share: number | null): string | null =>
  outcomeOf(world, juror, { kind: "verdict", trade, share });

/** The state of a trade. */
export const stateOf = (world: World, trade: TradeId): Trade["state"] => tradeOf(world.ledger, trade)!.state;

export const accountOf = (world: World, name: string) => world.ledger.accountOf(agent(name))!;
