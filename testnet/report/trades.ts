// Trades of a run, counted by what became of them, whoever told it.
import { type Hex, toHex } from "../../src/base/index.js";
import { type EndCause, statusOf } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { countsOf } from "./counts.js";

/** Each counts trades over the whole run; a trade is in several, as far as it came. */
export interface TradeCounts {
  /** all that outcomes began */
  readonly due: number;
  /** of which the performer said in time that it had delivered */
  readonly delivered: number;
  /** ended, and the performer was paid the whole price */
  readonly paid: number;
  /** ended, and the whole price returned */
  readonly refunded: number;
  /** ended, and a part of the price was paid and the rest returned */
  readonly split: number;
  readonly disputed: number;
  /** whose performer lost stake: a warning is none */
  readonly slashed: number;
  /** of those that have ended; what none ended by is left out */
  readonly byCause: Readonly<Partial<Record<EndCause, number>>>;
}

export class TradeTally {
  /** by trade: all that it has been */
  private readonly stages = new Map<Hex, Set<string>>();
  private readonly causes = new Map<Hex, EndCause>();

  note(notice: Notice): void {
    if (notice.kind !== "trade") return;
    const { id, state } = notice.trade;
    const stages = this.stages.get(toHex(id)) ?? new Set();
    this.stages.set(toHex(id), stages.add(statusOf(notice.trade)));
    if (state.kind !== "ended") return;
    this.causes.set(toHex(id), state.cause);
    if ((state.penalty?.taken ?? 0n) > 0n) stages.add("slashed");
  }

  counts(): TradeCounts {
    const all = [...this.stages.values()];
    const of = (stage: string): number => all.filter((stages) => stages.has(stage)).length;
    return {
      due: all.length,
      delivered: of("delivered"),
      paid: of("paid"),
      refunded: of("refunded"),
      split: of("split"),
      disputed: of("disputed"),
      slashed: of("slashed"),
      byCause: countsOf([...this.causes.values()]),
    };
  }
}
