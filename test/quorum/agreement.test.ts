// Agreement in a cluster: one chain at every honest member, under the faults a network and its machines have.
import { describe, expect, it } from "vitest";
import { violations } from "./harness/checks.js";
import { Cluster, HEALTHY } from "./harness/cluster.js";
import { text } from "./harness/keys.js";

const all = (cluster: Cluster): number[] => cluster.members.map((_, i) => i);

describe("a healthy cluster", () => {
  for (const size of [1, 2, 3, 4, 7]) {
    it(`of ${size} finalises what is submitted, at every member`, () => {
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

export { HEALTHY };
