// Memory: what a member does when its guard, its rows, or both tell of another past than it had.
import { describe, expect, it } from "vitest";
import { openGuard, openVoter, sealGuard, viewAmnesia } from "../../src/quorum/index.js";
import { reconcile } from "../../src/quorum/start/guard.js";
import { violations } from "./harness/checks.js";
import { Cluster } from "./harness/cluster.js";
import { testHash, text } from "./harness/keys.js";
import type { CrashPoint } from "./harness/member.js";

const instance = testHash("instance").slice(0, 16);
const mark = { type: "ack", epoch: 0, term: 4, entryId: testHash("e") } as const;

function running(size: number): Cluster {
  const cluster = new Cluster(size);
  cluster.start();
  cluster.run(100);
  cluster.submit(text("first"));
  cluster.run(3000);
  return cluster;
}

const standing = (cluster: Cluster, at: number) => cluster.members[at]!.voter?.standing;
const everywhere = (cluster: Cluster, op: string) => (): boolean =>
  cluster.members.every(({ log }) =>
    log.some(({ ops }) => ops.some((one) => Buffer.from(one).toString() === op)),
  );
const everyone = (cluster: Cluster): number[] => cluster.members.map((_, i) => i);

describe("the guard record", () => {
  it("reads back what was written, and nothing else", () => {
    const record = { voteSeq: 7, instance, marks: [mark] };
    const bytes = sealGuard(record);
    expect(openGuard(bytes)).toEqual(record);
    for (let i = 0; i < bytes.length; i++) {
      const torn = bytes.slice();
      torn[i]! ^= 0x40;
      expect(openGuard(torn)).toBeNull();
      expect(openGuard(bytes.slice(0, i))).toBeNull();
    }
    expect(openGuard(null)).toBeNull();
  });

  it("agrees with the rows, is one batch ahead, or means amnesia", () => {
    const guard = { voteSeq: 7, instance, marks: [mark] };
    expect(reconcile(guard, 7)).toEqual({ kind: "complete" });
    expect(reconcile(guard, 6)).toEqual({ kind: "restore", marks: [mark] });
    for (const seq of [5, 8, 0, null]) expect(reconcile(guard, seq)).toEqual({ kind: "amnesia" });
    const first = { voteSeq: 0, instance, marks: [] };
    expect(reconcile(first, null)).toEqual({ kind: "restore", marks: [] });
    expect(reconcile({ ...first, voteSeq: 1 }, null)).toEqual({ kind: "amnesia" });
    expect(reconcile(null, 3)).toEqual({ kind: "amnesia" });
    expect(reconcile(null, 0)).toEqual({ kind: "amnesia" });
    expect(reconcile(null, null)).toEqual({ kind: "amnesia" });
  });
});

describe("an empty store", () => {
  it("is a beginning only if the caller says so and nothing is left of an earlier one", () => {
    const cluster = new Cluster(4);
    const member = cluster.members[0]!;
    const guard = sealGuard({ voteSeq: 1, instance, marks: [] });
    expect(openVoter(member.config(), [], null, [], true).standing).toBe("voting");
    expect(openVoter(member.config(), [], null, [], false).standing).toBe("amnesia");
    expect(openVoter(member.config(), [], guard, [], true).standing).toBe("amnesia");
  });

  it("of a peer without a seat is no loss", () => {
    const cluster = new Cluster(4, { followers: 1 });
    const { voter } = cluster.members[4]!;
    expect(voter?.standing).toBe("following");
    cluster.restart(4);
    expect(standing(cluster, 4)).toBe("following");
  });
});

