// Usage: what a holder of a lease says was used of it, which is never more than it is (spec/leases#usage).
import { equalBytes, hash, struct, type TypeOf, uint } from "../../base/index.js";
import { agentId, reject } from "../../ledger/index.js";
import type { Signed } from "../subject.js";
import type { Lease } from "./lease.js";
import { LEASES } from "./leases.js";
import {
  isAgent,
  type LeaseFact,
  type LeaseRefusal,
  type LeaseRule,
  leaseExists,
  named,
  OF_LEASES,
} from "./rules.js";

/** Both in parts of the window's whole times ms. */
export const usage = struct({
  auction: [0, hash],
  owner: [1, agentId],
  /** for whom the sender serves */
  used: [2, uint()],
  /** to other holders of the window */
  lent: [3, uint()],
});
export type Usage = TypeOf<typeof usage>;

type UsageRule = LeaseRule<Usage>;

const windowIsOver: UsageRule = (ledger, body, _, { timeMs }) => {
  const { toMs } = named(ledger, body).lot;
  return timeMs >= toMs ? null : reject("USAGE_TOO_EARLY", { toMs, includedMs: timeMs });
};

const senderHasHeld: UsageRule = (ledger, body, by) =>
  named(ledger, body).row.holders.some(isAgent(by.from)) ? null : reject("NOT_A_HOLDER");

const isTheFirst: UsageRule = (ledger, body, by) => {
  const held = named(ledger, body).row.holders.find(isAgent(by.from))!;
  return held.usage === null ? null : reject("USAGE_GIVEN");
};

/** In parts times ms. */
export const wonIn = ({ units, lot }: Pick<Lease, "units" | "lot">): bigint =>
  BigInt(units) * BigInt(lot.toMs - lot.fromMs);

const claimOf = ({ used, lent }: Pick<Usage, "used" | "lent">): bigint => BigInt(used) + BigInt(lent);

/** Of all who held it together. */
const nothingIsAboveWon: UsageRule = (ledger, body) => {
  const lease = named(ledger, body);
  const claimed = lease.row.holders.reduce(
    (sum, { usage: given }) => sum + (given === null ? 0n : claimOf(given)),
    claimOf(body),
  );
  const won = wonIn(lease);
  return claimed <= won
    ? null
    : reject("USAGE_ABOVE_WON", { claimed: claimed.toString(), won: won.toString() });
};

export const USAGE: Signed<Usage, LeaseRefusal, LeaseFact> = {
  ...OF_LEASES,
  lane: "bulk",
  rules: [leaseExists, windowIsOver, senderHasHeld, isTheFirst, nothingIsAboveWon],
  effect(ledger, body, { from }) {
    const lease = named(ledger, body);
    const { used, lent } = body;
    const holders = lease.row.holders.map((one) =>
      equalBytes(one.agent, from) ? { ...one, usage: { used, lent } } : one,
    );
    const row = { ...lease.row, holders };
    ledger.put(LEASES, [lease.auction, lease.owner], row);
    return [{ kind: "usageGiven", lease: { ...lease, row }, by: from }];
  },
};
