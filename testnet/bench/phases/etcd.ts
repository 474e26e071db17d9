// The load on a 3-node etcd: null where it is not installed.
import { Etcd, hasEtcd } from "../quorum/etcd.js";
import { latencies, type Saturation, saturate } from "../quorum/load.js";
import { stuffedOperations } from "../quorum/stuffed.js";

export async function open() {
  const operations = stuffedOperations();
  let etcd: Etcd | null = null;
  return {
    jobs: {
      /** @returns false: it is not installed */
      async start(lanes: number): Promise<boolean> {
        if (hasEtcd()) etcd = await Etcd.start(lanes);
        return etcd !== null;
      },
      saturate: (load: Saturation): Promise<number> => saturate(etcd!, operations, load),
      latencies: (count: number): Promise<readonly number[]> => latencies(etcd!, operations, count),
    },
    async close() {
      await etcd?.close();
    },
  };
}
