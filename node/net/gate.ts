// The gate: judges what peers relay, cheapest test first, and blames a relayer only for what it could have seen itself.
import { type Bytes, decode, equalBytes, type Hash } from "../../src/base/index.js";
import { decodeOperation, evidenceIn, type Operation, operationId, topicOf } from "../../src/market/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Topic } from "../../src/peer/ready.js";
import { quorumMessage } from "../../src/quorum/index.js";
import {
  ACCEPT,
  type Arrival,
  type GatePort,
  ignore,
  reject,
  type Settle,
  type SettleOne,
  type Verdict,
} from "./gate-port.js";
import { Judgements, type Memory } from "./judgements.js";
import { JudgingQueue, type Slowed } from "./judging-queue.js";
import { IDLE_EVIDENCE_BURST, IDLE_EVIDENCE_PER_SECOND, PENDING_MS, TOPIC_RULES } from "./limits.js";
import { PendingPool } from "./pending-pool.js";
import type { Acceptance, SignatureVerdict } from "./ports.js";
import { onceKnown, type Soon } from "./soon.js";
import { TokenBuckets } from "./token-bucket.js";
import { idText } from "./topics.js";

interface Candidate {
  readonly topic: Topic;
  readonly id: string;
  readonly raw: Bytes;
  readonly from: PeerRef;
  readonly operation: Operation;
  readonly author: string | null;
  /** whether its signature holds; true as well where it proves itself */
  isProven: boolean;
  /** whether its relayer has paid for it: what waits for state pays once, for others may have brought it since */
  isPaid: boolean;
}

/** What is of no use any more, such as a final of a height long known, is nobody's fault. */
const named = (acceptance: Acceptance, fault: string): Verdict => {
  if (acceptance === "accept") return ACCEPT;
  if (acceptance === "later") return ignore("NO_VERDICT");
  return acceptance === "reject" ? reject(fault) : ignore("NOT_NEEDED");
};
const FINAL_MEMORY: Readonly<Record<Acceptance, Memory | null>> = {
  accept: "known",
  ignore: "known",
  reject: "rejected",
  later: null,
};

/** Admission in the order of spec/network#admission; the numbers in the code are its steps. */
export class Gate {
  private readonly queue: JudgingQueue;
  private readonly judgements: Judgements;
  private readonly pending: PendingPool<Candidate>;
  private readonly relays: TokenBuckets;
  private readonly authors: TokenBuckets;
  private readonly idleEvidence: TokenBuckets;

