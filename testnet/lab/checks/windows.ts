// When the windows of auctions closed, reckoned anew from what the headers of the log say (spec/auctions#phases, ADR 0029).
import type { Bytes } from "../../../src/base/index.js";
import type { Course } from "./auctions.js";

/** What one entry's header says of time and of its leader. */
export interface LoggedStep {
  readonly height: number;
  readonly timeMs: number;
  readonly leader: number;
  readonly execHeight: number;
}

/** A finalised entry: what its header says, and its operations' bytes. */
export interface LoggedEntry extends LoggedStep {
  readonly ops: readonly Bytes[];
}

export interface Pace {
  /** ledger time of genesis */
  readonly genesisMs: number;
  /** a longer gap between two entries is an outage */
  readonly outageMs: number;
  /** F */
  readonly tolerance: number;
}

/** So many outages may follow upon each other; a new one may for each so many limits of time without one. */
const IN_A_ROW = 4;
const REST_LIMITS = 10;

export class Windows {
  /** by height: the gap before this entry, if it is an outage; else 0 */
  private readonly outages: readonly number[];

  /** @param steps the entries from height 1 on, without a gap */
  constructor(
    private readonly steps: readonly LoggedStep[],
    private readonly pace: Pace,
  ) {
    this.outages = outagesIn(steps, pace);
  }

  /** How much of the log is known: what lies beyond is not to be asked for. */
  get height(): number {
    return this.steps.length;
  }

  timeMs(height: number): number {
    return height === 0 ? this.pace.genesisMs : this.steps[height - 1]!.timeMs;
  }

  /** The entries between two others. */
  between(from: number, to: number): readonly LoggedStep[] {
    return this.steps.slice(from, to - 1);
  }

  /** All outages up to this entry, in ms. */
  outagesMs(height: number): number {
    return this.outages.slice(0, height + 1).reduce((sum, gapMs) => sum + gapMs, 0);
  }

  /**
   * Ledger time at which a window of so many ms closes that began with one entry, as it stands at another: an outage
   * moves what lies ahead of it, and leaves what has come.
   */
  closeMs(began: number, lengthMs: number, seenAt: number): number {
    let closeMs = this.timeMs(began) + lengthMs;
    for (let height = began + 1; height <= seenAt; height++) {
      if (closeMs > this.timeMs(height - 1)) closeMs += this.outages[height]!;
    }
    return closeMs;
  }

  /**
   * The entry with which F+1 different leaders have known what another entry did, below `before`; null: there is none.
   * A leader has known it if it says that it has executed it, and not merely what its parent had executed.
   */
  knownAt(what: number, before: number): number | null {
    const leaders = new Set<number>();
    for (let height = what + 1; height < before; height++) {
      const { leader, execHeight } = this.steps[height - 1]!;
      if (execHeight < what || execHeight <= this.executedBy(height - 1)) continue;
      if (leaders.add(leader).size > this.pace.tolerance) return height;
    }
    return null;
  }

  /** Ledger time at which the window of a REVEAL that has ended closes; null: the log does not tell. */
  revealCloseMs({ reveal, ended }: Course, lengthMs: number): number | null {
    if (reveal === undefined || ended === undefined || ended > this.height) return null;
    const began = this.knownAt(reveal, ended);
    return began === null ? null : this.closeMs(began, lengthMs, ended);
  }

  private executedBy(height: number): number {
    return height === 0 ? 0 : this.steps[height - 1]!.execHeight;
  }
}

/** Rest is owed for each outage, and paid off by time without one; beyond that of four, a gap is time like any other. */
function outagesIn(steps: readonly LoggedStep[], { genesisMs, outageMs }: Pace): readonly number[] {
  const outages = [0];
  let owedMs = 0;
  let beforeMs = genesisMs;
  for (const { timeMs } of steps) {
    const gapMs = timeMs - beforeMs;
    const isOutage = gapMs > outageMs && owedMs <= (IN_A_ROW - 1) * REST_LIMITS * outageMs;
    outages.push(isOutage ? gapMs : 0);
    owedMs = isOutage ? owedMs + REST_LIMITS * outageMs : Math.max(0, owedMs - gapMs);
    beforeMs = timeMs;
  }
  return outages;
}
