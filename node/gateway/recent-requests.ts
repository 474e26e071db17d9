// The requests that ended last, by their ids.
import type { Passed } from "./passed.js";

/** A request that is over. */
export interface PastRequest extends Passed {
  /** of the wall clock, ms since 1970 */
  readonly endedMs: number;
}

export class RecentRequests {
  /** in the order in which they ended */
  private readonly kept = new Map<string, PastRequest>();

  /** @param most that are kept, ≥ 1 */
  constructor(private readonly most: number) {}

  add(request: PastRequest): void {
    this.kept.set(request.id, request);
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.most) this.kept.delete(oldest!);
  }

  /** The newest first. */
  newest(count: number): readonly PastRequest[] {
    return [...this.kept.values()].slice(-count).reverse();
  }

  /** Those whose id begins so, at most `limit`. */
  startingWith(prefix: string, limit: number): readonly PastRequest[] {
    const found: PastRequest[] = [];
    for (const [id, request] of this.kept) {
      if (id.startsWith(prefix)) found.push(request);
      if (found.length >= limit) break;
    }
    return found;
  }
}
