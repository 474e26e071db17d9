// Whether a peer has time for one more wish.
import type { Lane } from "../ledger/index.js";
import type { Refusal } from "./event.js";
import { standingIn } from "./includable.js";
import type { Peer } from "./state.js";

/** Why an own operation for a lane is not taken in now; null: it may come. */
export const busyIn = (peer: Peer, lane: Lane, nowMs: number): Refusal | null =>
  peer.backlog.refusal(
    { waiting: peer.mempool.waitingIn(lane), standing: () => standingIn(peer, lane, nowMs) },
    lane,
    nowMs,
  );
