// After a refusal nobody begins before its pause is over, and then one until it is answered.
import { Broken } from "./law.js";
import type { Scene } from "./scene.js";

export class HerdLaw {
  private pausedUntilMs = 0;
  private isProbing = false;

  constructor(private readonly scene: Scene) {}

  refused(retryMs: number | null): void {
    const { nowMs, rules } = this.scene;
    this.pausedUntilMs = Math.max(this.pausedUntilMs, nowMs + (retryMs ?? rules.congestion.pauseMs));
    this.isProbing = true;
  }

  answered(): void {
    this.isProbing = false;
  }

  restarted(): void {
    this.pausedUntilMs = 0;
    this.isProbing = false;
  }

  /** To be told once who is begun runs. */
  begun(): void {
    const { nowMs, running, rules } = this.scene;
    if (nowMs < this.pausedUntilMs) throw new Broken("herd", "begun in a pause");
    const width = this.isProbing ? 1 : rules.congestion.most;
    if (running.size > width) throw new Broken("herd", `${running.size} run of ${width}`);
  }
}
