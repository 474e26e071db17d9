// A bounded memory of verdicts, so that a signature is judged once in a process however often it is met.
import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Bytes } from "../../src/index.js";

/** Names one question: SHA-256 of key ‖ signature ‖ message, whose first two parts have fixed lengths. */
export type VerdictKey = string;

export function verdictKey(publicKey: Bytes, message: Bytes, signature: Bytes): VerdictKey {
  return hash("sha256", Buffer.concat([publicKey, signature, message]), "base64");
}

/** Refusals have a memory of their own: a flood of bad signatures must not push out the good ones. */
export class VerdictMemo {
  private readonly accepted: LRUCache<VerdictKey, true>;
  private readonly refused: LRUCache<VerdictKey, true>;

  /** @param max verdicts kept: this many acceptances, and an eighth of it refusals */
  constructor(max: number) {
    this.accepted = new LRUCache({ max });
    this.refused = new LRUCache({ max: Math.max(1, max >> 3) });
  }

  get(key: VerdictKey): boolean | undefined {
    if (this.accepted.get(key)) return true;
    if (this.refused.get(key)) return false;
    return undefined;
  }

  set(key: VerdictKey, valid: boolean): void {
    (valid ? this.accepted : this.refused).set(key, true);
  }
}
