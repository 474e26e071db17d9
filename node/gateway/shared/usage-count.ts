// What was used of leases: what flows off while they are used, parted among them by their parts.
import { toHex } from "../../../src/base/index.js";
import { type Lease, wonIn } from "../../../src/market/index.js";

/** In parts times ms. */
export interface Used {
  readonly used: number;
  readonly lent: number;
}

export type LeaseName = Pick<Lease, "auction" | "owner">;

const NOTHING: Used = { used: 0, lent: 0 };
/** Of windows that are over long ago nobody asks. */
const MOST_KEPT = 1_024;

export const nameOf = ({ auction, owner }: LeaseName): string => `${toHex(auction)}/${toHex(owner)}`;

export class UsageCount {
  private readonly byLease = new Map<string, Used>();

  /** What has flowed off since the last time, while these leases were used. */
  count(leases: readonly Lease[], { used, lent }: Used): void {
    const all = leases.reduce((sum, { units }) => sum + units, 0);
    if (all === 0) return;
    for (const lease of leases) {
      const name = nameOf(lease);
      const before = this.byLease.get(name) ?? NOTHING;
      const part = (amount: number) => Math.floor((amount * lease.units) / all);
      this.byLease.delete(name);
      this.byLease.set(
        name,
        within(lease, { used: before.used + part(used), lent: before.lent + part(lent) }),
      );
    }
    for (const name of this.byLease.keys()) {
      if (this.byLease.size <= MOST_KEPT) break;
      this.byLease.delete(name);
    }
  }

  of(lease: LeaseName): Used {
    return this.byLease.get(nameOf(lease)) ?? NOTHING;
  }
}

/** Never more than was won: what is said beyond it the ledger refuses, and all of it would be lost. */
function within(lease: Lease, { used, lent }: Used): Used {
  const won = Number(wonIn(lease));
  const lentWithin = Math.min(lent, won);
  return { used: Math.min(used, won - lentWithin), lent: lentWithin };
}
