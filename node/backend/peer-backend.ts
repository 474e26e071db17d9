// What the API's port asks of a peer, answered by a running one.
import { fromHex, type Hash, sortedKeys, toHex } from "../../src/index.js";
import { ACCOUNTS, type AgentId, type Ledger } from "../../src/ledger/index.js";
import { AUCTIONS, type AuctionId, auctionOf, GRANTERS, isEnded } from "../../src/market/index.js";
import type { Command, CommandResult } from "../../src/peer/index.js";
import {
  type AuctionFilter,
  type AuctionView,
  type Backend,
  type BidView,
  type ConnectResult,
  eventOf,
  type KeyCustody,
  type LogEntryView,
  type MemberView,
  type MovementView,
  type OutcomeView,
  type OwnBidView,
  type OwnNodeView,
  type Page,
  type PageRequest,
  type PeerView,
  pageOf,
  problem,
  type QuorumView,
  type Readiness,
  RecentEvents,
  type SlashDetail,
  type SlashView,
  type TranscriptParts,
  timeOf,
  type WalletView,
} from "../api/index.js";
import { type PeerView as Connected, NetworkRefusal } from "../net/index.js";
import type { PeerNode } from "../peer-node.js";
import { auctionView, bidViews, newestAuctions, outcomeView, shownAuction } from "./auction-views.js";
import { logEntryView, memberViews, quorumView, walletView } from "./ledger-views.js";
import { bidsIn, liveBids, movementView } from "./own-views.js";
import { slashDetail, slashViews, slashWithId } from "./slash-views.js";

/** What a backend is told of its surroundings. */
export interface BackendSurroundings {
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
  /** of a testnet: who grants, and how much if nobody says; null: there is no faucet here */
  readonly faucet: { readonly granter: AgentId; readonly amount: bigint } | null;
}

const STANDING: Partial<Record<OwnNodeView["mode"], string>> = {
  "catching-up": "this peer is behind: balances and auctions are those of its height, not of now",
  isolated: "no peer is connected: nothing new is heard, and nothing is published",
  stalled: "the log has not moved for a while: operations wait until it does",
};

const ECLIPSE: Readonly<Record<NonNullable<PeerNode["eclipse"]>, string>> = {
  SILENCE: "peers are connected but bring no final entry: this peer may be eclipsed, and dials all it knows",
};

const EXPOSURE: Readonly<Record<KeyCustody, string | null>> = {
  encrypted: null,
  "passphrase-beside":
    "the keys are encrypted, but their passphrase lies beside them: whoever reads the folder can sign",
  plain: "the keys lie unencrypted on disk",
  public: "these are test keys, publicly known: nothing of worth may ever be held by them",
};

/** Without a new entry for so long the log stands still, or this peer does not hear of it. */
const STALLED_AFTER_MS = 15_000;

export class PeerBackend implements Backend {
  readonly events: RecentEvents;
  private readonly unsubscribe: () => void;
  private readonly stopAlarms: () => void;

  constructor(
    private readonly own: PeerNode,
    private readonly around: BackendSurroundings,
  ) {
    this.events = new RecentEvents(around.startedAtMs, around.keptEvents);
    this.unsubscribe = own.subscribe((notice) => {
      const event = eventOf(notice, around.nowMs());
      if (event !== null) this.events.append(event);
    });
    this.stopAlarms = own.onEclipse((alarm) => {
      this.events.append({ type: "node.eclipse", time: timeOf(around.nowMs()), alarm });
    });
  }

  close(): void {
    this.stopAlarms();
    this.unsubscribe();
  }

  private get peer() {
    return this.own.peer;
  }

  async readiness(): Promise<Readiness> {
    const mode = this.mode();
    return mode === "ready" ? { ready: true, missing: [] } : { ready: false, missing: [mode] };
  }

  private mode(): OwnNodeView["mode"] {
    const { halted, tip } = this.peer;
    if (halted === "fork") return "forked";
    if (halted !== null) return halted;
    const networkHeight = this.networkHeight();
    if (networkHeight === null && !this.isWholeQuorum()) return "isolated";
    if (tip.height === 0) return "starting";
    if (this.own.isBehind) return "catching-up";
    // A clock that is off says nothing of the log: what it is off by is taken away, and told in a warning of its own.
    const ageMs = this.around.nowMs() - (this.own.clockDistance?.aheadMs ?? 0) - tip.timeMs;
    return ageMs > STALLED_AFTER_MS ? "stalled" : "ready";
  }

  /** A quorum of one needs nobody to go on. */
  private isWholeQuorum(): boolean {
    return this.peer.electorate.size === 1 && this.peer.voter.seat !== null;
  }

