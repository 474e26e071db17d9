// One peer without I/O: what happens goes in as an event, what is to be done comes out as `Ready`.
import { encode, toHex, unreachable } from "../base/index.js";
import { convictedSeats, type Operation, staleness } from "../market/index.js";
import {
  encodeEvidence,
  encodeMessage,
  type LogEntry,
  step as stepVoter,
  type VoterInput,
  type VoterOutput,
  type VoterSend,
} from "../quorum/index.js";
import { obey } from "./commands.js";
import { Effects } from "./effects.js";
import type { Arrival, Event } from "./event.js";
import { execute } from "./execution.js";
import { takeIn } from "./intake.js";
import { TIP_KEY } from "./keyspace.js";
import { followAuctions, publishDueCommits } from "./own/openings.js";
import { post, postSelfProving } from "./posting.js";
import type { Outgoing, Ready } from "./ready.js";
import { isForkClass, type Peer } from "./state.js";
import { tipRow } from "./stored-rows.js";

/** The one transition of a peer. What it changes, it changes in place; what must be done, it returns. */
export function step(peer: Peer, event: Event): Ready {
  const effects = new Effects();
  new Step(peer, event.nowMs, effects).take(event);
  return effects.ready(wakeAt(peer, event.nowMs));
}

function wakeAt(peer: Peer, nowMs: number): number | null {
  const deadlines = [peer.voterWakeAt, peer.outbox.wakeAt, peer.custody.nextPublicationMs(nowMs)];
  return deadlines.reduce(
    (least, one) => (one !== null && (least === null || one < least) ? one : least),
    null,
  );
}

/** What the voter is to hear, made here for one step; its time and batch are filled in as it is handed over. */
type VoterEvent = VoterInput extends infer I
  ? I extends unknown
    ? Omit<I, "nowMs" | "sameBatch"> & { nowMs?: number; sameBatch?: boolean }
    : never
  : never;

class Step {
  /** The voter's outputs of one step go into one batch: from its second input on it must know (ADR 0003). */
  private voterHasSpoken = false;
  private additionsTold: number;
  /** Final entries that wait for execution, in the order of height; null: none is being executed. */
  private unexecuted: LogEntry[] | null = null;

  constructor(
    private readonly peer: Peer,
    private readonly nowMs: number,
    private readonly effects: Effects,
  ) {
    this.additionsTold = peer.mempool.additions;
  }

  take(event: Event): void {
    switch (event.kind) {
      case "start":
        this.start();
        break;
      case "tick":
        this.voter({ kind: "tick" });
        break;
      case "message":
        this.voter({ kind: "message", from: event.seat, peer: event.from, message: event.message });
        break;
      case "connected":
        this.voter({ kind: "connected", peer: event.from });
        break;
      case "operation":
      case "command":
        this.receive(event);
        break;
      case "together":
        for (const arrival of event.arrivals) this.receive(arrival);
        break;
      default:
        unreachable(event);
    }
    do {
      publishDueCommits(this.peer, this.nowMs, this.effects);
    } while (this.tellOfWork());
    this.peer.outbox.tick(this.nowMs, this.effects);
    this.tellOfDisplaced();
  }

  /** The voter hears once of all that came to wait since its last input, by whatever way. */
  private tellOfWork(): boolean {
    const { additions } = this.peer.mempool;
    if (additions === this.additionsTold) return false;
    // Told or not: the voter of a peer that has stopped hears nothing, and must not be told for ever.
    this.additionsTold = additions;
    this.voter({ kind: "work" });
    return true;
  }

  /** After a restart: what was posted is posted again, what may be opened is opened, and the voter takes up its term. */
  private start(): void {
    const { peer, nowMs, effects } = this;
    const { stored } = peer;
    for (const write of stored.writes) effects.write(write);
    if (stored.writes.length > 0) this.putTip();
    for (const { key, bytes } of stored.operations) if (!this.repost(bytes)) effects.delete(key);
    peer.stored = { writes: [], operations: [] };
    for (const agent of peer.agents.keys()) peer.custody.recoverLater(agent);
    this.voter({ kind: "start" });
    followAuctions(peer, nowMs, effects);
  }

  /** Posts what an earlier run had posted. False: no entry can hold it any more, and its row may go. */
  private repost(bytes: Uint8Array): boolean {
    const { peer, nowMs, effects } = this;
    const read = peer.judge.read(bytes);
    if (typeof read === "string") return false;
    const { operation } = read;
    const code = staleness(peer.ledger, operation, peer.tip.timeMs, peer.judgeEvidence);
    return code === null && post(peer, operation, nowMs, effects) === null;
  }

