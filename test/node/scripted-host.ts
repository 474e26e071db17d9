// A scripted world for the API and the CLI: two auctions, some money, and refusals a real peer would give.
import {
  type AuctionView,
  type Backend,
  type BidView,
  type Host,
  type OwnBidView,
  pageOf,
  type QuorumView,
  RecentEvents,
  type SlashDetail,
  timeOf,
} from "../../node/api/index.js";
import { fromHex, toHex } from "../../src/base/index.js";
import type { Command, CommandResult } from "../../src/peer/event.js";
import { partsOf } from "./transcript-parts.js";

export const START_MS = Date.UTC(2026, 0, 1);
export const ME = "aa".repeat(32);
export const OTHER = "bb".repeat(32);
export const CHAIN = "c0".repeat(32);
export const OPEN_AUCTION = `0a0a0a${"11".repeat(29)}`;
export const DONE_AUCTION = `0d0d0d${"22".repeat(29)}`;
/** shares its first six digits with OPEN_AUCTION */
export const TWIN_AUCTION = `0a0a0a${"33".repeat(29)}`;
const OPERATION = "0e".repeat(32);

const auction = (id: string, fields: Partial<AuctionView>): AuctionView => ({
  id,
  seller: OTHER,
  format: "vickrey",
  direction: "sell",
  lot: { capability: "gpu.a100", units: 2, from: null, to: null },
  reserve: "1000000",
  hiddenReserve: false,
  lockups: ["10000000"],
  sellerBond: "0",
  phase: "open",
  opensAt: timeOf(START_MS),
  commitClosesAt: timeOf(START_MS + 60_000),
  revealClosesAt: null,
  commits: 2,
  reveals: 0,
  createdHeight: 3,
  forgotten: false,
  outcome: null,
  ...fields,
});

const outcome = {
  auction: DONE_AUCTION,
  status: "sold",
  winner: ME,
  price: "2500000",
  burned: "0",
  forfeits: [],
  height: 9,
  time: timeOf(START_MS + 90_000),
} as const;

const bid = (auctionId: string, bidder: string) => ({
  auction: auctionId,
  bidder,
  lockup: "10000000",
  commitment: "cc".repeat(32),
  committedHeight: 4,
});

const ack = (entryId: string) => ({
  message: "ack" as const,
  fields: { message: "ack", epoch: 0, setHash: "5e".repeat(32), term: 5, entryId, signer: 1 },
  signature: "77".repeat(64),
});

export const SLASH: SlashDetail = {
  id: "5a".repeat(32),
  epoch: 0,
  term: 5,
  height: 7,
  time: timeOf(START_MS),
  agent: OTHER,
  seat: 1,
  offence: "E1",
  class: "A",
  amount: "100000000",
  key: "6b".repeat(32),
  due: "500000000",
  burned: "50000000",
  insurance: "50000000",
  entry: "e7".repeat(32),
  operation: OPERATION,
  evidence: {
    bytes: "AAAA",
    messages: [ack("01".repeat(32)), ack("02".repeat(32))],
    differ: ["entryId"],
    flaw: null,
  },
};

/** One scripted peer. `commands` records what it was asked; `answer` may be replaced. */
export class ScriptedBackend implements Backend {
  readonly events = new RecentEvents(START_MS, 8);
  readonly commands: Command[] = [];
  missing: string[] = [];
  auctionViews = [
    auction(OPEN_AUCTION, {}),
    auction(TWIN_AUCTION, { phase: "scheduled", opensAt: timeOf(START_MS + 30_000), commits: 0 }),
    auction(DONE_AUCTION, { phase: "done", reveals: 2, outcome: { ...outcome, forfeits: [] } }),
  ];
  bidViews: BidView[] = [
    { ...bid(OPEN_AUCTION, ME), state: "sealed", amount: null },
    { ...bid(OPEN_AUCTION, OTHER), state: "sealed", amount: null },
    { ...bid(DONE_AUCTION, ME), state: "revealed", amount: "4000000", won: true },
    { ...bid(DONE_AUCTION, OTHER), state: "revealed", amount: "2500000", won: false },
  ];
  answer: (command: Command) => Promise<CommandResult> = async (command) => judge(command);