describe("a member whose store was lost", () => {
  it("signs nothing until the others have told it where they stand, then takes part again", () => {
    const cluster = running(4);
    const lost = cluster.members[2]!;
    lost.rows.clear();
    lost.guard = null;
    cluster.faults.passes = (from, to) => from !== 2 && to !== 2;
    const before = cluster.said[2]!.size;
    cluster.restart(2);
    cluster.run(5000);
    expect(standing(cluster, 2)).toBe("amnesia");
    expect(cluster.said[2]!.size).toBe(before);
    cluster.faults.passes = () => true;
    expect(cluster.run(3000, () => standing(cluster, 2) === "voting")).toBe(true);
    const { barrierTerm, term } = lost.voter!;
    expect(barrierTerm).toBeGreaterThanOrEqual(term);
    cluster.submit(text("second"));
    expect(cluster.run(5000, everywhere(cluster, "second"))).toBe(true);
    expect(cluster.run(20_000, () => cluster.said[2]!.size > before)).toBe(true);
    expect(violations(cluster, everyone(cluster))).toEqual([]);
  });

  it("knows since when, over restarts too, and who has told it where it stood", () => {
    const cluster = running(4);
    cluster.members[1]!.rows.clear();
    cluster.faults.passes = (from, to) => from !== 2 && to !== 2;
    cluster.restart(1);
    const since = viewAmnesia(cluster.members[1]!.voter!)?.sinceMs;
    cluster.run(3000);
    expect(viewAmnesia(cluster.members[1]!.voter!)).toEqual({
      sinceMs: since,
      answered: [0, 3],
      power: 2,
      others: 3,
      needed: 3,
    });
    cluster.restart(1);
    expect(viewAmnesia(cluster.members[1]!.voter!)).toMatchObject({ sinceMs: since, answered: [] });
    cluster.faults.passes = () => true;
    expect(cluster.run(3000, () => standing(cluster, 1) === "voting")).toBe(true);
    expect(viewAmnesia(cluster.members[1]!.voter!)).toBeNull();
  });

  it("stays silent over a restart in the middle of its amnesia", () => {
    const cluster = running(4);
    cluster.members[1]!.rows.clear();
    cluster.faults.passes = () => false;
    cluster.restart(1);
    cluster.run(1000);
    cluster.restart(1);
    cluster.run(1000);
    expect(standing(cluster, 1)).toBe("amnesia");
  });

  it("is not released by another member in amnesia", () => {
    const cluster = running(4);
    for (const at of [1, 2]) {
      cluster.members[at]!.rows.clear();
      cluster.members[at]!.guard = null;
      cluster.restart(at);
    }
    cluster.run(5000);
    expect([standing(cluster, 1), standing(cluster, 2)]).toEqual(["amnesia", "amnesia"]);
    cluster.input(1, { kind: "overrideAmnesia" });
    expect(cluster.run(5000, () => standing(cluster, 2) === "voting")).toBe(true);
  });

  for (const size of [1, 2]) {
    it(`needs an operator's word where ${size} cannot release it, and the log goes on`, () => {
      const cluster = running(size);
      const lost = cluster.members[0]!;
      lost.rows.clear();
      lost.guard = null;
      cluster.restart(0);
      cluster.run(3000);
      expect(standing(cluster, 0)).toBe("amnesia");
      cluster.input(0, { kind: "overrideAmnesia" });
      expect(standing(cluster, 0)).toBe("voting");
      cluster.submit(text("second"));
      expect(cluster.run(20_000, everywhere(cluster, "second"))).toBe(true);
      cluster.restart(0);
      expect(standing(cluster, 0)).toBe("voting");
    });
  }
});

