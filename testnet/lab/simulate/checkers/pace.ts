// pace: where nobody wants anything, honest leaders make about one entry per idleMs (R1).
import { type Hex, toHex } from "../../../../src/base/index.js";
import type { Notice } from "../../../../src/peer/ready.js";
import type { Timing } from "../../../../src/quorum/index.js";
import type { Checker, Trial } from "./checker.js";

interface Quiet {
  readonly atMs: number;
  readonly byHonest: boolean;
}

/** Consecutive quiet entries that are judged together. */
const STREAK = 12;
/** Entries after one with operations, or after an auction, that may still be on its account. */
const ECHO = 5;

/** @param isHonestSeat of a seat in the quorum */
export function paceChecker(
  trial: Trial,
  { idleMs, deltaMs }: Timing,
  isHonestSeat: (seat: number) => boolean,
): Checker {
  const running = new Set<Hex>();
  let isCalm = false;
  let height = 0;
  let echo = 0;
  let streak: Quiet[] = [];

  function followAuctions(notice: Notice): void {
    if (notice.kind === "auctionOpened") running.add(toHex(notice.auction));
    const isOver =
      notice.kind === "auctionPhase" && ["done", "unsold", "void", "cancelled"].includes(notice.phase);
    if (notice.kind === "auctionSettled" || isOver) running.delete(toHex(notice.auction));
  }

  function judge(): void {
    const first = streak[0]!;
    const spanMs = trial.nowMs() - first.atMs;
    const honest = streak.slice(1).filter((one) => one.byHonest).length;
    if (spanMs >= (honest * idleMs) / 2 - 4 * deltaMs) return;
    trial.report("pace", `${STREAK} empty entries in ${Math.round(spanMs)} ms, and idleMs is ${idleMs}`);
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
      echo = notice.operations > 0 || running.size > 0 ? ECHO : Math.max(0, echo - 1);
      if (!isCalm || echo > 0) streak = [];
      else streak.push({ atMs: trial.nowMs(), byHonest: isHonestSeat(notice.leader) });
      if (streak.length < STREAK) return;
      judge();
      streak = [];
    },
  };
}
