// What an agent does to the ledger, and what the daemon's record says that it has done: whoever holds its key.
import type { Phase, TradeView } from "../../contract/index.js";
import type { ApiClient } from "../client.js";
import { ApiFailure } from "../failure.js";
import type { Decided } from "./decision.js";
import type { Lot } from "./definition.js";

export interface Hands {
  /** the agent's id */
  readonly agent: string;
  /** Its bids in all auctions that go on, and some in others. */
  bids(): Promise<readonly OwnBid[]>;
  /** Bids once: asked again for a lot it changes nothing. @throws ApiFailure */
  bid(lot: Lot, decided: Decided): Promise<void>;
  /** @throws ApiFailure */
  deliver(trade: string, hash: string): Promise<void>;
  /** @throws ApiFailure */
  fail(trade: string): Promise<void>;
  /** @throws ApiFailure */
  accept(trade: string): Promise<void>;
  /** Does what a bid of its own needs in this phase; null: it is to be asked for. @throws ApiFailure */
  attend(auction: string, phase: Phase | null): Promise<void>;
}

export interface OwnBid {
  readonly auction: string;
  readonly capability: string;
  /** whether its auction goes on */
  readonly isLive: boolean;
}

/** Every page that is asked for at most has so many items. */
const PAGE = 200;
/** States of an own bid after which its auction takes none. */
const OVER: ReadonlySet<string> = new Set(["won", "lost", "forfeited"]);

/** An agent in the daemon's custody: it signs, seals and reveals, whether the agent runs or not. */
export class ManagedHands implements Hands {
  constructor(
    private readonly client: ApiClient,
    readonly agent: string,
    private readonly delayMs: number | undefined,
  ) {}

  async bids(): Promise<readonly OwnBid[]> {
    const found: OwnBid[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.client.ask(
        "ownBids",
        { query: { limit: PAGE, cursor } },
        "could not see own bids",
      );
      for (const { bidder, auction, capability, state } of page.items)
        if (bidder === this.agent && state !== "failed")
          found.push({ auction, capability, isLive: !OVER.has(state) });
      // Those of auctions that go on come first.
      const isPast = page.items.every(({ state }) => OVER.has(state));
      cursor = isPast ? undefined : (page.nextCursor ?? undefined);
    } while (cursor !== undefined);
    return found;
  }

  async bid({ id: auction }: Lot, { amount, units }: Decided): Promise<void> {
    const { agent, delayMs } = this;
    const body = {
      agent,
      auction,
      amount: String(amount),
      units,
      ...(delayMs === undefined ? {} : { delayMs }),
    };
    const onceAs = `bid-${agent.slice(0, 16)}-${auction}`;
    await this.client.ask("placeBid", { body, onceAs }, "could not bid").catch(unlessDone);
  }

  async deliver(trade: string, hash: string): Promise<void> {
    const asking = { params: { id: trade }, body: { agent: this.agent, hash }, onceAs: `deliver-${trade}` };
    await this.client.ask("deliver", asking, "could not deliver").catch(unlessDone);
  }

  async fail(trade: string): Promise<void> {
    const asking = { params: { id: trade }, body: { agent: this.agent }, onceAs: `fail-${trade}` };
    await this.client.ask("fail", asking, "could not give it up").catch(unlessDone);
  }

  async accept(trade: string): Promise<void> {
    const asking = { params: { id: trade }, body: { agent: this.agent }, onceAs: `accept-${trade}` };
    await this.client.ask("accept", asking, "could not accept").catch(unlessDone);
  }

  async attend(): Promise<void> {}
}

/** Codes which say that what was wished is so already. */
const DONE: ReadonlySet<string> = new Set(["IDEMPOTENCY_KEY_REUSED", "TRADE_NOT_DUE", "TRADE_ENDED"]);

function unlessDone(error: unknown): void {
  if (!(error instanceof ApiFailure && DONE.has(error.code))) throw error;
}

/** The trades that wait for this performer. */
export async function dueTrades(client: ApiClient, agent: string): Promise<readonly TradeView[]> {
  const due: TradeView[] = [];
  let cursor: string | undefined;
  do {
    const query = { agent, role: "performer", state: "due", limit: PAGE, cursor };
    const page = await client.ask("trades", { query }, "could not see its trades");
    due.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return due;
}
