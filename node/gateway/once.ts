// Something that happens once: what an `AbortSignal` tells, at a tenth of what that costs a request.

export class Once {
  /** who waits for it; null: it has happened */
  private waiting: Set<() => void> | null = new Set();

  get hasHappened(): boolean {
    return this.waiting === null;
  }

  /** Calls back when it happens, at once if it has. @returns forgets who waits */
  when(run: () => void): () => void {
    const { waiting } = this;
    if (waiting === null) run();
    else waiting.add(run);
    return () => void waiting?.delete(run);
  }

  /** It happens: those who wait are told in the order in which they came. */
  happen(): void {
    const { waiting } = this;
    this.waiting = null;
    for (const run of waiting ?? []) run();
  }
}
