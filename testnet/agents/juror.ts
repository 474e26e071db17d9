// A juror: the owner of a seat, who judges disputes between demo agents by making the note anew that should have been delivered.
import { toHex } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import type { Trade, TradeId } from "../../src/market/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal } from "./journal.js";
import type { MarketAccess } from "./market-access.js";
import type { Nature } from "./nature.js";
import { missingOf } from "./note.js";
import { type Acquaintance, tradeName } from "./trade-name.js";

export interface JurorWorld extends Acquaintance {
  readonly access: MarketAccess;
  readonly nature: Nature;
  readonly journal: Journal;
  /** how long seats may judge, in ms */
  readonly verdictMs: number;
  isBidder(agent: AgentId): boolean;
}

/** A juror thinks for so much of the time it has, at most, and no longer than this: so that not all vote at once. */
const THINKS = 0.3;
const MOST_THOUGHT_MS = 6_000;

export class Juror {
  /** disputes that it has taken up, with what keeps it thinking */
  private readonly taken = new Map<string, NodeJS.Timeout | null>();

  constructor(
    private readonly self: PlannedAgent,
    private readonly world: JurorWorld,
  ) {}

  /** Judges until the returned function is called: from disputes on that wait since an earlier run. */
  start(): () => void {
    const { access } = this.world;
    for (const trade of access.disputes()) this.see(trade);
    const stop = access.subscribe((notice) => {
      if (notice.kind === "trade") this.see(notice.trade);
    });
    return () => {
      stop();
      for (const timer of this.taken.values()) clearTimeout(timer ?? undefined);
    };
  }

  /** Of what a person buys or sells nobody but persons can tell whether it was delivered. */
  private see(trade: Trade): void {
    const { nature, sellerPlace, isBidder, verdictMs } = this.world;
    const key = toHex(trade.id);
    if (trade.state.kind === "ended") this.taken.delete(key);
    if (trade.state.kind !== "disputed" || this.taken.has(key)) return;
    if (sellerPlace(trade.performer) === null || !isBidder(trade.buyer)) return;
    const name = tradeName(trade, this.world);
    const isThere = nature.attends(this.self.place, name);
    const thoughtMs = Math.min(verdictMs * THINKS, MOST_THOUGHT_MS);
    const waitMs = (thoughtMs * nature.patience(this.self.name, name)) / 1_000;
    const timer = isThere ? setTimeout(() => void this.judge(trade.id), waitMs).unref() : null;
    this.taken.set(key, timer);
  }

  /** Says nothing any more where the others have decided. */
  private async judge(id: TradeId): Promise<void> {
    const { access, journal } = this.world;
    const trade = access.tradeOf(id);
    if (trade?.state.kind !== "disputed") return;
    const from = this.self.key.publicKey;
    const share = missingOf(trade, trade.state.hash);
    const result = await access.command({ kind: "verdict", from, trade: id, share });
    if (!result.ok) journal.refused(this.self.name, "verdict", result.refusal);
  }
}
