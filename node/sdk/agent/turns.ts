// One thing after the other, and each waits once: whoever reads events never waits for what they set going.

export class Turns {
  /** by what it is about */
  private readonly waiting = new Map<string, () => Promise<void>>();
  private isRunning = false;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** Does this in its turn. What waits already under the same name is done once. */
  add(name: string, work: () => Promise<void>): void {
    if (!this.waiting.has(name)) this.waiting.set(name, work);
    if (!this.isRunning) void this.run();
  }

  clear(): void {
    this.waiting.clear();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (const [name, work] of this.waiting) {
      this.waiting.delete(name);
      await work().catch(this.onError);
    }
    this.isRunning = false;
  }
}
