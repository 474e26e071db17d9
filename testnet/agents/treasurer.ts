// The treasurer: renews the funds and the stake of traders that run low, from the network's faucet (spec/money#T2).
import type { AgentId } from "../../src/ledger/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal } from "./journal.js";
import type { MarketAccess } from "./market-access.js";

const CREDIT = 1_000_000n;
/** Under this much free money a trader is given more: several lockups' worth. */
export const LOW_FUNDS = 500n * CREDIT;
export const GRANT = 5_000n * CREDIT;
/** Under this much free stake it is given more: enough for all sales that a seller has at once. */
const LOW_STAKE = 1_000n * CREDIT;

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
    const lacksFunds = this.access.freeFunds(key.publicKey) < LOW_FUNDS;
    const lacksStake = this.access.freeStake(key.publicKey) < LOW_STAKE;
    if (!lacksFunds && !lacksStake) this.granted.delete(name);
    if ((!lacksFunds && !lacksStake) || this.granted.has(name)) return;
    this.granted.add(name);
    const result = await this.access.command({
      kind: "grant",
      from: this.faucet,
      to: key.publicKey,
      free: lacksFunds ? GRANT : 0n,
      stake: lacksStake ? GRANT : 0n,
    });
    if (result.ok) return;
    this.granted.delete(name);
    this.journal.refused(name, "grant", result.refusal);
  }
}
