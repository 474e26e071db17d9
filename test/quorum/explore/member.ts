// One honest member under exploration: the product's own voter with its disk, copied before each thing that happens.
import { invariant, toHex } from "../../../src/base/index.js";
import {
  createVoter,
  type LogEntry,
  type QuorumMessage,
  restoreVoter,
  type SignedHeader,
  step,
  type Vote,
  type Voter,
  type VoterInput,
  type VoterSend,
  type VoterWrite,
} from "../../../src/quorum/index.js";
import { idleIntervalMs } from "../../../src/quorum/voter/pacing.js";
import { cloneVoter } from "./clone.js";
import { type Name, parentOf, termOf } from "./names.js";
import { configOf, ELECTORATE, type Rulebook, rootAt, type World } from "./world.js";

/** Something that happens to one member. */
export type Action =
  /** the leader of its term has waited for company long enough */
  | { readonly kind: "idle" }
  /** the timer of its term runs out (R7) */
  | { readonly kind: "timeout" }
  /** a PROPOSE with its parent's certificate, and with its gap's if they exist */
  | { readonly kind: "propose"; readonly name: Name; readonly justified: boolean }
  /** with its entry; `bare`: without, so that nothing can be built on it yet */
  | { readonly kind: "ackCert"; readonly name: Name; readonly bare: boolean }
  | { readonly kind: "skipCert"; readonly term: number }
  /** with the entries that it makes final */
  | { readonly kind: "commitCert"; readonly name: Name }
  /** kill −9 between two steps, and a new start: nobody answers what it asks then */
  | { readonly kind: "crash" };

/** A word said for ever: what evidence, certificates and acknowledgements are made of. */
export type Word =
  | { readonly kind: "propose"; readonly term: number; readonly name: Name; readonly signed: SignedHeader }
  | { readonly kind: "vote"; readonly term: number; readonly name: Name; readonly vote: Vote };

/** The crash in the midst of an action: the guard has what the last batch signs, the disk not. Nothing was said. */
export class PowerLoss extends Error {}

export class ExploredMember {
  voter: Voter;
  private nowMs = 1_000_000;
  private rows = new Map<string, Uint8Array>();
  private guard: Uint8Array | null = null;
  private log: LogEntry[] = [];
  private starts = 0;
  /** all that it ever said, by what it says */
  words: Map<string, Word> = new Map();
  /** batches that signed something, in the action under way; the one that the power fails in */
  private signings = 0;
  private failsAt = 0;

  constructor(
    readonly world: World,
    readonly book: Rulebook,
  ) {
    this.voter = this.believing(createVoter(configOf(world.self, book, 0)));
    this.take({ kind: "start" });
  }

  copy(): ExploredMember {
    const made: ExploredMember = Object.create(ExploredMember.prototype);
    Object.assign(made, this, {
      voter: cloneVoter(this.voter),
      rows: new Map(this.rows),
      log: [...this.log],
      words: new Map(this.words),
    });
    return made;
  }

  /** A copy to which `action` happened. */
  after(action: Action): ExploredMember {
    const next = this.copy();
    next.signings = 0;
    next.failsAt = 0;
    next.perform(action);
    return next;
  }

  /** A copy whose power failed in the last batch of `action` that signed; null if it signs nothing. */
  cutShort(action: Action): ExploredMember | null {
    const { signings } = this.after(action);
    if (signings === 0) return null;
    const next = this.copy();
    next.signings = 0;
    next.failsAt = signings;
    try {
      next.perform(action);
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      next.failsAt = 0;
      next.restart();
      return next;
    }
    invariant(false, "the same action signs the same");
  }

  private perform(action: Action): void {
    switch (action.kind) {
      case "idle":
        this.nowMs = Math.max(this.nowMs, this.voter.clock.enteredAtMs + idleIntervalMs(this.voter));
        this.take({ kind: "tick" });
        return;
      case "timeout":
        this.nowMs += 600_000;
        this.take({ kind: "tick" });
        return;
      case "propose":
        this.hearProposal(action.name, action.justified);
        return;
      case "ackCert":
        this.hear({ kind: "cert", cert: this.world.cert("ack", action.name) });
        if (!action.bare) this.hearEntry(action.name);
        return;
      case "skipCert":
        this.hear({ kind: "cert", cert: this.world.skipCert(action.term) });
        return;
      case "commitCert":
        this.hear({ kind: "cert", cert: this.world.cert("commit", action.name) });
        for (let at = action.name; at !== ""; at = parentOf(at)) this.hearEntry(at);
        return;
      case "crash":
        this.restart();
        return;
    }
  }

