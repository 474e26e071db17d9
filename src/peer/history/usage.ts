// Usage of leases: what holders of windows have said of them, with what it was measured by.
import { hash, instant, struct, type TypeOf, toHex, uint, word } from "../../base/index.js";
import { agentId } from "../../ledger/index.js";
import { factsOf, type Lease } from "../../market/index.js";
import { historyKind, type Subject } from "./kind.js";

export const keptUsage = struct({
  timeMs: [0, uint()],
  auction: [1, hash],
  capability: [2, word(64)],
  owner: [3, agentId],
  /** parts of the window that the lease is of */
  units: [4, uint(undefined, 1)],
  fromMs: [5, instant],
  toMs: [6, instant],
  /** who says so */
  by: [7, agentId],
  /** with which it held the lease: the owner's is the outcome's height, until another holds it */
  fence: [8, uint()],
  /** in parts times ms: for its own, and to others */
  used: [9, uint()],
  lent: [10, uint()],
});
export type KeptUsage = TypeOf<typeof keptUsage>;

export const KEPT_USAGES = historyKind<KeptUsage>(
  keptUsage,
  ({ header, outcome }) =>
    outcome.receipts
      .flatMap(factsOf)
      .flatMap((fact) =>
        fact.kind === "usageGiven" ? [usageOf(fact.lease, toHex(fact.by), header.timeMs)] : [],
      ),
  ({ auction, capability, owner, by }) => {
    const agents = new Set([owner, by].map((agent): Subject => `agent/${toHex(agent)}`));
    return [`id/${toHex(auction)}`, ...agents, `capability/${capability}`];
  },
);

function usageOf({ auction, owner, lot, units, row }: Lease, by: string, timeMs: number): KeptUsage {
  const { agent, fence, usage } = row.holders.find((one) => toHex(one.agent) === by)!;
  const { capability, fromMs, toMs } = lot;
  return { timeMs, auction, capability, owner, units, fromMs, toMs, by: agent, fence, ...usage! };
}
