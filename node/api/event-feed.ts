// The stream of a peer's events: read forward from any id, told when something was pruned.
import type { ApiEvent, EventBody } from "../contract/index.js";

export interface EventBatch {
  /** with ids above the one asked for, ascending */
  readonly events: readonly ApiEvent[];
  /** ids that were asked for and are no longer held */
  readonly gap: { readonly from: number; readonly to: number } | null;
}

/** Pulled, not pushed: a slow listener costs a cursor, never a queue. */
export interface EventFeed {
  /** the id of the newest event; where nothing happened yet, the id before the first */
  newestId(): number;
  read(afterId: number, limit: number): Promise<EventBatch>;
  /** Calls `listener` after each event; returns how to stop that. */
  onAppend(listener: () => void): () => void;
}

/**
 * A feed held in memory, bounded by `capacity`. Ids begin at the process's start in microseconds, so that
 * they grow over restarts too: a listener that resumes after one is told of the gap.
 */
export class RecentEvents implements EventFeed {
  readonly #capacity: number;
  readonly #listeners = new Set<() => void>();
  #events: ApiEvent[] = [];
  #nextId: number;

  constructor(startedAtMs: number, capacity: number) {
    this.#capacity = capacity;
    this.#nextId = startedAtMs * 1000;
  }

  append(body: EventBody): ApiEvent {
    const event = { id: this.#nextId++, ...body } as ApiEvent;
    this.#events.push(event);
    // Cut in halves, not one by one: shifting an array costs its length.
    if (this.#events.length >= 2 * this.#capacity) this.#events = this.#events.slice(-this.#capacity);
    for (const listener of this.#listeners) listener();
    return event;
  }

  newestId(): number {
    return this.#nextId - 1;
  }

  async read(afterId: number, limit: number): Promise<EventBatch> {
    const oldest = this.#nextId - this.#events.length;
    const first = Math.max(afterId + 1, oldest);
    const events = this.#events.slice(first - oldest, first - oldest + limit);
    return { events, gap: afterId + 1 < oldest ? { from: afterId + 1, to: oldest - 1 } : null };
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
