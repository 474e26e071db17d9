// What a testnet shows: events as lines, logs from their end, folders and addresses as people write them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RecentEvents } from "../../node/api/index.js";
import type { CommandIo } from "../../node/cli/commands.js";
import type { ApiEvent, PenaltyView } from "../../node/contract/index.js";
import { eventLine, isMarketEvent } from "../../testnet/cli/event-lines.js";
import { run as logs } from "../../testnet/cli/logs.js";
import { reportLines } from "../../testnet/cli/report-lines.js";
import { stoppingLine } from "../../testnet/cli/up-lines.js";
import { followEvents } from "../../testnet/event-follower.js";
import { testnetHome } from "../../testnet/home.js";
import type { TestnetReport } from "../../testnet/report/report.js";
import { endpointOf } from "../../testnet/residence.js";

const ADA = "ad".repeat(32);
const AUCTION = "3fa9c1d2e4".padEnd(64, "0");
const TIME = "2026-05-01T13:02:11.480Z";
const style = { colors: false, nameOf: (agent: string) => (agent === ADA ? "bidder-1" : null) };
const at = { id: 1, time: TIME, height: 7, auction: AUCTION };

const BOB = "b0".repeat(32);
const onTrade = { ...at, trade: AUCTION, performer: BOB, buyer: ADA, price: "2500000", fence: 7, says: "" };
const ended = { received: "0", fee: "0", returned: "2500000", shareBp: null };
const penalty: PenaltyView = {
  ...{ base: "3750000", penaltyBp: 2_500, severity: 2, grace: 1, violations: 1, repeat: 1, shareBp: 10_000 },
  ...{ due: "1875000", taken: "1875000", burned: "937500", insurance: "937500", says: "" },
  condition: "timeout",
  result: "SLASHED",
};

