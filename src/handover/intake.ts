// What of some goods is here, what was asked for, and what is to be asked for next (spec/handover#T2).
import { type Bytes, equalBytes } from "../base/index.js";
import { chunkBytes, chunkHash, type Manifest } from "./goods.js";

/** `kept`: it was missing. `duplicate`: it is here already. The others are faults of whoever sent it. */
export type ChunkVerdict = "kept" | "duplicate" | "WRONG_LENGTH" | "WRONG_HASH";

export class Intake {
  private readonly here: boolean[];
  private readonly asked = new Set<number>();
  /** bytes that are here, of chunks that proved right */
  received = 0;

  constructor(
    readonly manifest: Pick<Manifest, "size" | "chunks">,
    /** of a chunk that is whole in memory: the hash that `chunkHash` gives */
    private readonly hashOf: (bytes: Bytes) => Bytes = chunkHash,
  ) {
    this.here = manifest.chunks.map(() => false);
  }

  get isComplete(): boolean {
    return this.received === this.manifest.size;
  }

  has(index: number): boolean {
    return this.here[index] === true;
  }

  /**
   * The first chunk that is neither here nor asked for, which counts as asked for then; null: there is none, or no place.
   * @param places questions that may still be asked now
   */
  next(places = 1): number | null {
    if (places <= 0) return null;
    const index = this.here.findIndex((is, i) => !is && !this.asked.has(i));
    if (index < 0) return null;
    this.asked.add(index);
    return index;
  }

  /** What was asked for will not come: the stream is gone. */
  forgetAsked(): void {
    this.asked.clear();
  }

  /** Whether these bytes are the chunk at `index`, which is below the number of chunks. Nothing changes. */
  judge(index: number, bytes: Bytes): ChunkVerdict {
    if (this.has(index)) return "duplicate";
    if (bytes.length !== chunkBytes(this.manifest.size, index)) return "WRONG_LENGTH";
    return equalBytes(this.hashOf(bytes), this.manifest.chunks[index]!) ? "kept" : "WRONG_HASH";
  }

  /** The chunk at `index` is on the disk: only now it counts. */
  keep(index: number): void {
    this.asked.delete(index);
    if (this.has(index)) return;
    this.here[index] = true;
    this.received += chunkBytes(this.manifest.size, index);
  }
}
