// The checkers that judge auctions and operations from what was told and logged, against planted violations.
import { describe, expect, it } from "vitest";
import { toHex, ZERO_HASH } from "../../src/base/index.js";
import { auctionIdOf, type Operation, type OperationBody } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import {
  type Evidence,
  electorate,
  encodeEvidence,
  longestIdleMs,
  voteEvidence,
} from "../../src/quorum/index.js";
import type { LoggedOperation } from "../../testnet/lab/checks/auctions.js";
import { justWrongs } from "../../testnet/lab/checks/just.js";
import { ledWrongs } from "../../testnet/lab/checks/led.js";
import { onceWrongs } from "../../testnet/lab/checks/once.js";
import type { Court } from "../../testnet/lab/checks/statements.js";
import { forgerOf } from "../../testnet/lab/simulate/byzantine/forger.js";
import { auctionsChecker } from "../../testnet/lab/simulate/checkers/auctions.js";
import { windowChecker } from "../../testnet/lab/simulate/checkers/window.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { IdealSignatures } from "../../testnet/lab/simulate/world/signatures.js";
import { saleTo } from "../worlds/sale.js";
import { network, Planted, reportsOf, trialOf } from "./trial.js";

const bytesOf = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);
const [creator, ann, bob] = [bytesOf(10), bytesOf(11), bytesOf(12)];
const auction = auctionIdOf(network, creator, 0);
const at = { height: 9, timeMs: 9 };

function logged(
  height: number,
  from: Uint8Array | null,
  body: OperationBody,
  isRefused = false,
): LoggedOperation {
  const authority = from && { from, nonce: 0, fee: 1n, validUntilMs: 100 };
  const operation = { v: 1, ...network, authority, body, sig: null } as Operation;
  return {
    height,
    id: `${height}/${body.kind}/${from?.[0] ?? ""}`,
    operation,
    size: 100,
    code: null,
    isRefused,
    isPassedOver: false,
  };
}

const creation = (reserveHash: Uint8Array | null): LoggedOperation =>
  logged(1, creator, {
    kind: "createAuction",
    format: { kind: "vickrey" },
    direction: "sell",
    lot: { capability: "gpu", units: 1, fromMs: null, toMs: null },
    reserve: 10n,
    lockups: [100n],
    openMs: 0,
    commitMs: 5,
    revealMs: 5,
    bond: 7n,
    reserveHash,
    standingWeight: null,
    deliverMs: 0,
    settleMs: 0,
    value: null,
  });
const commit = (height: number, from: Uint8Array, lockup: bigint): LoggedOperation =>
  logged(height, from, { kind: "commit", auction, commitment: bytesOf(3), lockup, recovery: bytesOf(0, 96) });
const reveal = (height: number, bidder: Uint8Array, amount: bigint, isRefused = false): LoggedOperation =>
  logged(
    height,
    null,
    { kind: "reveal", auction, bidder, bid: { amount, units: null }, salt: bytesOf(4) },
    isRefused,
  );
const settled = (winner: Uint8Array | null, price: bigint, burned: bigint): Notice => ({
  kind: "auctionSettled",
  ...at,
  auction,
  outcome: winner === null ? "unsold" : "done",
  ...saleTo(winner, price),
  burned,
});

describe("once", () => {
  function counted(operations: readonly LoggedOperation[], notices: readonly Notice[] = []): string[] {
    return reportsOf("once", onceWrongs(new Planted(operations, notices)));
  }
  const payment = logged(2, ann, { kind: "transfer", to: bob, amount: 5n });

  it("an operation that is included again and refused took effect once", () => {
    expect(counted([payment, { ...payment, height: 3, isRefused: true }])).toEqual([]);
  });

  it("an operation that takes effect at two heights is a violation", () => {
    expect(counted([payment, { ...payment, height: 3 }])).toEqual(["once"]);
  });

  it("an auction that settles twice is a violation", () => {
    const twice = [settled(ann, 30n, 0n), settled(ann, 30n, 1n)];
    expect(counted([], twice)).toEqual(["once"]);
    expect(counted([], twice.slice(1))).toEqual([]);
  });
});