describe("an event's line", () => {
  test.each<[ApiEvent, string]>([
    [
      {
        ...at,
        type: "auction.opened",
        creator: ADA,
        format: "vickrey",
        direction: "sell",
        reserve: "3200000",
        lot: { capability: "gpu.a100", units: 4, from: null, to: null },
        hiddenReserve: false,
        standingWeight: null,
        lockups: ["9000000"],
        deliverMs: 0,
        settleMs: 0,
        opensAt: TIME,
        commitClosesAt: TIME,
      },
      "13:02:11.480  3fa9c1d2e4  opened     gpu.a100 × 4 by bidder-1, reserve 3.2 cr",
    ],
    [
      { ...at, type: "bid.committed", bidder: ADA, lockup: "9000000", commitment: AUCTION },
      "13:02:11.480  3fa9c1d2e4  sealed     by bidder-1, 9 cr locked",
    ],
    [
      {
        ...onTrade,
        ...{ type: "trade.began", capability: "gpu.a100", units: 4, lien: "3750000", deliverBy: TIME },
      },
      "13:02:11.480  3fa9c1d2e4  due        b0b0b0b0b0 delivers gpu.a100 × 4 to bidder-1 by 13:02:11, 2.5 cr set aside",
    ],
    [
      { ...onTrade, type: "trade.delivered", delivered: AUCTION, acceptBy: TIME },
      "13:02:11.480  3fa9c1d2e4  delivered  by b0b0b0b0b0 to bidder-1, who has until 13:02:11 to look at it",
    ],
    [
      {
        ...{ ...onTrade, ...ended, type: "trade.paid", cause: "accepted", penalty: null },
        ...{ received: "2487500", fee: "12500", returned: "0", shareBp: null },
      },
      "13:02:11.480  3fa9c1d2e4  paid       b0b0b0b0b0 receives 2.4875 cr from bidder-1, 0.0125 cr of fee burned: its buyer accepted",
    ],
    [
      { ...onTrade, ...ended, type: "trade.refunded", cause: "timedOut", penalty },
      "13:02:11.480  3fa9c1d2e4  refunded   bidder-1 has its 2.5 cr back: nothing was delivered in time; b0b0b0b0b0 loses 1.875 cr of stake",
    ],
    [
      {
        ...{ ...onTrade, ...ended, type: "trade.refunded", cause: "failed" },
        penalty: { ...penalty, condition: "failure", result: "WARNING", due: "0", taken: "0" },
      },
      "13:02:11.480  3fa9c1d2e4  refunded   bidder-1 has its 2.5 cr back: it was given up; b0b0b0b0b0 is warned",
    ],
    [
      { ...onTrade, ...ended, type: "trade.refunded", cause: "timedOut", penalty: { ...penalty, repeat: 3 } },
      "13:02:11.480  3fa9c1d2e4  refunded   bidder-1 has its 2.5 cr back: nothing was delivered in time; b0b0b0b0b0 loses 1.875 cr of stake, 3 times as much as at first",
    ],
    [
      {
        ...{ ...onTrade, type: "trade.disputed", delivered: AUCTION, evidence: AUCTION },
        ...{ bond: "1000000", verdictBy: TIME },
      },
      "13:02:11.480  3fa9c1d2e4  disputed   by bidder-1, who stakes 1 cr against b0b0b0b0b0; the seats judge what was delivered until 13:02:11",
    ],
    [
      { ...onTrade, type: "trade.judged", seat: 3, share: 2_500 },
      "13:02:11.480  3fa9c1d2e4  judged     seat 3 finds 25 % wrong of what b0b0b0b0b0 delivered to bidder-1",
    ],
    [
      { ...onTrade, type: "trade.judged", seat: 3, share: null },
      "13:02:11.480  3fa9c1d2e4  judged     seat 3 finds nothing wrong with what b0b0b0b0b0 delivered to bidder-1",
    ],
    [
      {
        ...{ ...onTrade, type: "trade.paid", cause: "rejected", penalty: null, shareBp: null },
        ...{ received: "2487500", fee: "12500", returned: "0" },
      },
      "13:02:11.480  3fa9c1d2e4  paid       b0b0b0b0b0 receives 2.4875 cr from bidder-1, 0.0125 cr of fee burned: the seats found nothing wrong, and the buyer's bond is the performer's too",
    ],
    [
      {
        ...{ ...onTrade, type: "trade.split", cause: "upheld", shareBp: 5_000 },
        ...{ received: "1243750", fee: "6250", returned: "1250000" },
        penalty: { ...penalty, condition: "misdelivery", shareBp: 5_000 },
      },
      "13:02:11.480  3fa9c1d2e4  split      b0b0b0b0b0 receives 1.24375 cr, bidder-1 has 1.25 cr back: the seats found 50 % of it wrong; b0b0b0b0b0 loses 1.875 cr of stake",
    ],
    [
      {
        ...{ ...onTrade, type: "trade.split", cause: "hung", penalty: null, shareBp: null },
        ...{ received: "1243750", fee: "6250", returned: "1250000" },
      },
      "13:02:11.480  3fa9c1d2e4  split      b0b0b0b0b0 receives 1.24375 cr, bidder-1 has 1.25 cr back: the seats came to no verdict in time",
    ],
    [
      { ...onTrade, ...ended, type: "trade.refunded", cause: "upheld", shareBp: 10_000, penalty },
      "13:02:11.480  3fa9c1d2e4  refunded   bidder-1 has its 2.5 cr back: the seats found 100 % of it wrong; b0b0b0b0b0 loses 1.875 cr of stake",
    ],
    [
      { ...at, type: "bid.revealed", bidder: "be".repeat(32), amount: "1", units: null },
      "13:02:11.480  3fa9c1d2e4  revealed   0.000001 cr by bebebebebe",
    ],
    [
      {
        ...at,
        type: "auction.settled",
        outcome: "sold",
        awards: [{ bidder: ADA, units: 4, pays: "2500000", receives: "0" }],
        clearingPrice: "2500000",
        burned: "9000000",
      },
      "13:02:11.480  3fa9c1d2e4  settled    bidder-1 pays 2.5 cr, 9 cr burned",
    ],
    [
      {
        ...at,
        type: "auction.settled",
        outcome: "sold",
        awards: [{ bidder: ADA, units: 4, pays: "0", receives: "2500000" }],
        clearingPrice: "2500000",
        burned: "0",
      },
      "13:02:11.480  3fa9c1d2e4  settled    bidder-1 receives 2.5 cr",
    ],
    [
      { ...at, type: "auction.settled", outcome: "unsold", awards: [], clearingPrice: null, burned: "0" },
      "13:02:11.480  3fa9c1d2e4  unsold     no valid bid",
    ],
    [
      { ...at, type: "auction.settled", outcome: "void", awards: [], clearingPrice: null, burned: "0" },
      "13:02:11.480  3fa9c1d2e4  void       the lot's window has lapsed: no trade",
    ],
  ])("%o", (event, line) => {
    expect(isMarketEvent(event)).toBe(true);
    expect(eventLine(event, style)).toBe(line);
  });
  test("the log underneath is not shown", () => {
    const entry: ApiEvent = {
      id: 1,
      time: TIME,
      type: "quorum.finalised",
      height: 1,
      entry: AUCTION,
      term: 1,
      leader: 0,
      operations: 0,
    };
    expect(isMarketEvent(entry)).toBe(false);
    expect(eventLine(entry, style)).toBeNull();
  });
});