  /** What certificates have shown; null: nobody is connected who could show more. */
  private networkHeight(): number | null {
    return this.own.connections().length === 0 ? null : this.own.shownHeight;
  }

  async node(): Promise<OwnNodeView> {
    const { peer, around } = this;
    const { ledger, electorate, tip } = peer;
    const { params } = ledger;
    return {
      version: around.version,
      peerId: this.own.peerId,
      addresses: [...this.own.multiaddrs()],
      chain: toHex(ledger.network.chain),
      market: toHex(ledger.network.market),
      agent: around.defaultAgent === null ? null : toHex(around.defaultAgent),
      agents: sortedKeys(peer.agents),
      seat: peer.voter.seat,
      mode: this.mode(),
      height: tip.height,
      networkHeight: this.networkHeight(),
      ledgerTime: timeOf(tip.timeMs),
      connections: this.own.connections().length,
      storage: this.own.persistent ? "persistent" : "in-memory",
      home: around.home,
      keys: around.keys,
      testnet: ledger.table(GRANTERS).size > 0,
      quorum: { members: electorate.size, byzantineTolerance: electorate.tolerance },
      timing: { commitMs: params.defaultCommitMs, revealMs: params.defaultRevealMs },
      fee: params.minFee.toString(),
      startedAt: timeOf(around.startedAtMs),
      pid: process.pid,
      warnings: this.warnings(),
    };
  }

  private warnings(): string[] {
    const { electorate, halted } = this.peer;
    const warnings: string[] = [];
    const standing = STANDING[this.mode()];
    if (standing !== undefined) warnings.push(standing);
    const { eclipse } = this.own;
    if (eclipse !== null) warnings.push(ECLIPSE[eclipse]);
    const { clockDistance } = this.own;
    if (clockDistance !== null) warnings.push(clockDistance.message);
    if (electorate.tolerance === 0) {
      warnings.push(`a quorum of ${electorate.size} tolerates no Byzantine member`);
    }
    const exposure = EXPOSURE[this.around.keys];
    if (exposure !== null) warnings.push(exposure);
    if (!this.own.persistent) warnings.push("nothing is kept on disk: what this peer knows ends with it");
    if (halted === "amnesia")
      warnings.push(
        "this seat signs nothing, since it may have forgotten what it signed: see `mabeam quorum status`",
      );
    if (halted === "fork")
      warnings.push("two conflicting finalisations were seen: this peer has stopped for ever");
    if (halted === "corrupt")
      warnings.push("the state here differs from the quorum's: move the store aside and restart");
    return warnings;
  }

  async peers(): Promise<readonly PeerView[]> {
    return this.own.connections().map((one) => this.peerView(one));
  }

  private peerView(one: Connected): PeerView {
    return {
      peerId: one.ref,
      address: one.remoteAddress,
      direction: one.direction,
      seat: one.seat,
      height: one.height,
      connectedAt: timeOf(this.around.nowMs() - one.connectedMs),
    };
  }

  async connect(address: string): Promise<ConnectResult> {
    try {
      const ref = await this.own.connect(address);
      const found = this.own.connections().find((one) => one.ref === ref);
      if (found !== undefined) return { ok: true, peer: this.peerView(found) };
      return { ok: false, refusal: { code: "UNREACHABLE", detail: { address, why: "it hung up at once" } } };
    } catch (error) {
      if (!(error instanceof NetworkRefusal)) throw error;
      return { ok: false, refusal: { code: error.code, detail: { address, why: error.message } } };
    }
  }

  async auctions(filter: AuctionFilter, page: PageRequest): Promise<Page<AuctionView>> {
    const { ledger } = this.peer;
    const { items, nextCursor } = pageOf(newestAuctions(ledger, filter), page, (one) => toHex(one.id));
    return { items: items.map((one) => auctionView(shownAuction(ledger, one))), nextCursor };
  }

  /** The ledger that holds the auction's rows: the living one, or what is kept of a forgotten one. */
  private async whereKept(id: AuctionId): Promise<Ledger | null> {
    const { ledger } = this.peer;
    return auctionOf(ledger, id) === null ? this.own.pastAuction(id) : ledger;
  }

  async auction(id: AuctionId): Promise<AuctionView | null> {
    const ledger = await this.whereKept(id);
    if (ledger === null) return null;
    return auctionView(shownAuction(ledger, auctionOf(ledger, id)!), ledger !== this.peer.ledger);
  }

