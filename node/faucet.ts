// A testnet's faucet: it funds each newcomer that asks once, however often it asks before the grant is final, and no
// stranger as often as it likes.
import { type Bytes, type Hex, toHex } from "../src/base/index.js";
import type { AgentId } from "../src/ledger/index.js";
import type { Peer } from "../src/peer/index.js";
import type { Driver } from "./driver.js";
import type { Asker } from "./net/address-groups.js";
import { TokenBuckets } from "./net/token-bucket.js";

/** Who grants, and how much to each newcomer, in micro-credits. */
export interface Faucet {
  readonly granter: AgentId;
  readonly free: bigint;
  readonly stake: bigint;
}

/** Newcomers that one peer brings at once, and one more each minute. */
const PEER_BURST = 4;
const PEER_PER_SECOND = 1 / 60;
/** The same of all peers of one address group: a classroom behind one router, not a farm. */
const GROUP_BURST = 24;
const GROUP_PER_SECOND = 1 / 5;
/** Grants on their way: half of what one account may have waiting, a quarter of that for one group. */
const MAX_WAITING = 32;
const MAX_WAITING_OF_GROUP = 8;

interface Waiting {
  readonly to: AgentId;
  readonly group: string;
  readonly sinceMs: number;
}

/**
 * Grants by ordinary operations of the granter. A grant makes the account that tells a newcomer from the others, but
 * only once it is final: until it cannot be included any more, it is remembered here.
 */
export class FaucetDesk {
  /** by newcomer, from the oldest on */
  private readonly waiting = new Map<Hex, Waiting>();
  /** Who asks while its grant is being made hears the same answer: nothing is granted before it is. */
  private readonly granting = new Map<Hex, Promise<string>>();
  private readonly ofPeer: TokenBuckets;
  private readonly ofGroup: TokenBuckets;

  constructor(
    private readonly faucet: Faucet,
    private readonly peer: Pick<Peer, "ledger">,
    private readonly driver: Pick<Driver, "submit">,
    private readonly steadyMs: () => number,
  ) {
    this.ofPeer = new TokenBuckets(PEER_PER_SECOND, PEER_BURST, steadyMs);
    this.ofGroup = new TokenBuckets(GROUP_PER_SECOND, GROUP_BURST, steadyMs);
  }

  /**
   * @returns ACCEPTED, also where its grant is on its way already; ALREADY_FUNDED; FAUCET_BUSY: this asker, or its
   *   neighbours, are over their rate; or why the grant was refused
   */
  async fund(to: Bytes, asker: Asker): Promise<string> {
    if (this.peer.ledger.accountOf(to) !== null) return "ALREADY_FUNDED";
    const name = toHex(to);
    this.dropSettled();
    const granting = this.granting.get(name);
    if (granting !== undefined) return granting;
    if (this.waiting.has(name)) return "ACCEPTED";
    if (!this.mayAsk(asker)) return "FAUCET_BUSY";
    const answer = this.grant(name, to, asker.group);
    this.granting.set(name, answer);
    return answer.finally(() => this.granting.delete(name));
  }

  private async grant(name: Hex, to: Bytes, group: string): Promise<string> {
    this.waiting.set(name, { to, group, sinceMs: this.steadyMs() });
    const { granter, free, stake } = this.faucet;
    const result = await this.driver.submit({ kind: "grant", from: granter, to, free, stake });
    if (result.ok) return "ACCEPTED";
    this.waiting.delete(name);
    return result.refusal.code;
  }

  private mayAsk({ peer, group }: Asker): boolean {
    const ofGroup = [...this.waiting.values()].filter((one) => one.group === group).length;
    if (this.waiting.size >= MAX_WAITING || ofGroup >= MAX_WAITING_OF_GROUP) return false;
    return this.ofPeer.take(peer) && this.ofGroup.take(group);
  }

  /** What has become an account, or can no longer, does not wait. */
  private dropSettled(): void {
    const oldestMs = this.steadyMs() - this.peer.ledger.params.maxValidityMs;
    for (const [name, { to, sinceMs }] of this.waiting)
      if (sinceMs < oldestMs || this.peer.ledger.accountOf(to) !== null) this.waiting.delete(name);
  }
}