  private putTip(): void {
    const { tip, ledger } = this.peer;
    this.effects.put(
      TIP_KEY,
      encode(tipRow, { chain: ledger.network.chain, height: tip.height, root: tip.root }),
    );
  }

  private receive(arrival: Arrival): void {
    if (arrival.kind === "command") this.command(arrival);
    else this.keep(arrival.operation, arrival.bytes);
  }

  private keep(operation: Operation, bytes: Uint8Array): void {
    const { peer, nowMs, effects } = this;
    const { key } = peer.judge.trust(operation, bytes);
    const taken = takeIn(peer, operation, bytes, nowMs, effects, false);
    if (taken === "added") return;
    if (taken === "full") effects.notify({ kind: "notKept", bytes, why: "full" });
    else if (peer.mempool.get(key) === undefined) effects.notify({ kind: "notKept", bytes, why: "waits" });
  }

  private tellOfDisplaced(): void {
    for (const { bytes } of this.peer.mempool.takeDisplaced()) {
      this.effects.notify({ kind: "notKept", bytes, why: "displaced" });
    }
  }

  private command({ ref, command }: Extract<Arrival, { readonly kind: "command" }>): void {
    const result = obey(this.peer, command, this.nowMs, this.effects);
    if (result.ok && command.kind === "overrideAmnesia") this.voter({ kind: "overrideAmnesia" });
    this.effects.notify({ kind: "done", ref, result });
  }

  private voter(input: VoterEvent): void {
    const { peer, nowMs } = this;
    if (isForkClass(peer)) return;
    this.additionsTold = peer.mempool.additions;
    input.nowMs = nowMs;
    input.sameBatch = this.voterHasSpoken;
    const output = stepVoter(peer.voter, input as VoterInput);
    this.voterHasSpoken = true;
    this.perform(output);
  }

  private perform(output: VoterOutput): void {
    const { peer, nowMs, effects } = this;
    for (const write of output.writes) effects.write(write);
    for (const send of output.sends) effects.send(outgoingOf(send));
    peer.voterWakeAt = output.wakeAtMs;
    this.announceStanding(output);
    for (const evidence of output.evidence) {
      postSelfProving(peer, { kind: "evidence", evidence: encodeEvidence(evidence) }, nowMs, effects);
    }
    if (output.finalised.length > 0) this.executeAll(output.finalised);
  }

  /**
   * Executing what is final may let the voter say more, in the same batch, and make more final: that comes after what
   * was final before, not between.
   */
  private executeAll(finalised: readonly LogEntry[]): void {
    if (this.unexecuted !== null) {
      this.unexecuted.push(...finalised);
      return;
    }
    const { peer, nowMs, effects } = this;
    this.unexecuted = [...finalised];
    for (let next = this.unexecuted.shift(); next !== undefined; next = this.unexecuted.shift()) {
      const root = execute(peer, next, effects);
      if (isForkClass(peer)) {
        this.stopForConvictions();
        break;
      }
      this.voter({ kind: "executed", height: next.header.height, root });
    }
    this.unexecuted = null;
    this.putTip();
    followAuctions(peer, nowMs, effects);
  }

  private stopForConvictions(): void {
    const { peer, effects } = this;
    peer.halted = "fork";
    peer.voterWakeAt = null;
    const { electorate, ledger } = peer;
    const seats = convictedSeats(ledger, electorate.set.epoch);
    effects.notify({
      kind: "fork",
      detail: `${seats} seats are convicted, ${electorate.tolerance} are tolerated`,
    });
  }

  private announceStanding(output: VoterOutput): void {
    const { peer, effects } = this;
    if (output.amnesia !== null) {
      peer.halted = output.amnesia === "entered" ? "amnesia" : null;
      effects.notify({ kind: "amnesia", released: output.amnesia === "released" });
    }
    if (output.fork !== null) {
      peer.halted = "fork";
      const detail = output.fork.certs.map((cert) => toHex(cert.entryId)).join(" ");
      effects.notify({ kind: "fork", detail });
    }
    if (output.corrupt !== null) {
      peer.halted = "corrupt";
      const { height, own, finalised } = output.corrupt;
      effects.notify({ kind: "corrupt", height, own: toHex(own), finalised: toHex(finalised) });
    }
    for (const { peer: from, code } of output.refused) effects.notify({ kind: "refused", from, code });
  }
}

function outgoingOf({ to, message }: VoterSend): Outgoing {
  switch (to.kind) {
    case "members":
      return { to: "members", message };
    case "seat":
      return { to: "seat", seat: to.seat, message };
    case "peer":
      return { to: "peer", peer: to.peer, message };
    case "anyone":
      return { to: "anyone", message };
    case "gossip":
      return { to: "topic", topic: "final", bytes: encodeMessage(message) };
    default:
      return unreachable(to);
  }
}
