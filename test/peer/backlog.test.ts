// A backlog that the log cannot take soon turns further wishes away; a short one, or a quick log, turns none away.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeOperation, type Operation, signOperation } from "../../src/market/index.js";
import { Backlog } from "../../src/peer/backlog.js";
import { Cluster, FEE, FUNDS, idOf, keyOf } from "./cluster.js";

const operation = (kind: "transfer" | "cancel" | "reveal"): Operation =>
  ({
    authority: kind === "reveal" ? null : { from: idOf("ann"), nonce: 0, fee: 0n, validUntilMs: 0 },
    body: { kind },
  }) as unknown as Operation;
const waiting = (count: number, standing = count) => ({ waiting: count, standing: () => standing });
const took = (...entries: readonly (readonly [timeMs: number, count: number])[]): Backlog => {
  const backlog = new Backlog();
  for (const [timeMs, count] of entries) {
    backlog.note(
      timeMs,
      Array.from({ length: count }, () => operation("transfer")),
    );
  }
  return backlog;
};

describe("a backlog", () => {
  it("is refused from 1,000 waiting on that would take more than 10 s at the pace of the last 10", () => {
    const backlog = took([20_000, 500], [25_000, 500]);
    expect(backlog.refusal(waiting(1000), "bulk", 26_000)).toBeNull();
    expect(backlog.refusal(waiting(1001), "bulk", 26_000)).toEqual({
      code: "BUSY",
      detail: { waiting: 1001, waitMs: 10_010 },
    });
    expect(backlog.refusal(waiting(1000), "bulk", 29_999)).toBeNull();
    const later = { code: "BUSY", detail: { waiting: 1000, waitMs: 20_000 } };
    expect(backlog.refusal(waiting(1000), "bulk", 30_000), "the first is too old to count").toEqual(later);
    expect(took([20_000, 500], [30_000, 500]).refusal(waiting(1000), "bulk", 29_000), "forgotten").toEqual(
      later,
    );
  });

  it("of fewer is none, even where the log stands still", () => {
    expect(new Backlog().refusal(waiting(999), "bulk", 0)).toBeNull();
    const still = { code: "BUSY", detail: { waiting: 1000, waitMs: null } };
    expect(new Backlog().refusal(waiting(1000), "bulk", 0)).toEqual(still);
  });

  it("of a lane is measured by that lane alone, and what proves itself is of none", () => {
    const backlog = new Backlog();
    const mixed = Array.from({ length: 2000 }, (_, i) => operation(i < 500 ? "transfer" : "reveal"));
    backlog.note(1000, mixed);
    expect(backlog.refusal(waiting(1000), "bulk", 1000)?.detail.waitMs).toBe(20_000);
    expect(backlog.refusal(waiting(1000), "critical", 1000)?.detail.waitMs).toBeNull();
  });

  it("is what could stand in an entry, counted anew each second and with each thousand more", () => {
    const backlog = new Backlog();
    expect(backlog.refusal(waiting(4000, 999), "bulk", 0)).toBeNull();
    expect(backlog.refusal(waiting(4000, 4000), "bulk", 999)).toBeNull();
    expect(backlog.refusal(waiting(4001, 0), "bulk", 999), "what came since counts").toMatchObject({
      detail: { waiting: 1000 },
    });
    expect(backlog.refusal(waiting(4999, 999), "bulk", 999)).not.toBeNull();
    expect(backlog.refusal(waiting(5000, 999), "bulk", 999), "as many as make a backlog").toBeNull();
    expect(backlog.refusal(waiting(4001, 999), "bulk", 1999)).toBeNull();
    expect(backlog.refusal(waiting(1000), "critical", 1000), "each lane by itself").not.toBeNull();
  });

  it("grows no faster than the log takes, whatever comes", () => {
    const second = fc.record({ wishes: fc.nat({ max: 4000 }), pace: fc.nat({ max: 800 }) });
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 60 }), (seconds) => {
        const backlog = new Backlog();
        let waits = 0;
        for (const [i, { wishes, pace }] of seconds.entries()) {
          const nowMs = (i + 1) * 1000;
          for (let wish = 0; wish < wishes; wish++) {
            if (backlog.refusal(waiting(waits), "bulk", nowMs) === null) waits++;
          }
          const taken = Math.min(waits, pace);
          waits -= taken;
          backlog.note(
            nowMs,
            Array.from({ length: taken }, () => operation("transfer")),
          );
          // 10 s at 800 a second, or what is no backlog at any pace.
          expect(waits).toBeLessThanOrEqual(8000);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("a peer with a backlog", () => {
  it("turns away own wishes and operations signed elsewhere, keeps nothing of them, and takes them when it is gone", () => {
    const names = Array.from({ length: 16 }, (_, i) => `n${i}`);
    const cluster = new Cluster({ agents: [names, [], [], []], funded: ["far"] });
    const host = cluster.host(0);
    const { live } = host;
    const transfer = (name: string) =>
      ({ kind: "transfer", from: idOf(name), to: idOf("far"), amount: 5n, fee: 100_000n }) as const;
    cluster.loses = () => true;
    for (let i = 0; i < 1000; i++) {
      expect(cluster.command(host, transfer(names[i % 16]!))).toMatchObject({ ok: true });
    }
    const busy = { ok: false, refusal: { code: "BUSY", detail: { waiting: 1000, waitMs: null } } };
    const authority = { nonce: 0, fee: 100_000n, validUntilMs: cluster.nowMs + 60_000 };
    const body = { kind: "transfer", to: idOf("n0"), amount: 5n } as const;
    const bytes = encodeOperation(signOperation(live.ledger.network, authority, body, keyOf("far")));
    const wishes = [transfer("n0"), { kind: "submit", bytes }] as const;
    for (const wish of wishes) expect(cluster.command(host, wish)).toEqual(busy);
    expect(live.mempool.size).toBe(1000);
    cluster.loses = () => false;
    expect(cluster.run(60_000, () => live.mempool.size === 0)).toBe(true);
    for (const wish of wishes) expect(cluster.command(host, wish)).toMatchObject({ ok: true });
  });

  it.each<[string, (nonce: number) => { nonce: number; amount: bigint }]>([
    ["behind a gap", (at) => ({ nonce: at + 1, amount: 1n })],
    ["that funds do not cover", (at) => ({ nonce: at, amount: FUNDS - 2n * FEE })],
  ])("grants wishes whatever others stock %s", (_, made) => {
    const names = Array.from({ length: 17 }, (_, i) => `n${i}`);
    const cluster = new Cluster({ agents: [["ann"], [], [], []], funded: [...names, "far"] });
    const host = cluster.host(0);
    const { network } = host.live.ledger;
    cluster.loses = () => true;
    for (let at = 0; at < 63; at++) {
      for (const name of names) {
        const { nonce, amount } = made(at);
        const authority = { nonce, fee: FEE, validUntilMs: cluster.nowMs + 60_000 };
        const body = { kind: "transfer", to: idOf("far"), amount } as const;
        const bytes = encodeOperation(signOperation(network, authority, body, keyOf(name)));
        expect(cluster.handOver(host, bytes)).toBe("ACCEPTED");
      }
      cluster.run(200);
    }
    expect(host.live.mempool.waitingIn("bulk")).toBe(17 * 63);
    const wish = { kind: "transfer", from: idOf("ann"), to: idOf("far"), amount: 5n } as const;
    expect(cluster.command(host, wish)).toMatchObject({ ok: true });
  });
});
