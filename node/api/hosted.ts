// A peer as the API has it: what is read of the running peer, what is told of its surroundings, and its events.
import { toHex } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import type { Peer } from "../../src/peer/index.js";
import { type KeyCustody, timeOf } from "../contract/index.js";
import type { Faucet } from "../faucet.js";
import type { Books } from "../gateway/books/books.js";
import type { HostedGateway } from "../gateway/hosted-gateway.js";
import type { Line } from "../gateway/line.js";
import type { NamedAgents } from "../gateway/named/named-agents.js";
import type { SharedKey } from "../gateway/shared/shared-key.js";
import type { Handover } from "../handover/handover.js";
import type { Keyring } from "../keyring.js";
import type { PeerNode } from "../peer-node.js";
import { RecentEvents } from "./event-feed.js";
import { eventOf } from "./notices.js";
import { modeOf, type Reading, warningsOf } from "./standing.js";

/** All that handlers read of a running peer, and what they ask of it. */
export type ReadPeer = Pick<
  PeerNode,
  | "clockDistance"
  | "command"
  | "connect"
  | "connections"
  | "eclipse"
  | "history"
  | "historySubjects"
  | "isBehind"
  | "movements"
  | "multiaddrs"
  | "onEclipse"
  | "openTranscript"
  | "ownPastAuctions"
  | "pastAuction"
  | "pastAuctionsLike"
  | "peer"
  | "peerId"
  | "persistent"
  | "readLogBelow"
  | "shownHeight"
  | "subscribe"
> & { readonly handover: ReadHandover };

/** What handlers ask of goods. */
export type ReadHandover = Pick<
  Handover,
  "give" | "goodsOf" | "isFixed" | "onMoved" | "progressOf" | "promise"
>;

/** What is shown of the line before a pool's limits. */
export type ShownLine = Pick<Line, "counts" | "evidenceOf" | "fairness" | "foreign" | "parked" | "taken">;

/** What is shown of a key that owners share. */
export type ReadShared = Pick<SharedKey, "agent" | "isHeard" | "parts" | "terms" | "window">;

/** All that handlers read of a running gateway. */
export type ReadGateway = Pick<
  HostedGateway,
  | "agents"
  | "counts"
  | "desk"
  | "headroomBp"
  | "keyRefused"
  | "limits"
  | "metrics"
  | "plan"
  | "pricesDate"
  | "recent"
  | "startedAtMs"
  | "termsOf"
  | "upstream"
  | "url"
  | "waiting"
> & {
  readonly books: Pick<Books, "find" | "recent" | "spent">;
  readonly named: Pick<NamedAgents, "get" | "values">;
  readonly shared: ReadShared | null;
  readonly pools: { all(): Iterable<readonly [string, ShownLine]> };
};

export interface Surroundings {
  readonly version: string;
  readonly startedAtMs: number;
  readonly nowMs: () => number;
  /** data folder; null: in memory */
  readonly home: string | null;
  readonly keys: KeyCustody;
  /** events that listeners may still read when they come late */
  readonly keptEvents: number;
  /** the agent that acts when a request names none */
  readonly defaultAgent: AgentId | null;
  /** where keys of further agents come from; null: none come */
  readonly keyring: Keyring | null;
  /** of a testnet: who grants, and how much if nobody says; null: there is no faucet here */
  readonly faucet: Faucet | null;
}

export class HostedPeer {
  readonly events: RecentEvents;
  /** what this process serves besides; null: no gateway */
  gateway: ReadGateway | null = null;
  private readonly unsubscribe: () => void;
  private readonly stopAlarms: () => void;
  private readonly stopMoves: () => void;

  constructor(
    readonly node: ReadPeer,
    readonly around: Surroundings,
  ) {
    this.events = new RecentEvents(around.startedAtMs, around.keptEvents);
    this.unsubscribe = node.subscribe((notice) => {
      const event = eventOf(notice, around.nowMs(), node.peer.ledger.params);
      if (event !== null) this.events.append(event);
    });
    this.stopAlarms = node.onEclipse((alarm) => {
      this.events.append({ type: "node.eclipse", time: timeOf(around.nowMs()), alarm });
    });
    this.stopMoves = node.handover.onMoved((trade, { hash: _, media: __, ...progress }) => {
      const time = timeOf(around.nowMs());
      this.events.append({ type: "goods.moved", time, trade: toHex(trade.id), ...progress });
    });
  }

  close(): void {
    this.stopMoves();
    this.stopAlarms();
    this.unsubscribe();
  }

  /** The protocol's own peer: ledger, log and voter as they are now. */
  get state(): Peer {
    return this.node.peer;
  }

  /** How it stands now: its mode, what certificates have shown of the network, and what its owner should know. */
  standing() {
    const reading = this.reading();
    return {
      mode: modeOf(reading),
      networkHeight: reading.networkHeight,
      warnings: warningsOf(reading),
    };
  }

  private reading(): Reading {
    const { node, around } = this;
    const { halted, tip, electorate, voter } = this.state;
    return {
      halted,
      height: tip.height,
      timeMs: tip.timeMs,
      nowMs: around.nowMs(),
      networkHeight: node.connections().length === 0 ? null : node.shownHeight,
      isBehind: node.isBehind,
      isAlone: electorate.size === 1 && voter.seat !== null,
      members: electorate.size,
      tolerance: electorate.tolerance,
      clock: node.clockDistance,
      eclipse: node.eclipse,
      keys: around.keys,
      persistent: node.persistent,
    };
  }
}

/** A process: the peers it hosts behind one API. */
export interface Host {
  readonly peerCount: number;
  /** The n-th peer, from 0; null: there is none, or it is down. */
  peer(n: number): HostedPeer | null;
  /** Begins an orderly end of the whole process; called after the answer has left. */
  stop(): void;
}
