// What the simulated world asks of a peer: to step, to start again from its disk, and to let checkers read.

import type { UntimedEvent } from "../../../node/driver/event-queue.js";
import type { Keeping } from "../../../node/driver/keeping.js";
import type { Bytes, Hash } from "../../../src/base/index.js";
import type { AgentId, Lane } from "../../../src/ledger/index.js";
import type { Event, PeerRef } from "../../../src/peer/event.js";
import type { Notice, Ready, Topic } from "../../../src/peer/ready.js";
import type { AccountBook, Books, TradeBook } from "../checks/books.js";
import type { BudgetBooks } from "../checks/budget-books.js";

export interface Machine {
  step(event: Event): Ready;
  /**
   * A message of gossip, or an operation that a peer hands over, comes to the gate. `settle` is told the verdict, at once
   * or when the machine has stepped: true, and it is passed on.
   */
  receive(arrival: Arrival, settle: (isAccepted: boolean) => void): void;
  /** gossip carries what this machine has said itself */
  published(topic: Topic, bytes: Bytes): void;
  /** whether a peer's gossip is read further where work takes time: not while much of it waits to be judged */
  reads(from: PeerRef): boolean;
  /** what was told after a step, once that step has said everything */
  told(notices: readonly Notice[]): void;
  /** the height of the last executed entry */
  readonly height: number;
  /** the root of the state after it */
  root(): Hash;
  books(): Books;
  accounts(): readonly AccountBook[];
  trades(): readonly TradeBook[];
  budgets(): BudgetBooks;
  /** keys of rows whose written value is not the state's: a change that forgot to touch its row */
  untouched(): readonly string[];
  /** which nonce of a lane an account has to use next; null: it has no account */
  nextNonce(agent: AgentId, lane: Lane): number | null;
  /** the agents whose seats the ledger has convicted of a contradiction (class A) */
  convicted(): readonly AgentId[];
}

/**
 * Makes the machine of one host from what its disk holds; a new disk is empty and has no guard.
 * @param isNew an empty store is a beginning, and nothing was ever lost
 */
export type Boot = (
  rows: Iterable<readonly [string, Bytes]>,
  guard: Bytes | null,
  isNew: boolean,
  process: Process,
) => Machine;

/** What came in, and by which way: `gossip` passes on what is accepted. */
export interface Arrival {
  readonly from: PeerRef;
  readonly topic: Topic;
  readonly bytes: Bytes;
  readonly gossiped: boolean;
}

/** The process around a machine: its driver's queue, and its clocks. */
export interface Process {
  /** False: there is no room for it. @param settle of an operation: told what became of it, when it has been stepped */
  offer(happening: Happening, bytes: number, settle?: (keeping: Keeping) => void): boolean;
  wallMs(): number;
  steadyMs(): number;
  /** null: work takes no time */
  readonly thread: Thread | null;
}

/** The thread of a process in which work takes time. */
export interface Thread {
  /** what is being done costs so many µs at speed 1 */
  spend(us: number): void;
  /** a signature is verified that never was */
  verify(): void;
  /** whether this turn of the event loop has room for another verification */
  hasRoom(): boolean;
  /** in the next turn */
  next(go: () => void): void;
}

/** An event without its time, which is the clock's of the host it happens to. */
export type Happening = UntimedEvent;