  async readiness() {
    return { ready: this.missing.length === 0, missing: this.missing };
  }
  async node() {
    return {
      version: "0.1.0",
      peerId: "12D3KooWscripted",
      addresses: ["/ip4/127.0.0.1/tcp/4001"],
      chain: CHAIN,
      market: "d0".repeat(32),
      agent: ME,
      agents: [ME],
      seat: 2,
      mode: "ready" as const,
      height: 12,
      networkHeight: 12,
      ledgerTime: timeOf(START_MS),
      connections: 1,
      storage: "in-memory" as const,
      home: null,
      keys: "plain" as const,
      testnet: true,
      quorum: { members: 7, byzantineTolerance: 2 },
      timing: { commitMs: 1000, revealMs: 1200 },
      fee: "10",
      startedAt: timeOf(START_MS),
      pid: process.pid,
      warnings: ["keys are stored in plain text"],
    };
  }
  async peers() {
    return [
      {
        peerId: "12D3KooWother",
        address: "/ip4/127.0.0.1/tcp/4002",
        direction: "outbound" as const,
        seat: 1,
        height: 12,
        connectedAt: timeOf(START_MS),
      },
    ];
  }
  async connect(address: string) {
    if (address.includes("/wrong-chain"))
      return refused("WRONG_CHAIN", { expected: CHAIN, found: "ff".repeat(32) });
    if (!address.startsWith("/")) return refused("BAD_ADDRESS", { address });
    return { ok: true as const, peer: (await this.peers())[0]! };
  }
  async auctions(filter: Parameters<Backend["auctions"]>[0], page: Parameters<Backend["auctions"]>[1]) {
    const seller = filter.seller && toHex(filter.seller);
    const matching = this.auctionViews.filter(
      (one) =>
        (filter.phase === null || one.phase === filter.phase) && (seller === null || one.seller === seller),
    );
    return pageOf(matching, page, (one) => one.id);
  }
  async auction(id: Uint8Array) {
    return this.auctionViews.find((one) => one.id === toHex(id)) ?? null;
  }
  async auctionsLike(prefix: string, limit: number) {
    return this.auctionViews
      .map((one) => one.id)
      .filter((id) => id.startsWith(prefix))
      .slice(0, limit);
  }
  async bids(id: Uint8Array) {
    return this.bidViews.filter((one) => one.auction === toHex(id));
  }
  async outcome(id: Uint8Array) {
    return toHex(id) === DONE_AUCTION ? { ...outcome, forfeits: [] } : null;
  }
  async transcript(id: Uint8Array) {
    if (toHex(id) !== DONE_AUCTION) return null;
    return partsOf({ auction: DONE_AUCTION, genesis: "AAAA", entries: [], certificate: "", proofs: [] });
  }
  async wallet(agent: Uint8Array) {
    if (![ME, OTHER].includes(toHex(agent))) return null;
    return {
      agent: toHex(agent),
      held: toHex(agent) === ME,
      free: "5000000",
      locked: "10000000",
      deposits: "0",
      stake: "0",
      locks: [{ id: OPEN_AUCTION, amount: "10000000", reason: "bid" as const }],
      nonces: { critical: 1, bulk: 0 },
      height: 12,
    };
  }
  async ownBids(page: Parameters<Backend["ownBids"]>[0]) {
    return pageOf([] as OwnBidView[], page, (one) => one.commitment);
  }
  async movements() {
    return { items: [], nextCursor: null };
  }
  async agentsLike(prefix: string, limit: number) {
    return [ME, OTHER].filter((id) => id.startsWith(prefix)).slice(0, limit);
  }
  /** what `quorum` says of amnesia and of a halt */
  standing: Pick<QuorumView, "halted" | "amnesia" | "halt"> = { halted: null, amnesia: null, halt: null };
  async quorum() {
    return {
      epoch: 0,
      setHash: "5e".repeat(32),
      members: 7,
      quorum: 5,
      byzantineTolerance: 2,
      term: 14,
      leader: 3,
      seat: 2,
      height: 12,
      finalId: "f1".repeat(32),
      stateRoot: "51".repeat(32),
      ledgerTime: timeOf(START_MS),
      ...this.standing,
    };
  }
  async members() {
    return [0, 1, 2].map((seat) => ({
      seat,
      key: `0${seat}`.repeat(32),
      agent: `1${seat}`.repeat(32),
      power: 1,
      leads: seat === 0,
      self: seat === 2,
      slashed: false,
    }));
  }
  async log(page: Parameters<Backend["log"]>[0]) {
    const entries = [3, 2, 1].map((height) => ({
      height,
      id: `e${height}`.repeat(32),
      parent: `e${height - 1}`.repeat(32),
      term: height,
      leader: height % 7,
      time: timeOf(START_MS + height * 200),
      operations: height,
      bytes: 300 * height,
      execHeight: height - 1,
      execRoot: "51".repeat(32),
      signers: [0, 1, 2, 3, 4],
    }));
    return pageOf(entries, page, (one) => String(one.height));
  }
  slashDetails: SlashDetail[] = [SLASH];
  async slashes(page: Parameters<Backend["slashes"]>[0]) {
    const views = this.slashDetails.map(
      ({ id, epoch, term, height, time, agent, seat, offence, class: of, amount }) =>
        ({ id, epoch, term, height, time, agent, seat, offence, class: of, amount }) as const,
    );
    return pageOf(views, page, (one) => one.id);
  }
  async slash(id: Uint8Array) {
    return this.slashDetails.find((one) => one.id === toHex(id)) ?? null;
  }
  async slashesLike(prefix: string, limit: number) {
    const ids = this.slashDetails.map((one) => one.id);
    return ids.filter((id) => id.startsWith(prefix)).slice(0, limit);
  }
  command(command: Command) {
    this.commands.push(command);
    return this.answer(command);
  }
  async faucet(to: Uint8Array, amount: bigint | null): Promise<CommandResult> {
    this.commands.push({ kind: "grant", from: fromHex(OTHER)!, to, amount: amount ?? 100_000_000n });
    return accepted(null);
  }
}

