// The tally of a run: what became of each auction and how long it took, as the seller's own peer saw it.
import { type Hex, toHex } from "../../src/base/index.js";
import { FORMATS, type FormatName } from "../../src/market/index.js";
import type { Refusal } from "../../src/peer/event.js";
import type { Notice } from "../../src/peer/ready.js";
import { unitsWanted } from "../agents/bidder.js";
import type { Decision, Journal, Wish } from "../agents/journal.js";
import { countsOf } from "./counts.js";
import { efficiencyOf, type ValuedAuction } from "./efficiency.js";
import { TradeTally } from "./trades.js";

/** How one auction of a demo seller went. */
interface Course {
  /** the seller's peer, whose notices count */
  readonly home: number;
  readonly format: FormatName;
  /** for all units */
  readonly reserve: bigint;
  readonly units: number;
  readonly wanted: number;
  readonly openedAtMs: number;
  committed: number;
  revealed: number;
  lastPhase: string;
  settledAtMs: number | null;
  awards: ValuedAuction["awards"];
}

export class Tally implements Journal {
  readonly decisions: Decision[] = [];
  readonly trades = new TradeTally();
  private readonly courses = new Map<Hex, Course>();
  private refusedBids = 0;

  /** @param homeOf the peer that holds a seller's key; null: not a demo agent's */
  constructor(private readonly homeOf: (creator: Hex) => number | null) {}

  decided(decision: Decision): void {
    this.decisions.push(decision);
  }

  refused(_agent: string, wish: Wish, _refusal: Refusal): void {
    if (wish === "bid") this.refusedBids++;
  }

  /** Looks at a notice of peer `peer`, seen at `atMs`. */
  note(peer: number, notice: Notice, atMs: number): void {
    this.trades.note(notice);
    if (!("auction" in notice)) return;
    const auction = toHex(notice.auction);
    if (notice.kind === "auctionOpened" && this.homeOf(toHex(notice.creator)) === peer) {
      this.courses.set(auction, newCourse(peer, notice, atMs));
    }
    const course = this.courses.get(auction);
    if (course === undefined || course.home !== peer) return;
    if (notice.kind === "auctionPhase") course.lastPhase = notice.phase;
    if (notice.kind === "bidCommitted") course.committed++;
    if (notice.kind === "bidRevealed") course.revealed++;
    if (notice.kind === "auctionSettled") {
      course.settledAtMs = atMs;
      course.awards = notice.awards.map(({ bidder, units }) => ({ bidder: toHex(bidder), units }));
    }
  }

  auctions(): {
    opened: number;
    settled: number;
    unsold: number;
    failed: number;
    byFormat: Record<string, number>;
  } {
    const all = [...this.courses.values()];
    const ended = all.filter(({ settledAtMs, lastPhase }) => settledAtMs !== null && lastPhase !== "void");
    const settled = ended.filter(({ awards }) => awards.length > 0).length;
    return {
      opened: all.length,
      settled,
      unsold: ended.length - settled,
      failed: all.length - ended.length,
      byFormat: countsOf(all.map(({ format }) => format)),
    };
  }

  /** @param refusedInLog commits that an entry included and every peer refused */
  bids(refusedInLog: number): { committed: number; revealed: number; withheld: number; rejected: number } {
    const all = [...this.courses.values()];
    const sum = (of: (course: Course) => number): number =>
      all.reduce((total, course) => total + of(course), 0);
    return {
      committed: sum(({ committed }) => committed),
      revealed: sum(({ revealed }) => revealed),
      withheld: sum(({ committed, revealed, settledAtMs }) =>
        settledAtMs === null ? 0 : committed - revealed,
      ),
      rejected: this.refusedBids + refusedInLog,
    };
  }

  /** Creation final → settlement final, for each auction that settled. */
  settleMs(): readonly number[] {
    return [...this.courses.values()].flatMap(({ openedAtMs, settledAtMs }) =>
      settledAtMs === null ? [] : [settledAtMs - openedAtMs],
    );
  }

  efficiency(): number | null {
    const values = new Map<Hex, Map<Hex, bigint>>();
    for (const { auction, bidder, value } of this.decisions) {
      const known = values.get(auction) ?? new Map<Hex, bigint>();
      values.set(auction, known.set(bidder, value));
    }
    const valued = [...this.courses].flatMap(
      ([auction, { awards, units, wanted, reserve, settledAtMs }]): ValuedAuction[] =>
        settledAtMs === null
          ? []
          : [{ awards, units, wanted, reserve, values: values.get(auction) ?? new Map() }],
    );
    return efficiencyOf(valued);
  }
}

const newCourse = (
  home: number,
  { format, lot, reserve }: Extract<Notice, { readonly kind: "auctionOpened" }>,
  openedAtMs: number,
): Course => ({
  home,
  format,
  units: lot.units,
  wanted: unitsWanted({ format: { kind: format }, lot }) ?? lot.units,
  reserve: FORMATS[format].isDivisible ? reserve * BigInt(lot.units) : reserve,
  openedAtMs,
  committed: 0,
  revealed: 0,
  lastPhase: "scheduled",
  settledAtMs: null,
  awards: [],
});
