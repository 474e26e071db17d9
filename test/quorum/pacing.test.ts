// Pacing: an idle market is quiet, work is done at once, and a term that leads nowhere ends.
import { describe, expect, it } from "vitest";
import { silent } from "./harness/byzantine.js";
import { violations } from "./harness/checks.js";
import { Cluster } from "./harness/cluster.js";
import { text } from "./harness/keys.js";
import { TIMING } from "./harness/member.js";

const finalEverywhere =
  (cluster: Cluster, op: string, who = cluster.members) =>
  (): boolean =>
    who.every(({ log }) => log.some(({ ops }) => ops.some((one) => Buffer.from(one).toString() === op)));

describe("an idle log", () => {
  for (const size of [1, 4, 7]) {
    it(`of ${size} members makes about one entry per idleMs, and skips none`, () => {
      const cluster = new Cluster(size);
      cluster.start();
      cluster.run(100 * TIMING.idleMs);
      const { log, voter } = cluster.members[0]!;
      expect(log.length).toBeGreaterThan(90);
      expect(log.length).toBeLessThan(105);
      expect(voter!.term - log.length).toBeLessThan(5);
    });
  }

  it("does not copy operations between members that all have them", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(1000);
    const before = cluster.messages;
    cluster.submit(text("one"));
    cluster.run(100);
    expect(finalEverywhere(cluster, "one")()).toBe(true);
    const each = 4 * 3;
    expect(cluster.messages - before).toBeLessThanOrEqual(each * 5);
  });
});

describe("work", () => {
  it("is proposed at once and final within a few network delays", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(1000);
    cluster.submit(text("now"));
    expect(cluster.run(60, finalEverywhere(cluster, "now"))).toBe(true);
  });

  it("that only one member knows reaches the leader, which is not skipped for it", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(1000);
    cluster.submit(text("lonely"), [2]);
    expect(cluster.run(2 * TIMING.idleMs, finalEverywhere(cluster, "lonely"))).toBe(true);
    expect(
      cluster.members.every(({ voter }) => [...voter!.sheets.values()].every((one) => !one.skipCert)),
    ).toBe(true);
  });

  it("withheld by a leader in an idle market costs it its term within 5 delta", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(5000);
    const { voter } = cluster.members[0]!;
    const leader = voter!.electorate.leaderOf(voter!.term);
    cluster.members[leader]!.ledger.pending = () => null;
    cluster.members[leader]!.ledger.collect = () => [];
    const honest = cluster.members.map((_, i) => i).filter((i) => i !== leader);
    const startMs = cluster.nowMs;
    cluster.submit(text("withheld"), honest);
    expect(cluster.run(3000, finalEverywhere(cluster, "withheld"))).toBe(true);
    expect(cluster.nowMs - startMs).toBeLessThan(TIMING.idleMs);
  });

  it("of the clock is done when it is due, not an idle interval later", () => {
    const cluster = new Cluster(4, { timing: { ...TIMING, idleMs: 5000 } });
    cluster.start();
    cluster.run(7000);
    const before = cluster.members[0]!.log.length;
    const dueMs = cluster.nowMs + 300;
    for (const { ledger } of cluster.members) {
      ledger.transitionDueMs = () => (ledger.height === before ? dueMs : null);
    }
    cluster.members.forEach((_, at) => {
      cluster.input(at, { kind: "work" });
    });
    cluster.run(290);
    expect(cluster.members[0]!.log.length).toBe(before);
    expect(cluster.run(150, () => cluster.members[0]!.log.length > before)).toBe(true);
    expect(cluster.members[0]!.log.at(-1)!.header.timeMs).toBeGreaterThanOrEqual(dueMs);
  });
});

describe("time", () => {
  it("clocks 600 ms off at half the members, none faulty: live, and no term is skipped for long", () => {
    const cluster = new Cluster(4);
    cluster.members.forEach((member, i) => {
      member.skewMs = i % 2 === 0 ? 600 : 0;
    });
    cluster.start();
    cluster.run(10_000);
    cluster.submit(text("skewed"));
    expect(cluster.run(5000, finalEverywhere(cluster, "skewed"))).toBe(true);
    expect(cluster.members[0]!.log.length).toBeGreaterThan(8);
  });

  it("of the ledger only rises", () => {
    const cluster = new Cluster(4);
    cluster.members[1]!.skewMs = 10 * 60_000;
    cluster.start();
    cluster.run(20_000);
    const times = cluster.members[0]!.log.map(({ header }) => header.timeMs);
    expect(times.length).toBeGreaterThan(5);
    expect(times.every((at, i) => i === 0 || at > times[i - 1]!)).toBe(true);
    expect(times.at(-1)!).toBeLessThan(cluster.nowMs + TIMING.precisionMs);
  });
});

describe("terms that fail", () => {
  it("a silent leader is skipped at once after a while, every second turn at most", () => {
    const cluster = new Cluster(4, { bends: new Map([[1, silent]]) });
    cluster.start();
    cluster.run(60_000);
    const { log, voter } = cluster.members[0]!;
    // Three of four leaders propose; with each dead turn waited out, there were fewer entries.
    const waited = 60_000 / (3 * TIMING.idleMs + TIMING.idleMs + 2 * TIMING.deltaMs + 3 * TIMING.deltaMs);
    expect(log.length).toBeGreaterThan(3 * waited);
    expect(voter!.heard[1]!.skippedAtOnceIn).toBeGreaterThan(0);
    expect(violations(cluster, [0, 2, 3])).toEqual([]);
  });

  it("200 in a row, then healing: the proposals fit and every member goes on", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(2000);
    // Votes and certificates pass, proposals do not: every term ends in SKIP. One member misses it all.
    cluster.submit(text("meanwhile"));
    cluster.faults.passes = (from, to) => from !== 3 && to !== 3;
    const send = cluster.send.bind(cluster);
    cluster.send = (from, all) =>
      send(
        from,
        all.filter(({ message }) => message.kind !== "propose" && message.kind !== "entry"),
      );
    const startTerm = cluster.members[0]!.voter!.term;
    const skipped = (): boolean => cluster.members[0]!.voter!.term > startTerm + 200;
    expect(cluster.run(1_000_000, skipped)).toBe(true);
    cluster.send = send;
    cluster.faults.passes = () => true;
    cluster.submit(text("healed"));
    expect(cluster.run(60_000, finalEverywhere(cluster, "healed"))).toBe(true);
    const holdsGap = cluster.members.filter(({ log }) => log.some((one) => one.justification.length >= 200));
    expect(holdsGap.length).toBeGreaterThanOrEqual(2);
    expect(cluster.run(30_000, () => new Set(cluster.members.map((m) => m.voter!.term)).size === 1)).toBe(
      true,
    );
    expect(violations(cluster, [0, 1, 2, 3])).toEqual([]);
  });
});
