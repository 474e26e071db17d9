// The laws of windows, deposits, room, nonces and idle operations, against planted violations.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { auctionIdOf, type Operation, type OperationBody } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import type { Header } from "../../src/quorum/index.js";
import type { LoggedOperation } from "../../testnet/lab/checks/auctions.js";
import { NO_BUDGETS } from "../../testnet/lab/checks/budget-books.js";
import { depositWrongs } from "../../testnet/lab/checks/deposit.js";
import { depositFor } from "../../testnet/lab/checks/deposit-rates.js";
import { nonceWrongs } from "../../testnet/lab/checks/nonce.js";
import { outageWrongs } from "../../testnet/lab/checks/outage.js";
import { paidWrongs } from "../../testnet/lab/checks/paid.js";
import { roomWrongs } from "../../testnet/lab/checks/room.js";
import type { LoggedStep } from "../../testnet/lab/checks/windows.js";
import { type TurnedDown, turnWrongs } from "../../testnet/lab/simulate/checkers/turn.js";
import { saleTo } from "../worlds/sale.js";
import { network, Planted, reportsOf } from "./trial.js";

const bytesOf = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);
const [creator, ann, bob, eve] = [bytesOf(10), bytesOf(11), bytesOf(12), bytesOf(13)];
const auction = auctionIdOf(network, creator, 0);
const other = auctionIdOf(network, creator, 1);
const PENNILESS = {
  ...{ free: 0n, locked: 0n, stake: 0n, unbonding: [], slashDebt: 0n, deposits: 0n },
  liens: [],
  bonds: [],
  nonces: { critical: 0, bulk: 0 },
};
const DEPOSITS = {
  ...{ auctionDeposit: 300n, auctionDepositPerHour: 20n, retainMs: 500 },
  ...{ lienBp: 15_000, tradeFeeBp: 50, periodMs: 60_000, verdictMs: 1_000, seats: [] },
  ...{ disputeSplitBp: 5_000, leastDisputeBond: 1n, disputeBondBp: 500 },
};

function logged(
  height: number,
  from: Uint8Array | null,
  body: OperationBody,
  fate: "applied" | "refused" | "passed over" = "applied",
  nonce = 0,
  fee = 1n,
): LoggedOperation {
  const authority = from && { from, nonce, fee, validUntilMs: 1e6 };
  const operation = { v: 1, ...network, authority, body, sig: null } as Operation;
  const id = `${height}/${body.kind}/${from?.[0] ?? ""}/${nonce}`;
  const isPassedOver = fate === "passed over";
  return { height, id, operation, size: 100, code: null, isRefused: fate !== "applied", isPassedOver };
}

/** An auction of 200 ms of commits and 300 of reveals. */
const creation = (toMs: number | null, nonce = 0): LoggedOperation =>
  logged(
    1,
    creator,
    {
      kind: "createAuction",
      format: { kind: "vickrey" },
      direction: "sell",
      lot: { capability: "gpu", units: 1, fromMs: null, toMs },
      reserve: 10n,
      lockups: [100n],
      openMs: 0,
      commitMs: 200,
      revealMs: 300,
      bond: 0n,
      reserveHash: null,
      standingWeight: null,
      deliverMs: 0,
      settleMs: 0,
      value: null,
    },
    "applied",
    nonce,
  );
const commit = (height: number, from: Uint8Array, where = auction, fee = 1n): LoggedOperation =>
  logged(
    height,
    from,
    { kind: "commit", auction: where, commitment: bytesOf(3), lockup: 100n, recovery: bytesOf(0, 96) },
    "applied",
    0,
    fee,
  );
const reveal = (height: number, bidder: Uint8Array, amount = 50n): LoggedOperation =>
  logged(height, null, { kind: "reveal", auction, bidder, bid: { amount, units: null }, salt: bytesOf(4) });

/** Entries at these times, each by the next leader, who has executed the entry before. */
const stepsAt = (...times: number[]): LoggedStep[] =>
  times.map((timeMs, i) => ({ height: i + 1, timeMs, leader: i % 4, execHeight: i }));

const phase = (height: number, to: "open" | "reveal", of = auction): Notice => ({
  kind: "auctionPhase",
  height,
  timeMs: 0,
  auction: of,
  phase: to,
});
const settled = (height: number, outcome: "done" | "unsold" | "void", burned = 0n): Notice => ({
  kind: "auctionSettled",
  height,
  timeMs: 0,
  auction,
  outcome,
  ...saleTo(outcome === "done" ? ann : null, 10n),
  burned,
});

