// Handover: a peer's goods, given and taken, for each trade in which an agent of its own is a party (spec/handover).
import type { Logger } from "pino";
import { giverOf, PARTS, type Part, takerOf } from "../../src/handover/index.js";
import { type AgentKey, type Bytes, equalBytes, type Hash, toHex, type Verifier } from "../../src/index.js";
import { hasEnded, type Trade } from "../../src/market/index.js";
import { messageOf } from "../accident.js";
import { FrameError } from "../net/frame-stream.js";
import { type AsyncVerifier, type DirectNet, NetworkRefusal } from "../net/index.js";
import { RecentMap } from "../net/recent-map.js";
import { Errand } from "./errand.js";
import type { Files } from "./files.js";
import type { Goods } from "./goods.js";
import { OpenTrades } from "./parties.js";
import { Places } from "./places.js";
import { Presences } from "./presences.js";
import type { MovingState, Progress } from "./progress.js";
import { GoodsRefusal, refusalOf, SHELF_BYTES, Shelf } from "./shelf.js";
import { StepFault } from "./steps.js";
import { TradeStreams } from "./streams.js";
import { sayReady, takeFrom } from "./taking.js";

export interface HandoverPort {
  readonly chain: Hash;
  readonly market: Hash;
  readonly direct: DirectNet;
  readonly verifier: Verifier & AsyncVerifier;
  readonly nowMs: () => number;
  readonly files: Files;
  /** goods that are held in all, in bytes */
  readonly shelfBytes?: number;
  /** agents in custody here, by their names; more may come */
  readonly agents: ReadonlyMap<string, AgentKey>;
  /** null: the ledger has none of this id */
  tradeOf(id: Hash): Trade | null;
  allTrades(): Iterable<Trade>;
  /** has something with others besides trades: its word of where it is served is kept, too */
  isParty(agent: Bytes): boolean;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** Parts that move at the same time; the others wait for their turn. */
const MOVING_AT_ONCE = 8;
/** How often whoever has something to give says so, before it waits to be asked. */
const READY_TRIES = 8;
const ANNOUNCE_EVERY_MS = 10_000;
const SWEEP_EVERY_MS = 600_000;
/** A delivery that ended is still taken for so long. */
const TAKEN_AFTER_MS = 24 * 3_600_000;

/** Parts of which it is counted what has left. */
const MOST_COUNTED = 1024;

/** Told when a part has come further, or its state has changed. */
export type MovedListener = (trade: Trade, progress: Progress) => void;

export class Handover {
  private readonly open = new OpenTrades();
  private readonly places = new Places(MOVING_AT_ONCE);
  private readonly takings = new Map<string, Errand>();
  private readonly callings = new Map<string, Errand>();
  /** bytes that have left, by part; each chunk once */
  private readonly left: RecentMap<Set<number>>;
  private readonly promised: RecentMap<true>;
  /** by part, what was told of it last */
  private readonly told: RecentMap<string>;
  private readonly listeners = new Set<MovedListener>();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly streams: TradeStreams;
  /** where agents are served */
  readonly presences: Presences;

  private constructor(
    private readonly port: HandoverPort,
    private readonly shelf: Shelf,
  ) {
    this.left = new RecentMap(MOST_COUNTED, TAKEN_AFTER_MS, port.direct.steadyMs);
    this.presences = new Presences({
      ...port,
      isParty: (agent) => this.open.isParty(agent) || port.isParty(agent),
    });
    this.promised = new RecentMap(MOST_COUNTED, TAKEN_AFTER_MS, port.direct.steadyMs);
    this.told = new RecentMap(MOST_COUNTED, TAKEN_AFTER_MS, port.direct.steadyMs);
    this.streams = new TradeStreams({
      chain: port.chain,
      market: port.market,
      direct: port.direct,
      verifier: port.verifier,
      shelf,
      presences: this.presences,
      partiesOf: (id) => port.tradeOf(id),
      keyOf: (agent) => this.keyOf(agent),
      deliveredOf: (id) => deliveredHash(port.tradeOf(id)),
      readied: (id, part) => this.takings.get(keyOf(id, part))?.wake(),
      gave: (id, part, index) => this.gave(id, part, index),
    });
  }

  /** Finds what lies here, serves, and goes on with what is under way. @throws what the disk throws */
  static async start(port: HandoverPort): Promise<Handover> {
    const shelf = await Shelf.open({
      files: port.files,
      bytes: port.shelfBytes ?? SHELF_BYTES,
      nowMs: port.nowMs,
      keyOf: (agent) => port.agents.get(toHex(agent)) ?? null,
      isOver: (id) => {
        const trade = port.tradeOf(id);
        return trade === null || hasEnded(trade);
      },
    });
    const handover = new Handover(port, shelf);
    await handover.begin();
    return handover;
  }

