// Deliberately broken rules: a simulator that does not catch each of them is broken itself (spec/scenarios).
import { compareBytes, equalBytes } from "../../../src/base/index.js";
import { ACCOUNTS, type AgentId, type Ledger, lienAmount, lowerLien } from "../../../src/ledger/index.js";
import { PHASE_RULES } from "../../../src/market/auction/phase-rules.js";
import {
  laneOf,
  OPERATION_RULES,
  type Operation,
  type RejectionCode,
  TRADE_RULES,
  TRADES,
  type Trade,
  tradeOf,
} from "../../../src/market/index.js";
import { type Conduct, HONEST_CONDUCT } from "../../../src/peer/conduct.js";
import { REPETITION } from "../../../src/peer/repetition.js";
import { HONEST_RULES, quorumPower, type VotingRules } from "../../../src/quorum/index.js";
import { PREFIX } from "../../../src/quorum/log/rows.js";
import type { Invariant } from "./checkers/checker.js";

export const MUTANTS = [
  "no-gap-check",
  "skip-after-commit",
  "forget-votes",
  "prune-without-floor",
  "quorum-off-by-one",
  "duplicate-signers",
  "execute-before-finality",
  "evidence-convicts-the-honest",
  "unordered-evidence",
  "time-rule-off",
  "empty-ack-cert-is-work",
  "skip-at-once-on-silence",
  "no-start-rule",
  "guard-without-proposals",
  "leader-counted-before-operations",
  "counted-without-knowing-the-phase",
  "reveal-before-finality",
  "remembered-before-kept",
  "reveal-ends-unshown",
  "outage-eats-a-phase",
  "deposit-kept",
  "void-by-the-settling-entry",
  "reveal-room-counts-nothing",
  "reveal-room-for-nothing",
  "unpayable-uses-its-nonce",
  "unbonds-what-a-lien-holds",
  "released-before-its-time",
  "trade-ends-at-once",
  "trade-never-ends",
  "outage-eats-a-delivery",
  "price-paid-twice",
  "price-to-the-wrong-party",
  "lien-ends-with-the-delivery",
  "delivered-by-anybody",
  "accepted-by-its-performer",
  "given-up-after-delivery",
  "idle-entries-pass",
  "leader-sleeps-through-work",
  "idle-log-never-rare",
  "groups-by-number-alone",
  "repeats-at-one-pace",
] as const;
export type MutantName = (typeof MUTANTS)[number];

export interface Mutant {
  readonly says: string;
  /** what its checker reports */
  readonly breaks: Invariant;
  readonly rules: VotingRules;
  readonly conduct: Conduct;
  /** rows that a restarted member finds missing */
  losesRow(key: string): boolean;
  /** operations are acknowledged and remembered before they are kept */
  readonly acknowledgesFirst: boolean;
  /** a group of the driver's ends by number alone, however long its steps take */
  readonly stepsAllThatWaits: boolean;
}

const losesNothing = (): boolean => false;

const votes = (says: string, breaks: Invariant, broken: Partial<VotingRules>): Mutant => ({
  says,
  breaks,
  rules: { ...HONEST_RULES, ...broken },
  conduct: HONEST_CONDUCT,
  losesRow: losesNothing,
  acknowledgesFirst: false,
  stepsAllThatWaits: false,
});

const acts = (says: string, breaks: Invariant, broken: Partial<Conduct>): Mutant => ({
  says,
  breaks,
  rules: HONEST_RULES,
  conduct: { ...HONEST_CONDUCT, ...broken },
  losesRow: losesNothing,
  acknowledgesFirst: false,
  stepsAllThatWaits: false,
});

/** One refusal less. */
const forgives = (code: RejectionCode): Partial<Conduct> => ({
  operations: {
    ...OPERATION_RULES,
    articleFault(ledger, op, at) {
      const fault = OPERATION_RULES.articleFault(ledger, op, at);
      return fault?.code === code ? null : fault;
    },
  },
});

/** Something happens just before an operation is applied to its trade. */
const onTrade = (
  kind: "deliver" | "accept",
  happens: (ledger: Ledger, trade: Trade) => void,
): Partial<Conduct> => ({
  operations: {
    ...OPERATION_RULES,
    articleFault(ledger, op, at) {
      const fault = OPERATION_RULES.articleFault(ledger, op, at);
      if (fault === null && op.body.kind === kind) happens(ledger, tradeOf(ledger, op.body.trade)!);
      return fault;
    },
  },
});

