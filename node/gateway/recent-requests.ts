// The requests that ended last, by their ids.
import type { Caller } from "./caller.js";
import { whoOf } from "./named/named-agent.js";
import type { Passed } from "./passed.js";

/** A request that is over. */
export interface PastRequest extends Passed {
  /** whose share it drew from */
  readonly share: string;
  /** of the wall clock, ms since 1970 */
  readonly endedMs: number;
}

/** Whether a caller is an agent, or a session of a named one: whoever shows no key is one of `unknown`'s. */
export const isOf = ({ who, agent: named }: Pick<Caller, "who" | "agent">, agent: string): boolean =>
  who === agent || whoOf(named) === agent;

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

  /** The newest first. @param agent that made them, itself or in a session of its; null: any */
  newest(count: number, agent: string | null): readonly PastRequest[] {
    const all = [...this.kept.values()];
    const found = agent === null ? all : all.filter(({ caller }) => isOf(caller, agent));
    return found.slice(Math.max(0, found.length - count)).reverse();
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

  /** How long each agent's requests waited, whole ms. */
  waitsByAgent(): ReadonlyMap<string, readonly number[]> {
    const waits = new Map<string, number[]>();
    for (const { caller, waitedMs } of this.kept.values()) {
      const own = waits.get(caller.who);
      if (own === undefined) waits.set(caller.who, [waitedMs]);
      else own.push(waitedMs);
    }
    return waits;
  }
}
