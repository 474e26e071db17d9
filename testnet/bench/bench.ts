// The benchmark: all rows, or those that were asked for, one after the other.

import { ADDED, addedRows } from "./gateway/rows/added.js";
import { MEMORY, memoryRows } from "./gateway/rows/memory.js";
import { OWNERS, ownerRows } from "./gateway/rows/owners.js";
import { REAL_SHARES, realShareRows } from "./gateway/rows/real-shares.js";
import { RESTART, restartRows } from "./gateway/rows/restart.js";
import { SHARES, shareRows } from "./gateway/rows/shares.js";
import {
  type Audience,
  type BenchReport,
  type BenchRow,
  type BenchTable,
  type RowPlan,
  thisMachine,
} from "./report.js";
import { ADMIT_BID, admissionRows } from "./rows/admission.js";
import { AUCTION_CPU, AUCTION_WALL, auctionRows } from "./rows/auction.js";
import { BUDGET_BID, BUDGET_ENTRY, budgetBidRows, budgetEntryRows } from "./rows/budgets.js";
import { FIRST_AUCTION, firstAuctionRows } from "./rows/first-auction.js";
import { FLOOD, floodRows } from "./rows/flood.js";
import { HANDOVER, handoverRows } from "./rows/goods.js";
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
import { SDK_GRANTED, SDK_SENT, sdkRows } from "./rows/sdk.js";
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
import { STRATEGY_ROWS, strategyRows } from "./strategies/rows.js";

/** Rows that are measured together. */
interface Measurement {
  readonly plans: readonly RowPlan[];
  measure(audience: Pick<Audience, "table">): Promise<readonly BenchRow[]>;
}

/** What is measured unless a group is named. */
const USUAL: readonly Measurement[] = [
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
  { plans: [SDK_SENT, SDK_GRANTED], measure: sdkRows },
  { plans: [SIMULATOR], measure: simulatorRows },
  { plans: [SETTLE_WHOLE, SETTLE_UNITS], measure: settleRows },
  { plans: [OVERDUE_ENTRY, OVERDUE_WORST], measure: overdueRows },
  { plans: [HANDOVER], measure: handoverRows },
  { plans: [BUDGET_BID], measure: budgetBidRows },
  { plans: [BUDGET_ENTRY], measure: budgetEntryRows },
  { plans: [STEP_AUCTIONS], measure: () => stepRows("auctions") },
  { plans: [STEP_WAITING], measure: () => stepRows("waiting") },
  { plans: [STEP_UNPUBLISHED], measure: () => stepRows("unpublished") },
];

/** What is measured by name alone: it takes long, or fetches what it is compared with. */
const GROUPS: Readonly<Record<string, readonly Measurement[]>> = {
  gateway: [
    { plans: SHARES, measure: shareRows },
    { plans: OWNERS, measure: ownerRows },
    { plans: REAL_SHARES, measure: realShareRows },
    { plans: ADDED, measure: addedRows },
    { plans: [MEMORY], measure: memoryRows },
    { plans: [RESTART], measure: restartRows },
  ],
  strategies: [{ plans: STRATEGY_ROWS, measure: (audience) => strategyRows(audience) }],
};

export const GROUP_NAMES: readonly string[] = Object.keys(GROUPS);

/** @param group null: the usual rows */
export const rowNamesOf = (group: string | null): readonly string[] =>
  measurementsOf(group).flatMap(({ plans }) => plans.map(({ name }) => name));

const measurementsOf = (group: string | null): readonly Measurement[] =>
  group === null ? USUAL : (GROUPS[group] ?? []);

export interface Wanted {
  /** null: the usual rows */
  readonly group: string | null;
  /** only rows whose name contains it; null: every row */
  readonly only: string | null;
}

/** Measures the rows that are wanted, and tells of each as it is measured. */
export async function measureAll({ group, only }: Wanted, audience: Audience): Promise<BenchReport> {
  const isWanted = (name: string): boolean => only === null || name.includes(only);
  const rows: BenchRow[] = [];
  const tables: BenchTable[] = [];
  const table = (one: BenchTable): void => {
    tables.push(one);
    audience.table(one);
  };
  for (const { plans, measure } of measurementsOf(group)) {
    if (!plans.some(({ name }) => isWanted(name))) continue;
    for (const row of (await measure({ table })).filter(({ name }) => isWanted(name))) {
      rows.push(row);
      audience.row(row);
    }
  }
  return { kind: "BenchReport", machine: thisMachine(), rows, tables };
}
