// Keeps a gateway's leases: uses what it may, says in time that it holds them, takes over what it stands in for, and says what it used.
import { toHex } from "../../../src/base/index.js";
import type { AgentId } from "../../../src/ledger/index.js";
import {
  type Hold,
  holdIn,
  holdsDue,
  type Lease,
  partsOf,
  usableBy,
  usageDue,
} from "../../../src/market/index.js";
import type { PeerSide } from "./peer-side.js";
import type { SharedTerms } from "./shared-terms.js";
import { nameOf, UsageCount, type Used } from "./usage-count.js";
import type { Wishes } from "./wishes.js";

/** The pools whose part of the key the leases are. */
export interface SharedPools {
  /** its part of the key's limits from now on */
  setParts(parts: number): void;
  /** what has flowed off since it was asked last, of the pool in which it was most */
  flowed(): Used;
}

/** What was said of a lease is known again once the log has it: till then it is not said anew. */
const HOLD_AGAIN_MS = 500;

export class LeaseKeeper {
  private readonly counts = new UsageCount();
  private leases: readonly Lease[] = [];
  private parts = 0;

  constructor(
    private readonly terms: SharedTerms,
    private readonly side: PeerSide,
    private readonly pools: SharedPools,
    private readonly wishes: Wishes,
    /** whether an owner serves again whose lease was taken over */
    private readonly isBack: (owner: AgentId) => boolean,
  ) {}

  /** The leases that are used now. */
  get used(): readonly Lease[] {
    return this.leases;
  }

  /** What was counted so far of a lease. */
  usedOf(lease: Lease): Used {
    return this.counts.of(lease);
  }

  /** Looks what holds now, by this machine's clock. */
  look(): void {
    this.use();
    if (!this.side.isClockRight) return;
    this.hold();
    this.sayUsage();
  }

  private use(): void {
    const { side, terms } = this;
    this.counts.count(this.leases, this.pools.flowed());
    this.leases = side.isClockRight
      ? usableBy(side.state.ledger, terms.shared, side.agent, side.nowMs(), this.said())
      : [];
    const parts = partsOf(this.leases);
    if (parts === this.parts) return;
    this.parts = parts;
    this.pools.setParts(parts);
  }

  /** Its own holds on their way into the log: it keeps them on its disk until an entry holds them, or none ever will. */
  private said(): readonly Hold[] {
    const waiting = this.side.state.mempool.of(toHex(this.side.agent));
    return waiting.flatMap(({ operation: { body } }) => holdIn(body) ?? []);
  }

  private hold(): void {
    const { side, terms } = this;
    const holding = { agent: side.agent, deputies: terms.deputies, termMs: terms.termMs };
    for (const hold of holdsDue(side.state.ledger, terms.shared, holding, side.nowMs(), this.isBack))
      this.wishes.make(`hold ${nameOf(hold)}`, { kind: "hold", from: side.agent, ...hold }, HOLD_AGAIN_MS);
  }

  private sayUsage(): void {
    const { side, terms } = this;
    for (const lease of usageDue(side.state.ledger, terms.shared, side.agent, side.nowMs())) {
      const { auction, owner } = lease;
      const said = { auction, owner, ...this.counts.of(lease) };
      this.wishes.make(`usage ${toHex(auction)}/${toHex(owner)}`, {
        kind: "usage",
        from: side.agent,
        ...said,
      });
    }
  }
}
