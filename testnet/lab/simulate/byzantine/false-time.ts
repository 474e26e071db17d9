// Leaders whose entries carry another time: a little off, as far as others bear, or an hour ahead.
import type { Propose } from "../../../../src/quorum/index.js";
import { rewriting } from "./rewrite.js";
import { nothing, type Strategy } from "./strategy.js";

const HOUR_MS = 3_600_000;

export const falseTime: Strategy = (forger, random) => {
  const shifts = [forger.deltaMs / 4, forger.deltaMs, 2_000, HOUR_MS, -forger.deltaMs, -2_000];

  function shifted(own: Propose): Propose {
    const { header, ops } = own.entry;
    const after = own.parentHeader === null ? 0 : own.parentHeader.timeMs + 1;
    const timeMs = Math.max(after, Math.floor(header.timeMs + random.pick(shifts)));
    return timeMs === header.timeMs ? own : forger.propose({ ...header, timeMs }, ops, own);
  }

  return { speak: rewriting(forger, shifted), hear: nothing };
};
