// Goods of one part of one trade as they lie here: sealed, some of their chunks perhaps still missing.

import {
  CHUNK_BYTES,
  type ChunkVerdict,
  chunkBytes,
  Intake,
  type Manifest,
  SEAL_BYTES,
} from "../../src/handover/index.js";
import { type Bytes, toHex } from "../../src/index.js";
import type { Files } from "./files.js";
import { fastChunkHash, openChunk } from "./seal.js";

const PLACE_BYTES = CHUNK_BYTES + SEAL_BYTES;

/** Where a chunk lies in its file. */
export const placeOf = (index: number): number => index * PLACE_BYTES;

/** `UNSEALED`: it does not open with the key of these goods. */
export type Judged = ChunkVerdict | "UNSEALED";

export class Goods {
  readonly intake: Intake;

  constructor(
    private readonly files: Files,
    /** the file of its chunks */
    readonly name: string,
    readonly manifest: Manifest,
    readonly hash: Bytes,
    /** what its chunks are sealed under */
    readonly key: Bytes,
    /** they were all written here before this was made */
    isWhole: boolean,
  ) {
    this.intake = new Intake(manifest, fastChunkHash);
    for (let i = 0; isWhole && i < this.chunks; i++) this.intake.keep(i);
  }

  get chunks(): number {
    return this.manifest.chunks.length;
  }

  /** Of the chunk at `index`. */
  bytesOf(index: number): number {
    return chunkBytes(this.manifest.size, index);
  }

  /** Looks which chunks lie on the disk, and proves each (spec/handover#T3). @throws what the disk throws */
  async prove(): Promise<void> {
    for (let index = 0; index < this.chunks; index++) {
      const sealed = await this.readSealed(index);
      // Nothing was written so far, or what comes later was.
      if (sealed.length === 0) continue;
      const bytes = openChunk(this.key, this.at(index), sealed);
      if (bytes !== null && this.intake.judge(index, bytes) === "kept") this.intake.keep(index);
    }
  }

  /** A chunk as it lies on the disk. */
  readSealed(index: number): Promise<Bytes> {
    const length = chunkBytes(this.manifest.size, index) + SEAL_BYTES;
    return this.files.readAt(this.name, placeOf(index), length);
  }

  /** A chunk that is here, proven once more; null: the disk has changed it. */
  async read(index: number): Promise<Bytes | null> {
    const bytes = openChunk(this.key, this.at(index), await this.readSealed(index));
    if (bytes === null) return null;
    return toHex(fastChunkHash(bytes)) === toHex(this.manifest.chunks[index]!) ? bytes : null;
  }

  /** Takes a chunk that came, if it is what it should be: it counts once it is written. @throws what the disk throws */
  async take(index: number, sealed: Bytes): Promise<Judged> {
    const bytes = openChunk(this.key, this.at(index), sealed);
    if (bytes === null) return "UNSEALED";
    const judged = this.intake.judge(index, bytes);
    if (judged !== "kept") return judged;
    await this.files.writeAt(this.name, placeOf(index), sealed);
    this.intake.keep(index);
    return judged;
  }

  private at(index: number) {
    const { trade, part } = this.manifest;
    return { trade, part, index };
  }
}
