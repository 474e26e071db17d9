// What a scan has found in one document of JSON, while it is read and then.
import { Few } from "./few.js";
import type { Kept } from "./json-capture.js";

/** One document, an object: what of the wanted is there. */
export interface Found {
  readonly start: number;
  readonly kept: Few<Kept>;
  /** probed keys that are there */
  readonly filled: Few<boolean>;
  /** something is within what one of them holds */
  readonly isFilled: boolean;
  /** characters by key: an escape counts as one */
  readonly counts: Few<number>;
  /** a kept path, or an object with one in it, that is there more than once: readers differ on which one counts */
  readonly twice: string | null;
}

export class Draft implements Found {
  readonly kept = new Few<Kept>();
  readonly filled = new Few<boolean>();
  readonly counts = new Few<number>();
  isFilled = false;
  twice: string | null = null;
  /** keys of objects with a kept path in them: null, as in most documents, none is there */
  private holders: string[] | null = null;

  constructor(readonly start: number) {}

  /** The value of a key begins in which kept paths may be. */
  holdBy(key: string): void {
    this.holders ??= [];
    if (this.holders.includes(key)) this.twice = key;
    this.holders.push(key);
  }
}
