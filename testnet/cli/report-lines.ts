// A run's report for people.
import pc from "picocolors";
import type { CommandIo } from "../../node/cli/commands.js";
import type { Spread } from "../report/percentile.js";
import type { TestnetReport } from "../report/report.js";

const MEGABYTE = 1_000_000;

export function reportLines(report: TestnetReport, io: Pick<CommandIo, "colors">): readonly string[] {
  const paint = pc.createColors(io.colors);
  const { quorum, auctions, bids, trades, latency } = report;
  const formats = Object.entries(auctions.byFormat);
  const rows: readonly (readonly [string, string])[] = [
    [
      "Network",
      `${report.peers} peers, ${quorum.members} seats, byzantineTolerance: ${quorum.byzantineTolerance}`,
    ],
    ["Log", `height ${quorum.height}, ${quorum.forks} forks`],
    [
      "Auctions",
      `${auctions.opened} opened, ${auctions.settled} sold, ${auctions.unsold} unsold, ${auctions.failed} failed`,
    ],
    ...(formats.length > 1
      ? [["Formats", formats.map(([name, count]) => `${count} ${name}`).join(", ")] as const]
      : []),
    [
      "Bids",
      `${bids.committed} committed, ${bids.revealed} revealed, ${bids.withheld} withheld, ${bids.rejected} rejected`,
    ],
    [
      "Trades",
      `${trades.due} due, ${trades.delivered} delivered, ${trades.paid} paid, ${trades.refunded} refunded, ${trades.split} split, ${trades.disputed} disputed, ${trades.slashed} slashed`,
    ],
    ["Efficiency", report.efficiency === null ? "–" : report.efficiency.toFixed(4)],
    [
      "Settled",
      `${spread(latency.settleMs)} after creation, of which bids are taken for ${latency.commitMs} ms`,
    ],
    ["Gossip", `${spread(latency.gossipMs)} to the last peer`],
    [
      "Cost",
      `${report.wallSeconds} s, ${report.cpuSeconds} CPU-s, ${Math.round(report.rssBytes / MEGABYTE)} MB`,
    ],
  ];
  const checks = report.checks.map(({ name, ok, detail }) =>
    ok
      ? `${paint.green("✓")} ${name.padEnd(13)}${detail}`
      : `${paint.red("✗")} ${name.padEnd(13)}${paint.red(detail)}`,
  );
  return [...rows.map(([label, value]) => `${paint.dim(label.padEnd(12))}${value}`), ...checks];
}

const spread = (measured: Spread | null): string =>
  measured === null ? "–" : `p50 ${Math.round(measured.p50)} ms, p99 ${Math.round(measured.p99)} ms`;