  /** A trade stands as it does now. */
  heard(trade: Trade): void {
    if (this.open.note(trade))
      for (const one of [trade.performer, trade.buyer]) this.presences.becameParty(one);
    for (const part of PARTS) this.attend(trade, part);
    this.announce(trade);
  }

  /**
   * Lays down what a party of this peer's gives. @returns the manifest's hash and the size in bytes
   * @throws GoodsRefusal, and what `source` throws
   */
  async give(
    trade: Trade,
    part: Part,
    media: string,
    source: AsyncIterable<Bytes>,
  ): Promise<{ readonly hash: Hash; readonly size: number }> {
    const { chain, market } = this.port;
    const agent = this.keyOf(giverOf(part, trade))!;
    const goods = await this.shelf.give({ chain, market, trade: trade.id, part }, agent, media, source);
    this.left.set(keyOf(trade.id, part), new Set());
    this.moved(trade, part);
    this.attend(trade, part);
    return { hash: goods.hash, size: goods.manifest.size };
  }

  /** The goods of a part, as far as they are here; null: nothing was offered so far. @throws what the disk throws */
  goodsOf(trade: Trade, part: Part): Promise<Goods | null> {
    return this.shelf.goodsOf(trade.id, part);
  }

  /** How far a part is; null: no agent of this peer's is a party, or there will be none. */
  async progressOf(trade: Trade, part: Part): Promise<Progress | null> {
    const [gives, takes] = [giverOf(part, trade), takerOf(part, trade)].map(
      (one) => this.keyOf(one) !== null,
    );
    if (!gives && !takes) return null;
    const goods = await this.shelf.goodsOf(trade.id, part);
    const errand = this.takings.get(keyOf(trade.id, part));
    return {
      part,
      side: gives ? (takes ? "both" : "giver") : "taker",
      state: stateOf(goods, errand ?? null),
      received: goods?.intake.received ?? 0,
      total: goods?.manifest.size ?? null,
      sent: goods === null ? 0 : this.bytesLeft(trade.id, part, goods),
      hash: goods?.hash ?? null,
      media: goods?.manifest.media ?? null,
      trouble: errand?.trouble ?? this.callings.get(keyOf(trade.id, part))?.trouble ?? null,
    };
  }

  /** The hash of this trade's output is on its way into the log: it is replaced no more. */
  promise(trade: Hash): void {
    this.promised.set(toHex(trade), true);
  }

  isPromised(trade: Trade, part: Part): boolean {
    return part === "output" && this.promised.get(toHex(trade.id)) === true;
  }

  /** Returns the way to end it. */
  onMoved(listener: MovedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** No more is begun; what is under way ends with the network. */
  end(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const errand of [...this.takings.values(), ...this.callings.values()]) errand.end();
  }

  private async begin(): Promise<void> {
    await this.streams.serve();
    await this.presences.serve();
    for (const trade of this.port.allTrades()) this.heard(trade);
    const sweep = () =>
      void this.shelf
        .sweep()
        .catch((error) => this.port.log.warn({ err: error }, "could not let go of goods that are over"));
    const announce = (): void => {
      for (const key of this.port.agents.values())
        if (this.open.isParty(key.publicKey)) this.presences.announce(key);
    };
    sweep();
    this.timers.push(setInterval(sweep, SWEEP_EVERY_MS).unref());
    this.timers.push(setInterval(announce, ANNOUNCE_EVERY_MS).unref());
  }

  private announce(trade: Trade): void {
    if (hasEnded(trade)) return;
    for (const agent of [trade.performer, trade.buyer]) {
      const key = this.keyOf(agent);
      if (key !== null) this.presences.announce(key);
    }
  }

  /** Begins, wakes or ends what this peer has to do for a part. */
  private attend(trade: Trade, part: Part): void {
    const [giver, taker] = [this.keyOf(giverOf(part, trade)), this.keyOf(takerOf(part, trade))];
    // Both parties are here: what one gives lies where the other reads.
    if ((giver === null) === (taker === null)) return;
    if (taker !== null) this.attendTaking(trade, part, taker);
    else this.attendCalling(trade, part, giver!);
  }

  private attendTaking(trade: Trade, part: Part, own: AgentKey): void {
    const name = keyOf(trade.id, part);
    const isWanted = this.isWanted(trade, part);
    const known = this.takings.get(name);
    if (!isWanted) {
      known?.end();
      this.takings.delete(name);
      return;
    }
    if (known !== undefined) {
      known.wake();
      return;
    }
    const errand: Errand = new Errand(() => this.take(trade, part, own, errand), this.places);
    this.takings.set(name, errand);
    errand.begin();
  }

