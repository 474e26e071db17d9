// Agreement in a cluster: one chain at every honest member, under the faults a network and its machines have.
import { describe, expect, it } from "vitest";
import { doubleVote, equivocate, forgetGap, neverCommit, silent } from "./harness/byzantine.js";
import { chaos } from "./harness/chaos.js";
import { violations } from "./harness/checks.js";
import type { Bend } from "./harness/cluster.js";
import { Cluster } from "./harness/cluster.js";
import { text } from "./harness/keys.js";

const all = (cluster: Cluster): number[] => cluster.members.map((_, i) => i);

describe("a healthy cluster", () => {
  for (const size of [1, 2, 3, 4, 7]) {
    it(`of ${size} finalises what is submitted, at members and followers`, () => {
      const cluster = new Cluster(size, { followers: 2 });
      cluster.start();
      cluster.run(200);
      cluster.submit(text("hello"));
      const everywhere = (): boolean =>
        cluster.members.every((m) => m.log.some((entry) => entry.ops.length === 1));
      expect(cluster.run(3000, everywhere), String(cluster.heights())).toBe(true);
      expect(violations(cluster, all(cluster))).toEqual([]);
    });
  }
});

describe("chaos, then healing: one chain, no honest pair, progress", () => {
  for (const size of [1, 2, 3, 4, 7]) {
    it(`with ${size} honest members, loss, partitions and crashes`, () => {
      for (let seed = 1; seed <= (size === 7 ? 12 : 25); seed++) {
        const { broken, live, cluster } = chaos({ size, seed, followers: 1 });
        expect({ seed, broken, live, heights: live ? [] : cluster.heights() }).toEqual({
          seed,
          broken: [],
          live: true,
          heights: [],
        });
      }
    });
  }

  const liars: readonly [string, Bend, boolean][] = [
    ["equivocates", equivocate, true],
    ["votes for everything", doubleVote, true],
    ["is silent", silent, false],
    ["never commits", neverCommit, false],
    ["proposes over a gap", forgetGap, true],
  ];
  for (const [what, bend, isCaught] of liars) {
    it(`with 4 members of which one ${what}`, () => {
      let caught = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const { broken, live, accused } = chaos({ size: 4, seed, bends: new Map([[1, bend]]) });
        expect({ seed, broken, live }).toEqual({ seed, broken: [], live: true });
        expect([...accused].filter((seat) => seat !== 1)).toEqual([]);
        if (accused.has(1)) caught++;
      }
      if (isCaught) expect(caught).toBe(12);
      else expect(caught).toBe(0);
    });
  }

  it("with 7 members of which two lie in different ways", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const bends = new Map([
        [0, equivocate],
        [3, doubleVote],
      ]);
      const { broken, live, accused } = chaos({ size: 7, seed, bends });
      expect({ seed, broken, live, accused: [...accused].sort() }).toEqual({
        seed,
        broken: [],
        live: true,
        accused: [0, 3],
      });
    }
  });
});
