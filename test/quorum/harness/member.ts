// One member of a test cluster: a voter, its disk, and the order of a driver: guard, batch, sends.
import type { Signer } from "../../../src/crypto/index.js";
import {
  type Corruption,
  createVoter,
  type Evidence,
  HONEST_RULES,
  type LogEntry,
  type MarkKind,
  openGuard,
  restoreVoter,
  step,
  type Timing,
  type Voter,
  type VoterConfig,
  type VoterInput,
  type VoterOutput,
  type VoterSend,
  type VoterWrite,
  type VotingRules,
} from "../../../src/quorum/index.js";
import { logAnswer } from "../../log-answer.js";
import { type TestSeats, testHash } from "./keys.js";
import { TestLedger } from "./ledger.js";

export const CHAIN = testHash("chain");
export const MARKET = testHash("market");
export const GENESIS_ROOT = testHash("root");

export const TIMING: Timing = {
  deltaMs: 50,
  idleMs: 500,
  batchMs: 20,
  precisionMs: 500,
  messageDelayMs: 2000,
};

/** An idle log makes an entry each `idleMs` for ever: for tests that need many. */
export const STEADY_RULES: VotingRules = { ...HONEST_RULES, idleIntervalMs: (_, { idleMs }) => idleMs };

export interface MemberOptions {
  readonly timing?: Timing;
  readonly keepTerms?: number;
  readonly rules?: VotingRules;
}

/** Where a crash strikes: nothing written; the guard only; everything, but nothing said. */
export type CrashPoint = "beforeGuard" | "afterGuard" | "afterBatch";

export class Member {
  voter: Voter | null;
  ledger = new TestLedger(GENESIS_ROOT);
  rows = new Map<string, Uint8Array>();
  guard: Uint8Array | null = null;
  log: LogEntry[] = [];
  wakeAtMs: number | null = null;
  skewMs = 0;
  starts = 0;
  crashNext: CrashPoint | null = null;
  /** the crash waits for a batch that signs this kind of message; null: any */
  crashOn: MarkKind | null = null;
  readonly evidence: Evidence[] = [];
  readonly outputs: VoterOutput[] = [];
  forks = 0;
  corruption: Corruption | null = null;

  constructor(
    readonly name: string,
    readonly seats: TestSeats,
    readonly signer: Signer | null,
    readonly options: MemberOptions = {},
  ) {
    this.voter = createVoter(this.config());
  }

  config(): VoterConfig {
    const instance = testHash(`${this.name} ${this.starts}`).slice(0, 16);
    return {
      chain: CHAIN,
      market: MARKET,
      genesisTimeMs: 0,
      genesisRoot: GENESIS_ROOT,
      set: this.seats.set,
      signer: this.signer,
      verifier: this.seats.verifier,
      timing: this.options.timing ?? TIMING,
      keepTerms: this.options.keepTerms ?? 64,
      instance,
      rules: this.options.rules ?? HONEST_RULES,
      application: this.ledger,
    };
  }

  /** A new process on the same disk. */
  restore(): void {
    this.starts++;
    const { keepTerms = 64 } = this.options;
    this.ledger = new TestLedger(GENESIS_ROOT);
    for (const entry of this.log) this.ledger.execute(entry);
    this.voter = restoreVoter(this.config(), this.rows, this.guard, this.log.slice(-keepTerms));
  }

  /** One input through to the disk; what is to be said then, or null if the process died. */
  take(input: VoterInput): readonly VoterSend[] | null {
    if (this.voter === null) return [];
    const writes: VoterWrite[] = [];
    const sends: VoterSend[] = [];
    const finalised: LogEntry[] = [];
    let output = step(this.voter, input);
    for (;;) {
      this.outputs.push(output);
      if (this.outputs.length > 50) this.outputs.shift();
      writes.push(...output.writes);
      sends.push(...output.sends);
      finalised.push(...output.finalised);
      this.evidence.push(...output.evidence);
      if (output.fork !== null) this.forks++;
      this.corruption ??= output.corrupt;
      this.wakeAtMs = output.wakeAtMs;
      const next = finalised[this.ledger.height - this.log.length];
      if (next === undefined) break;
      const root = this.ledger.execute(next);
      output = step(this.voter, {
        kind: "executed",
        nowMs: input.nowMs,
        height: next.header.height,
        root,
      });
    }
    return this.write(writes, finalised) ? sends : null;
  }

  /** The last guard record of the batch, then the batch. */
  private write(writes: readonly VoterWrite[], finalised: readonly LogEntry[]): boolean {
    const guard = writes.findLast((one) => one.kind === "guard");
    const { crashNext } = this;
    if (crashNext !== null && guard !== undefined && this.isAwaited(guard.record)) {
      this.crashNext = null;
      if (crashNext === "afterGuard") this.guard = guard.record;
      if (crashNext === "afterBatch") this.writeBatch(writes, finalised, guard.record);
      this.voter = null;
      return false;
    }
    this.writeBatch(writes, finalised, guard?.record ?? null);
    return true;
  }

  private isAwaited(record: Uint8Array): boolean {
    return this.crashOn === null || openGuard(record)!.marks.some(({ type }) => type === this.crashOn);
  }

  private writeBatch(
    writes: readonly VoterWrite[],
    finalised: readonly LogEntry[],
    guard: Uint8Array | null,
  ): void {
    if (guard !== null) this.guard = guard;
    for (const one of writes) {
      if (one.kind === "put") this.rows.set(one.key, one.value);
      else if (one.kind === "delete") this.rows.delete(one.key);
    }
    this.log.push(...finalised);
  }

  answerLog(fromHeight: number, max: number) {
    return logAnswer(this.log.slice(fromHeight - 1), max);
  }
}
