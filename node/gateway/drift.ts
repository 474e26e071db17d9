// Drift: somebody else uses the key. It is told when it begins and when it is over, with amounts, and not each time between.
import type { Limit } from "../../src/quota/index.js";
import type { GatewayClock } from "./clock.js";

/** Told of a limit. `amount`: what somebody else used, since the episode began. */
export interface DriftEvent {
  readonly kind: "drift";
  readonly state: "begun" | "over";
  readonly limit: Limit;
  readonly amount: number;
  /** how long it lasts already, or has lasted */
  readonly forMs: number;
}

interface Episode {
  readonly limit: Limit;
  readonly sinceMs: number;
  lastMs: number;
  amount: number;
  isTold: boolean;
  callOff: () => void;
}

/** Less than this part of a limit, in a window, is nobody: answers round, and what broke off may have been counted. */
const NOBODY_BP = 200;
const NOBODY_AT_LEAST = 2;
const WHOLE_BP = 10_000;

/** Between one answer and the next somebody else goes on: so much of what a window has seen of it is taken for used already. */
const AHEAD_BP = 1_000;

export class Drift {
  private readonly byLimit = new Map<string, Episode>();

  constructor(
    private readonly clock: GatewayClock,
    private readonly told: (event: DriftEvent) => void,
  ) {}

  /** Those that were told and are not over. */
  get episodes(): readonly { readonly limit: Limit; readonly amount: number; readonly forMs: number }[] {
    const nowMs = this.clock.nowMs();
    return [...this.byLimit.values()]
      .filter(({ isTold }) => isTold)
      .map(({ limit, amount, sinceMs }) => ({ limit, amount, forMs: nowMs - sinceMs }));
  }

  /** What somebody else may use of a limit before the next answer tells of it: whole units, 0 while nobody is there. */
  aheadOf(limit: Limit): number {
    const episode = this.byLimit.get(nameOf(limit));
    if (episode?.isTold !== true) return 0;
    const windows = Math.max(1, (this.clock.nowMs() - episode.sinceMs) / limit.windowMs);
    return Math.ceil((episode.amount * AHEAD_BP) / windows / WHOLE_BP);
  }

  /** Somebody else has used so much of a limit. */
  see(limit: Limit, amount: number): void {
    const name = nameOf(limit);
    const nowMs = this.clock.nowMs();
    const episode = this.byLimit.get(name) ?? {
      ...{ limit, sinceMs: nowMs, lastMs: nowMs, amount: 0, isTold: false },
      callOff: () => undefined,
    };
    this.byLimit.set(name, episode);
    episode.amount += amount;
    episode.lastMs = nowMs;
    const least = Math.max(NOBODY_AT_LEAST, Math.ceil((limit.limit * NOBODY_BP) / WHOLE_BP));
    if (!episode.isTold && episode.amount >= least) {
      episode.isTold = true;
      this.tell("begun", episode);
    }
    // It is over once a window has passed in which nobody used anything.
    episode.callOff();
    episode.callOff = this.clock.later(limit.windowMs, () => {
      this.byLimit.delete(name);
      if (episode.isTold) this.tell("over", episode);
    });
  }

  close(): void {
    for (const { callOff } of this.byLimit.values()) callOff();
    this.byLimit.clear();
  }

  private tell(state: DriftEvent["state"], { limit, amount, sinceMs, lastMs }: Episode): void {
    this.told({ kind: "drift", state, limit, amount, forMs: lastMs - sinceMs });
  }
}

const nameOf = ({ dimension, windowMs }: Limit): string => `${dimension}/${windowMs}`;