  private hearProposal(name: Name, justified: boolean): void {
    const parent = parentOf(name);
    if (parent !== "") this.hear({ kind: "cert", cert: this.world.cert("ack", parent) });
    this.hear(this.world.propose(name));
    if (justified && termOf(name) > termOf(parent) + 1)
      this.hear(this.world.justify(name), ELECTORATE.leaderOf(termOf(name)));
  }

  /** The entry of a certificate: the certificate ended its term, so that it is kept and not acknowledged. */
  private hearEntry(name: Name): void {
    const known = this.voter.entries.get(this.world.hex(name));
    if (known?.body == null && this.voter.term > termOf(name)) this.hear(this.world.propose(name));
  }

  private hear(message: QuorumMessage, from: number | null = null): void {
    this.take({ kind: "message", from, peer: "network", message });
  }

  /** A new process on the same disk, whose start's query is answered by nobody. */
  private restart(): void {
    this.starts++;
    for (const key of [...this.rows.keys()]) if (this.book.losesRow(key)) this.rows.delete(key);
    const config = configOf(this.world.self, this.book, this.starts);
    this.voter = this.believing(restoreVoter(config, this.rows, this.guard, this.log));
    this.take({ kind: "start" });
    this.nowMs = this.voter.query?.untilMs ?? this.nowMs;
    this.take({ kind: "tick" });
    for (const { term, ackCert } of this.voter.sheets.values()) {
      if (ackCert !== null && term > this.voter.lastFinal.term) {
        this.hearEntry(this.world.nameOf(toHex(ackCert.entryId)));
      }
    }
  }

  private believing(voter: Voter): Voter {
    const { quorum } = this.book;
    return voter.electorate.quorum === quorum
      ? voter
      : { ...voter, electorate: { ...voter.electorate, quorum } };
  }

  /** One input through to the disk, then to the network, which forgets nothing. */
  private take(input: { kind: "start" | "tick" } | Omit<Extract<VoterInput, { kind: "message" }>, "nowMs">) {
    const { nowMs } = this;
    const writes: VoterWrite[] = [];
    const sends: VoterSend[] = [];
    const finalised: LogEntry[] = [];
    let output = step(this.voter, { ...input, nowMs });
    for (;;) {
      writes.push(...output.writes);
      sends.push(...output.sends);
      finalised.push(...output.finalised);
      const height = this.log.length + finalised.length;
      if (this.voter.executedHeight >= height) break;
      const next = this.voter.executedHeight + 1;
      output = step(this.voter, { kind: "executed", nowMs, height: next, root: rootAt(next) });
    }
    this.write(writes, finalised);
    for (const { message } of sends) this.say(message);
  }

  private write(writes: readonly VoterWrite[], finalised: readonly LogEntry[]): void {
    const guard = writes.findLast((one) => one.kind === "guard");
    if (guard !== undefined) this.guard = guard.record;
    if (this.voter.marks.length > 0 && ++this.signings === this.failsAt) throw new PowerLoss();
    for (const one of writes) {
      if (one.kind === "put") this.rows.set(one.key, one.value);
      else if (one.kind === "delete") this.rows.delete(one.key);
    }
    this.log.push(...finalised);
  }

  private say(message: QuorumMessage): void {
    if (message.kind === "vote") {
      const { vote } = message;
      const name = vote.type === "skip" ? "" : this.world.nameOf(toHex(vote.entryId));
      this.words.set(`${vote.type} ${vote.term} ${name}`, { kind: "vote", term: vote.term, name, vote });
    } else if (message.kind === "propose") {
      const { header, leaderSig } = message.propose.entry;
      const { term } = header;
      const name = this.world.learn(header);
      this.words.set(`propose ${term} ${name}`, {
        kind: "propose",
        term,
        name,
        signed: { header, leaderSig },
      });
    }
  }
}
