// One verdict for every signature: a native library's acceptance, or else ZIP-215's by noble, remembered (spec/encoding#S1).
import type { Bytes, Verifier } from "../../src/index.js";
import { type NativeVerification, nativeVerification } from "./native.js";
import { wellShaped } from "./signature-shape.js";
import { SlowLane, type SlowLimits } from "./slow-lane.js";
import { VerdictMemo, verdictKey } from "./verdict-memo.js";
import { zip215 } from "./zip215.mjs";

/** What admission learns about a signature. `overloaded` is no verdict: nobody may be blamed for it. */
export type SignatureVerdict = "valid" | "invalid" | "overloaded";

/** How much is remembered, and how many signatures may wait for the slow lane. */
export interface VerifierLimits extends SlowLimits {
  readonly verdicts: number;
  readonly keys: number;
}

export const VERIFIER_LIMITS: VerifierLimits = {
  verdicts: 1 << 16,
  keys: 1 << 14,
  waitingSlow: 256,
  waitingSlowEach: 4096,
};

/** How verdicts were reached since the process started. */
export interface VerifierCounters {
  /** answered from memory */
  memoHits: number;
  /** accepted by the native library */
  native: number;
  /** refused by it and judged by noble */
  slow: number;
  /** turned away, without a verdict, because the slow lane was full */
  overloaded: number;
}

/**
 * The `Verifier` of a process; its peers may share one, since a verdict depends on nothing but the question.
 *
 * Native libraries and their versions disagree on edge cases, but each accepts only what ZIP-215 accepts. So their
 * acceptance is final, and their refusal asks noble.
 */
export class SignatureVerifier implements Verifier {
  readonly counters: VerifierCounters = { memoHits: 0, native: 0, slow: 0, overloaded: 0 };
  private readonly memo: VerdictMemo;
  private readonly slowLane: SlowLane;

  constructor(
    limits: VerifierLimits = VERIFIER_LIMITS,
    private readonly native: NativeVerification = nativeVerification(limits.keys),
  ) {
    this.memo = new VerdictMemo(limits.verdicts);
    this.slowLane = new SlowLane(limits, {
      get: (question) => this.memo.get(question),
      learn: (question, valid) => this.remember(question, valid, false),
    });
  }

  /**
   * The verdict at once. About 2 µs if remembered, one native verification if new and good, about 2 ms if new and bad:
   * what comes from the network goes through `verifyAsync` first.
   * @returns false, never an exception, for keys and signatures of wrong length and for S ≥ L
   */
  verify(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
    if (!wellShaped(publicKey, signature)) return false;
    const key = verdictKey(publicKey, message, signature);
    const known = this.recall(key);
    if (known !== undefined) return known;
    const native = this.native.accepts(publicKey, message, signature);
    const valid = native || zip215(publicKey, message, signature);
    this.remember(key, valid, native);
    return valid;
  }

  /** The verdict if it is remembered, at once. */
  recalled(publicKey: Bytes, message: Bytes, signature: Bytes): boolean | undefined {
    if (!wellShaped(publicKey, signature)) return false;
    return this.memo.get(verdictKey(publicKey, message, signature));
  }

  /**
   * The verdict without holding up the main thread; a later `verify` of the same question finds it remembered.
   * The native library is asked a few times in each turn of the event loop, or works on the thread pool; noble in a
   * worker of at most half a core with a bounded queue.
   * @param slowed called if noble has to decide: then the verdict may take long; also if it once did, and accepted
   * @param sender whose questions go first, and wait for noble in a queue of their own; null: among all others'
   * @returns `overloaded` if that queue is full
   */
  verifyAsync(
    publicKey: Bytes,
    message: Bytes,
    signature: Bytes,
    slowed?: () => void,
    sender: string | null = null,
  ): Promise<SignatureVerdict> {
    if (!wellShaped(publicKey, signature)) return Promise.resolve("invalid");
    const question = verdictKey(publicKey, message, signature);
    const known = this.recall(question);
    if (known === true && this.memo.isOdd(question)) slowed?.();
    if (known !== undefined) return Promise.resolve(known ? "valid" : "invalid");
    const slowly = () => {
      slowed?.();
      return this.judgeSlowly(question, publicKey, message, signature, sender);
    };
    return this.native.acceptsSoon(publicKey, message, signature, sender !== null).then((accepted) => {
      if (!accepted) return slowly();
      this.remember(question, true, true);
      return "valid";
    });
  }

  private async judgeSlowly(
    question: string,
    publicKey: Bytes,
    message: Bytes,
    signature: Bytes,
    sender: string | null,
  ): Promise<SignatureVerdict> {
    const valid = await this.slowLane.judge(question, publicKey, message, signature, sender);
    if (valid === null) {
      this.counters.overloaded++;
      return "overloaded";
    }
    return valid ? "valid" : "invalid";
  }

  /** Ends the worker of the slow lane, if it runs. */
  close(): Promise<void> {
    return this.slowLane.close();
  }

  private recall(key: string): boolean | undefined {
    const known = this.memo.get(key);
    if (known !== undefined) this.counters.memoHits++;
    return known;
  }

  private remember(key: string, valid: boolean, native: boolean): void {
    if (native) this.counters.native++;
    else this.counters.slow++;
    this.memo.set(key, valid, native);
  }
}
