// Handover: a peer's goods, given and taken, for each trade in which an agent of its own is a party (spec/handover).
import type { Logger } from "pino";
import { giverOf, PARTS, type Part, takerOf } from "../../src/handover/index.js";
import { type AgentKey, type Bytes, equalBytes, type Hash, toHex, type Verifier } from "../../src/index.js";
import { hasEnded, type Trade } from "../../src/market/index.js";
import type { AsyncVerifier, DirectNet } from "../net/index.js";
import { tried } from "./attempt.js";
import { Errand } from "./errand.js";
import type { Files } from "./files.js";
import type { Goods } from "./goods.js";
import { type MovedListener, Movement, partName } from "./movement.js";
import { deliveredHash, OpenTrades } from "./parties.js";
import { Places } from "./places.js";
import { Presences } from "./presences.js";
import { type Progress, stateOf } from "./progress.js";
import { SHELF_BYTES, Shelf } from "./shelf.js";
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
/** How often whoever gives says so, before it waits to be asked. */
const READY_TRIES = 8;
const ANNOUNCE_EVERY_MS = 10_000;
const SWEEP_EVERY_MS = 600_000;
/** A delivery that ended is still taken for so long. */
const TAKEN_AFTER_MS = 24 * 3_600_000;

export class Handover {
  private readonly open = new OpenTrades();
  private readonly places = new Places(MOVING_AT_ONCE);
  private readonly takings = new Map<string, Errand>();
  private readonly callings = new Map<string, Errand>();
  private readonly movement: Movement;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly streams: TradeStreams;
  /** where agents are served */
  readonly presences: Presences;

  private constructor(
    private readonly port: HandoverPort,
    private readonly shelf: Shelf,
  ) {
    this.movement = new Movement(port.direct.steadyMs);
    this.presences = new Presences({
      ...port,
      isParty: (agent) => this.open.isParty(agent) || port.isParty(agent),
    });
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
      readied: (id, part) => this.takings.get(partName(id, part))?.wake(),
      offered: (id, part) => this.movement.fix(id, part),
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

  /** An agent's key has come here, or this peer begins: its trades are attended. */
  lookAgain(): void {
    for (const trade of this.port.allTrades()) this.heard(trade);
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
    const place = { chain, market, trade: trade.id, part };
    const goods = await this.shelf.give(place, agent, media, source, () => !this.isFixed(trade, part));
    this.movement.replaced(trade.id, part);
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
    const errand = this.takings.get(partName(trade.id, part));
    return {
      part,
      side: gives ? (takes ? "both" : "giver") : "taker",
      state: stateOf(goods, errand ?? null),
      received: goods?.intake.received ?? 0,
      total: goods?.manifest.size ?? null,
      sent: goods === null ? 0 : this.movement.bytesLeft(trade.id, part, goods),
      hash: goods?.hash ?? null,
      media: goods?.manifest.media ?? null,
      trouble: errand?.trouble ?? this.callings.get(partName(trade.id, part))?.trouble ?? null,
    };
  }

  /** The hash of this trade's output is on its way into the log: it is replaced no more. */
  promise(trade: Hash): void {
    this.movement.fix(trade, "output");
  }

  /** Whether what was given of a part can be replaced no more. */
  isFixed(trade: Trade, part: Part): boolean {
    return this.movement.isFixed(trade.id, part);
  }

  /** Returns the way to end it. */
  onMoved(listener: MovedListener): () => void {
    return this.movement.listen(listener);
  }

  /** No more is begun; what is under way ends with the network. */
  end(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const errand of [...this.takings.values(), ...this.callings.values()]) errand.end();
  }

  private async begin(): Promise<void> {
    await this.streams.serve();
    await this.presences.serve();
    this.lookAgain();
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
    const name = partName(trade.id, part);
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
    const name = partName(trade.id, part);
    const offered = this.shelf.offerOf(trade.id, part);
    this.callings.get(name)?.end();
    this.callings.delete(name);
    if (offered === null || !this.isWanted(trade, part)) return;
    const other = takerOf(part, trade);
    const call = () =>
      tried(this.port.log, () => this.streams.to(trade.id, own, other, (frames) => sayReady(frames, part)));
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
    const result = await tried(this.port.log, () =>
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
    this.takings.delete(partName(trade.id, part));
    this.moved(trade, part);
    return "done";
  }

  /** Whether a part is still to be handed over: an input until the delivery, an output from then on. */
  private isWanted(trade: Trade, part: Part): boolean {
    if (part === "input") return trade.state.kind === "due";
    if (deliveredHash(trade) === null) return false;
    return !hasEnded(trade) || this.port.nowMs() - trade.state.endedMs < TAKEN_AFTER_MS;
  }

  private gave(id: Hash, part: Part, index: number): void {
    this.movement.gave(id, part, index);
    const trade = this.port.tradeOf(id);
    if (trade !== null) this.moved(trade, part);
  }

  private moved(trade: Trade, part: Part): void {
    this.movement.tell(trade, () => this.progressOf(trade, part));
  }

  private keyOf(agent: Bytes): AgentKey | null {
    return this.port.agents.get(toHex(agent)) ?? null;
  }
}
