// A small network that trades: somewhere for a daemon to join.
import { toHex } from "../../../src/base/index.js";
import { createTestnet } from "../../testnet.js";

const PEERS = 4;

export async function open() {
  const testnet = await createTestnet({ peers: PEERS });
  testnet.trade({ rounds: null, atOnce: 1, pauseMs: 1000 });
  return {
    jobs: {
      /** What a daemon must know to join. */
      async invitation(_: null): Promise<{ readonly address: string; readonly chain: string }> {
        return { address: testnet.peers[0]!.multiaddrs()[0]!, chain: toHex(testnet.chain) };
      },
    },
    close: () => testnet.stop(),
  };
}
