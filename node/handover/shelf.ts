// The shelf of goods that a peer holds, given or taken: bounded, and found again after a start (spec/handover#T5).
import { randomBytes } from "node:crypto";
import {
  MAX_GOODS_BYTES,
  MAX_MANIFEST_BYTES,
  type Manifest,
  manifest,
  manifestHash,
  type Offer,
  offer,
  type Part,
  SALT_BYTES,
} from "../../src/handover/index.js";
import {
  type AgentKey,
  type Bytes,
  decode,
  encode,
  fixed,
  type Hash,
  struct,
  toHex,
} from "../../src/index.js";
import { codeOf } from "../accident.js";
import { cut } from "./cut.js";
import type { Files } from "./files.js";
import { Goods, placeOf } from "./goods.js";
import { boxOf, fastChunkHash, freshKey, openKey, sealChunk, sealKey } from "./seal.js";

/** What goods a peer holds in all. */
export const SHELF_BYTES = 4 * 1024 * 1024 * 1024;
/** Goods of a trade that is over are kept so long. */
const KEPT_AFTER_MS = 24 * 3_600_000;
const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

export type GoodsFault = "GOODS_TOO_LARGE" | "GOODS_GIVEN" | "SHELF_FULL" | "DISK_FULL";

/** Goods that could not be laid down: nothing of them is left behind. */
export class GoodsRefusal extends Error {
  override readonly name = "GoodsRefusal";
  constructor(readonly code: GoodsFault) {
    super(code);
  }
}

/** What lies beside the chunks: whose key opens them, and how they were offered. */
export const keptGoods = struct({ agent: [0, fixed(32)], offer: [1, offer] });
export const MAX_KEPT_BYTES = MAX_MANIFEST_BYTES + 1024;

interface Kept {
  readonly agent: Bytes;
  readonly offer: Offer;
  readonly manifest: Manifest;
  readonly hash: Hash;
  writtenMs: number;
}

export interface ShelfPort {
  readonly files: Files;
  readonly bytes: number;
  readonly nowMs: () => number;
  keyOf(agent: Bytes): AgentKey | null;
  /** whether nothing follows of a trade any more */
  isOver(trade: Hash): boolean;
}

/** Where goods belong. */
export interface GoodsPlace {
  readonly chain: Hash;
  readonly market: Hash;
  readonly trade: Hash;
  readonly part: Part;
}

const stemOf = (trade: Hash, part: Part): string => `${toHex(trade)}.${part}`;
const chunkFile = (stem: string, hash: Hash): string => `${stem}.${toHex(hash).slice(0, 16)}.chunks`;

export class Shelf {
  private readonly kept = new Map<string, Kept>();
  private readonly open = new Map<string, Promise<Goods | null>>();
  /** parts whose goods give way to others at this moment: nobody is offered them */
  private readonly replacing = new Set<string>();
  /** bytes of goods that are being laid down */
  private arriving = 0;

  private constructor(private readonly port: ShelfPort) {}

  /** Finds what lies here; what was not whole when this peer ended is cleared away. @throws what the disk throws */
  static async open(port: ShelfPort): Promise<Shelf> {
    const shelf = new Shelf(port);
    const files = await port.files.list();
    const wanted = new Set<string>();
    for (const { name, writtenMs } of files) {
      if (!name.endsWith(".goods")) continue;
      const read = await shelf.readKept(name, writtenMs);
      if (read === null) continue;
      const stem = name.slice(0, -".goods".length);
      shelf.kept.set(stem, read);
      wanted.add(name).add(chunkFile(stem, read.hash));
    }
    for (const { name } of files) if (!wanted.has(name)) await port.files.remove(name);
    return shelf;
  }

  /** Bytes of all goods, as large as they will be. */
  get bytes(): number {
    let sum = this.arriving;
    for (const { manifest } of this.kept.values()) sum += manifest.size;
    return sum;
  }

  offerOf(trade: Hash, part: Part): (Offer & { readonly hash: Hash }) | null {
    const stem = stemOf(trade, part);
    const found = this.replacing.has(stem) ? undefined : this.kept.get(stem);
    return found === undefined ? null : { ...found.offer, hash: found.hash };
  }

  /** The goods of a part; null: there are none, or their agent's key is not here. @throws what the disk throws */
  goodsOf(trade: Hash, part: Part): Promise<Goods | null> {
    const stem = stemOf(trade, part);
    const known = this.open.get(stem);
    if (known !== undefined) return known;
    const opening = this.opened(stem);
    this.open.set(stem, opening);
    opening.then(
      (goods) => goods === null && this.open.delete(stem),
      () => this.open.delete(stem),
    );
    return opening;
  }

