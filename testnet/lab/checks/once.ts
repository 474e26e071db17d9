// once: no operation takes effect at two heights, and no auction opens, takes a reveal or settles twice.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { History } from "./history.js";

export function onceWrongs(history: History): readonly string[] {
  const effects = new Map<string, number>();
  const note = (what: string | null, height: number): readonly string[] => {
    if (what === null) return [];
    const before = effects.get(what);
    effects.set(what, height);
    return before === undefined ? [] : [`${what} at heights ${before} and ${height}`];
  };
  return [
    ...history
      .operations()
      .flatMap(({ height, id, isRefused }) =>
        isRefused ? [] : note(`operation ${id.slice(0, 16)} took effect`, height),
      ),
    ...history
      .told()
      .flatMap(({ height, notices }) => notices.flatMap((notice) => note(uniqueEvent(notice), height))),
  ];
}

function uniqueEvent(notice: Notice): string | null {
  const short = (bytes: Uint8Array): Hex => toHex(bytes).slice(0, 16);
  if (notice.kind === "auctionOpened") return `auction ${short(notice.auction)} opened`;
  if (notice.kind === "auctionSettled") return `auction ${short(notice.auction)} settled`;
  if (notice.kind !== "bidRevealed") return null;
  return `bid of ${short(notice.bidder)} in ${short(notice.auction)} revealed`;
}
