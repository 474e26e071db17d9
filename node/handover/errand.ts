// One part that is on its way here, or one word that it can be asked for: tried until it is done or nobody wants it.
export interface ErrandPort {
  /** of the machine, in ms */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** resolves when it may have a place among those that move */
  readonly turn: () => Promise<() => void>;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** What one try came to: `done`, or why not. */
export type Attempt = () => Promise<"done" | { readonly trouble: string }>;

export class Errand {
  private readonly ending = new AbortController();
  private waking = new AbortController();
  private pauseMs = FIRST_PAUSE_MS;
  private hasBegun = false;
  trouble: string | null = null;
  isMoving = false;

  constructor(
    private readonly attempt: Attempt,
    private readonly port: ErrandPort,
    /** tries before it is given up; absent: as long as it is wanted */
    private readonly mostTries = Number.POSITIVE_INFINITY,
  ) {}

  /** Begins, once. */
  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    void this.run();
  }

  /** There is reason to try at once. */
  wake(): void {
    this.pauseMs = FIRST_PAUSE_MS;
    this.waking.abort();
  }

  /** What came further than before is not in trouble. */
  wentOn(): void {
    this.pauseMs = FIRST_PAUSE_MS;
    this.trouble = null;
  }

  /** It is tried no more; a try that is under way ends by itself. */
  end(): void {
    this.ending.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    for (let tries = 0; tries < this.mostTries && !signal.aborted; tries++) {
      this.waking = new AbortController();
      const leave = await this.port.turn();
      this.isMoving = true;
      const result = signal.aborted ? "done" : await this.attempt();
      this.isMoving = false;
      leave();
      if (result === "done" || signal.aborted) return;
      this.trouble = result.trouble;
      await this.port.pause(this.pauseMs, AbortSignal.any([signal, this.waking.signal]));
      this.pauseMs = this.waking.signal.aborted
        ? FIRST_PAUSE_MS
        : Math.min(LONGEST_PAUSE_MS, 2 * this.pauseMs);
    }
  }
}