describe("outage", () => {
  // Opened at 100, closed to commits at 400; F+1 leaders know it at 600; the window lasts to 900.
  const calm = [100, 200, 300, 400, 500, 600, 700, 900, 950];

  function judged(times: readonly number[], ended: number, ...operations: LoggedOperation[]): string[] {
    const notices = [phase(1, "open"), phase(4, "reveal"), settled(ended, "done")];
    const history = new Planted([creation(null), ...operations], notices, stepsAt(...times));
    return reportsOf("outage", outageWrongs(history));
  }

  it("windows that ran out are no violation, and one that did not is", () => {
    expect(judged(calm, 8, commit(2, ann))).toEqual([]);
    expect(judged(calm.with(7, 899), 8, commit(2, ann))).toEqual(["outage"]);
    expect(judged(calm.with(3, 299).with(2, 250), 8, commit(2, ann))).toEqual(["outage"]);
  });

  it("an outage of the network is no part of a window", () => {
    // 1,100 ms of silence within REVEAL: it closes at 2,000.
    const late = [...calm.slice(0, 6), 1_700];
    expect(judged([...late, 1_900, 1_950], 8, commit(2, ann))).toEqual(["outage"]);
    expect(judged([...late, 2_000, 2_050], 8, commit(2, ann))).toEqual([]);
  });

  it("REVEAL may end earlier when everything was shown, OPEN may not", () => {
    expect(judged(calm, 7, commit(2, ann), reveal(5, ann))).toEqual([]);
    expect(judged(calm, 7, commit(2, ann), reveal(7, ann))).toEqual(["outage"]);
  });
});

describe("deposit", () => {
  const times = Array.from({ length: 40 }, (_, i) => 100 * (i + 1));
  function judged(deposits: bigint, height: number, notices: Notice[], ...more: LoggedOperation[]): string[] {
    const history = new Planted([creation(null), ...more], notices, stepsAt(...times));
    const accounts = [{ ...PENNILESS, agent: toHex(creator), deposits }];
    return reportsOf(
      "deposit",
      depositWrongs(history, DEPOSITS, { height, accounts, trades: [], budgets: NO_BUDGETS }),
    );
  }
  const ended = settled(9, "done");

  it("is held while the auction runs, and until its rows are forgotten", () => {
    expect(judged(300n, 8, [])).toEqual([]);
    expect(judged(0n, 8, [])).toEqual(["deposit"]);
    expect(judged(300n, 13, [ended])).toEqual([]);
    expect(judged(0n, 13, [ended])).toEqual(["deposit"]);
  });

  it("has come back a little later, and not twice", () => {
    expect(judged(300n, 14, [ended])).toEqual([]);
    expect(judged(0n, 24, [ended])).toEqual([]);
    expect(judged(300n, 24, [ended])).toEqual(["deposit"]);
    expect(judged(-300n, 24, [ended])).toEqual(["deposit"]);
  });

  it("burns with VOID, and comes back with a cancellation", () => {
    expect(judged(0n, 9, [settled(9, "void", 300n)])).toEqual([]);
    expect(judged(300n, 9, [settled(9, "void", 300n)])).toEqual(["deposit"]);
    const cancel = (fate: "applied" | "refused"): LoggedOperation =>
      logged(3, creator, { kind: "cancel", auction }, fate, 1);
    expect(judged(0n, 8, [], cancel("applied"))).toEqual([]);
    expect(judged(0n, 8, [], cancel("refused"))).toEqual(["deposit"]);
  });

  it("grows with each hour begun beyond the first", () => {
    const hourMs = 3_600_000;
    const lot = { capability: "gpu.a100", units: 1, fromMs: null, toMs: null };
    const of = (commitMs: number, openMs = 0): bigint =>
      depositFor({ lot, openMs, commitMs, revealMs: 1, deliverMs: 0, settleMs: 0 }, 70, DEPOSITS);
    expect([of(1), of(hourMs - 1), of(hourMs), of(2 * hourMs)]).toEqual([300n, 300n, 320n, 340n]);
    const delivered = { lot, openMs: 0, commitMs: hourMs - 2, revealMs: 1, deliverMs: 1, settleMs: hourMs };
    expect(depositFor(delivered, 70, DEPOSITS)).toBe(320n);
    const later = { ...delivered, lot: { ...lot, fromMs: 10 * hourMs } };
    expect(depositFor(later, 70, DEPOSITS)).toBe(300n + 10n * 20n);
    expect([69, 71, 70 + hourMs].map((openMs) => of(hourMs - 1, openMs))).toEqual([300n, 320n, 320n]);
  });
});

