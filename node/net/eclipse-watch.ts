// Watching for an eclipse: peers that are there and bring no news, or one that claims what nobody shows (PROTOCOL §4.3).
import type { PeerRef } from "../../src/peer/event.js";

/**
 * - `SILENCE`: peers are connected, and no final entry has come for five times the expected interval
 * - `DISAGREEMENT`: for as long, some peer has claimed entries that no peer shows. One of the two sides lies, or is cut
 *   off; which one cannot be known from here
 */
export type EclipseAlarm = "SILENCE" | "DISAGREEMENT";

export interface Claim {
  readonly ref: PeerRef;
  readonly height: number;
}

const INTERVALS = 5;
/** A peer with little to say for itself is not yet silent: connections have to be made first. */
const LEAST_MS = 5_000;
/** Entries that are made while a claim is on its way. */
const SLACK_ENTRIES = 8;

/** Says what looks wrong. It decides nothing: no peer is believed less, or cut off, for what is noted here. */
export class EclipseWatch {
  private height = -1;
  private newsMs: number;
  /** what a peer claimed that was out of reach, and since when */
  private readonly claims = new Map<PeerRef, { readonly height: number; readonly sinceMs: number }>();
  private readonly limitMs: number;

  /** @param expectedMs between two final entries of an idle market */
  constructor(expectedMs: number, nowMs: number) {
    this.limitMs = Math.max(LEAST_MS, INTERVALS * expectedMs);
    this.newsMs = nowMs;
  }

  /** What is wrong now, by this peer's own height and what the connected ones claim; null: nothing. */
  look(nowMs: number, ownHeight: number, claims: readonly Claim[]): EclipseAlarm | null {
    if (ownHeight > this.height) {
      this.height = ownHeight;
      this.newsMs = nowMs;
    }
    this.note(nowMs, ownHeight, claims);
    if (claims.length === 0) return null; // alone: that is said otherwise
    if (nowMs - this.newsMs >= this.limitMs) return "SILENCE";
    for (const { sinceMs } of this.claims.values())
      if (nowMs - sinceMs >= this.limitMs) return "DISAGREEMENT";
    return null;
  }

  private note(nowMs: number, ownHeight: number, claims: readonly Claim[]): void {
    const present = new Set(claims.map(({ ref }) => ref));
    for (const [ref, { height }] of this.claims) {
      if (!present.has(ref) || height <= ownHeight) this.claims.delete(ref);
    }
    for (const { ref, height } of claims) {
      if (height > ownHeight + SLACK_ENTRIES && !this.claims.has(ref)) {
        this.claims.set(ref, { height, sinceMs: nowMs });
      }
    }
  }
}
