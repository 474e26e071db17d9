// The load on the skeleton: its four members are processes beside this one.
import { Authors } from "../quorum/authors.js";
import { latencies, type SaturationAsked, saturate } from "../quorum/load.js";
import { SkeletonClients } from "../quorum/skeleton-clients.js";
import type { SkeletonPlace } from "../quorum/skeleton-host.js";

export interface SkeletonAsked {
  readonly places: readonly SkeletonPlace[];
  readonly lanes: number;
}

export async function open() {
  const authors = new Authors();
  let clients: SkeletonClients | null = null;
  return {
    jobs: {
      async connect({ places, lanes }: SkeletonAsked): Promise<void> {
        clients = await SkeletonClients.open(
          places.map(({ clientPort }) => clientPort),
          lanes,
        );
      },
      saturate: ({ signAhead, ...load }: SaturationAsked): Promise<number> =>
        saturate(clients!, authors.sign(signAhead), load),
      latencies: (count: number): Promise<readonly number[]> =>
        latencies(clients!, authors.sign(count), count),
    },
    async close() {
      clients?.close();
    },
  };
}
