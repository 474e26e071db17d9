// Whatever an honest leader packs of any story counts for every judge, whoever pays by then and whatever was passed over in between.
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { idleAmong, type Operation, operationId, packEntry } from "../../src/market/index.js";
import { Story, stories } from "./story.js";
import { judgeEvidence } from "./world.js";

const sized = (ops: readonly Operation[]) => ops.map((operation) => ({ operation, size: 300 }));
const idOf = (op: Operation): string => toHex(operationId(op));

it("packs nothing that is idle for a judge in any later state", () => {
  const numRuns = Number(process.env.PACKING_RUNS ?? 60);
  let packed = 0;
  const lags = fc.integer({ min: 0, max: 4 });
  fc.assert(
    fc.property(stories, lags, fc.integer({ min: 1, max: 25 }), (all, lag, cut) => {
      const [entries, later] = [all.slice(0, -cut), all.slice(-cut)];
      const whole = new Story();
      const lived = entries.map((entry) => whole.live(entry).ops);
      const waiting = whole.operationsOf(later.slice(0, 3).flatMap(({ wishes }) => wishes));
      const timeMs = whole.world.timeMs + 40;
      // The leader has executed all but the last entries, and the judges one more each.
      const behind = new Story();
      const from = entries.length - lag;
      for (const [i, entry] of entries.slice(0, from).entries()) behind.again(lived[i]!, entry);
      const { ledger, height: execHeight } = behind.world;
      const [flight, inLog] = [lived.slice(from), new Set(lived.slice(from).flat().map(idOf))];
      const upon = (at: number) => ({
        ...{ timeMs, executedMs: behind.world.timeMs, judgeEvidence },
        inFlight: flight.slice(at).flat(),
      });
      const limits = { maxOps: 2000, maxBytes: 1 << 20, ...upon(0) };
      const fresh = waiting.filter((op) => !inLog.has(idOf(op)));
      const chosen = packEntry(sized(fresh), ledger, limits);
      packed += chosen.length;
      for (let at = 0; at <= lag; at++) {
        expect(idleAmong(ledger, chosen, { ...upon(at), execHeight }).operations).toBe(0);
        if (at < lag) behind.again(flight[at]!, entries[from + at]!);
      }
    }),
    { numRuns, endOnFailure: true },
  );
  expect(packed).toBeGreaterThan(5 * numRuns);
});
