// once: no operation takes effect at two heights, and no auction opens, takes a reveal or settles twice.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";

export function onceChecker(trial: Trial, chronicle: Chronicle): Checker {
  return {
    ended() {
      const effects = new Map<string, number>();
      const note = (what: string | null, height: number): void => {
        if (what === null) return;
        const before = effects.get(what);
        if (before !== undefined) trial.report("once", `${what} at heights ${before} and ${height}`);
        effects.set(what, height);
      };
      for (const { height, id, isRefused } of chronicle.operations()) {
        if (!isRefused) note(`operation ${id.slice(0, 16)} took effect`, height);
      }
      for (const { height, notices } of chronicle.told()) {
        for (const notice of notices) note(uniqueEvent(notice), height);
      }
    },
  };
}

function uniqueEvent(notice: Notice): string | null {
  const short = (bytes: Uint8Array): Hex => toHex(bytes).slice(0, 16);
  if (notice.kind === "auctionOpened") return `auction ${short(notice.auction)} opened`;
  if (notice.kind === "auctionSettled") return `auction ${short(notice.auction)} settled`;
  if (notice.kind !== "bidRevealed") return null;
  return `bid of ${short(notice.bidder)} in ${short(notice.auction)} revealed`;
}
