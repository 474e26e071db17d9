// A leader that fills its entries with what nobody pays for gets none of them into the log (spec/log#R3, ADR 0050).
import { describe, expect, it } from "vitest";
import { TOTALS } from "../../src/ledger/index.js";
import { encodeOperation, selfProving } from "../../src/market/index.js";
import { LOG_PREFIX } from "../../src/peer/index.js";
import type { EntryRoom } from "../../src/quorum/index.js";
import { Cluster, type Host } from "./cluster.js";

const bytesOnDisk = ({ rows }: Host): number =>
  [...rows].reduce((sum, [key, value]) => (key.startsWith(LOG_PREFIX) ? sum + value.length : sum), 0);

/** Ten seconds among four, of whom one leads entries of a MiB of evidence that convicts nobody. */
function livedWithALiar(mayCarry: (() => boolean) | null) {
  const world = new Cluster({ agents: [["ann"], ["ben"], [], []] });
  world.run(1000);
  if (mayCarry !== null) {
    for (const { live } of world.hosts) {
      const { config } = live.voter;
      (config as { rules: unknown }).rules = { ...config.rules, mayCarry };
    }
  }
  const { ledger, voter } = world.host(3).live;
  let made = 0;
  Object.assign(voter.config.application, {
    pending: () => ({ count: 2000, bytes: 1_000_000, oldestSeenMs: 0 }),
    collect: (_: unknown, { maxOps, maxBytes }: EntryRoom) => {
      const ops: Uint8Array[] = [];
      for (let size = 0; ; ) {
        const evidence = new Uint8Array(60_000);
        new DataView(evidence.buffer).setUint32(0, made++);
        const op = encodeOperation(selfProving(ledger.network, { kind: "evidence", evidence }));
        size += op.length;
        if (ops.length >= maxOps || size > maxBytes) return ops;
        ops.push(op);
      }
    },
  });
  const at = world.host(0);
  const before = { height: at.live.tip.height, bytes: bytesOnDisk(at) };
  world.run(10_000);
  expect(made).toBeGreaterThan(0);
  expect(at.live.halted).toBeNull();
  expect(at.live.ledger.one(TOTALS).burned).toBe(0n);
  return { heights: at.live.tip.height - before.height, bytes: bytesOnDisk(at) - before.bytes };
}

describe("entries that nobody pays for", () => {
  it("never come to stand in the log, and the log goes on", () => {
    const { heights, bytes } = livedWithALiar(null);
    expect(heights).toBeGreaterThan(3);
    expect(bytes).toBeLessThan(heights * 2048);
  });

  it("would stand there without the rule", () => {
    const { bytes } = livedWithALiar(() => true);
    expect(bytes).toBeGreaterThan(2 * 1024 * 1024);
  });
});