  /**
   * Cuts, seals and keeps what comes. What was given of the part before is replaced once this is whole, if it may be then.
   * @throws GoodsRefusal, and what `source` throws
   */
  async give(
    place: GoodsPlace,
    agent: AgentKey,
    media: string,
    source: AsyncIterable<Bytes>,
    mayReplace: () => boolean = () => true,
  ): Promise<Goods> {
    const { files } = this.port;
    const { trade, part } = place;
    const stem = stemOf(trade, part);
    const draft = `${stem}.${randomBytes(8).toString("hex")}.draft`;
    const key = freshKey();
    const chunks: Bytes[] = [];
    let size = 0;
    try {
      for await (const chunk of cut(source)) {
        await this.makeRoom(chunk.length);
        size += chunk.length;
        this.arriving += chunk.length;
        if (size > MAX_GOODS_BYTES) throw new GoodsRefusal("GOODS_TOO_LARGE");
        const index = chunks.length;
        chunks.push(fastChunkHash(chunk));
        await files.writeAt(draft, placeOf(index), sealChunk(key, { trade, part, index }, chunk));
      }
      if (!mayReplace()) throw new GoodsRefusal("GOODS_GIVEN");
      this.replacing.add(stem);
      const salt = new Uint8Array(randomBytes(SALT_BYTES));
      const value: Manifest = { v: 1, ...place, media, size, salt, chunks };
      const hash = manifestHash(value);
      const name = chunkFile(stem, hash);
      if (size > 0) {
        await files.sync(draft);
        await files.rename(draft, name);
      }
      const sealedKey = sealKey(key, boxOf(agent).publicKey)!;
      await this.keep(stem, agent.publicKey, {
        manifest: encode(manifest, value),
        sealedKey,
        sig: agent.sign(hash),
      });
      const goods = new Goods(files, name, value, hash, key, true);
      this.open.set(stem, Promise.resolve(goods));
      return goods;
    } catch (error) {
      throw refusalOf(error);
    } finally {
      this.arriving -= size;
      this.replacing.delete(stem);
      await files.remove(draft);
    }
  }

  /** Makes place for goods that were offered, or finds what of them came before. @throws GoodsRefusal */
  async expect(trade: Hash, part: Part, agent: Bytes, offered: Offer): Promise<Goods | null> {
    const value = decode(manifest, offered.manifest, MAX_MANIFEST_BYTES);
    if (!value.ok) return null;
    const stem = stemOf(trade, part);
    const known = this.kept.get(stem);
    const isSame = known !== undefined && toHex(known.hash) === toHex(manifestHash(value.value));
    try {
      if (!isSame) {
        await this.makeRoom(value.value.size);
        await this.keep(stem, agent, offered);
      }
      return await this.goodsOf(trade, part);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** All of it came: it stays, whatever befalls this machine. @throws GoodsRefusal */
  async whole(trade: Hash, part: Part): Promise<void> {
    const stem = stemOf(trade, part);
    const kept = this.kept.get(stem);
    if (kept === undefined || kept.manifest.size === 0) return;
    kept.writtenMs = this.port.nowMs();
    await this.port.files.sync(chunkFile(stem, kept.hash)).catch((error: unknown) => {
      throw refusalOf(error);
    });
  }

  /** Lets go of what has been over for long. @throws what the disk throws */
  async sweep(): Promise<void> {
    for (const [stem, { manifest, writtenMs }] of this.kept)
      if (this.port.nowMs() - writtenMs > KEPT_AFTER_MS && this.port.isOver(manifest.trade))
        await this.remove(stem);
  }

  private async makeRoom(bytes: number): Promise<void> {
    while (this.bytes + bytes > this.port.bytes) {
      const over = [...this.kept].filter(([, one]) => this.port.isOver(one.manifest.trade));
      const oldest = over.reduce<(typeof over)[number] | null>(
        (least, one) => (least === null || one[1].writtenMs < least[1].writtenMs ? one : least),
        null,
      );
      if (oldest === null) throw new GoodsRefusal("SHELF_FULL");
      await this.remove(oldest[0]);
    }
  }

  private async remove(stem: string): Promise<void> {
    const { hash } = this.kept.get(stem)!;
    this.kept.delete(stem);
    this.open.delete(stem);
    await this.port.files.remove(`${stem}.goods`);
    await this.port.files.remove(chunkFile(stem, hash));
  }

  private async keep(stem: string, agent: Bytes, offered: Offer): Promise<void> {
    const { files, nowMs } = this.port;
    const before = this.kept.get(stem);
    await files.write(`${stem}.goods`, encode(keptGoods, { agent, offer: offered }));
    const kept = keptOf({ agent, offer: offered }, nowMs());
    if (kept === null) return;
    this.kept.set(stem, kept);
    this.open.delete(stem);
    if (before !== undefined && toHex(before.hash) !== toHex(kept.hash))
      await files.remove(chunkFile(stem, before.hash));
  }

  private async readKept(name: string, writtenMs: number): Promise<Kept | null> {
    const bytes = await this.port.files.read(name);
    const decoded = bytes === null ? null : decode(keptGoods, bytes, MAX_KEPT_BYTES);
    return decoded?.ok === true ? keptOf(decoded.value, writtenMs) : null;
  }

  private async opened(stem: string): Promise<Goods | null> {
    const kept = this.kept.get(stem);
    const agent = kept === undefined ? null : this.port.keyOf(kept.agent);
    if (kept === undefined || agent === null) return null;
    const key = openKey(kept.offer.sealedKey, boxOf(agent));
    if (key === null) return null;
    const goods = new Goods(
      this.port.files,
      chunkFile(stem, kept.hash),
      kept.manifest,
      kept.hash,
      key,
      false,
    );
    await goods.prove();
    return goods;
  }
}

function keptOf(
  { agent, offer }: { readonly agent: Bytes; readonly offer: Offer },
  writtenMs: number,
): Kept | null {
  const decoded = decode(manifest, offer.manifest, MAX_MANIFEST_BYTES);
  if (!decoded.ok) return null;
  return { agent, offer, manifest: decoded.value, hash: manifestHash(decoded.value), writtenMs };
}

/** A disk that is full, whatever it calls that, is a refusal; all else is what it was. */
export const refusalOf = (error: unknown): unknown =>
  FULL.has(codeOf(error) ?? "") ? new GoodsRefusal("DISK_FULL") : error;
