// Lateness: an own operation that entry after entry leaves out pays too little, and its owner is told.
import { operationId, packEntry } from "../market/index.js";
import { type Header, MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES } from "../quorum/index.js";
import type { Effects } from "./effects.js";
import type { Waiting } from "./mempool.js";
import { suggestedFee } from "./raise-fee.js";
import type { Peer } from "./state.js";

/** From so many entries on that could have held it an operation is late. */
const LATE_AFTER_ENTRIES = 3;

/** After an executed entry: counts what it left out, and tells once of each own operation that is late. */
export function tellOfWaiting(peer: Peer, { height, timeMs }: Header, effects: Effects): void {
  for (const one of peer.mempool.ownInTurn()) {
    if (one.seenMs >= timeMs || !couldBeIncluded(peer, one, timeMs)) continue;
    one.missed++;
    if (one.missed !== LATE_AFTER_ENTRIES) continue;
    effects.notify({
      kind: "operationWaits",
      height,
      operation: operationId(one.operation),
      entries: one.missed,
      fee: one.operation.authority!.fee,
      suggestedFee: suggestedFee(peer, one),
    });
  }
}

/** Whether it would be packed if nothing else waited: its turn has come, and its sender can pay. */
function couldBeIncluded(peer: Peer, one: Waiting, timeMs: number): boolean {
  const { ledger, judgeEvidence } = peer;
  const most = { maxOps: MAX_ENTRY_OPS, maxBytes: MAX_ENTRY_OPS_BYTES };
  const room = { timeMs, executedMs: timeMs, ...most, inFlight: [], judgeEvidence };
  return packEntry([one], ledger, room).length > 0;
}
