// A member behind the driver's rule of batches: several steps share a sync, and power fails before, in or after each.
import { type Batch, planBatches } from "../../../node/driver/batches.js";
import type { Outgoing, Ready } from "../../../src/peer/index.js";
import {
  type LogEntry,
  step,
  type VoterInput,
  type VoterSend,
  type VoterWrite,
} from "../../../src/quorum/index.js";
import type { Cluster } from "./cluster.js";
import { Member } from "./member.js";

/** Where power fails in a batch. `lastBatchLost`: all was written and said, then the disk forgot the rows, not the guard. */
const POWER_FAILURES = ["beforeGuard", "afterGuard", "afterBatch", "lastBatchLost"] as const;

interface Stepped {
  readonly ready: Ready;
  readonly sends: readonly VoterSend[];
  readonly finalised: readonly LogEntry[];
}

export class DrivenMember extends Member {
  /** one batch in so many meets a power failure; 0: none does */
  powerFailsOneIn = 0;
  failures = 0;
  private group: Stepped[] = [];

  constructor(
    private readonly cluster: Cluster,
    member: Member,
  ) {
    super(member.name, member.seats, member.signer, member.options);
  }

  /** Steps, and writes the group of steps that wait, in a third of all cases. */
  override take(input: VoterInput): readonly VoterSend[] | null {
    if (this.voter === null) return [];
    this.group.push(this.stepped(input));
    if (this.cluster.random(3) === 0) return this.commit();
    this.wakeAtMs = Math.min(this.wakeAtMs ?? Number.POSITIVE_INFINITY, input.nowMs + 1);
    return [];
  }

  override restore(): void {
    this.group = [];
    super.restore();
  }

  private stepped(input: VoterInput): Stepped {
    const persist: VoterWrite[] = [];
    const sends: VoterSend[] = [];
    const finalised: LogEntry[] = [];
    let next: VoterInput | null = input;
    for (let executed = 0; next !== null; ) {
      const output = step(this.voter!, next);
      persist.push(...output.writes);
      sends.push(...output.sends);
      finalised.push(...output.finalised);
      this.evidence.push(...output.evidence);
      if (output.fork !== null) this.forks++;
      this.corruption ??= output.corrupt;
      this.wakeAtMs = output.wakeAtMs;
      const final: LogEntry | undefined = finalised[executed++];
      next = final === undefined ? null : this.executed(final, input.nowMs);
    }
    const send: Outgoing[] = [];
    return { ready: { persist, send, wakeAt: null, notify: [] }, sends, finalised };
  }

  private executed(final: LogEntry, nowMs: number): VoterInput {
    return { kind: "executed", nowMs, height: final.header.height, root: this.ledger.execute(final) };
  }

  /** Durable before audible, batch by batch; what was said before power failed was said. */
  private commit(): readonly VoterSend[] {
    const byReady = new Map(this.group.map((one) => [one.ready, one]));
    const batches = planBatches(this.group.map(({ ready }) => ready));
    this.group = [];
    const said: VoterSend[] = [];
    for (const batch of batches) {
      const steps = batch.then.map((ready) => byReady.get(ready)!);
      const failure = this.powerFailure();
      if (failure === "beforeGuard") return this.die(said);
      this.writeGuard(batch);
      if (failure === "afterGuard") return this.die(said);
      const before = { rows: new Map(this.rows), log: [...this.log] };
      this.writeRows(batch, steps);
      if (failure === "afterBatch") return this.die(said);
      for (const { sends } of steps) said.push(...sends);
      if (failure === null) continue;
      Object.assign(this, before);
      return this.die(said);
    }
    return said;
  }

  private powerFailure(): (typeof POWER_FAILURES)[number] | null {
    const { random } = this.cluster;
    if (this.powerFailsOneIn === 0 || random.call(this.cluster, this.powerFailsOneIn) !== 0) return null;
    return POWER_FAILURES[random.call(this.cluster, POWER_FAILURES.length)]!;
  }

  private die(said: readonly VoterSend[]): readonly VoterSend[] {
    this.failures++;
    this.voter = null;
    this.wakeAtMs = null;
    return said;
  }

  private writeGuard({ writes }: Batch): void {
    for (const one of writes) if (one.kind === "guard") this.guard = one.record;
  }

  private writeRows({ writes }: Batch, steps: readonly Stepped[]): void {
    for (const one of writes) {
      if (one.kind === "put") this.rows.set(one.key, one.value);
      else if (one.kind === "delete") this.rows.delete(one.key);
    }
    for (const { finalised } of steps) this.log.push(...finalised);
  }
}
