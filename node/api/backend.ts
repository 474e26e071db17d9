// The port that the API speaks to: one per hosted peer, implemented where the daemon is put together.
import type { Hash } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import type { AuctionId } from "../../src/market/index.js";
import type { Command, CommandResult, Refusal } from "../../src/peer/event.js";
import type { EventFeed } from "./event-feed.js";
import type { Page, PageRequest } from "./paging.js";
import type {
  AuctionView,
  BidView,
  LogEntryView,
  MemberView,
  MovementView,
  NodeView,
  OutcomeView,
  OwnBidView,
  PeerView,
  Phase,
  QuorumView,
  Readiness,
  SlashDetail,
  SlashView,
  WalletView,
} from "./shape/index.js";
import type { TranscriptParts } from "./transcript-json.js";

/** What `peerCount` and `peer` say is the host's business: a backend knows of one peer only. */
export type OwnNodeView = Omit<NodeView, "peer" | "peerCount">;

export interface AuctionFilter {
  readonly phase: Phase | null;
  readonly seller: AgentId | null;
}

export type ConnectResult =
  | { readonly ok: true; readonly peer: PeerView }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * One peer as programs see it. Reads answer from finalised state, null where there is no such thing.
 * A refusal is a value; an exception is an accident and becomes a 500 without its text.
 */
export interface Backend {
  /** Empty: ready. */
  readiness(): Promise<Readiness>;
  node(): Promise<OwnNodeView>;
  peers(): Promise<readonly PeerView[]>;
  /** Dials a multiaddr; refuses with `BAD_ADDRESS`, `UNREACHABLE`, `WRONG_CHAIN` and other codes of the network. */
  connect(address: string): Promise<ConnectResult>;

  /** Newest first. */
  auctions(filter: AuctionFilter, page: PageRequest): Promise<Page<AuctionView>>;
  auction(id: AuctionId): Promise<AuctionView | null>;
  /** Whole ids, in hexadecimal, that begin with `prefix`: at most `limit` of them. */
  auctionsLike(prefix: string, limit: number): Promise<readonly string[]>;
  /** In the order of their commits. An amount appears with state `revealed` only. */
  bids(auction: AuctionId): Promise<readonly BidView[]>;
  /** null while nothing is settled. */
  outcome(auction: AuctionId): Promise<OutcomeView | null>;
  /** null while no final entry attests an end, for what was cancelled, and for strangers' auctions that are forgotten. */
  transcript(auction: AuctionId): Promise<TranscriptParts | null>;

  /** Bids of agents whose keys are here, with their amounts: those in auctions that run first, then the latest. */
  ownBids(page: PageRequest): Promise<Page<OwnBidView>>;
  /** What an own agent paid and was paid, newest first. */
  movements(agent: AgentId, page: PageRequest): Promise<Page<MovementView>>;

  wallet(agent: AgentId): Promise<WalletView | null>;
  agentsLike(prefix: string, limit: number): Promise<readonly string[]>;

  quorum(): Promise<QuorumView>;
  members(): Promise<readonly MemberView[]>;
  /** Newest first. */
  log(page: PageRequest): Promise<Page<LogEntryView>>;
  /** Newest first. */
  slashes(page: PageRequest): Promise<Page<SlashView>>;
  /** One slash with its evidence, which is read from the log. */
  slash(id: Hash): Promise<SlashDetail | null>;
  slashesLike(prefix: string, limit: number): Promise<readonly string[]>;

  /** Resolves at the command's `done` notice. */
  command(command: Command): Promise<CommandResult>;
  /** Grants from the network's faucet; null amount: the faucet's usual. Refuses with `FAUCET_UNAVAILABLE`. */
  faucet(to: AgentId, amount: bigint | null): Promise<CommandResult>;

  readonly events: EventFeed;
}

/** A process: the peers it hosts behind one API. */
export interface Host {
  readonly peerCount: number;
  /** The n-th peer, from 0; null: there is none, or it is down. */
  peer(n: number): Backend | null;
  /** Begins an orderly end of the whole process; called after the answer has left. */
  stop(): void;
}
