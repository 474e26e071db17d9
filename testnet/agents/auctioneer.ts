// The auctioneer: keeps a bounded number of the sellers' auctions going, one after another, for so many rounds.
import { setTimeout } from "node:timers/promises";
import { Accident } from "../../node/accident.js";
import { type AuctionId, DEFAULT_FORMAT, FORMATS, type FormatName } from "../../src/market/index.js";

/** One seller, and the way to know that one of its auctions is over. */
export interface Stall {
  /** null: refused */
  openNext(): Promise<AuctionId | null>;
  /** Whether the auction ended in time. */
  ended(auction: AuctionId): Promise<boolean>;
}

export interface Rhythm {
  /** auctions to open in all; null: for ever */
  readonly rounds: number | null;
  /** auctions that run at once: at least 1 */
  readonly atOnce: number;
  /** rest after each auction, in ms */
  readonly pauseMs: number;
  /** formats that a seller's offers take in turn; absent: the default one */
  readonly formats?: readonly FormatName[];
}

/** What a testnet for people shows: one winner, and several. */
export const DEMO_FORMATS: readonly FormatName[] = [
  DEFAULT_FORMAT,
  ...(Object.keys(FORMATS) as FormatName[]).filter((name) => FORMATS[name].isDivisible),
];

/** How long a seller rests whose peer refused it, and how often in a row a finite run bears that. */
const REFUSED_PAUSE_MS = 500;
const MAX_REFUSALS = 20;

export class Auctioneer {
  private readonly stopping = new AbortController();
  private taken = 0;
  private refusals = 0;

  constructor(
    private readonly stalls: readonly Stall[],
    private readonly rhythm: Rhythm,
    private readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown> = pauseFor,
  ) {}

  /**
   * Resolves when all rounds are over, or after `stop`.
   * @returns the ids of the auctions that did not end in time
   * @throws Accident SELLERS_REFUSED when so many rounds cannot be had
   */
  async run(): Promise<readonly AuctionId[]> {
    const late: AuctionId[] = [];
    if (this.stalls.length > 0) {
      await Promise.all(Array.from({ length: this.rhythm.atOnce }, () => this.work(late)));
    }
    return late;
  }

  /** Opens nothing more. */
  stop(): void {
    this.stopping.abort();
  }

  private async work(late: AuctionId[]): Promise<void> {
    const { rounds, pauseMs } = this.rhythm;
    while (!this.stopping.signal.aborted && (rounds === null || this.taken < rounds)) {
      const stall = this.stalls[this.taken % this.stalls.length]!;
      this.taken++;
      const auction = await stall.openNext();
      if (auction === null) {
        this.taken--;
        if (++this.refusals > MAX_REFUSALS && rounds !== null) throw refusedForGood();
        await this.rest(REFUSED_PAUSE_MS);
        continue;
      }
      this.refusals = 0;
      if (!(await stall.ended(auction))) late.push(auction);
      await this.rest(pauseMs);
    }
  }

  private async rest(ms: number): Promise<void> {
    if (ms > 0) await this.pause(ms, this.stopping.signal);
  }
}

/** Rests until `signal` at the latest. */
const pauseFor = (ms: number, signal: AbortSignal): Promise<unknown> =>
  setTimeout(ms, undefined, { signal }).catch(() => undefined);

const refusedForGood = (): Accident =>
  new Accident(
    "SELLERS_REFUSED",
    "could not open the auctions of this run",
    `sellers were refused ${MAX_REFUSALS} times in a row`,
    "look into the testnet's log",
  );
