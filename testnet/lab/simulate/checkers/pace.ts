// pace: where nobody wants anything, honest leaders wait for longer and longer, up to the longest interval (spec/log#Y9).
import { type Hex, toHex } from "../../../../src/base/index.js";
import type { Notice } from "../../../../src/peer/ready.js";
import { HONEST_RULES, type Timing } from "../../../../src/quorum/index.js";
import type { Checker, Trial } from "./checker.js";

interface Quiet {
  readonly atMs: number;
  /** how long an honest leader idles before it; 0 for a liar */
  readonly waitMs: number;
}

/** Consecutive quiet entries that are judged together. */
const STREAK = 12;
/** Entries after one with operations, or after an auction, that may still be on its account. */
const ECHO = 5;

/** @param isHonestSeat of a seat in the quorum */
export function paceChecker(trial: Trial, timing: Timing, isHonestSeat: (seat: number) => boolean): Checker {
  const running = new Set<Hex>();
  let isCalm = false;
  let height = 0;
  let term = 0;
  let empty = 0;
  let echo = 0;
  let streak: Quiet[] = [];

  function followAuctions(notice: Notice): void {
    if (notice.kind === "auctionOpened") running.add(toHex(notice.auction));
    const isOver =
      notice.kind === "auctionPhase" && ["done", "unsold", "void", "cancelled"].includes(notice.phase);
    if (notice.kind === "auctionSettled" || isOver) running.delete(toHex(notice.auction));
  }

  /** Half of the waits will do: an entry that forgets old rows has its root attested sooner. */
  function judge(): void {
    const spanMs = trial.nowMs() - streak[0]!.atMs;
    const waitsMs = streak.slice(1).reduce((sum, { waitMs }) => sum + waitMs, 0);
    if (spanMs >= waitsMs / 2 - 4 * timing.deltaMs) return;
    trial.report(
      "pace",
      `${STREAK} empty entries in ${Math.round(spanMs)} ms, and their leaders idle for ${waitsMs} ms`,
    );
  }

  /** How long an honest leader of this entry has idled: after a skipped term for the shortest interval. */
  function waitMsOf(notice: Extract<Notice, { kind: "entry" }>): number {
    if (!isHonestSeat(notice.leader)) return 0;
    return HONEST_RULES.idleIntervalMs(notice.term === term + 1 ? empty : 0, timing);
  }

  return {
    healed: () => {
      isCalm = true;
    },
    noticed(host, notice) {
      if (!trial.isHonest(host)) return;
      followAuctions(notice);
      if (notice.kind !== "entry" || notice.height <= height) return;
      height = notice.height;
      const waitMs = waitMsOf(notice);
      term = notice.term;
      empty = notice.operations > 0 ? 0 : empty + 1;
      echo = notice.operations > 0 || running.size > 0 ? ECHO : Math.max(0, echo - 1);
      if (!isCalm || echo > 0) streak = [];
      else streak.push({ atMs: trial.nowMs(), waitMs });
      if (streak.length < STREAK) return;
      judge();
      streak = [];
    },
  };
}
