// Judgements: which messages are being judged, who hears of the verdict, and what is remembered of those that were judged.
import { ACCEPT, ignore, reject, type Settle, type Verdict } from "./gate-port.js";
import { SEEN_IDS, SEEN_MS } from "./limits.js";
import { RecentMap } from "./recent-map.js";

/**
 * What is remembered of an id. Nothing is known before it is kept, or is of no use for ever: a memory that came earlier
 * would turn away every repetition of what was lost, and repetition is its only repair (ADR 0032).
 */
export type Memory = "known" | "rejected";

interface Judgement {
  /** whether a copy came by gossip: then gossip forwards it */
  isGossiped: boolean;
  readonly waiting: Settle[];
}

/** Copies of one message that hear of its verdict; further ones are duplicates. */
const MAX_COPIES = 64;

export class Judgements {
  private readonly seen: RecentMap<Memory | "accepted elsewhere">;
  private readonly open = new Map<string, Judgement>();

  constructor(steadyMs: () => number) {
    this.seen = new RecentMap(SEEN_IDS, SEEN_MS, steadyMs);
  }

  remember(id: string): void {
    this.seen.set(id, "known");
  }

  forget(id: string): void {
    this.seen.delete(id);
  }

  begin(id: string, isGossiped: boolean, settle: Settle): void {
    this.open.set(id, { isGossiped, waiting: [settle] });
  }

  /** Whether an id needs no judgement of its own: settled by memory, or joined to the copy under judgement. */
  join(id: string, isGossiped: boolean, isPending: boolean, settle: Settle): boolean {
    const current = this.open.get(id);
    if (current !== undefined) {
      const isFirst = isGossiped && !current.isGossiped;
      // Gossip passes it on with its first copy, and not with each.
      const told = isGossiped && !isFirst ? asCopy(settle) : settle;
      current.isGossiped ||= isGossiped;
      if (isPending && !isFirst) {
        // It waits for up to a minute, and each copy would be held as long: of each operation many are made for nothing.
        settle(isGossiped ? ignore("DUPLICATE") : { kind: "pend", code: "PENDING" });
        return true;
      }
      if (isPending) settle({ kind: "pend", code: "PENDING" });
      if (current.waiting.length < MAX_COPIES) current.waiting.push(told);
      else settle(ignore("DUPLICATE"));
      return true;
    }
    const memory = this.seen.get(id);
    if (memory === undefined) return false;
    if (memory === "accepted elsewhere" && isGossiped) {
      this.seen.set(id, "known");
      settle(ACCEPT); // delivered already, but gossip has still to forward it
    } else settle(memory === "rejected" ? reject("KNOWN_BAD") : ignore("DUPLICATE"));
    return true;
  }

  /** Says something of a message whose verdict is still to come. */
  tell(id: string, verdict: Verdict): void {
    for (const settle of this.open.get(id)?.waiting ?? []) settle(verdict);
  }

  /** Ends a judgement. Without a memory the id may come again: nothing was learned about it (steps 5 and 7). */
  conclude(id: string, verdict: Verdict, memory: Memory | null): void {
    const { isGossiped, waiting } = this.open.get(id) ?? { isGossiped: true, waiting: [] };
    this.open.delete(id);
    if (memory === null) this.seen.delete(id);
    else this.seen.set(id, verdict.kind === "accept" && !isGossiped ? "accepted elsewhere" : memory);
    for (const settle of waiting) settle(verdict);
  }
}

const asCopy =
  (settle: Settle): Settle =>
  (verdict) =>
    settle(verdict.kind === "accept" ? ignore("DUPLICATE") : verdict);
