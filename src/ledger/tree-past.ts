// The tree's recent past: a row proven against a root that only a later entry turns out to attest.
import { type Hash, invariant } from "../base/index.js";
import { BucketProver, type RowProof } from "./row-proof.js";
import { bucketOf, type StateTree, type TreeHashes } from "./state-tree.js";
import type { RowKey } from "./table.js";

/** The tree after one entry, and what that entry overwrote in it. */
interface Version {
  readonly height: number;
  readonly hashes: TreeHashes;
  /** by bucket; null: there was no such row before */
  readonly before: ReadonlyMap<number, readonly (readonly [key: RowKey, row: Hash | null])[]>;
}

/**
 * Versions of a tree, one for each height without gaps, the newest being the tree as it is. Each costs a copy of the
 * tree's hashes and what its entry overwrote, however many rows are to be proven.
 */
export class TreePast {
  private versions: Version[] = [];
  /** of the buckets in which rows of one height were proven last: whoever chooses keys may have put many into one */
  private provers = new Map<number, BucketProver>();
  private proversOf: number | null = null;

  /** @param overwritten by key, the row's hash before the entry of `height`; null: it was not there */
  record(tree: StateTree, height: number, overwritten: ReadonlyMap<RowKey, Hash | null>): void {
    const newest = this.versions.at(-1);
    invariant(newest === undefined || newest.height + 1 === height, "versions have no gaps");
    const before = new Map<number, (readonly [RowKey, Hash | null])[]>();
    for (const change of overwritten) {
      const bucket = bucketOf(change[0]);
      const changes = before.get(bucket);
      if (changes === undefined) before.set(bucket, [change]);
      else changes.push(change);
    }
    this.versions.push({ height, hashes: tree.hashes(), before });
    this.proversOf = null;
  }

  /** Lets go of all versions below `height`. */
  keepFrom(height: number): void {
    this.versions = this.versions.filter((one) => one.height >= height);
  }

  /** The heights kept, ascending. */
  heights(): readonly number[] {
    return this.versions.map((one) => one.height);
  }

  /** The root after the entry of `height`; null: that version is not kept. */
  rootAt(height: number): Hash | null {
    return this.at(height)?.hashes.at(-1) ?? null;
  }

  /** The proof of a row against `rootAt(height)`; null: no such row then, or the version is not kept. */
  prove(tree: StateTree, height: number, key: RowKey): RowProof | null {
    const version = this.at(height);
    return version === null ? null : this.proverAt(tree, height, bucketOf(key)).prove(version.hashes, key);
  }

  private proverAt(tree: StateTree, height: number, bucket: number): BucketProver {
    if (this.proversOf !== height) this.provers.clear();
    this.proversOf = height;
    const known = this.provers.get(bucket);
    if (known !== undefined) return known;
    const made = new BucketProver(this.rowsAt(tree, height, bucket));
    this.provers.set(bucket, made);
    return made;
  }

  private at(height: number): Version | null {
    const first = this.versions[0];
    return first === undefined ? null : (this.versions[height - first.height] ?? null);
  }

  /** A bucket's rows after `height`: the present ones, with what came since undone from the newest on. */
  private rowsAt(tree: StateTree, height: number, bucket: number): ReadonlyMap<string, Hash> {
    const rows = new Map(tree.rowsOf(bucket));
    for (let i = this.versions.length - 1; this.versions[i]!.height > height; i--) {
      for (const [key, row] of this.versions[i]!.before.get(bucket) ?? []) {
        if (row === null) rows.delete(key);
        else rows.set(key, row);
      }
    }
    return rows;
  }
}
