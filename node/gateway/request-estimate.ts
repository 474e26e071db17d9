// What one request is estimated to use, and what its answers teach its caller's estimates.
import type { Estimator, Outline, Trail, Use } from "../../src/quota/index.js";
import type { Attempted } from "./attempt.js";
import type { Wish } from "./dialect.js";
import type { Line } from "./line.js";

export class RequestEstimate {
  /** by the upstream, for a limit */
  private isRefused = false;

  /**
   * @param bytes of its body, as it came @param trail null: nothing of it is taken for cached
   * @param fixed what it is taken to use; null: it is estimated
   */
  constructor(
    private readonly estimator: Estimator,
    private readonly bytes: number,
    private readonly wish: Pick<Wish, "maxOutput" | "isDeferred">,
    private readonly trail: Trail | null,
    private readonly fixed: Use | null,
  ) {}

  /**
   * In the line in which it waits or would. What a cache may have is no reason to refuse it: it waits for all the room there is,
   * until the upstream has refused it once.
   */
  useIn(line: Line, nowMs: number): Use {
    if (this.fixed !== null) return this.fixed;
    const use = this.estimator.estimate(this.outlineIn(line), nowMs);
    return this.trail === null || this.isRefused ? use : line.clipped(use);
  }

  /** With its whole prompt, as if no cache had anything of it: what money is judged by. */
  wholeIn(line: Line, nowMs: number): Use {
    return this.fixed ?? this.estimator.estimate({ ...this.outlineIn(line), trail: null }, nowMs);
  }

  /** For the estimates of what comes next. */
  learn(line: Line, { failure, broken, spent, prompt }: Attempted, sentMs: number): void {
    if (this.fixed !== null || this.wish.isDeferred === true) return;
    const outline = this.outlineIn(line);
    if (failure?.kind === "limit") {
      this.isRefused = true;
      this.estimator.refused(outline);
    }
    if (failure !== null || broken !== null || spent === null || prompt === null) return;
    this.estimator.learn(outline, { used: spent.used, ...prompt, sentMs });
  }

  private outlineIn({ isMostCounted }: Line): Outline {
    return { bytes: this.bytes, maxOutput: this.wish.maxOutput, isMostCounted, trail: this.trail };
  }
}