const refused = (code: string, detail: Record<string, string | number | null>) =>
  ({ ok: false, refusal: { code, detail } }) as const;

const accepted = (auctionId: string | null): CommandResult => ({
  ok: true,
  operation: fromHex(OPERATION)!,
  auction: auctionId === null ? null : fromHex(auctionId)!,
});

export const PUBLISHED_AFTER_MS = 24_000;
export const COMMITMENT = "0c".repeat(32);

/** A bid under the reserve that replaces another and waits for its time. */
const sealed = (auction: Uint8Array): CommandResult => ({
  ok: true,
  operation: null,
  auction,
  bid: {
    commitment: fromHex(OPERATION)!,
    lockup: 10_000_000n,
    publishesAtMs: START_MS + PUBLISHED_AFTER_MS,
    replaces: fromHex(COMMITMENT)!,
    isBelowReserve: true,
  },
});

/** 5 credits are free, the highest lockup is 10, and DONE_AUCTION is closed. */
function judge(command: Command): CommandResult {
  switch (command.kind) {
    case "createAuction":
      return accepted("0f".repeat(32));
    case "placeBid":
      if (toHex(command.auction) === DONE_AUCTION)
        return refused("COMMIT_AFTER_CLOSE", { closedAt: START_MS, includedAt: START_MS + 1 });
      if (command.amount > 5_000_000n)
        return refused("FUNDS_TOO_LOW", { free: "5000000", required: String(command.amount) });
      return sealed(command.auction);
    case "transfer":
      return command.amount > 5_000_000n
        ? refused("FUNDS_TOO_LOW", { free: "5000000", required: String(command.amount) })
        : accepted(null);
    case "cancelAuction":
      return refused("AUCTION_HAS_COMMITS", { commits: 2 });
    default:
      return accepted(null);
  }
}

export class ScriptedHost implements Host {
  readonly backends = [new ScriptedBackend(), new ScriptedBackend()];
  readonly peerCount = 2;
  stopped = 0;
  get first() {
    return this.backends[0]!;
  }
  peer(n: number) {
    return this.backends[n] ?? null;
  }
  stop() {
    this.stopped++;
  }
}
