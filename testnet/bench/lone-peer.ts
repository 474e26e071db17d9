// A peer that is its whole quorum, without disk, network or clock: what a step of it costs is the protocol's own cost.
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { type Bytes, compareBytes } from "../../src/base/index.js";
import type { AgentKey } from "../../src/crypto/index.js";
import type { Genesis, Lane, Network } from "../../src/ledger/index.js";
import { LOCAL_TESTNET_PARAMS } from "../../src/ledger/params.js";
import {
  AUCTIONS,
  encodeOperation,
  laneOf,
  type Operation,
  type OperationBody,
  signOperation,
} from "../../src/market/index.js";
import { type Command, type Event, openPeer, type Peer, type Ready, step } from "../../src/peer/index.js";
import { HONEST_RULES } from "../../src/quorum/index.js";
import { type TestKeyRole, testKeySeed } from "../test-keys.js";

const HOUR_MS = 3_600_000;
const START_MS = 1_700_000_000_000;
const BOND = 1_000_000_000n;
const FUNDS = 1_000_000_000_000n;
const SEED = 1;
const FEE = LOCAL_TESTNET_PARAMS.minFee;

/** Of each shelf: own operations take room there as others' do. */
const ROOM = { operations: 1 << 16, bytes: 1 << 26 };

type Undated<E> = E extends unknown ? Omit<E, "nowMs"> : never;

export class LonePeer {
  readonly authors: readonly AgentKey[];
  steps = 0;
  private readonly peer: Peer;
  private readonly verifier = new SignatureVerifier();
  private readonly nonces = new Map<string, number>();
  private nowMs = START_MS;
  private ref = 0;

  /** @param authors accounts whose keys are here but not in the peer @param own accounts that the peer signs for */
  constructor(authors: number, own: number) {
    this.authors = keysOf("agent", authors);
    const agents = keysOf("guest", own);
    const config = {
      genesis: genesisOf([...this.authors, ...agents]),
      signer: agentKey(testKeySeed(SEED, "seat", 0)),
      agents,
      verifier: this.verifier,
      instance: new Uint8Array(16),
      fresh: true,
      rules: HONEST_RULES,
      keepTerms: 256,
      shelves: { critical: ROOM, bulk: ROOM, openings: ROOM, evidence: ROOM },
    };
    const opened = openPeer(config, [], null);
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    this.peer = opened.value;
    this.take({ kind: "start" });
  }

  get agents(): readonly AgentKey[] {
    return this.peer.config.agents;
  }

  get waiting(): number {
    return this.peer.mempool.size;
  }

  get network(): Network {
    return this.peer.ledger.network;
  }

  get unfinished(): number {
    return this.peer.ledger.table(AUCTIONS).index.schedule.entries().length;
  }

  get unpublished(): number {
    return this.peer.custody.unpublished().length;
  }

  /** Signs with the author's next nonce in the lane, some of which may be passed over. */
  signed(author: AgentKey, body: OperationBody, passOver = 0): Operation {
    const lane = laneOf(body.kind);
    const nonce = this.next(author, lane) + passOver;
    this.nonces.set(slotOf(author, lane), nonce + 1);
    const authority = { nonce, fee: FEE, validUntilMs: this.nowMs + HOUR_MS / 2 };
    return signOperation(this.network, authority, body, author);
  }

  /** As from the network: it was admitted before. */
  bring(operation: Operation): void {
    this.take({ kind: "operation", from: "bench", operation, bytes: encodeOperation(operation) });
  }

  /** An operation that the peer posts as its own. */
  submit(operation: Operation): void {
    this.command({ kind: "submit", bytes: encodeOperation(operation) });
  }

  /** @throws Error with the code of its refusal */
  command(command: Command): void {
    const { notify } = this.take({ kind: "command", ref: this.ref++, command });
    for (const one of notify) {
      if (one.kind === "done" && !one.result.ok) throw new Error(`refused: ${one.result.refusal.code}`);
    }
  }

  /** The clock goes from deadline to deadline until one more entry is executed. */
  untilEntry(): void {
    const before = this.peer.tip.height;
    let wakeAt: number | null = this.nowMs;
    while (this.peer.tip.height === before) {
      this.nowMs = Math.max(this.nowMs + 1, wakeAt ?? 0);
      wakeAt = this.take({ kind: "tick" }).wakeAt;
    }
  }

  close(): Promise<void> {
    return this.verifier.close();
  }

  private take(event: Undated<Event>): Ready {
    this.steps++;
    return step(this.peer, { ...event, nowMs: this.nowMs } as Event);
  }

  private next(author: AgentKey, lane: Lane): number {
    return this.nonces.get(slotOf(author, lane)) ?? 0;
  }
}

const slotOf = (author: AgentKey, lane: Lane): string =>
  `${Buffer.from(author.publicKey).toString("hex")}/${lane}`;

const keysOf = (role: TestKeyRole, count: number): readonly AgentKey[] =>
  Array.from({ length: count }, (_, i) => agentKey(testKeySeed(SEED, role, i)));

function genesisOf(agents: readonly AgentKey[]): Genesis {
  const byAgent = (a: { readonly agent: Bytes }, b: { readonly agent: Bytes }): number =>
    compareBytes(a.agent, b.agent);
  return {
    v: 1,
    name: "lone",
    timeMs: START_MS,
    params: LOCAL_TESTNET_PARAMS,
    seats: [
      {
        key: agentKey(testKeySeed(SEED, "seat", 0)).publicKey,
        agent: agentKey(testKeySeed(SEED, "seat-owner", 0)).publicKey,
        bond: BOND,
      },
    ],
    accounts: agents.map(({ publicKey }) => ({ agent: publicKey, free: FUNDS, stake: 0n })).sort(byAgent),
    granters: [],
  };
}
