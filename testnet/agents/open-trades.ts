// Open trades: those that somebody is still waited for in, by the notices of one peer.
import { type Hex, toHex } from "../../src/base/index.js";
import type { MarketAccess } from "./market-access.js";

export class OpenTrades {
  private readonly open = new Set<Hex>();
  private readonly waiting = new Set<() => void>();
  private readonly stopListening: () => void;

  constructor(access: Pick<MarketAccess, "subscribe">) {
    this.stopListening = access.subscribe((notice) => {
      if (notice.kind !== "trade") return;
      const { id, state } = notice.trade;
      if (state.kind === "ended") this.open.delete(toHex(id));
      else this.open.add(toHex(id));
      if (this.open.size === 0) this.tell();
    });
  }

  /** Resolves when none is open, after `patienceMs` of real time, or with `stop`: whichever comes first. */
  over(patienceMs: number): Promise<void> {
    if (this.open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs).unref();
      this.waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  stop(): void {
    this.stopListening();
    this.tell();
  }

  private tell(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