describe("live, of auctions", () => {
  const opened: Notice = {
    kind: "auctionOpened",
    ...at,
    auction,
    creator,
    format: "vickrey",
    direction: "sell",
    lot: { capability: "gpu", units: 1, fromMs: null, toMs: null },
    reserve: 0n,
    hasHiddenReserve: false,
    standingWeight: null,
    deliverMs: 0,
    settleMs: 0,
    lockups: [100n],
    opensMs: 0,
    closesMs: 1000,
  };
  const committed: Notice = {
    kind: "bidCommitted",
    ...at,
    auction,
    bidder: ann,
    lockup: 100n,
    commitment: auction,
  };
  const revealed: Notice = { kind: "bidRevealed", ...at, auction, bidder: ann, amount: 50n, units: null };

  function lived(...notices: Notice[]): string[] {
    const trial = trialOf();
    const placed = new Map([[toHex(auction), [{ auction, host: 0, amount: 50n, isWithheld: false }]]]);
    const checker = auctionsChecker(trial, placed, [ann], 1_000);
    checker.healed!();
    for (const notice of notices) checker.noticed!(trial.hosts[0]!, notice);
    checker.ended!();
    return trial.reports;
  }

  it("an auction that opens after healing must settle", () => {
    expect(lived(opened, settled(null, 0n, 0n))).toEqual([]);
    expect(lived(opened)).toEqual(["live"]);
  });

  it("an honest bid that is committed after healing must be revealed", () => {
    expect(lived(opened, committed, revealed, settled(ann, 0n, 0n))).toEqual([]);
    expect(lived(opened, committed, settled(null, 0n, 100n))).toEqual(["forfeit"]);
  });
});

describe("led", () => {
  const phase = (height: number, to: "open" | "reveal"): Notice => ({
    kind: "auctionPhase",
    height,
    timeMs: 0,
    auction,
    phase: to,
  });

  /** An auction of 5 ms of commits and 5 of reveals, F = 1, in entries of these leaders at these times. */
  function judged(
    entries: readonly (readonly [leader: number, timeMs: number])[],
    marks: Marks,
    operations: readonly LoggedOperation[] = [commit(2, ann, 100n)],
  ): string[] {
    const steps = entries.map(([leader, timeMs], i) => ({ height: i + 1, timeMs, leader, execHeight: i }));
    const notices = [
      phase(marks.open, "open"),
      phase(marks.reveal, "reveal"),
      { ...settled(ann, 0n, 0n), height: marks.settled } as Notice,
    ];
    const history = new Planted([creation(null), ...operations], notices, steps);
    return reportsOf("led", ledWrongs(history));
  }
  interface Marks {
    readonly open: number;
    readonly reveal: number;
    readonly settled: number;
  }
  const commits = [
    [0, 100],
    [1, 103],
    [2, 105],
    [3, 106],
    [0, 107],
  ] as const;
  const reveals = [
    [1, 108],
    [2, 109],
    [3, 114],
    [0, 115],
    [1, 116],
  ] as const;

  it("a phase that ends after F+1 leaders past its close ended rightly", () => {
    expect(judged([...commits, ...reveals], { open: 1, reveal: 5, settled: 10 })).toEqual([]);
  });

  it("REVEAL ends early when everything is shown, after F+1 leaders in it, and not after fewer", () => {
    const shown = [commit(2, ann, 100n), reveal(6, ann, 50n)];
    const marks = { open: 1, reveal: 5 };
    expect(judged([...commits, ...reveals], { ...marks, settled: 8 }, shown)).toEqual([]);
    expect(judged([...commits, ...reveals], { ...marks, settled: 7 }, shown)).toEqual(["led"]);
    // What the settling entry itself brings came too late to have ended the phase.
    const late = [shown[0]!, reveal(8, ann, 50n)];
    expect(judged([...commits, ...reveals], { ...marks, settled: 8 }, late)).toEqual(["led"]);
  });

  it("who counts in the entry that it closes the commits with did not lead in them", () => {
    const early = [...commits.slice(0, 3), commits[4]!, ...reveals];
    expect(judged(early, { open: 1, reveal: 4, settled: 9 })).toEqual(["led"]);
  });

  it("nor does one in the entry that settles, nor one that leads twice, nor one before the close", () => {
    const sooner = [...commits, ...reveals.slice(0, 3), reveals[4]!];
    expect(judged(sooner, { open: 1, reveal: 5, settled: 9 })).toEqual(["led"]);
    const twice = [...commits, ...reveals.slice(0, 3), [3, 115] as const, reveals[4]!];
    expect(judged(twice, { open: 1, reveal: 5, settled: 10 })).toEqual(["led"]);
    const before = [...commits, ...reveals.slice(0, 2), [3, 113] as const, ...reveals.slice(3)];
    expect(judged(before, { open: 1, reveal: 5, settled: 10 })).toEqual(["led"]);
  });
});

