// Pacing: an idle market is quiet, work is done at once, and a term that leads nowhere ends.
import { describe, expect, it } from "vitest";
import { longestIdleMs } from "../../src/quorum/index.js";
import { silent } from "./harness/byzantine.js";
import { violations } from "./harness/checks.js";
import { Cluster } from "./harness/cluster.js";
import { text } from "./harness/keys.js";
import { STEADY_RULES, TIMING } from "./harness/member.js";

const LONGEST_MS = longestIdleMs(TIMING);

const finalEverywhere =
  (cluster: Cluster, op: string, who = cluster.members) =>
  (): boolean =>
    who.every(({ log }) => log.some(({ ops }) => ops.some((one) => Buffer.from(one).toString() === op)));

const leaderOf = (cluster: Cluster): number => {
  const { electorate, term } = cluster.members[0]!.voter!;
  return electorate.leaderOf(term);
};

describe("an idle log", () => {
  for (const size of [1, 4, 7]) {
    it(`of ${size} members grows rare: each wait is twice the one before, up to the longest, and no term is skipped`, () => {
      const cluster = new Cluster(size);
      cluster.start();
      cluster.run(20 * LONGEST_MS);
      const { log, voter } = cluster.members[0]!;
      const times = log.map(({ header }) => header.timeMs);
      const waits = times.slice(1).map((at, i) => at - times[i]!);
      waits.forEach((waitMs, i) => {
        const dueMs = Math.min(TIMING.idleMs * 2 ** (i + 1), LONGEST_MS);
        expect(waitMs, `wait ${i}`).toBeGreaterThanOrEqual(dueMs);
        expect(waitMs, `wait ${i}`).toBeLessThan(dueMs + 2 * TIMING.deltaMs);
      });
      expect(waits.length).toBeGreaterThan(15);
      expect(voter!.term - log.length).toBe(1);
    });
  }

  it("is no outage to the ledger, with as many silent leaders as are borne", () => {
    const cluster = new Cluster(4, { bends: new Map([[1, silent]]) });
    cluster.start();
    cluster.run(40 * LONGEST_MS);
    const times = cluster.members[0]!.log.map(({ header }) => header.timeMs);
    const outageMs = Math.max(10 * TIMING.idleMs, 20 * TIMING.deltaMs);
    expect(times.length).toBeGreaterThan(30);
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeLessThan(outageMs);
  });

  it("has the shortest waits again after work, and its state's root is attested at once", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(10 * LONGEST_MS);
    cluster.submit(text("work"));
    const { log } = cluster.members[0]!;
    cluster.run(1000, finalEverywhere(cluster, "work"));
    const worked = log.at(-1)!.header;
    cluster.run(5 * TIMING.idleMs);
    const [first, second] = log.filter(({ header }) => header.height > worked.height);
    expect(first!.header.execHeight).toBe(worked.height);
    expect(first!.header.timeMs - worked.timeMs).toBeLessThan(TIMING.idleMs + 2 * TIMING.deltaMs);
    expect(second!.header.timeMs - first!.header.timeMs).toBeLessThan(2 * TIMING.idleMs + 2 * TIMING.deltaMs);
  });

  it("is as rare where a member was away: what it loads is enough to know how long leaders idle", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(10 * LONGEST_MS);
    for (const at of [0, 1, 2, 3]) cluster.crash(at);
    for (const at of [0, 1, 2, 3]) cluster.restart(at);
    cluster.run(LONGEST_MS);
    const { term } = cluster.members[0]!.voter!;
    cluster.run(10 * LONGEST_MS);
    expect(cluster.members[0]!.voter!.term - term).toBeLessThanOrEqual(11);
    expect(
      cluster.members.every(({ voter }) => [...voter!.sheets.values()].every((one) => !one.skipCert)),
    ).toBe(true);
  });

  it("is heard: a follower asks only when news is overdue, and statuses are as rare as its entries", () => {
    const cluster = new Cluster(4, { followers: 1 });
    cluster.start();
    cluster.run(10 * LONGEST_MS);
    let asked = 0;
    let statuses = 0;
    const send = cluster.send.bind(cluster);
    cluster.send = (from, all) => {
      asked += from === 4 ? all.filter(({ message }) => message.kind === "getLog").length : 0;
      statuses += all.filter(({ message }) => message.kind === "status").length;
      send(from, all);
    };
    cluster.run(20 * LONGEST_MS);
    expect(asked).toBe(0);
    expect(statuses).toBeLessThanOrEqual(4 * 3 * 11);
    cluster.send = (from, all) =>
      send(
        from,
        all.filter(({ message }) => message.kind !== "final"),
      );
    const before = cluster.members[4]!.log.length;
    cluster.run(2 * LONGEST_MS + 11 * TIMING.idleMs);
    expect(cluster.members[4]!.log.length).toBeGreaterThan(before);
  });

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

  it("is not held up by another that was forwarded before it, and that its sender took back", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(20 * LONGEST_MS, () => cluster.members[0]!.log.length === 12);
    cluster.run(LONGEST_MS, () => leaderOf(cluster) === 1);
    cluster.run(10 * TIMING.deltaMs);
    const send = cluster.send.bind(cluster);
    cluster.send = (from, all) =>
      send(
        from,
        all.filter(({ message }) => from !== 1 || message.kind !== "propose"),
      );
    const others = [0, 2, 3];
    cluster.submit(text("bait"), others);
    cluster.run(TIMING.deltaMs + 5);
    for (const at of others) cluster.members[at]!.ledger.takeBack(text("bait"));
    const sinceMs = cluster.nowMs;
    cluster.submit(text("work"), others);
    const members = others.map((at) => cluster.members[at]!);
    expect(cluster.run(LONGEST_MS, finalEverywhere(cluster, "work", members))).toBe(true);
    expect(cluster.nowMs - sinceMs).toBeLessThan(8 * TIMING.deltaMs);
  });

  it("wakes the log of its longest idle interval: it is final as soon as in a busy market", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(10 * LONGEST_MS);
    cluster.submit(text("now"));
    expect(cluster.run(60, finalEverywhere(cluster, "now"))).toBe(true);
  });

  it("comes in the turn of a leader that has crashed amid a long idle interval, and costs it that turn alone", () => {
    for (let at = 0; at < 4; at++) {
      const cluster = new Cluster(4);
      cluster.start();
      cluster.run(10 * LONGEST_MS);
      const { voter } = cluster.members[0]!;
      const dead = voter!.electorate.leaderOf(voter!.term);
      cluster.run(at * 100);
      cluster.crash(dead);
      cluster.run(100);
      const alive = cluster.members.filter((_, seat) => seat !== dead);
      cluster.submit(
        text("woken"),
        [0, 1, 2, 3].filter((seat) => seat !== dead),
      );
      // It waits for Δ, is forwarded, and the leader has 2Δ to get it and 2Δ to be heard; then the next one leads.
      expect(cluster.run(7 * TIMING.deltaMs, finalEverywhere(cluster, "woken", alive))).toBe(true);
    }
  });

  it("that only its leader knew is not waited for over a long idle interval, when its votes are lost", () => {
    const cluster = new Cluster(4);
    cluster.start();
    cluster.run(10 * LONGEST_MS);
    const { voter } = cluster.members[0]!;
    const leader = voter!.electorate.leaderOf(voter!.term);
    const send = cluster.send.bind(cluster);
    cluster.send = (from, all) =>
      send(
        from,
        all.filter(({ message }) => message.kind !== "vote"),
      );
    cluster.submit(text("half-said"), [leader]);
    cluster.run(2 * TIMING.deltaMs);
    cluster.send = send;
    const waitMs = TIMING.idleMs + 6 * TIMING.deltaMs;
    expect(waitMs).toBeLessThan(LONGEST_MS / 2);
    expect(cluster.run(waitMs, finalEverywhere(cluster, "half-said"))).toBe(true);
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
    const cluster = new Cluster(4, { rules: STEADY_RULES });
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
    const cluster = new Cluster(4, { bends: new Map([[1, silent]]), rules: STEADY_RULES });
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
