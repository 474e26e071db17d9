// A trial of one host that is up and honest, whose reports are kept; and a history without the peers that told it.
import type { Notice } from "../../src/peer/ready.js";
import type { LoggedOperation } from "../../testnet/lab/checks/auctions.js";
import { History } from "../../testnet/lab/checks/history.js";
import type { LoggedStep } from "../../testnet/lab/checks/windows.js";
import { atEnd, type Invariant, type Trial } from "../../testnet/lab/simulate/checkers/checker.js";
import type { Host } from "../../testnet/lab/simulate/world/host.js";

export function trialOf(): Trial & { readonly reports: string[] } {
  const host = { index: 0, isUp: true } as unknown as Host;
  const reports: string[] = [];
  return {
    hosts: [host],
    reports,
    isHonest: () => true,
    nowMs: () => 0,
    report: (invariant) => void reports.push(invariant),
  };
}

/** What the simulator reports of a law that finds these wrongs at the end of a run. */
export function reportsOf(invariant: Invariant, wrongs: readonly string[]): string[] {
  const trial = trialOf();
  atEnd(trial, invariant, () => wrongs).ended!();
  return trial.reports;
}

export const network = { chain: new Uint8Array(32).fill(1), market: new Uint8Array(32).fill(2) };

/** F = 1; an entry a second after another is no outage yet. */
export class Planted extends History {
  constructor(
    private readonly planted: readonly LoggedOperation[],
    notices: readonly Notice[],
    private readonly entries: readonly LoggedStep[] = [],
  ) {
    super(network, { genesisMs: 0, outageMs: 1_000, tolerance: 1 }, () => null);
    for (const notice of notices) this.noticed(notice);
  }

  override operations(): readonly LoggedOperation[] {
    return this.planted;
  }

  override isComplete(): boolean {
    return true;
  }

  protected override steps(): readonly LoggedStep[] {
    return this.entries;
  }
}
