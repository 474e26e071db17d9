// A trial of one host that is up and honest; what a checker reports is kept.
import type { Trial } from "../../testnet/simulate/checkers/checker.js";
import type { AccountBook } from "../../testnet/simulate/machine.js";
import type { Host } from "../../testnet/simulate/world/host.js";

/** @param accounts the books of the host's machine at `height` */
export function trialOf(
  accounts: readonly AccountBook[] = [],
  height = 0,
): Trial & { readonly reports: string[] } {
  const host = { index: 0, isUp: true, machine: { height, accounts: () => accounts } } as unknown as Host;
  const reports: string[] = [];
  return {
    hosts: [host],
    reports,
    isHonest: () => true,
    nowMs: () => 0,
    report: (invariant) => void reports.push(invariant),
  };
}
