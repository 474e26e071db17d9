// Bundles: operations that travel in one gossip message, since a message costs its peers more than most of what is in it.
import { type Bytes, bytes, compareBytes, decode, encode, list, type Result } from "../../src/base/index.js";
import { MAX_OPERATION_BYTES } from "../../src/market/index.js";
import { ACCEPT, ignore, type Verdict } from "./gate-port.js";

export const MAX_BUNDLE_OPS = 64;
/** One operation of the greatest length, and what is around it. */
export const MAX_BUNDLE_BYTES = MAX_OPERATION_BYTES + 16;
/** Operations gathered up to this are sent at once; a larger one goes by itself. */
const FULL_BYTES = 32 * 1024;
/** After a bundle its sender gathers so long before the next: less than a hop takes. */
const GATHER_MS = 8;

const bundle = list(bytes(MAX_OPERATION_BYTES), MAX_BUNDLE_OPS, 1);

export const encodeBundle = (operations: readonly Bytes[]): Bytes => encode(bundle, operations);

/** @returns the operations, each once; or why the bytes are no bundle */
export function decodeBundle(raw: Bytes): Result<readonly Bytes[], string> {
  const decoded = decode(bundle, raw, MAX_BUNDLE_BYTES);
  if (!decoded.ok) return { ok: false, error: decoded.error.code };
  const sorted = [...decoded.value].sort(compareBytes);
  const isTwice = sorted.some((one, i) => i > 0 && compareBytes(sorted[i - 1]!, one) === 0);
  return isTwice ? { ok: false, error: "REPEATED" } : decoded;
}

/** What goes out next: gathered for a moment under load, sent in the same turn of the event loop without. */
export class Bundler {
  private waiting: Bytes[] = [];
  private size = 0;
  private hasOwn = false;
  private isAwaited = false;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** @param publish is told whether any of the operations is this peer's own */
  constructor(
    private readonly publish: (operations: readonly Bytes[], hasOwn: boolean) => void,
    private readonly steadyMs: () => number,
    private readonly later: (ms: number, work: () => void) => void,
  ) {}

  add(operation: Bytes, isOwn: boolean): void {
    if (this.size + operation.length > FULL_BYTES) this.flush();
    this.waiting.push(operation);
    this.size += operation.length;
    this.hasOwn ||= isOwn;
    if (this.waiting.length === MAX_BUNDLE_OPS) this.flush();
    else this.await();
  }

  private await(): void {
    if (this.isAwaited) return;
    this.isAwaited = true;
    const restMs = this.lastMs + GATHER_MS - this.steadyMs();
    const due = (): void => {
      this.isAwaited = false;
      this.flush();
    };
    if (restMs > 0) this.later(restMs, due);
    else setImmediate(due);
  }

  private flush(): void {
    if (this.waiting.length === 0) return;
    const { waiting, hasOwn } = this;
    this.waiting = [];
    this.size = 0;
    this.hasOwn = false;
    this.lastMs = this.steadyMs();
    this.publish(waiting, hasOwn);
  }
}

/**
 * The verdict on a bundle, from those on its operations. Gossip passes it on as it is only if every operation was
 * accepted. Else the accepted ones are `freed`, to go out in a bundle of this peer's own: what no peer accepted alone,
 * none forwards in company, and no bad operation takes a good one with it.
 */
export class BundleVerdict {
  private readonly open: Set<number>;
  private readonly accepted: number[] = [];
  private bad: Verdict | null = null;
  private isSettled = false;

  constructor(
    private readonly operations: readonly Bytes[],
    private readonly settle: (verdict: Verdict) => void,
    private readonly free: (operation: Bytes) => void,
    /** a bad operation after the bundle's verdict */
    private readonly late: (verdict: Verdict) => void,
  ) {
    this.open = new Set(operations.keys());
  }

  /** The verdict on one operation; `pend`, and what comes after it, do not hold up the rest. */
  take(at: number, verdict: Verdict): void {
    if (this.isSettled) this.takeLate(at, verdict);
    else if (verdict.kind === "accept") this.accepted.push(at);
    else if (verdict.kind === "reject") this.bad ??= verdict;
    this.open.delete(at);
    if (this.open.size === 0 && !this.isSettled) this.conclude();
  }

  private takeLate(at: number, verdict: Verdict): void {
    if (verdict.kind === "accept") this.free(this.operations[at]!);
    if (verdict.kind === "reject") this.late(verdict);
  }

  private conclude(): void {
    this.isSettled = true;
    const isWhole = this.accepted.length === this.operations.length;
    this.settle(this.bad ?? (isWhole ? ACCEPT : ignore("NOT_WHOLE")));
    if (!isWhole) for (const at of this.accepted) this.free(this.operations[at]!);
  }
}
