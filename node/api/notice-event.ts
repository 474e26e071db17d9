// What a step tells, as an event of the API.
import { invariant, toHex, unreachable } from "../../src/base/index.js";
import type { Lot } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { type EventBody, phase, timeOf } from "../contract/index.js";

/** The event of a notice, at the ledger's time where it has one; null for answers to one caller, and for what is only counted. */
export function eventOf(notice: Notice, nowMs: number): EventBody | null {
  switch (notice.kind) {
    case "done":
    case "refused":
    case "notKept":
    // It may still come, and its owner is told when it cannot.
    case "operationPassedOver":
      return null;
    case "entry":
      return {
        type: "quorum.finalised",
        time: timeOf(notice.timeMs),
        height: notice.height,
        entry: toHex(notice.id),
        term: notice.term,
        leader: notice.leader,
        operations: notice.operations,
      };
    case "auctionOpened":
      return {
        type: "auction.opened",
        ...onLedger(notice),
        seller: toHex(notice.seller),
        lot: lotOf(notice.lot),
        reserve: String(notice.reserve),
        hiddenReserve: notice.hasHiddenReserve,
        lockups: notice.lockups.map(String),
        opensAt: timeOf(notice.opensMs),
        commitClosesAt: timeOf(notice.closesMs),
      };
    case "auctionPhase": {
      const parsed = phase.safeParse(notice.phase);
      invariant(parsed.success, `the API knows no phase ${notice.phase}`);
      return { type: "auction.phase", ...onLedger(notice), phase: parsed.data };
    }
    case "bidCommitted":
      return {
        type: "bid.committed",
        ...onLedger(notice),
        bidder: toHex(notice.bidder),
        lockup: String(notice.lockup),
        commitment: toHex(notice.commitment),
      };
    case "bidRevealed":
      return {
        type: "bid.revealed",
        ...onLedger(notice),
        bidder: toHex(notice.bidder),
        amount: String(notice.amount),
      };
    case "auctionSettled":
      return {
        type: "auction.settled",
        ...onLedger(notice),
        outcome: notice.outcome === "done" ? "sold" : notice.outcome,
        winner: notice.winner && toHex(notice.winner),
        price: String(notice.price),
        burned: String(notice.burned),
      };
    case "operationRefused":
      return {
        type: "operation.refused",
        time: timeOf(nowMs),
        height: notice.height,
        operation: toHex(notice.operation),
        code: notice.code,
      };
    case "operationReplaced":
      return {
        type: "operation.replaced",
        time: timeOf(nowMs),
        operation: toHex(notice.operation),
        by: toHex(notice.by),
      };
    case "operationWaits":
      return {
        type: "operation.waiting",
        time: timeOf(nowMs),
        height: notice.height,
        operation: toHex(notice.operation),
        entries: notice.entries,
        fee: String(notice.fee),
        suggestedFee: String(notice.suggestedFee),
      };
    case "slashProposed":
      return {
        type: "slash.proposed",
        time: timeOf(nowMs),
        agent: toHex(notice.agent),
        operation: toHex(notice.operation),
        term: notice.term,
        offence: notice.evidence,
      };
    case "slashed":
      return {
        type: "slash.applied",
        time: timeOf(nowMs),
        height: notice.height,
        agent: toHex(notice.agent),
        amount: String(notice.amount),
        offence: notice.evidence,
      };
    case "amnesia":
      return { type: "node.mode", time: timeOf(nowMs), mode: notice.released ? "ready" : "amnesia" };
    case "fork":
      return { type: "node.mode", time: timeOf(nowMs), mode: "forked" };
    case "corrupt":
      return { type: "node.mode", time: timeOf(nowMs), mode: "corrupt" };
    default:
      return unreachable(notice);
  }
}

const onLedger = (notice: { height: number; timeMs: number; auction: Uint8Array }) => ({
  time: timeOf(notice.timeMs),
  height: notice.height,
  auction: toHex(notice.auction),
});

/** A lot as JSON shows it. */
export const lotOf = (lot: Lot) => ({
  capability: lot.capability,
  units: lot.units,
  from: lot.fromMs === null ? null : timeOf(lot.fromMs),
  to: lot.toMs === null ? null : timeOf(lot.toMs),
});
