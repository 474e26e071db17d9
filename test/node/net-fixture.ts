// Networks on loopback sockets for tests: real libp2p, real signatures, a peer behind them that only takes notes.
import { createHash } from "node:crypto";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2p } from "libp2p";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import {
  LOOPBACK_LIMITS,
  Network,
  type NetworkHandlers,
  type NetworkLimits,
  type NetworkOptions,
} from "../../node/net/index.js";
import { Topics } from "../../node/net/topics.js";
import { type Bytes, compareBytes, encode, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import { encodeOperation, type Operation, signOperation } from "../../src/market/index.js";
import {
  type Certificate,
  electorate,
  type Header,
  type QuorumMessage,
  quorumMessage,
} from "../../src/quorum/index.js";

export const seedOf = (name: string): Bytes => Uint8Array.from(createHash("sha256").update(name).digest());
export const genesisBytes = utf8("a genesis for tests");
export const chain = taggedHash("genesis", genesisBytes);
export const market = taggedHash("market", utf8("main"));
export const verifier = new SignatureVerifier();

/** Seats of n members, in the order of their keys. */
export function seatsOf(n: number) {
  const keys = Array.from({ length: n }, (_, i) => agentKey(seedOf(`seat ${i}`)));
  keys.sort((a, b) => compareBytes(a.publicKey, b.publicKey));
  const members = keys.map((key, i) => ({
    key: key.publicKey,
    agent: agentKey(seedOf(`owner ${i}`)).publicKey,
    power: 1,
  }));
  return { keys, electorate: electorate({ epoch: 0, members }, chain) };
}

export interface Received {
  readonly from: string;
  readonly seat: number | null;
  readonly message: QuorumMessage;
}

/** A network and everything it handed over. */
export interface Station {
  readonly network: Network;
  readonly operations: Operation[];
  readonly messages: Received[];
  readonly connected: Set<string>;
}

export interface StationOptions {
  readonly name: string;
  readonly seat?: number;
  readonly seats?: number;
  readonly join?: readonly string[];
  readonly handlers?: Partial<NetworkHandlers>;
  readonly limits?: Partial<NetworkLimits>;
  readonly options?: Partial<NetworkOptions>;
}

export const quiet = { debug: () => undefined, warn: () => undefined };
const running = new Set<{ stop(): Promise<void> | void }>();

export async function station(wanted: StationOptions): Promise<Station> {
  const { keys, electorate } = seatsOf(wanted.seats ?? 4);
  const operations: Operation[] = [];
  const messages: Received[] = [];
  const connected = new Set<string>();
  const handlers: NetworkHandlers = {
    onMessage: (from, seat, message) => void messages.push({ from, seat, message }),
    onOperation(operation, _bytes, _from, settle) {
      operations.push(operation);
      settle("kept");
    },
    onFinal: (from, message) => messages.push({ from, seat: null, message }) > 0,
    judgeOperation: () => ({ kind: "accept" }),
    judgeFinal: () => "accept",
    judgeEvidence: () => "accept",
    onConnected: (from) => void connected.add(from),
    onDisconnected: (from) => void connected.delete(from),
    serveLog: async () => encode(quorumMessage, { kind: "log", entries: [], descendants: [], cert: null }),
    onLogPruned: () => undefined,
    snapshot: async () => null,
    snapshotRows: async () => null,
    faucet: null,
    genesis: () => genesisBytes,
    height: () => 7,
    finalProof: () => null,
    ...wanted.handlers,
  };
  const network = await Network.start({
    peerKey: seedOf(`peer ${wanted.name}`),
    listen: ["/ip4/127.0.0.1/tcp/0"],
    join: wanted.join ?? [],
    chain,
    market,
    loopback: true,
    maxValidityMs: 3_600_000,
    role: { consensusSigner: wanted.seat === undefined ? null : keys[wanted.seat]!, electorate },
    maxConnections: 12,
    limits: { ...LOOPBACK_LIMITS, ...wanted.limits },
    log: quiet,
    verifier,
    handlers,
    wallMs: Date.now,
    ...wanted.options,
  });
  running.add(network);
  return { network, operations, messages, connected };
}

/** Options of a libp2p host as ours are, that serves nothing and is not started; a peer's key is still to be given. */
export const unstarted = {
  listen: ["/ip4/127.0.0.1/tcp/0"],
  chain,
  topics: new Topics(chain, market),
  loopback: true,
  maxConnections: 4,
  maxPending: 200,
  dialsInFlight: 1,
  conductOf: () => 0,
  isShutOut: () => false,
  mayDial: () => true,
  isCrowded: () => false,
};

/** A libp2p host without any of our rules: the adversary's tool. */
export async function stranger(): Promise<Libp2p> {
  const host = await createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  });
  running.add(host);
  return host;
}

export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((one) => one.stop()));
  running.clear();
}

/** Waits until it holds. @throws after ten seconds, with what was waited for */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 10_000) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const author = agentKey(seedOf("author"));

/** A transfer that nothing but its nonce tells from another. */
export function transfer(nonce: number, change: Partial<Operation> = {}, from = author): Operation {
  const operation = signOperation(
    { chain, market },
    { nonce, fee: 1n, validUntilMs: Date.now() + 600_000 },
    { kind: "transfer", to: seedOf("somebody"), amount: 5n },
    from,
  );
  return { ...operation, ...change };
}

export const transferBytes = (nonce: number, change: Partial<Operation> = {}): Bytes =>
  encodeOperation(transfer(nonce, change));

const zero = new Uint8Array(32);

/** A header that says nothing true but its chain, market and height. */
export const headerOf = (height: number): Header => ({
  v: 1,
  chain,
  market,
  epoch: 0,
  setHash: zero,
  term: height,
  leader: 0,
  height,
  parent: zero,
  parentTerm: 0,
  timeMs: 1,
  opsRoot: zero,
  opsCount: 0,
  opsBytes: 0,
  justifyHash: zero,
  execHeight: 0,
  execRoot: zero,
  kind: "normal",
  nextSetHash: null,
});

export const certificateOf = (term: number): Certificate => ({
  type: "commit",
  epoch: 0,
  setHash: zero,
  term,
  entryId: zero,
  signers: [0],
  sigs: [new Uint8Array(64)],
});
