// Two parties of a trade on loopback sockets for tests: real networks, real disks or memory, and a log of one trade by hand.
import { agentKey } from "../../node/crypto/signer.js";
import { type Files, filesInMemory } from "../../node/handover/files.js";
import { Handover } from "../../node/handover/handover.js";
import type { Part } from "../../src/handover/index.js";
import { type Bytes, toHex } from "../../src/index.js";
import type { Trade, TradeState } from "../../src/market/index.js";
import { chain, market, quiet, type Station, seedOf, station, until, verifier } from "./net-fixture.js";

export const performer = agentKey(seedOf("performer"));
export const buyer = agentKey(seedOf("buyer"));
export const somebody = agentKey(seedOf("somebody else"));
export const HOUR_MS = 3_600_000;

export const tradeOf = (name: string, state: TradeState, parties = { performer, buyer }): Trade => ({
  id: seedOf(name),
  auction: seedOf("auction"),
  performer: parties.performer.publicKey,
  buyer: parties.buyer.publicKey,
  capability: "render",
  units: 1,
  price: 1n,
  lien: 0n,
  fence: 1,
  settleMs: 1000,
  outagesMs: 0,
  state,
});
export const due: TradeState = { kind: "due", deliverByMs: Date.now() + HOUR_MS };
export const delivered = (hash: Bytes): TradeState => ({
  kind: "delivered",
  hash,
  deliveredMs: Date.now(),
  acceptByMs: Date.now() + HOUR_MS,
});
export const ended = (hash: Bytes | null): TradeState => ({
  kind: "ended",
  cause: hash === null ? "failed" : "accepted",
  endedAt: 9,
  endedMs: Date.now(),
  hash,
  received: 1n,
  fee: 0n,
  returned: 0n,
  penalty: null,
  dispute: null,
});

/** A log that all parties see alike. */
export class OneLog {
  private readonly trades = new Map<string, Trade>();
  readonly parties: Party[] = [];

  get(id: Bytes): Trade | null {
    return this.trades.get(toHex(id)) ?? null;
  }

  all(): Iterable<Trade> {
    return this.trades.values();
  }

  /** An entry is final: a trade stands so from now on. */
  says(trade: Trade): void {
    this.trades.set(toHex(trade.id), trade);
    for (const { handover } of this.parties) handover.heard(trade);
  }
}

export interface Party {
  readonly station: Station;
  handover: Handover;
  readonly files: Files;
  readonly agents: Map<string, typeof performer>;
}

export interface PartyOptions {
  readonly agents?: readonly (typeof performer)[];
  readonly join?: readonly string[];
  readonly files?: Files;
  readonly shelfBytes?: number;
}

/** A daemon's part in handover, for these agents. */
export async function party(log: OneLog, name: string, options: PartyOptions = {}): Promise<Party> {
  const { agents = [], join = [], files = filesInMemory(Date.now), shelfBytes } = options;
  const keys = new Map(agents.map((key) => [toHex(key.publicKey), key]));
  const made = await station({ name, join });
  const handover = await Handover.start({
    chain,
    market,
    direct: made.network.direct,
    verifier,
    nowMs: Date.now,
    files,
    ...(shelfBytes === undefined ? {} : { shelfBytes }),
    agents: keys,
    tradeOf: (id) => log.get(id),
    allTrades: () => log.all(),
    isParty: () => false,
    log: { ...quiet, info: () => undefined } as never,
  });
  const one = { station: made, handover, files, agents: keys };
  log.parties.push(one);
  return one;
}

/** The performer's daemon and the buyer's, which know of each other. */
export async function both(log: OneLog, options: { readonly [K in "seller" | "buyer"]?: PartyOptions } = {}) {
  const seller = await party(log, "seller", { agents: [performer], ...options.seller });
  const join = [...seller.station.network.multiaddrs()];
  const taker = await party(log, "taker", { agents: [buyer], join, ...options.buyer });
  await until("they are connected", () => taker.station.connected.size > 0);
  return { seller, taker };
}

/** The daemon ends, as by a crash: nothing is tidied up, its disk stays. */
export async function crash(log: OneLog, one: Party): Promise<void> {
  log.parties.splice(log.parties.indexOf(one), 1);
  one.handover.end();
  await one.station.network.stop();
}

export async function* pieces(bytes: Bytes, size = 100_000): AsyncIterable<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The goods of a part as a reader gets them. */
export async function readAll({ handover }: Party, trade: Trade, part: Part): Promise<Bytes> {
  const goods = (await handover.goodsOf(trade, part))!;
  const chunks = [];
  for (let i = 0; i < goods.chunks; i++) chunks.push((await goods.read(i))!);
  return new Uint8Array(Buffer.concat(chunks));
}

export const here = async ({ handover }: Party, trade: Trade, part: Part): Promise<boolean> =>
  (await handover.progressOf(trade, part))?.state === "here";

/** Waits until it holds. @throws after `seconds`, with what was waited for */
export async function eventually(what: string, holds: () => Promise<boolean>, seconds = 20): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 10) {
    if (waited > seconds * 1000) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
