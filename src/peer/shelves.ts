// The shelves of a mempool: which operations lie together, and how many of them.
import type { Lane, Params } from "../ledger/index.js";
import { laneOf, type Operation, provenForm } from "../market/index.js";

/** What proves itself lies apart from its lane, or a flood of signed operations could keep a reveal out. */
export type Shelf = Lane | "openings" | "evidence";

interface ShelfLimit {
  readonly operations: number;
  readonly bytes: number;
}

const MIB = 1024 * 1024;

export type ShelfLimits = Readonly<Record<Shelf, ShelfLimit>>;

/** What others' operations may take on each shelf. Of openings the state itself admits one per live commit. */
export const SHELF_LIMITS: ShelfLimits = {
  critical: { operations: 4096, bytes: 8 * MIB },
  bulk: { operations: 4096, bytes: 8 * MIB },
  openings: { operations: 4096, bytes: 8 * MIB },
  evidence: { operations: 256, bytes: 2 * MIB },
};

/** Openings are kept for so many of the network's shortest reveal slots, and never more of them than this. */
const OPENING_SLOTS = 2;
const MAX_OPENINGS = 1 << 16;

/**
 * The shelves of a network. Reveal room lets windows with no more than `revealCapacity` reveals begin in one slot, so the
 * shelf holds all that two slots bring: whoever is pushed out by those that close sooner has that long to come again.
 */
export function shelfLimitsOf({ revealCapacity }: Pick<Params, "revealCapacity">): ShelfLimits {
  const { openings } = SHELF_LIMITS;
  const due = Math.min(OPENING_SLOTS * revealCapacity, MAX_OPENINGS);
  const operations = Math.max(openings.operations, due);
  return {
    ...SHELF_LIMITS,
    openings: { operations, bytes: operations * (openings.bytes / openings.operations) },
  };
}

/** The shelf that an operation lies on. */
export const shelfOf = ({ body }: Operation): Shelf => provenForm(body)?.shelf ?? laneOf(body.kind);