describe("window", () => {
  const EPOCH_MS = 10_000;
  const timing = { deltaMs: 5, idleMs: 1, batchMs: 1, precisionMs: 1, messageDelayMs: 10 };
  /** Two clocks that are off by a precision each, and Δ. */
  const SLACK_MS = 7;
  /** The same while messages may be late. */
  const STORMY_SLACK_MS = 2 + 8 * 11;

  /** REVEAL is known a second after the beginning, and the entry that ends it is so many ms of ledger time later. */
  function judged(revealMs: number, lastedMs: number, ...operations: LoggedOperation[]): string[] {
    return judgedAfter(500, revealMs, lastedMs, ...operations);
  }

  function judgedAfter(
    healedMs: number,
    revealMs: number,
    lastedMs: number,
    ...operations: LoggedOperation[]
  ): string[] {
    let nowMs = healedMs;
    const trial = { ...trialOf(), nowMs: () => nowMs };
    const { height, operation, ...rest } = creation(null);
    const body = { ...operation.body, revealMs } as OperationBody;
    const created = { ...rest, height, operation: { ...operation, body } as Operation };
    const checker = windowChecker(trial, new Planted([created, ...operations], []), timing, EPOCH_MS);
    checker.healed!();
    nowMs = 1_000;
    const knows = (...notify: Notice[]): void =>
      checker.stepped!(trial.hosts[0]!, { persist: [], send: [], wakeAt: null, notify });
    knows({ kind: "auctionPhase", ...at, auction, phase: "reveal" });
    nowMs += 100_000;
    knows({ kind: "auctionPhase", ...at, auction, phase: "reveal" });
    knows({ ...settled(ann, 0n, 0n), timeMs: EPOCH_MS + 1_000 + lastedMs } as Notice);
    checker.ended!();
    return trial.reports;
  }

  it("reveals that had less than their window, clocks apart, are a violation", () => {
    expect(judged(500, 500, commit(2, ann, 100n))).toEqual([]);
    expect(judged(500, 500 - SLACK_MS, commit(2, ann, 100n))).toEqual([]);
    expect(judged(500, 499 - SLACK_MS, commit(2, ann, 100n))).toEqual(["window"]);
  });

  it("while messages may be late, the ledger may lag by as much as patience allows", () => {
    // REVEAL is known at 1,000, and clocks three of the longest intervals after the last fault.
    const calm = 1_000 - 3 * longestIdleMs(timing);
    expect(judgedAfter(calm + 1, 500, 500 - STORMY_SLACK_MS, commit(2, ann, 100n))).toEqual([]);
    expect(judgedAfter(calm + 1, 500, 499 - STORMY_SLACK_MS, commit(2, ann, 100n))).toEqual(["window"]);
    expect(judgedAfter(calm, 500, 499 - SLACK_MS, commit(2, ann, 100n))).toEqual(["window"]);
  });

  it("of an auction in which everything was shown may end early, and no other", () => {
    expect(judged(500, 1, commit(2, ann, 100n), reveal(5, ann, 50n))).toEqual([]);
    expect(judged(500, 1)).toEqual([]);
    expect(judged(500, 1, reveal(5, ann, 50n, true), commit(2, ann, 100n))).toEqual(["window"]);
  });
});

describe("just", () => {
  const keys = new IdealSignatures(new Random(4));
  const signer = keys.key();
  const members = [{ key: signer.publicKey, agent: ann, power: 1 }];
  const seats = electorate({ epoch: 0, members }, network.chain);
  const court: Court = { electorate: seats, ...network, verifier: keys, judgeOps: () => null };
  const pen = forgerOf({
    seat: 0,
    signer,
    agent: signer,
    electorate: seats,
    network,
    keepTerms: 8,
    deltaMs: 100,
  });
  const [one, other] = [pen.vote("ack", 3, bytesOf(5)), pen.vote("ack", 3, bytesOf(6))];
  const proof = voteEvidence(one, other) as Extract<Evidence, { readonly kind: "votes" }>;
  const punished = (height: number, evidence: Evidence, isRefused = false): LoggedOperation =>
    logged(height, null, { kind: "evidence", evidence: encodeEvidence(evidence) }, isRefused);

  function judged(...operations: LoggedOperation[]): string[] {
    return reportsOf("just", justWrongs(new Planted(operations, []), court));
  }

  it("a proven fault is punished justly, once", () => {
    expect(judged(punished(4, proof))).toEqual([]);
    expect(judged(punished(4, proof), punished(5, proof, true))).toEqual([]);
    expect(judged(punished(4, proof), punished(5, proof))).toEqual(["just"]);
  });

  it("what convicts nobody, in disorder or undecodable, punishes unjustly; refused, it does not", () => {
    const skip = pen.vote("skip", 3, ZERO_HASH);
    const innocent = { ...proof, type: "E2", a: one, b: skip } as Evidence;
    const disordered = { ...proof, a: proof.b, b: proof.a } as Evidence;
    for (const unjust of [innocent, disordered]) {
      expect(judged(punished(4, unjust))).toEqual(["just"]);
      expect(judged(punished(4, unjust, true))).toEqual([]);
    }
    expect(judged(logged(4, null, { kind: "evidence", evidence: bytesOf(1, 9) }))).toEqual(["just"]);
  });
});
