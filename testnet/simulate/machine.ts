// What the simulated world asks of a peer: to step, to start again from its disk, and to let checkers read.
import type { Bytes, Hash } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/operation.js";
import type { Event, PeerRef } from "../../src/peer/event.js";
import type { Ready, Topic } from "../../src/peer/ready.js";

/** Everything of value in one state, part by part: what conservation sums up. */
export interface Books {
  readonly minted: bigint;
  readonly holdings: readonly { readonly what: string; readonly amount: bigint }[];
}

export interface Machine {
  step(event: Event): Ready;
  /** What gossip's validator makes of a message: an event if it is to be taken in and passed on, else null. */
  admit(from: PeerRef, topic: Topic, bytes: Bytes, nowMs: number): Happening | null;
  /** the height of the last executed entry */
  readonly height: number;
  /** the root of the state after it */
  root(): Hash;
  books(): Books;
  /** keys of rows whose written value is not the state's: a change that forgot to touch its row */
  untouched(): readonly string[];
  /** the agents whose seats the ledger has convicted of a contradiction (class A) */
  convicted(): readonly AgentId[];
}

/**
 * Makes the machine of one host from what its disk holds; a new disk is empty and has no guard.
 * @param isNew an empty store is a beginning, and nothing was ever lost
 */
export type Boot = (rows: Iterable<readonly [string, Bytes]>, guard: Bytes | null, isNew: boolean) => Machine;

/** An event without its time, which is the clock's of the host it happens to. */
export type Happening = Event extends infer E ? (E extends Event ? Omit<E, "nowMs"> : never) : never;
