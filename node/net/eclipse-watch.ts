// Watching for an eclipse: peers that are there and bring no news (spec/network#V6).

/** `SILENCE`: peers are connected, and no final entry has come for three of the longest intervals, 15 s at least. */
export type EclipseAlarm = "SILENCE";

const INTERVALS = 3;
/** A busy machine pauses for longer than a few short intervals, and whoever was just met has to be asked first. */
const LEAST_MS = 15_000;

/**
 * Says what looks wrong. It decides nothing: no peer is believed less, or cut off, for what is noted here. What counts
 * is what this peer has made final itself; a peer that catches up hears news, however far behind it is.
 */
export class EclipseWatch {
  private height = -1;
  /** since when there could have been news: the last entry, or the first peer after being alone */
  private newsMs: number;
  private readonly limitMs: number;

  /** @param expectedMs the longest time between two final entries of an idle market */
  constructor(expectedMs: number, nowMs: number) {
    this.limitMs = Math.max(LEAST_MS, INTERVALS * expectedMs);
    this.newsMs = nowMs;
  }

  /** What is wrong now, by this peer's own height and how many peers are connected; null: nothing. */
  look(nowMs: number, ownHeight: number, peers: number): EclipseAlarm | null {
    if (ownHeight > this.height || peers === 0) this.newsMs = nowMs; // alone: that is said otherwise
    this.height = Math.max(this.height, ownHeight);
    return nowMs - this.newsMs >= this.limitMs ? "SILENCE" : null;
  }
}
