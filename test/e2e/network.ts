// A small real network in this process, for daemons to join: four seats by default, a faucet, agents with funds.
import { createHash } from "node:crypto";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { openLog } from "../../node/log.js";
import { PeerNode, type PeerNodeOptions } from "../../node/peer-node.js";
import { type AgentKey, type Bytes, compareBytes, type Hash, toHex } from "../../src/index.js";
import {
  encodeGenesis,
  type Genesis,
  LOCAL_TESTNET_PARAMS,
  networkOf,
  type Params,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionId,
  auctionOf,
  encodeOperation,
  isEnded,
  laneOf,
  type OperationBody,
  signOperation,
} from "../../src/market/index.js";
import type { Command } from "../../src/peer/index.js";
import { eventually } from "./eventually.js";

const CREDIT = 1_000_000n;
/** What the faucet gives to a newcomer, and what every agent of the network begins with. */
export const GRANT = 500n * CREDIT;
export const GRANT_STAKE = 100n * CREDIT;
export const FUNDS = 1_000n * CREDIT;

export const seedOf = (name: string): Bytes => new Uint8Array(createHash("sha256").update(name).digest());
export const credits = (count: number): bigint => BigInt(count) * CREDIT;

type CreateAuction = Extract<Command, { kind: "createAuction" }>;

export interface NetworkWish {
  /** tells the keys of one network from another's */
  readonly name?: string;
  readonly seats?: number;
  /** ledger time at which it begins; absent: now. Nothing is final before that time has come, and it is not waited for */
  readonly beginsMs?: number;
  /** parameters that differ from a local testnet's */
  readonly params?: Partial<Params>;
  /** consensus keys of seats that processes outside hold; they come on top of `seats` */
  readonly otherSeats?: readonly Bytes[];
  /** options of the node of a place that differ from the usual */
  readonly node?: (place: number) => Partial<PeerNodeOptions>;
}

export class HostedNetwork {
  readonly creator: AgentKey;
  readonly rival: AgentKey;
  /** seats of this process, by place; the last can be stopped and started again */
  readonly nodes: PeerNode[] = [];
  readonly genesis: Genesis;
  readonly genesisBytes: Bytes;
  readonly chain: Hash;
  readonly market: Hash;
  readonly verifier = new SignatureVerifier();
  private lots = 0;
  /** grants to newcomers, and bids where a test needs a third agent */
  readonly faucetAgent: AgentKey;
  private readonly log = openLog({ level: "silent", file: null });

  private constructor(private readonly wish: NetworkWish) {
    this.creator = agentKey(this.seed("seller"));
    this.rival = agentKey(this.seed("rival"));
    this.faucetAgent = agentKey(this.seed("faucet"));
    this.genesis = this.makeGenesis();
    this.genesisBytes = encodeGenesis(this.genesis);
    ({ chain: this.chain, market: this.market } = networkOf(this.genesis));
  }

  /** Starts every seat, and waits until all have seen the quorum finalise, if it begins now. */
  static async start(wish: NetworkWish = {}): Promise<HostedNetwork> {
    const network = new HostedNetwork(wish);
    for (let place = 0; place < (wish.seats ?? 4); place++) network.nodes.push(await network.open(place));
    if ((wish.beginsMs ?? 0) > Date.now()) return network;
    await eventually("the quorum finalises", () => network.nodes.every((one) => one.peer.tip.height >= 2));
    return network;
  }

  seed(what: string): Bytes {
    return seedOf(`${this.wish.name ?? "host"} ${what}`);
  }

  /** The secret half of the seat at this place, which a test may misuse. */
  seatSeed(place: number): Bytes {
    return this.seed(`seat ${place}`);
  }

  get front(): PeerNode {
    return this.nodes[0]!;
  }

  get address(): string {
    return this.front.multiaddrs()[0]!;
  }

  get chainHex(): string {
    return toHex(this.chain);
  }

  /** What a person types after `daemon` to join. */
  get joinFlags(): readonly string[] {
    return ["--join", this.address, "--chain", this.chainHex];
  }

  /** The same for a daemon whose keys matter to nobody: sealing them takes a second. */
  get quickFlags(): readonly string[] {
    return [...this.joinFlags, "--insecure-plain-keys"];
  }

