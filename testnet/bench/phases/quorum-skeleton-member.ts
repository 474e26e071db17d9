// One member of the skeleton, in a process of its own.
import { SkeletonHost, type SkeletonPlace } from "../quorum/skeleton-host.js";

export async function open() {
  let host: SkeletonHost | null = null;
  return {
    jobs: {
      async listen({
        seat,
        seats,
      }: {
        readonly seat: number;
        readonly seats: number;
      }): Promise<SkeletonPlace> {
        host = await SkeletonHost.open(seat, seats);
        return host.place;
      },
      link: async (addresses: readonly string[]): Promise<void> => host!.link(addresses),
    },
    async close() {
      await host?.close();
    },
  };
}
