// A line's part of the key, where gateways of other owners have the rest: how large it is, and what they lend one another.
import { Exchange, type ExchangeMessage, type Flowed, flowedMost, type Part } from "../../src/quota/index.js";
import type { GatewayClock } from "./clock.js";

/** What flowed off of a part: used for its own, and lent; parts of 1,000 times ms. */
export interface Flow {
  readonly used: number;
  readonly lent: number;
}

/** Tells another gateway something, by its name: it may not arrive. */
export type Tell = (gateway: string, message: ExchangeMessage) => void;

/** Who has the rest of a key. */
export interface SharedOut {
  /** by which others know this gateway */
  readonly self: string;
  /** their parts, of 1,000, by their names */
  readonly others: ReadonlyMap<string, number>;
}

export class LinePart {
  private flowed: readonly Flowed[] = [];
  private exchange: Exchange | null = null;
  private tell: Tell = () => undefined;
  private callOff: () => void = () => undefined;

  constructor(
    private readonly part: Part,
    private readonly clock: GatewayClock,
    /** lets those go that may, and asks here once they have gone */
    private readonly move: () => void,
  ) {}

  /** Another one from now on: of 1,000. */
  set(parts: number): void {
    this.part.set(parts, this.clock.nowMs());
    this.move();
  }

  /** Others have parts of the key, too. */
  share({ self, others }: SharedOut, tell: Tell): void {
    this.tell = tell;
    this.exchange ??= new Exchange(self, this.part);
    this.exchange.hold(others, this.clock.nowMs());
    this.move();
  }

  /** Another gateway says something. */
  hear(gateway: string, message: ExchangeMessage): void {
    this.exchange?.receive(gateway, message, this.clock.nowMs());
    this.move();
  }

  /** The pool has had its turn. @returns whether it is due another at once: something was lent to it */
  turned(): boolean {
    if (this.exchange === null) return false;
    const nowMs = this.clock.nowMs();
    const { send, isTurnDue, wakeAtMs } = this.exchange.step(nowMs);
    for (const { to, message } of send) this.tell(to, message);
    this.callOff();
    if (!isTurnDue && wakeAtMs !== null) this.callOff = this.clock.later(wakeAtMs - nowMs, this.move);
    return isTurnDue;
  }

  /** What has flowed off since it was asked last. */
  flowedSince(): Flow {
    const before = this.flowed;
    this.flowed = this.part.flowed(this.clock.nowMs());
    return flowedMost(before, this.flowed);
  }

  close(): void {
    this.callOff();
  }
}