  /** Starts the node of a place, as it was configured or with changes; it is not put among `nodes`. */
  open(place: number, change: Partial<PeerNodeOptions> = {}): Promise<PeerNode> {
    const first = place === 0;
    return PeerNode.start({
      name: `seat-${place}`,
      genesis: this.genesisBytes,
      home: null,
      peerSeed: this.seed(`peer ${place}`),
      consensusSeed: this.seatSeed(place),
      agents: first ? [this.creator, this.rival, this.faucetAgent] : [],
      ...(first ? { faucet: { granter: this.faucetAgent.publicKey, free: GRANT, stake: GRANT_STAKE } } : {}),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      join: first ? [] : [this.address],
      fresh: true,
      loopback: true,
      verifier: this.verifier,
      log: this.log,
      maxConnections: 32,
      ...this.wish.node?.(place),
      ...change,
    });
  }

  /** Opens an auction of the seller's, and waits until it is in the log. */
  async openAuction(terms: Partial<CreateAuction> = {}): Promise<AuctionId> {
    const lot = { capability: `gpu.${this.lots++}`, units: 1, fromMs: null, toMs: null };
    const result = await this.front.command({
      kind: "createAuction",
      from: this.creator.publicKey,
      format: { kind: "vickrey" },
      direction: "sell",
      lot,
      reserve: credits(1),
      lockups: [credits(100)],
      startInMs: 0,
      commitMs: 5000,
      revealMs: 5000,
      hiddenReserve: null,
      standingWeight: null,
      deliverMs: 0,
      settleMs: 0,
      value: null,
      bond: 0n,
      ...terms,
    });
    if (!result.ok) throw new Error(`the auction was refused: ${result.refusal.code}`);
    return eventually("the auction is open", () => {
      const all = [...this.front.peer.ledger.table(AUCTIONS).values()];
      const found = all.find((one) => one.terms.lot.capability === lot.capability);
      return found?.phase.kind === "open" && found.id;
    });
  }

  /** A bid of an agent that the first node holds. */
  async bid(from: AgentKey, auction: AuctionId, amount: bigint): Promise<void> {
    const wish = {
      kind: "placeBid",
      from: from.publicKey,
      auction,
      amount,
      units: null,
      lockup: null,
      delayMs: 0,
    } as const;
    const result = await this.front.command(wish);
    if (!result.ok) throw new Error(`the bid was refused: ${result.refusal.code}`);
  }

  /** Hands over the next operation of an agent whose key is in no daemon. */
  async submit(from: AgentKey, body: OperationBody): Promise<void> {
    const nonce = this.front.peer.ledger.accountOf(from.publicKey)?.nonces[laneOf(body.kind)] ?? 0;
    const authority = { nonce, fee: this.genesis.params.minFee, validUntilMs: Date.now() + 600_000 };
    const { chain, market } = this;
    const bytes = encodeOperation(signOperation({ chain, market }, authority, body, from));
    const result = await this.front.command({ kind: "submit", bytes });
    if (!result.ok) throw new Error(`the operation was refused: ${result.refusal.code}`);
  }

  async ended(auction: AuctionId): Promise<void> {
    await eventually("the auction is over", () => {
      const found = auctionOf(this.front.peer.ledger, auction);
      return found !== null && isEnded(found.phase);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((one) => one.stop()));
    await this.verifier.close();
  }

  private makeGenesis(): Genesis {
    const { seats = 4, otherSeats = [] } = this.wish;
    const own = Array.from({ length: seats }, (_, place) => agentKey(this.seatSeed(place)).publicKey);
    const owners = [...own, ...otherSeats].map((key, place) => ({
      key,
      agent: agentKey(this.seed(`owner ${place}`)).publicKey,
      bond: FUNDS,
    }));
    const accounts = [this.creator, this.rival, this.faucetAgent].map((one) => ({
      agent: one.publicKey,
      free: FUNDS,
      stake: 0n,
    }));
    return {
      v: 1,
      name: this.wish.name ?? "host",
      timeMs: this.wish.beginsMs ?? Date.now(),
      params: { ...LOCAL_TESTNET_PARAMS, ...this.wish.params },
      seats: owners.sort((a, b) => compareBytes(a.key, b.key)),
      accounts: accounts.sort((a, b) => compareBytes(a.agent, b.agent)),
      granters: [{ agent: this.faucetAgent.publicKey, allowance: credits(1_000_000) }],
    };
  }
}