describe("a member whose disk went back in time", () => {
  it("by one batch counts what the guard tells as said, and contradicts none of it", () => {
    const cluster = running(4);
    const member = cluster.members[3]!;
    for (let i = 0; i < 40; i++) {
      const rows = new Map(member.rows);
      const log = [...member.log];
      const guard = member.guard;
      cluster.run(37);
      const isOneBehind = guard !== member.guard && seqOf(rows) + 1 === openGuard(member.guard)!.voteSeq;
      if (!isOneBehind) continue;
      member.rows = rows;
      member.log = log;
      cluster.restart(3);
      expect(standing(cluster, 3)).not.toBe("amnesia");
    }
    cluster.submit(text("second"));
    expect(cluster.run(10_000, everywhere(cluster, "second"))).toBe(true);
    expect(violations(cluster, everyone(cluster))).toEqual([]);
  });

  it("by more than one is in amnesia", () => {
    const cluster = running(4);
    const member = cluster.members[3]!;
    const rows = new Map(member.rows);
    const log = [...member.log];
    cluster.run(4000);
    member.rows = rows;
    member.log = log;
    cluster.restart(3);
    expect(standing(cluster, 3)).toBe("amnesia");
  });

  it("together with its guard is told so by the others, and then signs nothing it cannot", () => {
    const cluster = running(4);
    const member = cluster.members[3]!;
    const rows = new Map(member.rows);
    const log = [...member.log];
    const { guard } = member;
    cluster.submit(text("meanwhile"));
    cluster.run(4000);
    // The others still hold this member's later words above its old floor.
    member.rows = rows;
    member.log = log;
    member.guard = guard;
    let entered = false;
    cluster.restart(3);
    cluster.run(2000, () => {
      entered ||= standing(cluster, 3) === "amnesia";
      return false;
    });
    expect(entered).toBe(true);
    cluster.submit(text("second"));
    expect(cluster.run(20_000, everywhere(cluster, "second"))).toBe(true);
    expect(violations(cluster, everyone(cluster))).toEqual([]);
  });

  it("with one own vote damaged is in amnesia, with a damaged certificate is not", () => {
    const cluster = running(4);
    const member = cluster.members[0]!;
    const damage = (prefix: string): void => {
      const key = [...member.rows.keys()]
        .filter((one) => one.startsWith(prefix))
        .sort()
        .at(-1)!;
      member.rows.set(key, member.rows.get(key)!.slice(1));
    };
    damage("quorum/cert/");
    cluster.restart(0);
    expect(standing(cluster, 0)).toBe("querying");
    damage("quorum/own/");
    cluster.restart(0);
    expect(standing(cluster, 0)).toBe("amnesia");
  });
});

const seqOf = (rows: ReadonlyMap<string, Uint8Array>): number =>
  rows.get("quorum/seq")!.reduce((_, b) => b, 0);

describe("kill -9 of all members at once (R13)", () => {
  const points: readonly CrashPoint[] = ["beforeGuard", "afterGuard", "afterBatch"];
  for (const size of [1, 2, 3, 4]) {
    for (const point of points) {
      it(`of ${size}, ${point}: they go on by themselves`, () => {
        for (let seed = 1; seed <= 10; seed++) {
          const cluster = new Cluster(size, { seed });
          cluster.start();
          cluster.run(200 + 37 * seed);
          cluster.submit(text("before"));
          for (const member of cluster.members) member.crashNext = point;
          cluster.run(3000);
          for (const at of everyone(cluster)) cluster.restart(at);
          cluster.submit(text("after"));
          expect(cluster.run(30_000, everywhere(cluster, "after")), `seed ${seed}`).toBe(true);
          expect(violations(cluster, everyone(cluster))).toEqual([]);
        }
      });
    }
  }

  for (const size of [1, 4]) {
    for (const point of ["afterGuard", "afterBatch"] as const) {
      it(`of ${size} in the first batch of their lives, ${point}: nothing was signed, so nothing was lost`, () => {
        const cluster = new Cluster(size);
        for (const member of cluster.members) member.crashNext = point;
        cluster.start();
        expect(cluster.members.every(({ voter }) => voter === null)).toBe(true);
        for (const at of everyone(cluster)) cluster.restart(at);
        expect(everyone(cluster).map((at) => standing(cluster, at))).not.toContain("amnesia");
        cluster.submit(text("after"));
        expect(cluster.run(30_000, everywhere(cluster, "after"))).toBe(true);
        expect(violations(cluster, everyone(cluster))).toEqual([]);
      });
    }
  }
});
