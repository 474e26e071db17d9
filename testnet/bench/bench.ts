// The benchmark: all rows, or those that were asked for, one after the other.
import { type BenchReport, type BenchRow, type RowPlan, thisMachine } from "./report.js";
import { ADMIT_BID, admissionRows } from "./rows/admission.js";
import { AUCTION_CPU, AUCTION_WALL, auctionRows } from "./rows/auction.js";
import { BUDGET_BID, BUDGET_ENTRY, budgetBidRows, budgetEntryRows } from "./rows/budgets.js";
import { FIRST_AUCTION, firstAuctionRows } from "./rows/first-auction.js";
import { FLOOD, floodRows } from "./rows/flood.js";
import { GOSSIP_BID, GOSSIP_BURST, gossipRows } from "./rows/gossip.js";
import {
  IDLE_DAEMON,
  IDLE_DISK,
  IDLE_SEATS,
  idleCpuRows,
  idleDaemonRows,
  idleDiskRows,
  TESTNET_CPU,
  testnetCpuRows,
} from "./rows/idle.js";
import { DAEMON_MEMORY, daemonMemoryRows, PEER_MEMORY, peerMemoryRows } from "./rows/memory.js";
import {
  QUORUM_CPU,
  QUORUM_LATENCY,
  QUORUM_OVERLOAD,
  QUORUM_RATE,
  quorumLoadRows,
  quorumRows,
} from "./rows/quorum.js";
import { SIMULATOR, simulatorRows } from "./rows/simulator.js";
import { SOLO_BID, soloRows } from "./rows/solo.js";
import { STEP_AUCTIONS, STEP_UNPUBLISHED, STEP_WAITING, stepRows } from "./rows/steps.js";
import {
  OVERDUE_ENTRY,
  OVERDUE_WORST,
  overdueRows,
  SETTLE_UNITS,
  SETTLE_WHOLE,
  settleRows,
} from "./rows/trades.js";

/** Rows that are measured together. */
interface Measurement {
  readonly plans: readonly RowPlan[];
  measure(): Promise<readonly BenchRow[]>;
}

const MEASUREMENTS: readonly Measurement[] = [
  { plans: [ADMIT_BID], measure: admissionRows },
  { plans: [GOSSIP_BID, GOSSIP_BURST], measure: gossipRows },
  { plans: [AUCTION_CPU, AUCTION_WALL], measure: auctionRows },
  { plans: [FLOOD], measure: floodRows },
  { plans: [QUORUM_RATE, QUORUM_LATENCY], measure: quorumRows },
  { plans: [QUORUM_CPU, QUORUM_OVERLOAD], measure: quorumLoadRows },
  { plans: [SOLO_BID], measure: soloRows },
  { plans: [PEER_MEMORY], measure: peerMemoryRows },
  { plans: [DAEMON_MEMORY], measure: daemonMemoryRows },
  { plans: [IDLE_SEATS], measure: idleCpuRows },
  { plans: [IDLE_DAEMON], measure: idleDaemonRows },
  { plans: [IDLE_DISK], measure: idleDiskRows },
  { plans: [TESTNET_CPU], measure: testnetCpuRows },
  { plans: [FIRST_AUCTION], measure: firstAuctionRows },
  { plans: [SIMULATOR], measure: simulatorRows },
  { plans: [SETTLE_WHOLE, SETTLE_UNITS], measure: settleRows },
  { plans: [OVERDUE_ENTRY, OVERDUE_WORST], measure: overdueRows },
  { plans: [BUDGET_BID], measure: budgetBidRows },
  { plans: [BUDGET_ENTRY], measure: budgetEntryRows },
  { plans: [STEP_AUCTIONS], measure: () => stepRows("auctions") },
  { plans: [STEP_WAITING], measure: () => stepRows("waiting") },
  { plans: [STEP_UNPUBLISHED], measure: () => stepRows("unpublished") },
];

export const ROW_NAMES: readonly string[] = MEASUREMENTS.flatMap(({ plans }) =>
  plans.map(({ name }) => name),
);

/**
 * Measures every row whose name contains `only` (null: every row).
 * @param onRow told of each row as it is measured
 */
export async function measureAll(only: string | null, onRow: (row: BenchRow) => void): Promise<BenchReport> {
  const wanted = (name: string): boolean => only === null || name.includes(only);
  const rows: BenchRow[] = [];
  for (const { plans, measure } of MEASUREMENTS) {
    if (!plans.some(({ name }) => wanted(name))) continue;
    for (const row of (await measure()).filter(({ name }) => wanted(name))) {
      rows.push(row);
      onRow(row);
    }
  }
  return { kind: "BenchReport", machine: thisMachine(), rows };
}
