// A real peer, alone and in memory, as the host of an API: refusals come from the rulebook, events from the log.
import { type Host, HostedPeer, type RunningApi, startApi } from "../../node/api/index.js";
import { toHex } from "../../src/base/index.js";
import type { Params } from "../../src/ledger/index.js";
import { GRANT, GRANT_STAKE, HostedNetwork } from "../e2e/network.js";

export const LONE_TOKEN = "L".repeat(43);

export interface LoneHost {
  readonly network: HostedNetwork;
  readonly host: Host;
  /** acts when a request names no agent */
  readonly me: string;
  readonly creator: string;
  /** serves the API on a free port of the loopback interface */
  serve(): Promise<RunningApi>;
  stop(): Promise<void>;
}

/** A quorum of one that holds the keys of a seller, of its rival (who is `me`), and of the faucet. */
export async function loneHost(params: Partial<Params> = {}): Promise<LoneHost> {
  const network = await HostedNetwork.start({ name: "lone", seats: 1, params });
  const hosted = new HostedPeer(network.front, {
    version: "0.1.0",
    startedAtMs: Date.now(),
    nowMs: Date.now,
    home: null,
    keys: "plain",
    keptEvents: 4096,
    defaultAgent: network.rival.publicKey,
    keyring: null,
    faucet: { granter: network.faucetAgent.publicKey, free: GRANT, stake: GRANT_STAKE },
  });
  const host: Host = { peerCount: 1, peer: (n) => (n === 0 ? hosted : null), stop: () => {} };
  const apis: RunningApi[] = [];
  return {
    network,
    host,
    me: toHex(network.rival.publicKey),
    creator: toHex(network.creator.publicKey),
    async serve() {
      const api = await startApi({
        host,
        token: LONE_TOKEN,
        listen: { host: "127.0.0.1", port: 0 },
        version: "0.1.0",
        onAccident: (error) => {
          throw error;
        },
        nowMs: Date.now,
        random: () => 0,
      });
      apis.push(api);
      return api;
    },
    async stop() {
      for (const api of apis) await api.close();
      hosted.close();
      await network.stop();
    },
  };
}
