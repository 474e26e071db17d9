// The load on the skeleton: its four members are processes beside this one.
import { latencies, type Saturation, saturate } from "../quorum/load.js";
import { SkeletonClients } from "../quorum/skeleton-clients.js";
import type { SkeletonPlace } from "../quorum/skeleton-host.js";
import { stuffedOperations } from "../quorum/stuffed.js";

export interface SkeletonAsked {
  readonly places: readonly SkeletonPlace[];
  readonly lanes: number;
}

export async function open() {
  const operations = stuffedOperations();
  let clients: SkeletonClients | null = null;
  return {
    jobs: {
      async connect({ places, lanes }: SkeletonAsked): Promise<void> {
        clients = await SkeletonClients.open(
          places.map(({ clientPort }) => clientPort),
          lanes,
        );
      },
      saturate: (load: Saturation): Promise<number> => saturate(clients!, operations, load),
      latencies: (count: number): Promise<readonly number[]> => latencies(clients!, operations, count),
    },
    async close() {
      clients?.close();
    },
  };
}
