// room: no slot ever has more reveals to come than the network has room for (ADR 0026), and past half places are paid for (ADR 0045).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Network } from "../../../src/ledger/index.js";
import type { Params } from "../../../src/ledger/params.js";
import { type Pace, Windows } from "../../checks/windows.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle, LoggedOperation } from "./chronicle.js";
import { type Offer, offersOf } from "./offers.js";

export type Room = Pick<Params, "revealCapacity" | "revealSlotMs" | "minFee">;

/**
 * Counts after each commit what its slot still has to take: bids that are not opened, of all auctions that reveal in it.
 * Auctions whose windows are so long that longer slots hold them are left out; after an outage, all but the one itself.
 */
export function roomChecker(
  trial: Trial,
  chronicle: Chronicle,
  network: Network,
  { revealCapacity, revealSlotMs, minFee }: Room,
  pace: Pace,
): Checker {
  return {
    ended() {
      const windows = new Windows(chronicle.steps(), pace);
      const offers = new Map(offersOf(chronicle, network).map((offer) => [offer.id, offer]));
      const sealed = new Map<Hex, Set<Hex>>();
      for (const logged of chronicle.operations()) {
        if (logged.height > windows.height) return;
        const offer = offerOf(logged, offers);
        if (offer === null || offer.terms.revealMs >= 2 * revealSlotMs) continue;
        if (!note(sealed, offer.id, logged)) continue;
        const waiting = waitingBeside(offer, logged.height);
        const { fee } = logged.operation.authority!;
        const least = leastFee(waiting - 1, revealCapacity, minFee);
        if (waiting > revealCapacity) {
          report(logged, `${waiting} reveals are to come in a slot for ${revealCapacity}`);
        } else if (fee < least) {
          report(logged, `place ${waiting} of ${revealCapacity} in a slot was had for ${fee}, not ${least}`);
        }
      }

      function report({ height }: LoggedOperation, what: string): void {
        trial.report("room", `height ${height}: ${what}`);
      }

      function waitingBeside(offer: Offer, height: number): number {
        const alone = windows.outagesMs(height) > 0;
        return [...sealed].reduce((sum, [id, bids]) => {
          const counts = id === offer.id || (!alone && slotOf(offers.get(id)!) === slotOf(offer));
          return counts && !isOver(offers.get(id)!, height) ? sum + bids.size : sum;
        }, 0);

        function slotOf({ course: { open }, terms }: Offer): number {
          // Of an auction whose opening nobody could tell, no slot is known.
          if (open === undefined) return Number.NaN;
          return Math.floor((windows.timeMs(open) + terms.commitMs) / revealSlotMs);
        }
      }
    },
  };
}

/** Up to half the least fee, then twice as much with each sixteenth that is taken: 256 times at most. */
function leastFee(taken: number, capacity: number, minFee: bigint): bigint {
  const half = Math.floor(capacity / 2);
  if (taken < half) return minFee;
  const unit = minFee === 0n ? 1n : minFee;
  return unit * 2n ** BigInt(Math.min(8, 1 + Math.floor(((taken - half) * 16) / capacity)));
}

const isOver = ({ course: { ended } }: Offer, height: number): boolean =>
  ended !== undefined && ended <= height;

function offerOf({ operation }: LoggedOperation, offers: ReadonlyMap<Hex, Offer>): Offer | null {
  const { body } = operation;
  return "auction" in body ? (offers.get(toHex(body.auction)) ?? null) : null;
}

/** Takes in a commit or a reveal. True: there is one more to come. */
function note(sealed: Map<Hex, Set<Hex>>, auction: Hex, { operation, isRefused }: LoggedOperation): boolean {
  const { authority, body } = operation;
  if (isRefused) return false;
  const bids = sealed.get(auction) ?? new Set<Hex>();
  sealed.set(auction, bids);
  if (body.kind === "reveal") bids.delete(toHex(body.bidder));
  if (body.kind !== "commit") return false;
  const before = bids.size;
  return bids.add(toHex(authority!.from)).size > before;
}
