// How far goods have come, as people and programs are told of it.

import type { Part } from "../../src/handover/index.js";
import type { Bytes } from "../../src/index.js";
import type { Errand } from "./errand.js";
import type { Goods } from "./goods.js";

/**
 * `waiting`: the other party has given nothing so far, or is not found. `moving`: chunks come or go. `stalled`: it is tried
 * again, `trouble` says why. `here`: whole on this peer's disk.
 */
type MovingState = "waiting" | "moving" | "stalled" | "here";

export interface Progress {
  readonly part: Part;
  /** whether this peer's agent gives the part, takes it, or both parties are this peer's */
  readonly side: "giver" | "taker" | "both";
  readonly state: MovingState;
  /** bytes that are here: of a taker what came, of a giver all */
  readonly received: number;
  /** bytes in all; null: nothing was offered so far */
  readonly total: number | null;
  /** of a giver: bytes that have left since this peer's start, each chunk counted once */
  readonly sent: number;
  /** the manifest's; null: nothing was offered so far */
  readonly hash: Bytes | null;
  readonly media: string | null;
  /** the code of what it met last; null: nothing */
  readonly trouble: string | null;
}

export function stateOf(goods: Goods | null, errand: Errand | null): MovingState {
  if (goods?.intake.isComplete === true) return "here";
  if (goods === null) return "waiting";
  return errand?.isMoving === true && errand.trouble === null ? "moving" : "stalled";
}