describe("following events", () => {
  test("every event is told once, in order, also those that come while others are read", async () => {
    const feed = new RecentEvents(1, 64);
    const happened = { type: "node.mode", time: TIME, mode: "ready" } as const;
    const told: number[] = [];
    feed.append(happened);
    const stop = followEvents(feed, ({ id }) => {
      told.push(id);
      if (told.length === 1) feed.append(happened);
    });
    const first = feed.append(happened);
    feed.append(happened);
    await new Promise((done) => setImmediate(done));
    expect(told).toEqual([first.id, first.id + 1, first.id + 2]);
    stop();
    feed.append(happened);
    await new Promise((done) => setImmediate(done));
    expect(told).toHaveLength(3);
  });
});

describe("logs", () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "mabeam-logs-"));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const told: string[] = [];
  const last = async (text: string, lines: number): Promise<string[]> => {
    writeFileSync(join(home, "testnet.log"), text);
    const out: string[] = [];
    const io: CommandIo = {
      out: (line) => out.push(line),
      err: (line) => told.push(line),
      colors: false,
      progress: false,
      self: "mabeam",
      outlive: () => undefined,
    };
    expect(await logs(io, { home, lines })).toBe(0);
    return out;
  };
  test("the last lines are shown whole", async () => {
    const all = Array.from({ length: 2000 }, (_, i) => `line ${i} ${"é".repeat(i % 50)}`);
    expect(await last(`${all.join("\n")}\n`, 3)).toEqual(all.slice(-3));
    expect(await last("one\ntwo\n", 50)).toEqual(["one", "two"]);
  });
  test("a line that is still being written waits", async () => {
    expect(await last("one\ntw", 50)).toEqual(["one"]);
  });
  test("an empty one is said to be empty, where no data is looked for", async () => {
    expect(told).toEqual([]);
    expect(await last("", 50)).toEqual([]);
    expect(told).toEqual([`${join(home, "testnet.log")} is empty so far`]);
  });
});

describe("what ^C has begun", () => {
  test("says what is kept, and where", () => {
    expect(stoppingLine(3, "/a")).toMatch(/3 peers; its state stays in \/a, .*\(\^C again: at once\)$/);
    expect(stoppingLine(3, null)).toContain("nothing of it is kept");
  });
});

describe("folders and addresses", () => {
  test("the folder that was asked for comes first, then MABEAM_HOME, then the default", () => {
    expect(testnetHome("/a", { MABEAM_HOME: "/b" })).toBe("/a");
    expect(testnetHome(undefined, { MABEAM_HOME: "/b" })).toBe("/b");
    expect(testnetHome(undefined, {})).toBe(resolve(".mabeam/testnet"));
  });
  test("host:port, or nothing", () => {
    expect(endpointOf("127.0.0.1:4080")).toEqual({ host: "127.0.0.1", port: 4080 });
    expect(endpointOf("[::1]:0")).toEqual({ host: "::1", port: 0 });
    for (const text of ["4080", "127.0.0.1", "127.0.0.1:99999", "a:b", ""])
      expect(endpointOf(text)).toBeNull();
  });
});

describe("a report for people", () => {
  test("shows every check with its verdict", () => {
    const report: TestnetReport = {
      kind: "TestnetReport",
      peers: 8,
      quorum: { members: 7, byzantineTolerance: 2, height: 9, forks: 0 },
      auctions: { opened: 1, settled: 1, unsold: 0, failed: 0, byFormat: { vickrey: 1 } },
      bids: { committed: 1, revealed: 1, withheld: 0, rejected: 0 },
      trades: { due: 1, delivered: 1, paid: 1, refunded: 0, split: 0, disputed: 0, slashed: 0, byCause: {} },
      checks: [
        { name: "outcome", ok: true, detail: "1 outcome" },
        { name: "funds", ok: false, detail: "one is off" },
      ],
      efficiency: null,
      latency: { settleMs: null, commitMs: 1500, gossipMs: { p50: 1, p99: 2 } },
      cpuSeconds: 1,
      rssBytes: 1e8,
      wallSeconds: 2,
    };
    const text = reportLines(report, { colors: false }).join("\n");
    expect(text).toContain(
      "Trades      1 due, 1 delivered, 1 paid, 0 refunded, 0 split, 0 disputed, 0 slashed",
    );
    expect(text).toMatch(/✓ outcome +1 outcome/);
    expect(text).toMatch(/✗ funds +one is off/);
    expect(text).toMatch(/byzantineTolerance: 2/);
    expect(text).not.toContain("Formats");
    const byFormat = { vickrey: 2, uniform: 1 };
    const several = reportLines({ ...report, auctions: { ...report.auctions, byFormat } }, { colors: false });
    expect(several).toContain("Formats     2 vickrey, 1 uniform");
  });
});
