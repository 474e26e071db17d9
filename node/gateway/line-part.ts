// A line's part of the key, where gateways of other owners have the rest.
import { type Flowed, flowedMost, type Part } from "../../src/quota/index.js";
import type { GatewayClock } from "./clock.js";

/** What flowed off of a part: used for its own, and lent; parts of 1,000 times ms. */
export interface Flow {
  readonly used: number;
  readonly lent: number;
}

export class LinePart {
  private flowed: readonly Flowed[] = [];

  constructor(
    private readonly part: Part,
    private readonly clock: GatewayClock,
    /** lets those go that may */
    private readonly move: () => void,
  ) {}

  /** Another one from now on: of 1,000. */
  set(parts: number): void {
    this.part.set(parts, this.clock.nowMs());
    this.move();
  }

  /** What has flowed off since it was asked last. */
  flowedSince(): Flow {
    const before = this.flowed;
    this.flowed = this.part.flowed(this.clock.nowMs());
    return flowedMost(before, this.flowed);
  }
}
