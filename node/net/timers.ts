// The timers of a network, which end with it: what is still to be done then is left undone.
export class Timers {
  private readonly running = new Set<NodeJS.Timeout>();
  private stopped = false;

  readonly later = (ms: number, work: () => void): void => {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.running.delete(timer);
      work();
    }, ms);
    this.running.add(timer);
  };

  /** Resolves after so long; not at all once the network has ended. */
  readonly pause = (ms: number): Promise<void> => new Promise((resolve) => this.later(ms, resolve));

  stop(): void {
    this.stopped = true;
    for (const timer of this.running) clearTimeout(timer);
  }
}
