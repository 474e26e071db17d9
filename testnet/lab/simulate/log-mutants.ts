// Broken rules of the log, and of what carries it: votes, certificates, evidence, pace, storage, load.
import { compareBytes, equalBytes } from "../../../src/base/index.js";
import { REPETITION } from "../../../src/peer/repetition.js";
import { HONEST_RULES, quorumPower } from "../../../src/quorum/index.js";
import { PREFIX } from "../../../src/quorum/log/rows.js";
import { acts, type Mutant, votes } from "./mutant.js";

export const LOG_MUTANTS = {
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
  "remembered-before-kept": {
    ...votes("an operation is known from its acceptance on, kept or not (ADR 0032)", "forfeit", {}),
    acknowledgesFirst: true,
  },
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
} as const satisfies Record<string, Mutant>;
