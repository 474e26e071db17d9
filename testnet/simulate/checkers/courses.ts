// The entries that opened an auction, closed its commits and ended it, by what honest peers told.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Chronicle } from "./chronicle.js";

/** Heights; absent: that has not come, or nobody could tell of it. */
export interface Course {
  open?: number;
  reveal?: number;
  ended?: number;
}

export function coursesOf(chronicle: Chronicle): ReadonlyMap<Hex, Course> {
  const courses = new Map<Hex, Course>();
  const courseOf = (auction: Uint8Array): Course => {
    const id = toHex(auction);
    const known = courses.get(id) ?? {};
    courses.set(id, known);
    return known;
  };
  for (const { height, notices } of chronicle.told()) {
    for (const notice of notices) {
      if (notice.kind === "auctionSettled") courseOf(notice.auction).ended = height;
      else if (notice.kind === "auctionPhase" && (notice.phase === "open" || notice.phase === "reveal"))
        courseOf(notice.auction)[notice.phase] = height;
    }
  }
  return courses;
}
