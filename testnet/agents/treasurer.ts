// The treasurer: renews the budgets of traders that run low, from the network's faucet (spec/money#T2).
import type { AgentId } from "../../src/ledger/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal } from "./journal.js";
import type { MarketAccess } from "./market-access.js";

const CREDIT = 1_000_000n;
/** Under this much free money a trader is given more: several lockups' worth. */
export const LOW_FUNDS = 500n * CREDIT;
export const GRANT = 5_000n * CREDIT;

export class Treasurer {
  /** traders with a grant on its way */
  private readonly granted = new Set<string>();

  /** @param access of the peer that holds the faucet's key */
  constructor(
    private readonly access: MarketAccess,
    private readonly faucet: AgentId,
    private readonly traders: readonly PlannedAgent[],
    private readonly journal: Journal,
  ) {}

  /** Looks after each settlement until the returned function is called. */
  start(): () => void {
    return this.access.subscribe((notice) => {
      if (notice.kind === "auctionSettled") for (const trader of this.traders) void this.look(trader);
    });
  }

  private async look({ name, key }: PlannedAgent): Promise<void> {
    const funds = this.access.freeFunds(key.publicKey);
    if (funds >= LOW_FUNDS) this.granted.delete(name);
    if (funds >= LOW_FUNDS || this.granted.has(name)) return;
    this.granted.add(name);
    const result = await this.access.command({
      kind: "grant",
      from: this.faucet,
      to: key.publicKey,
      free: GRANT,
      stake: 0n,
    });
    if (result.ok) return;
    this.granted.delete(name);
    this.journal.refused(name, "grant", result.refusal);
  }
}