  constructor(private readonly port: GatePort) {
    const { limits, steadyMs } = port;
    this.queue = new JudgingQueue(limits, port.turns);
    this.judgements = new Judgements(steadyMs);
    this.pending = new PendingPool(limits);
    this.relays = new TokenBuckets(limits.relayPerSecond, limits.relayBurst, steadyMs);
    this.authors = new TokenBuckets(limits.authorPerSecond, limits.authorBurst, steadyMs);
    this.idleEvidence = new TokenBuckets(IDLE_EVIDENCE_PER_SECOND, IDLE_EVIDENCE_BURST, steadyMs);
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  /** Judges an arrival. `settle` is called once, at once or later, or with `pend` first. */
  receive(arrival: Arrival, settle: Settle): void {
    const counted: Settle = (verdict) => {
      this.port.counters.add(arrival.topic, verdict.kind === "accept" ? "ACCEPTED" : verdict.code);
      settle(verdict);
    };
    const judgement = (slowed: Slowed) => {
      if (this.port.isShutOut(arrival.from)) return counted(ignore("SHUT_OUT"));
      return arrival.topic === "final"
        ? this.judgeFinal(arrival, counted, slowed)
        : this.judgeBytes(arrival, counted, slowed);
    };
    if (arrival.raw.length > TOPIC_RULES[arrival.topic].maxBytes)
      counted(reject("OVERSIZE")); // 1
    else if (!this.queue.push(arrival.topic, arrival.from, judgement)) counted(ignore("QUEUE_FULL"));
  }

  /**
   * Judges the operations of one gossip message in their order, and none after one that is rejected. `settle` is called
   * for each as by `receive`; one whose signature takes long is said to pend, and holds up none of the others.
   */
  receiveBundle(operations: readonly Bytes[], from: PeerRef, settle: SettleOne): void {
    const counted = this.counting(settle);
    const judgement = (slowed: Slowed) => this.judgeBundle(operations, from, counted, slowed);
    if (this.queue.push("ops", from, judgement)) return;
    for (const at of operations.keys()) counted(at, ignore("QUEUE_FULL"));
  }

  /** Made apart: what waits for state keeps it, and would keep the whole bundle with it. */
  private counting(settle: SettleOne): SettleOne {
    return (at, verdict) => {
      this.port.counters.add("ops", verdict.kind === "accept" ? "ACCEPTED" : verdict.code);
      settle(at, verdict);
    };
  }

  /** How many messages of a peer wait for their turn. */
  waitingOf(from: PeerRef): number {
    return this.queue.waitingOf(from);
  }

  /** Remembers an operation or final of one's own, so that its echo is not judged. */
  remember(id: string): void {
    this.judgements.remember(id);
  }

  /** Forgets an operation that the peer had kept and keeps no longer, on whichever topic it came: it may come again. */
  forget(raw: Bytes): void {
    for (const topic of ["ops", "evidence"] as const) this.judgements.forget(this.idOf(topic, raw));
  }

  /** Judges again what waits for state: called when an entry became final. */
  recheck(): void {
    const oldestMs = this.port.steadyMs() - PENDING_MS;
    for (const [id, { candidate, sinceMs }] of this.pending.entries()) {
      if (sinceMs < oldestMs) {
        this.pending.delete(id);
        this.judgements.conclude(candidate.id, ignore("PENDING_EXPIRED"), null);
        continue;
      }
      const state = this.port.handlers.judgeOperation(candidate.operation, candidate.raw);
      if (state.kind === "later") continue;
      this.pending.delete(id);
      if (!this.queue.push(candidate.topic, candidate.from, (slowed) => this.judgeState(candidate, slowed))) {
        this.judgements.conclude(candidate.id, ignore("QUEUE_FULL"), null);
      }
    }
  }

  private judgeBytes(arrival: Arrival, settle: Settle, slowed: Slowed): void | Promise<void> {
    const decoded = decodeOperation(arrival.raw); // 2
    if (!decoded.ok) return settle(reject(decoded.error.code));
    const operation = decoded.value;
    const kind = topicOf(operation.body);
    if (arrival.topic === "evidence" && kind !== "evidence") return settle(reject("WRONG_KIND"));
    const foreign = this.foreign(operation.chain, operation.market); // 3
    if (foreign !== null) return settle(foreign);
    const id = arrival.id ?? this.idOf(kind, arrival.raw);
    const isGossiped = arrival.id !== null;
    if (this.judgements.join(id, isGossiped, this.pending.has(id), settle)) return; // 4
    const candidate: Candidate = {
      topic: arrival.topic,
      id,
      raw: arrival.raw.slice(),
      from: arrival.from,
      operation,
      author: operation.authority === null ? null : idText(operation.authority.from),
      isProven: operation.authority === null,
      isPaid: false,
    };
    this.judgements.begin(id, isGossiped, settle);
    return this.judgeState(candidate, slowed);
  }

  private async judgeBundle(
    operations: readonly Bytes[],
    from: PeerRef,
    settle: SettleOne,
    slowed: Slowed,
  ): Promise<void> {
    const slow: Promise<void>[] = [];
    let isBad = false;
    for (const [at, raw] of operations.entries()) {
      if (isBad || this.port.isShutOut(from)) {
        settle(at, ignore(isBad ? "IN_BAD_COMPANY" : "SHUT_OUT"));
        continue;
      }
      const told: Settle = (verdict) => {
        isBad ||= verdict.kind === "reject";
        settle(at, verdict);
      };
      let isSlow: () => void = () => undefined;
      const slowness = new Promise<void>((resolve) => {
        isSlow = resolve;
      });
      const arrival = { topic: "ops", raw, from, id: this.idOf("ops", raw) } as const;
      const pending = this.judgeBytes(arrival, told, () => {
        slowed();
        told({ kind: "pend", code: "SLOW" });
        isSlow();
      });
      if (pending === undefined) continue;
      slow.push(pending);
      await Promise.race([pending, slowness]);
    }
    await Promise.all(slow);
  }

  private idOf(topic: Topic, raw: Bytes): string {
    const { topics } = this.port;
    return idText(topics.idOf(topics.nameOf(topic), raw));
  }

  private foreign(chain: Hash, market: Hash): Verdict | null {
    if (!equalBytes(chain, this.port.chain)) return reject("WRONG_CHAIN");
    return equalBytes(market, this.port.market) ? null : reject("WRONG_MARKET");
  }

  private judgeState(candidate: Candidate, slowed: Slowed): void | Promise<void> {
    const { id, operation, raw, from } = candidate;
    const stale = this.staleness(operation); // 5
    if (stale !== null) return this.judgements.conclude(id, ignore(stale), null);
    const evidence = evidenceIn(operation.body);
    if (evidence !== null) return this.judgeEvidence(candidate, evidence, slowed);
    const state = this.port.handlers.judgeOperation(operation, raw); // 6
    if (state.kind === "ignore") return this.judgements.conclude(id, ignore(state.code), "known");
    if (state.kind === "reject") return this.judgements.conclude(id, reject(state.code), "rejected");
    if (!candidate.isPaid && !this.relays.take(from))
      return this.judgements.conclude(id, ignore("RELAY_RATE"), null); // 7a
    candidate.isPaid = true;
    // What waits in somebody's name takes that author's places: only its own signature may.
    let isSlow = false;
    const tellSlow = () => {
      isSlow = true;
      slowed();
    };
    return onceKnown(this.judgeSignature(candidate, tellSlow), (verdict) => {
      if (verdict === "overloaded") this.judgements.conclude(id, ignore("VERIFIER_OVERLOADED"), null);
      else if (verdict === "invalid")
        this.judgements.conclude(id, reject("BAD_SIGNATURE"), "rejected"); // 8
      // Valid, and no signer's work: a few hundred in an honest leader's entry, new to the others, would cost it its turn.
      else if (isSlow) this.judgements.conclude(id, ignore("ODD_SIGNATURE"), "known");
      else if (state.kind === "later") this.setAside(candidate, state.code, state.grounded);
      else this.acceptWithinRate(candidate);
    });
  }

  private staleness(operation: Operation): string | null {
    if (operation.authority === null) return null;
    const leftMs = operation.authority.validUntilMs - this.port.wallMs();
    if (leftMs < 0) return "EXPIRED";
    return leftMs > this.port.maxValidityMs ? "VALID_TOO_LONG" : null;
  }

  private setAside(candidate: Candidate, code: string, grounded: boolean): void {
    const { id, author, from } = candidate;
    const sinceMs = this.port.steadyMs();
    const gone = this.pending.add(id, { candidate, author, grounded, from, sinceMs });
    for (const one of gone ?? [candidate]) this.judgements.conclude(one.id, ignore("PENDING_FULL"), null);
    // Who was turned away just now is judged no more, and hears nothing further.
    this.judgements.tell(id, { kind: "pend", code });
  }

  private judgeSignature(candidate: Candidate, slowed: Slowed): Soon<SignatureVerdict> {
    const { authority, sig } = candidate.operation;
    if (candidate.isProven || authority === null || sig === null) return "valid"; // it proved itself at step 6
    const { verifier } = this.port;
    const verdict = verifier.verifyAsync(authority.from, operationId(candidate.operation), sig, slowed);
    return onceKnown(orElse(verdict, "overloaded"), (known) => {
      candidate.isProven = known === "valid";
      return known;
    });
  }

  private acceptWithinRate(candidate: Candidate): void {
    const { id, author } = candidate;
    if (author !== null && !this.authors.take(author))
      this.judgements.conclude(id, ignore("AUTHOR_RATE"), null); // 7b
    else this.accept(candidate);
  }

  private accept(candidate: Candidate): void {
    const { id, operation, raw, from, author } = candidate;
    this.port.handlers.onOperation(operation, raw, from, (keeping) => {
      // What its author has replaced may be brought by anybody, again and again: that is not the author's to pay for.
      if (keeping === "waits" && author !== null) this.authors.giveBack(author);
      if (keeping === "kept") this.judgements.conclude(id, ACCEPT, "known");
      else this.judgements.conclude(id, ignore(keeping === "full" ? "FULL" : "DUPLICATE"), null);
    });
  }

  /** Evidence of no use is forgotten again: it is judged cheaply, and a peer that relays much of it is not heard. */
  private judgeEvidence(candidate: Candidate, evidence: Bytes, slowed: Slowed): void | Promise<void> {
    const { id, from } = candidate;
    if (!this.relays.take(from)) return this.judgements.conclude(id, ignore("RELAY_RATE"), null);
    if (!this.idleEvidence.holds(from)) return this.judgements.conclude(id, ignore("EVIDENCE_RATE"), null);
    const acceptance = this.port.handlers.judgeEvidence(evidence, slowed);
    return onceKnown(orElse<Acceptance>(acceptance, "later"), (known) => {
      if (known === "accept") return this.accept(candidate);
      if (known === "ignore") this.idleEvidence.take(from);
      this.judgements.conclude(id, named(known, "EVIDENCE_REFUSED"), known === "reject" ? "rejected" : null);
    });
  }

  private judgeFinal(arrival: Arrival, settle: Settle, slowed: Slowed): void | Promise<void> {
    const decoded = decode(quorumMessage, arrival.raw, TOPIC_RULES.final.maxBytes);
    if (!decoded.ok) return settle(reject(decoded.error.code));
    const message = decoded.value;
    if (message.kind !== "final") return settle(reject("WRONG_KIND"));
    const foreign = this.foreign(message.header.chain, message.header.market);
    if (foreign !== null) return settle(foreign);
    const id = arrival.id ?? this.idOf("final", arrival.raw);
    if (this.judgements.join(id, arrival.id !== null, false, settle)) return;
    if (!this.relays.take(arrival.from)) return settle(ignore("RELAY_RATE"));
    // One that came directly is not forwarded later: the next final makes it old.
    this.judgements.begin(id, true, settle);
    const acceptance = this.port.handlers.judgeFinal(message, slowed);
    return onceKnown(orElse<Acceptance>(acceptance, "later"), (known) => {
      if (known === "accept" && !this.port.handlers.onFinal(arrival.from, message)) {
        return this.judgements.conclude(id, ignore("FULL"), null);
      }
      this.judgements.conclude(id, named(known, "FINAL_REFUSED"), FINAL_MEMORY[known]);
    });
  }
}

/** A judge that fails is an accident of this peer: nobody is blamed for it, and nothing learned. */
const orElse = <T>(answer: Soon<T>, accident: T): Soon<T> =>
  answer instanceof Promise ? answer.catch(() => accident) : answer;
