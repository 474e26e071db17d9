// A testnet for other people's tests: real peers in this process, with an API that agents of their own can speak to.
import { openLog } from "../node/log.js";
import { type ServedTestnet, serveTestnet } from "./server.js";
import { createTestnet as start, type Testnet, type TestnetOptions } from "./testnet.js";

/** What `daemon` of an agent takes: the API of the testnet's first peer. With `peer` beside it another one is meant. */
export interface ServedApi {
  readonly url: string;
  readonly token: string;
}

export interface TestnetForTests extends Testnet {
  /** The API of its peers, on a free port of loopback; begun the first time, and ended by `stop`. */
  api(): Promise<ServedApi>;
}

/**
 * Starts a testnet of real peers in this process: 8 peers, a quorum of min(7, peers), 12 demo agents and seed 1 where
 * nothing else is said. Ready when every peer has seen the quorum finalise.
 * @throws RangeError for sizes that make no network; Accident NETWORK_NOT_READY, or whatever a peer cannot start for
 */
export async function createTestnet(options: TestnetOptions = {}): Promise<TestnetForTests> {
  const testnet = await start(options);
  const log = options.log ?? openLog({ level: "silent", file: null });
  let served: Promise<ServedTestnet> | null = null;
  const serve = (): Promise<ServedTestnet> =>
    serveTestnet({
      testnet,
      paths: null,
      inMemory: true,
      listen: { host: "127.0.0.1", port: 0 },
      log,
      onStop: () => void stop(),
    });
  async function stop(): Promise<void> {
    const api = await served?.catch(() => null);
    await api?.close();
    await testnet.stop();
  }
  return {
    ...testnet,
    async api() {
      served ??= serve();
      const { url, token } = await served;
      return { url, token };
    },
    stop,
  };
}
