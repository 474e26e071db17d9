// Drift: somebody else uses the key. It is told when it begins and when answers agree again, with amounts, and not each time between.
import { type Limit, limitName } from "../../src/quota/index.js";
import type { GatewayClock } from "./clock.js";

/** Told of a limit. `amount`: what somebody else used, since the episode began. */
export interface DriftEvent {
  readonly kind: "drift";
  readonly state: "begun" | "over";
  readonly limit: Limit;
  readonly amount: number;
  /** from when it was seen first to when it was seen last */
  readonly forMs: number;
}

/** What is known of somebody else's use, while it goes on. */
export interface Foreign {
  readonly limit: Limit;
  readonly amount: number;
  readonly forMs: number;
  /** since any of it was seen last */
  readonly quietMs: number;
}

interface Episode {
  readonly limit: Limit;
  readonly sinceMs: number;
  /** when it was last more than nobody */
  lastMs: number;
  amount: number;
  /** of it, what was seen since */
  sliver: number;
  /** of the time since a window passed without: when it began, and what was seen in it */
  stretch: { sinceMs: number; amount: number };
  isTold: boolean;
}

const WHOLE_BP = 10_000;
/** Less than this part of a limit is nobody: answers round, and what broke off may have been counted. */
const NOBODY_BP = 200;
const NOBODY_AT_LEAST = 2;
/** In a window more than this part of a limit matters to its owner. */
const MATTERS_BP = 500;
const MATTERS_AT_LEAST = 3;

/** Between one answer and the next somebody else goes on: so much of what a window has seen of it is left to it. */
const AHEAD_BP = 1_000;

export class Drift {
  private readonly byLimit = new Map<string, Episode>();

  constructor(
    private readonly clock: GatewayClock,
    private readonly told: (event: DriftEvent) => void,
  ) {}

  /** Those that were told and are not over, as far as answers say. */
  get episodes(): readonly Foreign[] {
    const nowMs = this.clock.nowMs();
    return [...this.byLimit.values()]
      .filter(({ isTold }) => isTold)
      .map(({ limit, amount, sinceMs, lastMs }) => ({
        ...{ limit, amount, forMs: lastMs - sinceMs, quietMs: nowMs - lastMs },
      }));
  }

  /** What is left to somebody else of a limit until the next answer tells of it: whole units, 0 while nobody is there. */
  aheadOf(limit: Limit): number {
    const episode = this.byLimit.get(limitName(limit));
    const nowMs = this.clock.nowMs();
    if (episode === undefined || nowMs - episode.lastMs >= limit.windowMs) return 0;
    if (episode.stretch.amount < leastOf(limit, NOBODY_BP, NOBODY_AT_LEAST)) return 0;
    return Math.ceil((aWindow(episode, nowMs) * AHEAD_BP) / WHOLE_BP);
  }

  /** An answer says that somebody else has used so much of a limit, > 0, beside what was known. */
  see(limit: Limit, amount: number): void {
    const nowMs = this.clock.nowMs();
    const episode = this.episodeOf(limit, nowMs);
    if (nowMs - episode.lastMs >= limit.windowMs) episode.stretch = { sinceMs: nowMs, amount: 0 };
    episode.amount += amount;
    episode.stretch.amount += amount;
    episode.sliver += amount;
    if (episode.sliver >= leastOf(limit, NOBODY_BP, NOBODY_AT_LEAST)) {
      episode.lastMs = nowMs;
      episode.sliver = 0;
    }
    if (!episode.isTold && aWindow(episode, nowMs) >= leastOf(limit, MATTERS_BP, MATTERS_AT_LEAST)) {
      episode.isTold = true;
      this.tell("begun", episode);
    }
    // By so little estimates of what runs are wrong: it does not go on for that.
    if (episode.sliver > 0) this.agree(limit);
  }

  /** An answer says that nobody else has used any of it. It is over once a window has passed so: that nothing was asked says nothing. */
  agree(limit: Limit): void {
    const name = limitName(limit);
    const episode = this.byLimit.get(name);
    if (episode === undefined || this.clock.nowMs() - episode.lastMs < limit.windowMs) return;
    this.byLimit.delete(name);
    if (episode.isTold) this.tell("over", episode);
  }

  private episodeOf(limit: Limit, nowMs: number): Episode {
    const name = limitName(limit);
    const known = this.byLimit.get(name);
    // What mattered to nobody is forgotten with its window; what was told goes on until answers say otherwise.
    if (known?.isTold === true || (known !== undefined && nowMs - known.lastMs < limit.windowMs))
      return known;
    const stretch = { sinceMs: nowMs, amount: 0 };
    const episode = { limit, sinceMs: nowMs, lastMs: nowMs, amount: 0, sliver: 0, stretch, isTold: false };
    this.byLimit.set(name, episode);
    return episode;
  }

  private tell(state: DriftEvent["state"], { limit, amount, sinceMs, lastMs }: Episode): void {
    this.told({ kind: "drift", state, limit, amount, forMs: lastMs - sinceMs });
  }
}

/** What a window sees of it. */
const aWindow = ({ limit, stretch }: Episode, nowMs: number): number =>
  stretch.amount / Math.max(1, (nowMs - stretch.sinceMs) / limit.windowMs);

const leastOf = ({ limit }: Limit, bp: number, atLeast: number): number =>
  Math.max(atLeast, Math.ceil((limit * bp) / WHOLE_BP));
