// A testnet's faucet: it funds each newcomer that asks once, however often it asks before the grant is final.
import { type Bytes, toHex } from "../src/base/index.js";
import type { AgentId } from "../src/ledger/index.js";
import type { Peer } from "../src/peer/index.js";
import type { Driver } from "./driver.js";
import { RecentMap } from "./net/recent-map.js";

/** Who grants, and how much to each newcomer, in micro-credits. */
export interface Faucet {
  readonly granter: AgentId;
  readonly amount: bigint;
}

/** Newcomers whose grant is on its way; beyond so many, the one that asked first may be funded twice. */
const MAX_GRANTED = 8192;

/**
 * Grants by ordinary operations of the granter. A grant makes the account that tells a newcomer from the others, but
 * only once it is final: until it cannot be included any more, it is remembered here.
 */
export class FaucetDesk {
  private readonly granted: RecentMap<true>;
  /** Who asks while its grant is being made hears the same answer: nothing is granted before it is. */
  private readonly granting = new Map<string, Promise<string>>();

  constructor(
    private readonly faucet: Faucet,
    private readonly peer: Pick<Peer, "ledger">,
    private readonly driver: Pick<Driver, "submit">,
    steadyMs: () => number,
  ) {
    this.granted = new RecentMap(2 * MAX_GRANTED, 2 * peer.ledger.params.maxValidityMs, steadyMs);
  }

  /** @returns ACCEPTED, also where its grant is on its way already; ALREADY_FUNDED; or why the grant was refused */
  async fund(to: Bytes): Promise<string> {
    if (this.peer.ledger.accountOf(to) !== null) return "ALREADY_FUNDED";
    const name = toHex(to);
    if (this.granted.get(name) !== undefined) return "ACCEPTED";
    const granting = this.granting.get(name) ?? this.grant(name, to);
    this.granting.set(name, granting);
    return granting.finally(() => this.granting.delete(name));
  }

  private async grant(name: string, to: Bytes): Promise<string> {
    const { granter, amount } = this.faucet;
    const result = await this.driver.submit({ kind: "grant", from: granter, to, amount });
    if (!result.ok) return result.refusal.code;
    this.granted.set(name, true);
    return "ACCEPTED";
  }
}
