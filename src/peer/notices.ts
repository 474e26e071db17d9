// What an executed entry means to those who listen. No amount of a bid is in here before its reveal.
import type { Hash } from "../base/index.js";
import type { Ledger, Operation } from "../ledger/index.js";
import { auctionIdOf, plannedWindow } from "../ledger/index.js";
import type { EntryOutcome, Receipt } from "../market/index.js";
import type { Header } from "../quorum/index.js";
import type { Notice } from "./ready.js";

/** In the order in which things happened: phases, operations, settlements, slashes, then the entry itself. */
export function noticesOf(
  ledger: Ledger,
  header: Header,
  id: Hash,
  operationCount: number,
  operations: readonly Operation[],
  outcome: EntryOutcome,
): readonly Notice[] {
  const at = { height: header.height, timeMs: header.timeMs };
  const { term, leader } = header;
  return [
    ...outcome.phaseChanges.map(
      ({ auction, to }): Notice => ({ kind: "auctionPhase", ...at, auction, phase: to }),
    ),
    ...outcome.settlements.map(
      ({ auction, outcome: how, winner, price, burned }): Notice => ({
        kind: "auctionSettled",
        ...at,
        auction,
        outcome: how,
        winner,
        price,
        burned,
      }),
    ),
    ...operations.flatMap((operation, i) => operationNotices(ledger, operation, outcome.receipts[i]!, at)),
    ...outcome.slashes.map(
      ({ agent, taken, type }): Notice => ({ kind: "slashed", ...at, agent, amount: taken, evidence: type }),
    ),
    { kind: "entry", ...at, id, term, leader, operations: operationCount },
  ];
}

function operationNotices(
  ledger: Ledger,
  { authority, body }: Operation,
  receipt: Receipt,
  at: { readonly height: number; readonly timeMs: number },
): readonly Notice[] {
  if (receipt.status !== "applied") {
    const told = { height: at.height, operation: receipt.operation, code: receipt.code };
    return [
      receipt.status === "refused"
        ? { kind: "operationRefused", ...told }
        : { kind: "operationPassedOver", ...told },
    ];
  }
  switch (body.kind) {
    case "createAuction": {
      const { from, nonce } = authority!;
      const auction = auctionIdOf(ledger.network, from, nonce);
      const { lot, reserve, lockups, reserveHash } = body;
      const hasHiddenReserve = reserveHash !== null;
      const terms = { lot, reserve, lockups, hasHiddenReserve, ...plannedWindow(body, at.timeMs) };
      return [{ kind: "auctionOpened", ...at, auction, seller: from, ...terms }];
    }
    case "cancel":
      return [{ kind: "auctionPhase", ...at, auction: body.auction, phase: "cancelled" }];
    case "commit":
      return [
        {
          kind: "bidCommitted",
          ...at,
          auction: body.auction,
          bidder: authority!.from,
          lockup: body.lockup,
          commitment: body.commitment,
        },
      ];
    case "reveal":
      return [
        {
          kind: "bidRevealed",
          ...at,
          auction: body.auction,
          bidder: body.bidder,
          amount: body.bid.amount,
        },
      ];
    case "transfer":
    case "grant":
    case "openReserve":
    case "evidence":
      return [];
  }
}