  async auctionsLike(prefix: string, limit: number): Promise<readonly string[]> {
    const live = startingWith(this.peer.ledger.table(AUCTIONS).keys(), prefix, limit);
    const past = await this.own.pastAuctionsLike(prefix, limit);
    return [...new Set([...live, ...past])].slice(0, limit);
  }

  async bids(id: AuctionId): Promise<readonly BidView[]> {
    const ledger = await this.whereKept(id);
    return ledger === null ? [] : bidViews(ledger, auctionOf(ledger, id)!);
  }

  async outcome(id: AuctionId): Promise<OutcomeView | null> {
    const ledger = await this.whereKept(id);
    return ledger && outcomeView(shownAuction(ledger, auctionOf(ledger, id)!));
  }

  async ownBids(page: PageRequest): Promise<Page<OwnBidView>> {
    return pageOf([...liveBids(this.peer), ...(await this.pastBids())], page, (one) => one.commitment);
  }

  private async pastBids(): Promise<readonly OwnBidView[]> {
    const { ledger, agents } = this.peer;
    const bids: { readonly endedMs: number; readonly view: OwnBidView }[] = [];
    for (const id of await this.own.ownPastAuctions()) {
      if (ledger.table(AUCTIONS).has(id)) continue;
      const past = await this.own.pastAuction(fromHex(id)!);
      const auction = past === null ? null : auctionOf(past, id);
      if (past === null || auction === null) continue;
      const endedMs = isEnded(auction.phase) ? auction.phase.endedMs : 0;
      bids.push(...bidsIn(past, auction, agents).map((view) => ({ endedMs, view })));
    }
    return bids.sort((a, b) => b.endedMs - a.endedMs).map(({ view }) => view);
  }

  async movements(agent: AgentId, { cursor, limit }: PageRequest): Promise<Page<MovementView>> {
    const found = await this.own.movements(agent, cursor, limit + 1);
    if (found === null) throw problem("CURSOR_GONE");
    const items = found.slice(0, limit).map(movementView);
    return { items, nextCursor: found.length > limit ? items.at(-1)!.id : null };
  }

  transcript(id: AuctionId): Promise<TranscriptParts | null> {
    return this.own.openTranscript(id);
  }

  async wallet(agent: AgentId): Promise<WalletView | null> {
    const account = this.peer.ledger.accountOf(agent);
    return account === null ? null : walletView(this.peer, account);
  }

  async agentsLike(prefix: string, limit: number): Promise<readonly string[]> {
    return startingWith(this.peer.ledger.table(ACCOUNTS).keys(), prefix, limit);
  }

  async quorum(): Promise<QuorumView> {
    return quorumView(this.peer);
  }

  async members(): Promise<readonly MemberView[]> {
    return memberViews(this.peer);
  }

  async log({ cursor, limit }: PageRequest): Promise<Page<LogEntryView>> {
    const next = this.peer.tip.height + 1;
    const end = cursor === null ? next : Number(cursor);
    if (end > next) throw problem("CURSOR_GONE", `no entry of height ${end} is held`);
    const from = Math.max(1, end - limit);
    const entries = end <= 1 ? [] : await this.own.readLog(from, end - from);
    const items = entries.map(logEntryView).reverse();
    return { items, nextCursor: items.length > 0 && from > 1 ? String(from) : null };
  }

  async slashes(page: PageRequest): Promise<Page<SlashView>> {
    return pageOf(slashViews(this.peer), page, (one) => one.id);
  }

  async slash(id: Hash): Promise<SlashDetail | null> {
    const slash = slashWithId(this.peer, toHex(id));
    if (slash === null) return null;
    const [entry] = await this.own.readLog(slash.height, 1);
    return slashDetail(this.peer, slash, entry ?? null);
  }

  async slashesLike(prefix: string, limit: number): Promise<readonly string[]> {
    return startingWith(
      slashViews(this.peer).map((one) => one.id),
      prefix,
      limit,
    );
  }

  command(command: Command): Promise<CommandResult> {
    return this.own.command(command);
  }

  async faucet(to: AgentId, amount: bigint | null): Promise<CommandResult> {
    const { faucet } = this.around;
    if (faucet === null) return { ok: false, refusal: { code: "FAUCET_UNAVAILABLE", detail: {} } };
    return this.command({ kind: "grant", from: faucet.granter, to, amount: amount ?? faucet.amount });
  }
}

function startingWith(ids: Iterable<string>, prefix: string, limit: number): readonly string[] {
  if (fromHex(prefix.length % 2 === 0 ? prefix : `${prefix}0`) === null) return [];
  const found: string[] = [];
  for (const id of ids) {
    if (id.startsWith(prefix)) found.push(id);
    if (found.length >= limit) break;
  }
  return found;
}
