// What an executed entry means to those who listen. No amount of a bid is in here before its reveal.
import type { Hash } from "../base/index.js";
import {
  type EntryOutcome,
  type Fact,
  factsOf,
  plannedWindow,
  type Receipt,
  slashIdOf,
  type Trade,
} from "../market/index.js";
import type { Header } from "../quorum/index.js";
import type { Notice } from "./ready.js";

interface At {
  readonly height: number;
  readonly timeMs: number;
}

/** In the order in which things happened: overdue trades, phases, settlements, their trades, operations, slashes, then the entry itself. */
export function noticesOf(
  header: Header,
  id: Hash,
  operationCount: number,
  outcome: EntryOutcome,
): readonly Notice[] {
  const at = { height: header.height, timeMs: header.timeMs };
  const { term, leader } = header;
  const { phaseChanges, settlements, trades, receipts } = outcome;
  return [
    ...endedByTime(outcome).map((trade) => tradeNotice(trade, at)),
    ...phaseChanges.map(({ auction, to }): Notice => ({ kind: "auctionPhase", ...at, auction, phase: to })),
    ...settlements.map(
      ({ auction, outcome, awards, clearingPrice, burned }): Notice => ({
        kind: "auctionSettled",
        ...at,
        auction,
        outcome,
        awards,
        clearingPrice,
        burned,
      }),
    ),
    ...trades.began.map((trade) => tradeNotice(trade, at)),
    ...receipts.flatMap((receipt) => noticesOfReceipt(receipt, at)),
    ...receipts.flatMap(factsOf).flatMap((fact) => slashNotice(fact, at)),
    { kind: "entry", ...at, id, term, leader, operations: operationCount },
  ];
}

function noticesOfReceipt(receipt: Receipt, at: At): readonly Notice[] {
  if (receipt.status === "applied") return receipt.facts.flatMap((fact) => noticesOfFact(fact, at));
  const { operation, code } = receipt;
  const told = { height: at.height, operation, code };
  return [
    receipt.status === "refused"
      ? { kind: "operationRefused", ...told }
      : { kind: "operationPassedOver", ...told },
  ];
}

function noticesOfFact(fact: Fact, at: At): readonly Notice[] {
  switch (fact.kind) {
    case "created": {
      const { id: auction, creator, terms } = fact.auction;
      const { direction, lot, reserve, lockups, reserveHash, standingWeight, deliverMs, settleMs } = terms;
      const hasHiddenReserve = reserveHash !== null;
      const format = terms.format.kind;
      const offered = {
        format,
        direction,
        lot,
        reserve,
        lockups,
        hasHiddenReserve,
        standingWeight,
        deliverMs,
        settleMs,
        ...plannedWindow(terms, at.timeMs),
      };
      return [{ kind: "auctionOpened", ...at, auction, creator, ...offered }];
    }
    case "cancelled":
      return [{ kind: "auctionPhase", ...at, auction: fact.auction, phase: "cancelled" }];
    case "committed": {
      const { auction, bidder, lockup, commitment } = fact;
      return [{ kind: "bidCommitted", ...at, auction, bidder, lockup, commitment }];
    }
    case "revealed": {
      const { auction, bidder, bid } = fact;
      return [{ kind: "bidRevealed", ...at, auction, bidder, ...bid }];
    }
    case "reserveOpened":
    case "paid":
    case "granted":
    case "bonded":
    case "unbonded":
    case "budgetOpened":
    case "budgetClosed":
    case "slashed":
      return [];
    case "delivered":
    case "disputed":
    case "judged":
    case "tradeEnded":
      return [tradeNotice(fact.trade, at)];
    case "leaseHeld":
      return [{ kind: "leaseHeld", ...at, lease: fact.lease }];
    case "usageGiven":
      return [{ kind: "leaseUsage", ...at, lease: fact.lease, by: fact.by }];
  }
}

const tradeNotice = (trade: Trade, at: At): Notice => ({ kind: "trade", ...at, trade });

/** Trades that ended by their deadlines: no operation of the entry tells of them. */
function endedByTime({ trades, receipts }: EntryOutcome): readonly Trade[] {
  const told = new Set(receipts.flatMap(factsOf).flatMap((fact) => ("trade" in fact ? [fact.trade] : [])));
  return trades.ended.map(({ trade }) => trade).filter((trade) => !told.has(trade));
}

function slashNotice(fact: Fact, at: At): readonly Notice[] {
  if (fact.kind !== "slashed") return [];
  const { agent, taken, type } = fact.slash;
  return [{ kind: "slashed", ...at, slash: slashIdOf(fact.slash), agent, amount: taken, evidence: type }];
}
