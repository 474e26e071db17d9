// Whether the upstream answers at all: its owner is told once that it does not, and once that it does again (spec/gateway#G27).
import type { GatewayClock } from "./clock.js";

export type OutageEvent =
  /** attempts in a row are not answered. `why`: the last one's word for it */
  | { readonly kind: "unanswered"; readonly why: string }
  | { readonly kind: "answers"; readonly forMs: number };

/** So many attempts in a row: as often as one request is sent. One alone may have met a connection that was just closed. */
const IN_A_ROW = 3;
/** Between two episodes that are told. */
const QUIET_MS = 600_000;

export class OutageWatch {
  private inARow = 0;
  private sinceMs = 0;
  private isTold = false;
  private quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: GatewayClock,
    private readonly told: (event: OutageEvent) => void,
  ) {}

  /** How an attempt ended. @param status of its answer; null: there was none @param broken why not */
  heard({ status, broken }: { readonly status: number | null; readonly broken: string | null }): void {
    if (status !== null) this.answered();
    else if (broken !== null) this.unanswered(broken);
  }

  private unanswered(why: string): void {
    const nowMs = this.clock.nowMs();
    if (this.inARow === 0) this.sinceMs = nowMs;
    this.inARow += 1;
    if (this.isTold || this.inARow < IN_A_ROW || nowMs < this.quietUntilMs) return;
    this.isTold = true;
    this.quietUntilMs = nowMs + QUIET_MS;
    this.told({ kind: "unanswered", why });
  }

  private answered(): void {
    const { isTold } = this;
    this.inARow = 0;
    this.isTold = false;
    if (isTold) this.told({ kind: "answers", forMs: this.clock.nowMs() - this.sinceMs });
  }
}