describe("room", () => {
  const ROOM = { revealCapacity: 2, revealSlotMs: 1_000, minFee: 0n };

  function judged(times: readonly number[], opens: Notice[], ...operations: LoggedOperation[]): string[] {
    return judgedIn(ROOM, times, opens, ...operations);
  }
  function judgedIn(
    room: typeof ROOM,
    times: readonly number[],
    opens: Notice[],
    ...operations: LoggedOperation[]
  ): string[] {
    const all = [creation(null), creation(null, 1), ...operations];
    return reportsOf("room", roomWrongs(new Planted(all, opens, stepsAt(...times)), room));
  }
  const times = [100, 200, 300, 400, 500];
  /** At the price of the second of two places. */
  const paid = (height: number, from: Uint8Array, where = auction) => commit(height, from, where, 2n);
  const bothOpen = [phase(1, "open"), phase(2, "open", other)];

  it("holds as many bids as can be revealed, and a bid that is made again is one", () => {
    expect(judged(times, bothOpen, commit(2, ann), paid(3, bob), commit(4, bob))).toEqual([]);
    expect(judged(times, bothOpen, commit(2, ann), paid(3, bob), paid(4, eve))).toEqual(["room"]);
  });

  it("what was revealed takes none any more", () => {
    expect(judged(times, bothOpen, commit(2, ann), paid(3, bob), reveal(4, ann), paid(5, eve))).toEqual([]);
  });

  it("auctions that reveal in one slot share it, those that reveal in two do not", () => {
    const bids = [commit(2, ann), paid(3, bob), paid(3, eve, other)];
    expect(judged(times, bothOpen, ...bids)).toEqual(["room"]);
    const apart = [phase(1, "open"), phase(3, "open", other)];
    expect(judged([100, 200, 850], apart, ...bids)).toEqual([]);
  });

  it.each([
    [3, 1n, 0n],
    [4, 2n, 1n],
    [5, 8n, 7n],
    [7, 128n, 127n],
  ])("of eight places, the one after %i costs %i", (taken, fee, less) => {
    const eight = { ...ROOM, revealCapacity: 8, minFee: 1n };
    const before = Array.from({ length: taken }, (_, i) => commit(2, bytesOf(20 + i), auction, 128n));
    expect(judgedIn(eight, times, bothOpen, ...before, commit(3, eve, other, fee))).toEqual([]);
    expect(judgedIn(eight, times, bothOpen, ...before, commit(3, eve, other, less))).toEqual(["room"]);
  });
});

describe("nonce", () => {
  const pay = (
    height: number,
    nonce: number,
    fate?: "applied" | "refused" | "passed over",
  ): LoggedOperation => logged(height, ann, { kind: "transfer", to: bob, amount: 5n }, fate, nonce);

  function judged(bulk: number, critical: number, ...operations: LoggedOperation[]): string[] {
    const accounts = [{ ...PENNILESS, agent: toHex(ann), nonces: { critical, bulk } }];
    return reportsOf(
      "nonce",
      nonceWrongs(new Planted(operations, []), { height: 3, accounts, trades: [], budgets: NO_BUDGETS }),
    );
  }

  it("is used by what was applied and by what failed, in its lane", () => {
    expect(judged(2, 1, pay(1, 0), pay(2, 1, "refused"), commit(3, ann))).toEqual([]);
    expect(judged(1, 1, pay(1, 0), pay(2, 1, "refused"), commit(3, ann))).toEqual(["nonce"]);
    expect(judged(3, 0, pay(1, 0), pay(2, 1, "refused"), commit(3, ann))).toEqual(["nonce", "nonce"]);
  });

  it("is not used by what was passed over", () => {
    expect(judged(1, 0, pay(1, 0), pay(2, 1, "passed over"))).toEqual([]);
    expect(judged(2, 0, pay(1, 0), pay(2, 1, "passed over"))).toEqual(["nonce"]);
  });
});

describe("paid and turn", () => {
  const header = (leader: number): Header => ({ term: 7, leader }) as Header;
  const honest = (seat: number): boolean => seat !== 3;
  const junk = (code: string, size: number, isPassedOver = false): LoggedOperation => ({
    ...logged(2, null, { kind: "evidence", evidence: new Uint8Array(1) }, "refused"),
    code,
    size,
    isPassedOver,
  });
  const times = (count: number, one: LoggedOperation): LoggedOperation[] =>
    Array<LoggedOperation>(count).fill(one);

  function judged(operations: readonly LoggedOperation[], turnedDown: readonly TurnedDown[] = []): string[] {
    return [
      ...reportsOf("turn", turnWrongs(turnedDown, honest)),
      ...reportsOf("paid", paidWrongs(new Planted(operations, []))),
    ];
  }

  it("sixteen operations and sixteen KiB of an entry may be idle, and no more", () => {
    expect(judged(times(16, junk("EVIDENCE_INVALID", 1024)))).toEqual([]);
    expect(judged(times(17, junk("EVIDENCE_INVALID", 10)))).toEqual(["paid"]);
    expect(judged(times(2, junk("NONCE_NOT_NEXT", 8193, true)))).toEqual(["paid"]);
  });

  it("openings that came too late were paid for, and what failed pays", () => {
    expect(judged(times(40, junk("REVEAL_TOO_LATE", 300)))).toEqual([]);
    const failed = logged(2, ann, { kind: "transfer", to: bob, amount: 5n }, "refused");
    expect(judged(times(40, { ...failed, code: "FUNDS_TOO_LOW" }))).toEqual([]);
  });

  it("a liar may lose its turn, an honest leader never does", () => {
    expect(judged([], [{ header: header(3), operations: 17, bytes: 1 }])).toEqual([]);
    expect(judged([], [{ header: header(0), operations: 17, bytes: 1 }])).toEqual(["turn"]);
  });
});
