// A bounded memory of verdicts, so that a signature is judged once in a process however often it is met.
import { hash } from "node:crypto";
import type { Bytes } from "../../src/index.js";

/** Names one question: SHA-256 of key ‖ signature ‖ message, whose first two parts have fixed lengths. */
export type VerdictKey = string;

export function verdictKey(publicKey: Bytes, message: Bytes, signature: Bytes): VerdictKey {
  return hash("sha256", Buffer.concat([publicKey, signature, message]), "base64");
}

/** Refusals have a memory of their own: a flood of bad signatures must not push out the good ones. */
export class VerdictMemo {
  private readonly accepted: RecentSet;
  private readonly refused: RecentSet;
  /** those accepted that OpenSSL refuses; no sooner forgotten than the acceptance */
  private readonly odd: RecentSet;

  /** @param max verdicts kept: at most this many acceptances, and an eighth of it refusals */
  constructor(max: number) {
    this.accepted = new RecentSet(max);
    this.refused = new RecentSet(Math.max(2, max >> 3));
    this.odd = new RecentSet(max);
  }

  get(key: VerdictKey): boolean | undefined {
    if (this.accepted.has(key)) return true;
    if (this.refused.has(key)) return false;
    return undefined;
  }

  /** Whether what is accepted was OpenSSL's to refuse: where it is not remembered, it costs noble's work again. */
  isOdd(key: VerdictKey): boolean {
    return this.odd.has(key);
  }

  set(key: VerdictKey, valid: boolean, native: boolean): void {
    (valid ? this.accepted : this.refused).add(key);
    if (valid && !native) this.odd.add(key);
  }
}

/**
 * Keeps at least the latest half of `max` keys, and never more than `max`: when the younger generation is full, the
 * elder goes. An exact list by recency takes megabytes before it holds anything, and more time than the hash.
 */
class RecentSet {
  private young = new Set<VerdictKey>();
  private old = new Set<VerdictKey>();

  constructor(private readonly max: number) {}

  has(key: VerdictKey): boolean {
    return this.young.has(key) || this.old.has(key);
  }

  add(key: VerdictKey): void {
    if (this.young.size >= this.max >> 1) {
      this.old = this.young;
      this.young = new Set();
    }
    this.young.add(key);
  }
}
