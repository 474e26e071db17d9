// A lying peer: it speaks the network's protocols to whoever dials it, and what it says of the log is false.
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2p } from "libp2p";
import { answer } from "../../../node/net/call.js";
import {
  MAX_ADDRESSES,
  STATUS_PROTOCOL,
  SYNC_PROTOCOL,
  type SyncAnswer,
  statusMessage,
  syncAnswer,
  syncQuestion,
} from "../../../node/net/wire.js";
import { type Bytes, decode, encode, type Hash } from "../../../src/base/index.js";
import { encodeMessage, type FinalProof, type LogEntry, MAX_FRAME_BYTES } from "../../../src/quorum/index.js";

/** What it does when it is asked for the log: `truth` is the beginning of the true one. */
export type Lie = "silence" | "an empty log" | "noise" | "a forged log" | "the beginning only";

export interface LiarOptions {
  readonly chain: Hash;
  readonly market: Hash;
  /** what it gives as proof of its height */
  readonly final: FinalProof | null;
  readonly truth: readonly LogEntry[];
  readonly lie: Lie;
}

const logBytes = (entries: readonly LogEntry[]): Bytes =>
  encodeMessage({ kind: "log", entries, descendants: [], cert: null });

/** An entry that nobody decided, with the certificate of the one that was. */
export const forged = (entry: LogEntry): LogEntry => ({
  ...entry,
  header: { ...entry.header, timeMs: entry.header.timeMs + 1 },
});

/** A height that nobody has reached, with a certificate of another one. */
export const boast = (entry: LogEntry, height: number): FinalProof => ({
  header: { ...entry.header, height },
  cert: entry.cert!,
});

function logFor({ lie, truth }: LiarOptions, fromHeight: number, max: number): Bytes | null {
  const rows = truth.filter(({ header }) => header.height >= fromHeight).slice(0, max);
  switch (lie) {
    case "silence":
      return null;
    case "an empty log":
      return logBytes([]);
    case "noise":
      return new Uint8Array(512).fill(0x81);
    case "a forged log":
      return logBytes(rows.map(forged));
    case "the beginning only":
      return logBytes(rows.filter(({ header }) => header.height <= 2));
  }
}

/** Listens on loopback; whoever it knows is another liar. */
export async function startLiar(options: LiarOptions): Promise<Libp2p> {
  const host = await createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  });
  const { chain, market, final } = options;
  const addresses = host
    .getMultiaddrs()
    .slice(0, MAX_ADDRESSES)
    .map((address) => address.toString());
  const status = encode(statusMessage, { v: 2, chain, market, final, seatKey: null, addresses, known: [] });
  const swallowed = () => undefined; // whoever was lied to may hang up at any time
  await host.handle(STATUS_PROTOCOL, (stream) =>
    answer(stream, MAX_FRAME_BYTES, () => status).catch(swallowed),
  );
  await host.handle(SYNC_PROTOCOL, (stream) =>
    answer(stream, MAX_FRAME_BYTES, (bytes) => {
      const asked = decode(syncQuestion, bytes, MAX_FRAME_BYTES);
      if (!asked.ok || asked.value.kind !== "getLog")
        return encode(syncAnswer, { kind: "refused", code: "NO" } satisfies SyncAnswer);
      const log = logFor(options, asked.value.fromHeight, asked.value.max);
      return log === null ? new Promise<Bytes>(swallowed) : encode(syncAnswer, { kind: "log", log });
    }).catch(swallowed),
  );
  return host;
}
