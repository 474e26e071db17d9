// Bundles: operations that travel in one gossip message, since a message costs its peers more than most of what is in it.
import { type Bytes, compareBytes, decode, encode, type Result } from "../../src/base/index.js";
import { MAX_OPERATION_BYTES } from "../../src/market/index.js";
import { ACCEPT, ignore, type Verdict } from "./gate-port.js";
import { bundle, MAX_BUNDLE_OPS } from "./wire.js";

/** One operation of the greatest length, and what is around it. */
export const MAX_BUNDLE_BYTES = MAX_OPERATION_BYTES + 16;
/** Operations gathered up to this are sent at once; a larger one goes by itself. */
const FULL_BYTES = 32 * 1024;
/** After a bundle its sender gathers so long before the next: less than a hop takes. */
const GATHER_MS = 8;

export const encodeBundle = (ops: readonly Bytes[]): Bytes => encode(bundle, { ops });

/** @returns the operations, each once; or why the bytes are no bundle */
export function decodeBundle(raw: Bytes): Result<readonly Bytes[], string> {
  const decoded = decode(bundle, raw, MAX_BUNDLE_BYTES);
  if (!decoded.ok) return { ok: false, error: decoded.error.code };
  const { ops } = decoded.value;
  const sorted = [...ops].sort(compareBytes);
  const isTwice = sorted.some((one, i) => i > 0 && compareBytes(sorted[i - 1]!, one) === 0);
  return isTwice ? { ok: false, error: "REPEATED" } : { ok: true, value: ops };
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
 * accepted at once. Else the accepted ones are freed, to go out in a bundle of this peer's own: what no peer accepted
 * alone, none forwards in company, and no bad or slow operation holds up a good one.
 */
export class BundleVerdict {
  private readonly accepted: Bytes[] = [];
  private isWhole = true;
  private isSettled = false;
  /** those without their last verdict: while one waits for state, the others' bytes are let go of */
  private readonly open: Map<number, Bytes>;

  constructor(
    operations: readonly Bytes[],
    private readonly settle: (verdict: Verdict) => void,
    private readonly free: (operation: Bytes) => void,
  ) {
    this.open = new Map(operations.entries());
  }

  /** The verdict on one operation; after `pend` another may follow. */
  take(at: number, verdict: Verdict): void {
    if (verdict.kind === "accept") this.accepted.push(this.open.get(at)!);
    else this.isWhole = false;
    if (verdict.kind !== "pend") this.open.delete(at);
    if (!this.isWhole) for (const one of this.accepted.splice(0)) this.free(one);
    if (verdict.kind === "reject") this.conclude(verdict);
    if (this.open.size === 0) this.conclude(this.isWhole ? ACCEPT : ignore("NOT_WHOLE"));
  }

  private conclude(verdict: Verdict): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.settle(verdict);
  }
}