export const MUTANT: Readonly<Record<MutantName, Mutant>> = {
  "no-gap-check": votes(
    "an entry is acknowledged whatever became of the terms between its parent's and its own (R3)",
    "agree",
    { gapIsJustified: () => true },
  ),
  // Both halves of I3: a voter leaves a term with the certificate that makes it COMMIT, so that `maySkip` alone,
  // asked in the current term only, never decides; `mayCommit` does, when the certificate comes after the SKIP.
  "skip-after-commit": votes("SKIP and COMMIT may both be signed in one term (I3)", "honest", {
    maySkip: (own) => !own.skipped,
    mayCommit: (own, id) => own.committed === null && (own.acked === null || equalBytes(own.acked, id)),
  }),
  "forget-votes": {
    ...votes("a restarted member finds none of its own votes (P2–P5)", "durable", {}),
    losesRow: (key) => key.startsWith(PREFIX.own),
  },
  "prune-without-floor": votes(
    "own votes of old terms are forgotten, and nothing forbids to sign in those terms again (I7)",
    "honest",
    { floorOf: (_lastFinalTerm, barrierTerm) => barrierTerm },
  ),
  "quorum-off-by-one": votes("Q − 1 members are a quorum (spec/log#M3)", "final", {
    quorumPower: (power) => Math.max(1, quorumPower(power) - 1),
  }),
  "duplicate-signers": votes("a certificate may list one signer several times (spec/log#K2)", "final", {
    maySign: () => true,
  }),
  "execute-before-finality": votes("an AckCert makes its entry final (R10)", "final", {
    makesFinal: (kind) => kind !== "skip",
  }),
  "evidence-convicts-the-honest": votes(
    "ACK and SKIP of one term are a fault (spec/evidence#faults)",
    "honest",
    {
      faultOf: (a, b) =>
        [a.type, b.type].sort().join("+") === "ack+skip" ? "E2" : HONEST_RULES.faultOf(a, b),
    },
  ),
  "unordered-evidence": votes(
    "evidence is taken in either order, so that one fault has two encodings (spec/evidence#J5)",
    "just",
    {
      isInOrder: (a, b) => compareBytes(a, b) !== 0,
    },
  ),
  "time-rule-off": votes(
    "a proposal may carry any time that is later than its parent's (spec/time#timely)",
    "time",
    {
      isTimely: () => true,
    },
  ),
  "empty-ack-cert-is-work": votes("others wait for an empty entry to become final (R1 i)", "pace", {
    isWork: () => true,
  }),
  "skip-at-once-on-silence": votes(
    "a leader's turn is skipped at once when it made no proposal in its last two turns (R1)",
    "fair",
    {
      isSignOfLife: (kind) => kind === "proposal",
      isSkippedAtOnce: ({ terms, seats }) => terms >= 2 * seats,
    },
  ),
  "no-start-rule": votes("a restarted member does not say its own messages again (R13)", "live", {
    saysAgain: () => false,
  }),
  "guard-without-proposals": votes(
    "a proposal that only the guard knows is made again (spec/persistence#U3)",
    "honest",
    {
      guardRestores: (kind) => kind !== "propose",
    },
  ),
  "leader-counted-before-operations": acts(
    "an entry's leader counts before its phases and operations (spec/money#X1)",
    "led",
    { phases: { ...PHASE_RULES, course: ["leader", "phases", "operations"] } },
  ),
  "counted-without-knowing-the-phase": acts(
    "a leader counts although it could not know the phase (spec/auctions#C1)",
    "window",
    { phases: { ...PHASE_RULES, leaderKnew: () => true } },
  ),
  "reveal-before-finality": acts(
    "bids are opened when the close has come by one's own clock, final or not (spec/auctions#R4)",
    "secrecy",
    {
      mayOpenBids: ({ phase }, nowMs) =>
        phase.kind === "reveal" ||
        (phase.kind === "open" && phase.closeMs !== null && nowMs >= phase.closeMs),
    },
  ),
  "remembered-before-kept": {
    ...votes("an operation is known from its acceptance on, kept or not (ADR 0032)", "forfeit", {}),
    acknowledgesFirst: true,
  },
  "reveal-ends-unshown": acts(
    "REVEAL ends once F+1 leaders know it, shown or not (spec/auctions#P5)",
    "led",
    {
      phases: { ...PHASE_RULES, revealEndMs: ({ timeMs }) => timeMs },
    },
  ),
  "outage-eats-a-phase": acts("windows run on while no entry is made (ADR 0029)", "outage", {
    phases: { ...PHASE_RULES, clockAfter: (clock) => clock },
  }),
  "deposit-kept": acts("the deposit of an auction that is forgotten does not return (ADR 0028)", "deposit", {
    phases: { ...PHASE_RULES, returnsDeposit: () => false },
  }),
  "void-by-the-settling-entry": acts(
    "a lot is void if it has lapsed by when an entry happens to settle it (ADR 0027)",
    "outcome",
    { phases: { ...PHASE_RULES, dueMs: (_closeMs, { timeMs }) => timeMs } },
  ),
  "reveal-room-counts-nothing": acts(
    "bids are taken whether they can be revealed or not (ADR 0026)",
    "room",
    forgives("REVEAL_CAPACITY_EXCEEDED"),
  ),
  "reveal-room-for-nothing": acts(
    "room for reveals costs the least fee to its last place (ADR 0045)",
    "room",
    forgives("REVEAL_ROOM_FEE_TOO_LOW"),
  ),
  "unbonds-what-a-lien-holds": acts(
    "stake is withdrawn whether a lien holds it or not (spec/money#S8)",
    "non-negative",
    forgives("FREE_STAKE_TOO_LOW"),
  ),
  "released-before-its-time": acts("withdrawn stake is free at once (spec/money#S9)", "unbonding", {
    stake: { freeUpToMs: () => Number.MAX_SAFE_INTEGER },
  }),
  "trade-ends-at-once": acts(
    "a trade's time is over as soon as it runs (spec/trades#deadlines)",
    "trade-money",
    {
      trades: { ...TRADE_RULES, isOver: () => true },
    },
  ),
  // Entries are made for what is overdue, and do not end it.
  "trade-never-ends": acts("a trade waits for its parties for ever (spec/trades#deadlines)", "pace", {
    trades: { ...TRADE_RULES, isOver: () => false },
  }),
  "outage-eats-a-delivery": acts(
    "the time for a delivery runs on while no entry is made (spec/trades#deadlines)",
    "trade-money",
    { trades: { ...TRADE_RULES, nowMs: (_clock, timeMs) => timeMs } },
  ),
  "price-paid-twice": acts(
    "a buyer who accepts pays what is locked, and as much again (spec/trades#money)",
    "funds",
    onTrade("accept", (ledger, { buyer, performer, price }) => pay(ledger, buyer, performer, price)),
  ),
  "price-to-the-wrong-party": acts(
    "the price of what was accepted goes back to its buyer (spec/trades#money)",
    "funds",
    onTrade("accept", (ledger, { buyer, performer, price }) => pay(ledger, performer, buyer, price)),
  ),
  "lien-ends-with-the-delivery": acts(
    "stake answers for a trade until something is delivered, and not to its end (spec/trades#liens)",
    "liens",
    onTrade("deliver", (ledger, { id, auction, performer, lien }) => {
      const account = ledger.accountOf(performer)!;
      lowerLien(ledger, account, auction, lienAmount(account, auction) - lien);
      ledger.change(TRADES, id, (trade) => {
        trade.lien = 0n;
      });
    }),
  ),
  "delivered-by-anybody": acts(
    "anybody may deliver (spec/trades#operations)",
    "trade-money",
    forgives("NOT_THE_PERFORMER"),
  ),
  "accepted-by-its-performer": acts(
    "a performer may accept its own delivery (spec/trades#operations)",
    "trade-money",
    forgives("NOT_THE_BUYER"),
  ),
  "given-up-after-delivery": acts(
    "a performer may give up what it has delivered (spec/trades#operations)",
    "trade-money",
    forgives("TRADE_NOT_DUE"),
  ),
  "idle-entries-pass": votes("an entry is acknowledged however much of it is idle (R3, ADR 0050)", "paid", {
    mayCarry: () => true,
  }),
  "leader-sleeps-through-work": votes(
    "a leader idles to the end of its interval, whatever comes meanwhile (spec/log#Y3)",
    "prompt",
    { restsUntilMs: ({ enteredAtMs, intervalMs }) => enteredAtMs + intervalMs },
  ),
  "idle-log-never-rare": votes("an idle log makes an entry each `idleMs` for ever (spec/log#Y9)", "pace", {
    idleIntervalMs: (_, { idleMs }) => idleMs,
  }),
  "groups-by-number-alone": {
    ...votes("the driver steps 64 events in one go, however long they take (ADR 0063)", "goodput", {}),
    stepsAllThatWaits: true,
  },
  "repeats-at-one-pace": acts(
    "own operations are repeated each 2Δ, however many wait (ADR 0063)",
    "goodput",
    {
      repetition: { ...REPETITION, isPressing: () => true },
    },
  ),
  "unpayable-uses-its-nonce": acts(
    "an operation whose fee cannot be paid uses up its nonce (ADR 0030)",
    "nonce",
    {
      operations: {
        ...OPERATION_RULES,
        standingFault(ledger, op, at) {
          const fault = OPERATION_RULES.standingFault(ledger, op, at);
          if (fault?.code === "FUNDS_TOO_LOW") useNonce(ledger, op);
          return fault;
        },
      },
    },
  ),
};

function pay(ledger: Ledger, from: AgentId, to: AgentId, amount: bigint): void {
  ledger.change(ACCOUNTS, from, (one) => {
    one.free -= amount;
  });
  ledger.change(ACCOUNTS, to, (one) => {
    one.free += amount;
  });
}

function useNonce(ledger: Ledger, { authority, body }: Operation): void {
  const account = authority === null ? null : ledger.accountOf(authority.from);
  if (account === null) return;
  const lane = laneOf(body.kind);
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.nonces = { ...one.nonces, [lane]: one.nonces[lane] + 1 };
  });
}

export const isMutantName = (name: string): name is MutantName =>
  (MUTANTS as readonly string[]).includes(name);
