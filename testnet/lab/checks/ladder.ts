// What failing costs, reckoned anew: the more often somebody failed lately, the more (spec/standing#penalties, ADR 0067).
import type { Hex } from "../../../src/base/index.js";

/** How many violations are forgiven, and what one costs of the stake that answers for the trade, each time. */
const COST = {
  failed: { grace: 3, part: (lien: bigint) => lien / 10n },
  timedOut: { grace: 1, part: (lien: bigint) => (lien / 4n) * 2n },
  upheld: { grace: 0, part: (lien: bigint) => (lien / 2n) * 2n },
} as const;
const RECENT_PERIODS = 30;
const MOST_TIMES = 5;
const MOST = 2n ** 53n - 1n;

interface Violation {
  readonly height: number;
  readonly isSlashed: boolean;
}

/** Remembers violations in the order of the log. */
export class Ladder {
  private readonly violations = new Map<Hex, readonly Violation[]>();

  /** @param periodsAt periods since genesis at a height, begun ones in part */
  constructor(private readonly periodsAt: (height: number) => number) {}

  /**
   * What a violation costs its performer, in micro-credits; it counts from now on.
   * @param share what was found wrong, in bp of the delivery: all where nothing was judged
   */
  dueFor(
    { performer, lien }: { readonly performer: Hex; readonly lien: bigint },
    cause: keyof typeof COST,
    height: number,
    share = 10_000,
  ): bigint {
    const all = this.violations.get(performer) ?? [];
    const period = Math.floor(this.periodsAt(height));
    const recent = all.filter((one) => period - Math.floor(this.periodsAt(one.height)) <= RECENT_PERIODS);
    const slashes = recent.filter(({ isSlashed }) => isSlashed).length;
    const { grace, part } = COST[cause];
    const full = recent.length < grace ? 0n : part(lien) * BigInt(Math.min(1 + slashes, MOST_TIMES));
    const found = (full * BigInt(share)) / 10_000n;
    const due = found > MOST ? MOST : found;
    this.violations.set(performer, [...all, { height, isSlashed: due > 0n }]);
    return due;
  }
}
