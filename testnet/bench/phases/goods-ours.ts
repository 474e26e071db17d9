// One party's end of a handover: a host, a shelf on the disk, and a log of trades by hand.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { multiaddr } from "@multiformats/multiaddr";
import { agentKey } from "../../../node/crypto/signer.js";
import { SignatureVerifier } from "../../../node/crypto/verifier.js";
import { filesIn } from "../../../node/handover/files.js";
import { Handover } from "../../../node/handover/handover.js";
import { openLog } from "../../../node/log.js";
import { Counters } from "../../../node/net/counters.js";
import { Direct } from "../../../node/net/direct.js";
import { createHost, type Host } from "../../../node/net/host.js";
import { Topics } from "../../../node/net/topics.js";
import { taggedHash } from "../../../src/crypto/index.js";
import { type Bytes, fromHex, toHex, utf8 } from "../../../src/index.js";
import type { Trade } from "../../../src/market/index.js";
import { until } from "../until.js";

const PIECE = new Uint8Array(64 * 1024).fill(7);
const hashOf = (name: string): Bytes => taggedHash("leaf", utf8(name));
const network = { chain: hashOf("chain"), market: hashOf("market") };
const performer = agentKey(hashOf("performer"));
const buyer = agentKey(hashOf("buyer"));

/** A trade of one turn; delivered as what has this hash. */
const tradeOf = (turn: number, hash: Bytes | null): Trade => ({
  id: hashOf(`trade ${turn}`),
  auction: hashOf("auction"),
  performer: performer.publicKey,
  buyer: buyer.publicKey,
  capability: "files",
  units: 1,
  price: 1n,
  lien: 0n,
  fence: 1,
  settleMs: 1,
  outagesMs: 0,
  state:
    hash === null
      ? { kind: "due", deliverByMs: 1 }
      : { kind: "delivered", hash, deliveredMs: 1, acceptByMs: 1 },
});

async function* goods(bytes: number): AsyncIterable<Bytes> {
  for (let left = bytes; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left);
}

export async function open() {
  const folder = await mkdtemp(join(tmpdir(), "mabeam-bench-goods-"));
  const verifier = new SignatureVerifier();
  const trades = new Map<string, Trade>();
  let host: Host | null = null;
  let handover: Handover | null = null;
  const says = (trade: Trade): void => {
    trades.set(toHex(trade.id), trade);
    handover!.heard(trade);
  };
  return {
    jobs: {
      /** @returns where it listens */
      async begin({ role, address }: { readonly role: "giver" | "taker"; readonly address: string | null }) {
        const own = role === "giver" ? performer : buyer;
        const made = await createHost({
          peerKey: hashOf(role),
          listen: ["/ip4/127.0.0.1/tcp/0"],
          chain: network.chain,
          topics: new Topics(network.chain, network.market),
          loopback: true,
          maxConnections: 8,
          maxPending: 8,
          dialsInFlight: 2,
          conductOf: () => 0,
          isShutOut: () => false,
          mayDial: () => true,
          isCrowded: () => false,
        });
        await made.start();
        if (address !== null) await made.dial(multiaddr(address));
        host = made;
        const neighbours = (): string[] => made.getPeers().map(String);
        const direct = new Direct({
          host: made,
          loopback: true,
          counters: new Counters(),
          steadyMs: () => performance.now(),
          neighbours,
          connectionTo: (ref) =>
            made.getConnections().find((one) => one.remotePeer.toString() === ref) ?? null,
          blame: () => undefined,
        });
        handover = await Handover.start({
          ...network,
          direct,
          verifier,
          nowMs: Date.now,
          files: filesIn(folder),
          agents: new Map([[toHex(own.publicKey), own]]),
          tradeOf: (id) => trades.get(toHex(id)) ?? null,
          allTrades: () => trades.values(),
          isParty: () => false,
          log: openLog({ level: "silent", file: null }),
        });
        return made.getMultiaddrs()[0]!.toString();
      },
      /** Lays goods down for a turn. @returns their hash */
      async give({ turn, bytes }: { readonly turn: number; readonly bytes: number }): Promise<string> {
        says(tradeOf(turn, null));
        const { hash } = await handover!.give(tradeOf(turn, null), "output", "", goods(bytes));
        return toHex(hash);
      },
      async delivered({ turn, hash }: { readonly turn: number; readonly hash: string }): Promise<void> {
        says(tradeOf(turn, fromHex(hash)!));
      },
      /** @returns ms from the delivery until all of it is on the disk and proven */
      async take({ turn, hash }: { readonly turn: number; readonly hash: string }): Promise<number> {
        const trade = tradeOf(turn, fromHex(hash)!);
        const beganMs = performance.now();
        let isHere = false;
        const stop = handover!.onMoved((_, { state }) => {
          isHere ||= state === "here";
        });
        says(trade);
        await until("the goods are here", () => isHere);
        stop();
        return performance.now() - beganMs;
      },
    },
    async close() {
      handover?.end();
      await host?.stop();
      await verifier.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