  /** Whoever gives says so, for it may be the one that can reach the other. */
  private attendCalling(trade: Trade, part: Part, own: AgentKey): void {
    const name = keyOf(trade.id, part);
    const offered = this.shelf.offerOf(trade.id, part);
    this.callings.get(name)?.end();
    this.callings.delete(name);
    if (offered === null || !this.isWanted(trade, part)) return;
    const other = takerOf(part, trade);
    const call = () =>
      this.tried(() => this.streams.to(trade.id, own, other, (frames) => sayReady(frames, part)));
    const errand = new Errand(call, this.places, READY_TRIES);
    this.callings.set(name, errand);
    errand.begin();
  }

  private async take(known: Trade, part: Part, own: AgentKey, errand: Errand) {
    const { chain, market, verifier } = this.port;
    const trade = this.port.tradeOf(known.id);
    if (trade === null || !this.isWanted(trade, part)) return this.taken(known, part);
    const goods = await this.shelf.goodsOf(trade.id, part).catch(() => null);
    const hash = deliveredHash(trade);
    const wanted = {
      chain,
      market,
      trade: trade.id,
      part,
      parties: trade,
      hash: part === "output" ? hash : null,
    };
    if (goods?.intake.isComplete === true && (wanted.hash === null || equalBytes(goods.hash, wanted.hash)))
      return this.taken(trade, part);
    const took = (): void => {
      errand.wentOn();
      this.moved(trade, part);
    };
    const result = await this.tried(() =>
      this.streams.to(trade.id, own, giverOf(part, trade), (frames, opened) =>
        takeFrom(frames, opened, wanted, { shelf: this.shelf, verifier, took }),
      ),
    );
    if (result === "done") return this.taken(trade, part);
    errand.trouble = result.trouble;
    this.moved(trade, part);
    return result;
  }

  private taken(trade: Trade, part: Part): "done" {
    this.takings.delete(keyOf(trade.id, part));
    this.moved(trade, part);
    return "done";
  }

  /** What a try came to. What it met that nobody foresaw is told to the owner. */
  private async tried(work: () => Promise<unknown>): Promise<"done" | { readonly trouble: string }> {
    try {
      await work();
      return "done";
    } catch (thrown) {
      const error = refusalOf(thrown);
      if (error instanceof StepFault || error instanceof GoodsRefusal || error instanceof NetworkRefusal)
        return { trouble: error.code };
      if (!(error instanceof FrameError))
        this.port.log.info({ err: messageOf(error) }, "a handover broke off");
      return { trouble: "BROKEN_OFF" };
    }
  }

  /** Whether a part is still to be handed over: an input until the delivery, an output from then on. */
  private isWanted(trade: Trade, part: Part): boolean {
    if (part === "input") return trade.state.kind === "due";
    if (deliveredHash(trade) === null) return false;
    return !hasEnded(trade) || this.port.nowMs() - trade.state.endedMs < TAKEN_AFTER_MS;
  }

  private gave(id: Hash, part: Part, index: number): void {
    const name = keyOf(id, part);
    const left = this.left.get(name) ?? new Set();
    this.left.set(name, left.add(index));
    const trade = this.port.tradeOf(id);
    if (trade !== null) this.moved(trade, part);
  }

  private bytesLeft(id: Hash, part: Part, goods: Goods): number {
    const left = this.left.get(keyOf(id, part)) ?? new Set<number>();
    return [...left].reduce((sum, index) => sum + goods.bytesOf(index), 0);
  }

  private moved(trade: Trade, part: Part): void {
    if (this.listeners.size === 0) return;
    void this.progressOf(trade, part)
      .then((progress) => {
        if (progress === null || !this.isNews(trade, progress)) return;
        for (const listener of this.listeners) listener(trade, progress);
      })
      .catch(() => undefined);
  }

  /** Each state is told, each trouble, and each twentieth of the way. */
  private isNews({ id }: Trade, { part, state, received, sent, total, trouble }: Progress): boolean {
    const name = keyOf(id, part);
    const twentieths = [received, sent].map((bytes) => Math.floor((bytes * 20) / Math.max(1, total ?? 1)));
    const now = [state, trouble, ...twentieths].join();
    if (this.told.get(name) === now) return false;
    this.told.set(name, now);
    return true;
  }

  private keyOf(agent: Bytes): AgentKey | null {
    return this.port.agents.get(toHex(agent)) ?? null;
  }
}

const keyOf = (trade: Hash, part: Part): string => `${toHex(trade)}.${part}`;

/** What the log says was delivered; null: nothing. */
export function deliveredHash(trade: Trade | null): Hash | null {
  return trade === null || trade.state.kind === "due" ? null : trade.state.hash;
}

function stateOf(goods: Goods | null, errand: Errand | null): MovingState {
  if (goods?.intake.isComplete === true) return "here";
  if (goods === null) return "waiting";
  return errand?.isMoving === true && errand.trouble === null ? "moving" : "stalled";
}
