// The load on a 3-node etcd: null where it is not installed.
import { Authors } from "../quorum/authors.js";
import { Etcd, hasEtcd } from "../quorum/etcd.js";
import { latencies, type SaturationAsked, saturate } from "../quorum/load.js";

export async function open() {
  const authors = new Authors();
  let etcd: Etcd | null = null;
  return {
    jobs: {
      /** @returns false: it is not installed */
      async start(lanes: number): Promise<boolean> {
        if (hasEtcd()) etcd = await Etcd.start(lanes);
        return etcd !== null;
      },
      saturate: ({ signAhead, ...load }: SaturationAsked): Promise<number> =>
        saturate(etcd!, authors.sign(signAhead), load),
      latencies: (count: number): Promise<readonly number[]> => latencies(etcd!, authors.sign(count), count),
    },
    async close() {
      await etcd?.close();
    },
  };
}
