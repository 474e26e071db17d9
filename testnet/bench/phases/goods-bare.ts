// One end of a bare libp2p stream: as many bytes as it is asked for, with nothing of ours on top.
import type { Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { bareHost } from "../bare-host.js";

const PROTOCOL = "/bench/bytes";
const PIECE = new Uint8Array(64 * 1024).fill(7);

export async function open() {
  const host = await bareHost([]);
  let bytesOfEach = 0;
  return {
    jobs: {
      /** Serves so many bytes to each stream. @returns where it listens */
      async serve(bytes: number): Promise<string> {
        bytesOfEach = bytes;
        await host.handle(PROTOCOL, (stream) => write(stream, bytesOfEach));
        await host.start();
        return host.getMultiaddrs()[0]!.toString();
      },
      /** @returns ms until all bytes of a stream have come, on a connection that stands */
      async take({ address, bytes }: { readonly address: string; readonly bytes: number }): Promise<number> {
        const connection = await host.dial(multiaddr(address));
        const beganMs = performance.now();
        const stream = await connection.newStream(PROTOCOL);
        let have = 0;
        await new Promise<void>((resolve, reject) => {
          stream.addEventListener("message", ({ data }) => {
            have += data.byteLength;
            if (have >= bytes) resolve();
          });
          stream.addEventListener("close", () => reject(new Error("the stream ended early")));
        });
        const tookMs = performance.now() - beganMs;
        await stream.close();
        return tookMs;
      },
    },
    close: async () => host.stop(),
  };
}

async function write(stream: Stream, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= PIECE.length) {
    stream.send(PIECE.subarray(0, left));
    if (stream.writableNeedsDrain) await stream.onDrain();
  }
  await stream.close();
}
