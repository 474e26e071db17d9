// room: no slot ever has more reveals to come than the network has room for (ADR 0026), and past half places are paid for (ADR 0045).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";
import type { AuctionRecord, LoggedOperation } from "./auctions.js";
import type { History } from "./history.js";

export type Room = Pick<Params, "revealCapacity" | "revealSlotMs" | "minFee">;

/**
 * Counts after each commit what its slot still has to take: bids that are not opened, of all auctions that reveal in it.
 * Auctions whose windows are so long that longer slots hold them are left out; after an outage, all but the one itself.
 */
export function roomWrongs(
  history: History,
  { revealCapacity, revealSlotMs, minFee }: Room,
): readonly string[] {
  const windows = history.windows();
  const auctions = history.auctions();
  const sealed = new Map<AuctionRecord, Set<Hex>>();
  const wrongs: string[] = [];
  for (const logged of history.operations()) {
    const { height, operation } = logged;
    if (height > windows.height) break;
    const { body } = operation;
    const record = "auction" in body ? auctions.get(toHex(body.auction)) : undefined;
    if (record === undefined || record.terms.revealMs >= 2 * revealSlotMs) continue;
    if (!note(sealed, record, logged)) continue;
    const waiting = waitingBeside(record, height);
    const { fee } = operation.authority!;
    const least = leastFee(waiting - 1, revealCapacity, minFee);
    if (waiting > revealCapacity) {
      wrongs.push(`height ${height}: ${waiting} reveals are to come in a slot for ${revealCapacity}`);
    } else if (fee < least) {
      const place = `place ${waiting} of ${revealCapacity} in a slot`;
      wrongs.push(`height ${height}: ${place} was had for ${fee}, not ${least}`);
    }
  }
  return wrongs;

  function waitingBeside(record: AuctionRecord, height: number): number {
    const alone = windows.outagesMs(height) > 0;
    return [...sealed].reduce((sum, [other, bids]) => {
      const counts = other === record || (!alone && slotOf(other) === slotOf(record));
      return counts && !isOver(other, height) ? sum + bids.size : sum;
    }, 0);
  }

  function slotOf({ course: { open }, terms }: AuctionRecord): number {
    // Of an auction whose opening nobody could tell, no slot is known.
    if (open === undefined) return Number.NaN;
    return Math.floor((windows.timeMs(open) + terms.commitMs) / revealSlotMs);
  }
}

/** Up to half the least fee, then twice as much with each sixteenth that is taken: 256 times at most. */
function leastFee(taken: number, capacity: number, minFee: bigint): bigint {
  const half = Math.floor(capacity / 2);
  if (taken < half) return minFee;
  const unit = minFee === 0n ? 1n : minFee;
  return unit * 2n ** BigInt(Math.min(8, 1 + Math.floor(((taken - half) * 16) / capacity)));
}

const isOver = ({ course: { ended } }: AuctionRecord, height: number): boolean =>
  ended !== undefined && ended <= height;

/** Takes in a commit or a reveal. True: there is one more to come. */
function note(
  sealed: Map<AuctionRecord, Set<Hex>>,
  record: AuctionRecord,
  { operation, isRefused }: LoggedOperation,
): boolean {
  const { authority, body } = operation;
  if (isRefused) return false;
  const bids = sealed.get(record) ?? new Set<Hex>();
  sealed.set(record, bids);
  if (body.kind === "reveal") bids.delete(toHex(body.bidder));
  if (body.kind !== "commit") return false;
  const before = bids.size;
  return bids.add(toHex(authority!.from)).size > before;
}
