// The outbox: an own operation is carried to others until an entry holds it, and no longer.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { encodeOperation, operationId, selfProving, signOperation } from "../../src/market/index.js";
import { Effects } from "../../src/peer/effects.js";
import { OPERATION_PREFIX } from "../../src/peer/index.js";
import { Outbox } from "../../src/peer/outbox.js";
import { longestIdleMs } from "../../src/quorum/index.js";
import { Cluster, FUNDS, type Host, idOf, keyOf, operationsIn } from "./cluster.js";

const gift = { kind: "transfer", from: idOf("ann"), to: idOf("bob"), amount: 7n } as const;
const every = 2 * 400;

/** Times at which a host handed its operations to others directly, and to how many each time. */
function repetitions(host: Host): [atMs: number, copies: number][] {
  return host.steps.flatMap(({ event, ready }) => {
    const copies = ready.send.filter((one) => one.to === "anyone" && one.message.kind === "op").length;
    return copies > 0 ? [[event.nowMs, copies] as [number, number]] : [];
  });
}

describe("outbox", () => {
  it("gossips at once, then hands the operation to F+1 peers after 2Δ, 4Δ, …, until an entry holds it", () => {
    const cluster = new Cluster({ agents: [["bob"], [], [], [], ["ann"]], seats: 4 });
    const ann = cluster.host(4);
    let isCut = true;
    cluster.loses = (from, _, carriesOperation) => isCut && from === ann && carriesOperation;
    const fromMs = cluster.nowMs;
    const result = cluster.command(ann, gift);
    expect(ann.steps.at(-1)!.ready.send.filter((one) => one.to === "topic")).toHaveLength(1);
    cluster.run(3 * every + 10);
    expect(repetitions(ann)).toEqual([1, 3].map((n) => [fromMs + n * every, 2]));
    isCut = false;
    cluster.run(4 * every + 2000);
    expect(cluster.host(0).live.ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 7n);
    const count = repetitions(ann).length;
    cluster.run(5 * every);
    expect(repetitions(ann)).toHaveLength(count);
    expect(ann.live.outbox.wakeAt).toBeNull();
    expect([...ann.rows.keys()].filter((key) => key.startsWith(OPERATION_PREFIX))).toEqual([]);
    expect(result.ok).toBe(true);
  });

  it("an operation that expires leaves mempool, outbox and disk, and its owner is told", () => {
    const cluster = new Cluster({ agents: [["bob"], ["ann"]], seats: 1, params: { maxValidityMs: 4000 } });
    const ann = cluster.host(1);
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    cluster.command(ann, gift);
    cluster.run(1900);
    expect(ann.live.mempool.size).toBe(1);
    // Of an idle log the next entry tells.
    cluster.run(500 + longestIdleMs(cluster.genesis.params));
    expect(ann.live.mempool.size).toBe(0);
    expect(ann.live.outbox.wakeAt).toBeNull();
    expect([...ann.rows.keys()].filter((key) => key.startsWith(OPERATION_PREFIX))).toEqual([]);
    expect(ann.notices.filter(({ kind }) => kind === "operationRefused")).toHaveLength(1);
  });

  it("after a restart own operations are posted again, and those that are of no use are not", () => {
    const cluster = new Cluster({ agents: [["bob"], ["ann"]], seats: 1 });
    const ann = cluster.host(1);
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    const result = cluster.command(ann, gift);
    if (!result.ok || result.operation === null) throw new Error("granted");
    cluster.crash(ann);
    ann.rows.set(`${OPERATION_PREFIX}${"00".repeat(32)}`, Uint8Array.of(1, 2, 3));
    cluster.loses = () => false;
    cluster.restart(ann);
    const start = ann.steps.find(({ event }, i) => i > 0 && event.kind === "start")!;
    expect(operationsIn(start.ready.send).map((op) => toHex(operationId(op)))).toContain(
      toHex(result.operation),
    );
    expect([...ann.rows.keys()].filter((key) => key.startsWith(OPERATION_PREFIX))).toHaveLength(1);
    cluster.run(1000);
    expect(cluster.host(0).live.ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 7n);
  });

  it("signed operations have 16 repetitions in each 2Δ together, each waits twice as long as before, and none is forgotten", () => {
    const network = new Cluster({ agents: [[]] }).host(0).live.ledger.network;
    const authority = { nonce: 0, fee: 1n, validUntilMs: 1_000_000 };
    const outbox = new Outbox(every, 1);
    for (let n = 0; n < 100; n++) {
      const body = { kind: "transfer", to: idOf("bob"), amount: BigInt(n + 1) } as const;
      const op = signOperation(network, authority, body, keyOf("ann"));
      outbox.post(`${n}`, op, encodeOperation(op), 0, new Effects());
    }
    const times = new Map<string, number[]>();
    const perInterval = new Map<number, number>();
    for (let nowMs = 0; nowMs < 100 * every; nowMs = Math.max(nowMs + 1, outbox.wakeAt!)) {
      const effects = new Effects();
      outbox.tick(nowMs, effects);
      for (const one of effects.ready(null).send) {
        if (one.to !== "anyone" || one.message.kind !== "op") continue;
        const name = toHex(one.message.op);
        times.set(name, [...(times.get(name) ?? []), nowMs]);
        const interval = Math.floor(nowMs / every);
        perInterval.set(interval, (perInterval.get(interval) ?? 0) + 1);
      }
    }
    expect(times.size).toBe(100);
    expect(Math.max(...perInterval.values())).toBe(16);
    for (const at of times.values()) {
      expect(at.length).toBeGreaterThanOrEqual(4);
      for (const [i, ms] of at.slice(1).entries()) {
        expect(ms - at[i]!).toBeGreaterThanOrEqual(2 ** Math.min(i + 1, 5) * every);
      }
    }
  });

  it("what proves itself is repeated each 2Δ, however many signed operations wait", () => {
    const network = new Cluster({ agents: [[]] }).host(0).live.ledger.network;
    const outbox = new Outbox(every, 1);
    const authority = { nonce: 0, fee: 1n, validUntilMs: 1_000_000 };
    for (let n = 0; n < 50; n++) {
      const body = { kind: "transfer", to: idOf("bob"), amount: BigInt(n + 1) } as const;
      const op = signOperation(network, authority, body, keyOf("ann"));
      outbox.post(`${n}`, op, encodeOperation(op), 0, new Effects());
    }
    const shown = selfProving(network, { kind: "evidence", evidence: Uint8Array.of(1) });
    const bytes = encodeOperation(shown);
    outbox.post("shown", shown, bytes, 1, new Effects());
    const at: number[] = [];
    for (let nowMs = 1; nowMs < 6 * every; nowMs = Math.max(nowMs + 1, outbox.wakeAt!)) {
      const effects = new Effects();
      outbox.tick(nowMs, effects);
      for (const one of effects.ready(null).send) {
        if (one.to === "anyone" && one.message.kind === "op" && toHex(one.message.op) === toHex(bytes))
          at.push(nowMs);
      }
    }
    expect(at).toEqual([1, 2, 3, 4, 5].map((n) => 1 + n * every));
  });

  it("64 are repeated in one step and the 65th in the next, which is due at once", () => {
    const outbox = new Outbox(every, 1);
    const network = new Cluster({ agents: [[]] }).host(0).live.ledger.network;
    for (let n = 0; n < 65; n++) {
      const op = selfProving(network, { kind: "evidence", evidence: Uint8Array.of(n) });
      outbox.post(`${n}`, op, encodeOperation(op), 0, new Effects());
    }
    const repeatedAt = (nowMs: number) => {
      const effects = new Effects();
      outbox.tick(nowMs, effects);
      return effects.ready(null).send.length;
    };
    expect(repeatedAt(every - 1)).toBe(0);
    expect(repeatedAt(every)).toBe(64);
    expect(outbox.wakeAt).toBe(every);
    expect(repeatedAt(every)).toBe(1);
    expect(repeatedAt(every)).toBe(0);
  });

  it("a great many waiting operations are repeated in turns, each as often as the others", () => {
    const outbox = new Outbox(every, 1);
    const network = new Cluster({ agents: [[]] }).host(0).live.ledger.network;
    const evidence = (n: number) =>
      selfProving(network, { kind: "evidence", evidence: Uint8Array.of(n & 0xff, n >> 8) });
    const sent = new Map<string, number>();
    for (let n = 0; n < 300; n++)
      outbox.post(`${n}`, evidence(n), encodeOperation(evidence(n)), n, new Effects());
    let steps = 0;
    for (let nowMs = 300; nowMs < 10 * every; nowMs = Math.max(nowMs, outbox.wakeAt!)) {
      const effects = new Effects();
      outbox.tick(nowMs, effects);
      const { send } = effects.ready(null);
      expect(send.length).toBeLessThanOrEqual(64);
      steps++;
      for (const one of send) {
        if (one.to !== "anyone" || one.message.kind !== "op") continue;
        const name = toHex(one.message.op);
        sent.set(name, (sent.get(name) ?? 0) + 1);
      }
    }
    expect(sent.size).toBe(300);
    expect(Math.max(...sent.values()) - Math.min(...sent.values())).toBeLessThanOrEqual(1);
    expect(steps).toBeLessThan(300 * 11);
  });
});
