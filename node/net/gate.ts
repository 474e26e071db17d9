// The gate: judges what peers relay, cheapest test first, and blames a relayer only for what it could have seen itself.
import { type Bytes, decode, equalBytes, type Hash } from "../../src/base/index.js";
import { decodeOperation, type Operation, operationId } from "../../src/ledger/operation.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Topic } from "../../src/peer/ready.js";
import { quorumMessage } from "../../src/quorum/message.js";
import type { Counters } from "./counters.js";
import { JudgingQueue, type Slowed } from "./judging-queue.js";
import { MAX_VALIDITY_MS, type NetworkLimits, PENDING_MS, SEEN_IDS, SEEN_MS, TOPIC_RULES } from "./limits.js";
import { PendingPool } from "./pending-pool.js";
import type { Acceptance, AsyncVerifier, NetworkHandlers, StateVerdict } from "./ports.js";
import { RecentMap } from "./recent-map.js";
import { TokenBuckets } from "./token-bucket.js";
import { idText, type Topics } from "./topics.js";

/** One message of one peer. `id` is null where it did not come by gossip. */
export interface Arrival {
  readonly topic: Topic;
  readonly raw: Bytes;
  readonly from: PeerRef;
  readonly id: string | null;
}

/** `pend`: a later verdict follows, unless it never gets one. */
export type Verdict =
  | { readonly kind: "accept" }
  | { readonly kind: "ignore" | "reject" | "pend"; readonly code: string };
export type Settle = (verdict: Verdict) => void;

/** What is remembered of an id that passed the tests which depend on nothing but its bytes. */
type Memory = "known" | "rejected" | "accepted elsewhere";

interface Candidate {
  readonly topic: Topic;
  readonly id: string;
  readonly raw: Bytes;
  readonly from: PeerRef;
  readonly operation: Operation;
  readonly author: string | null;
  /** whether a first copy came by gossip: then gossip forwards it */
  gossiped: boolean;
}

export interface GatePort {
  readonly chain: Hash;
  readonly market: Hash;
  readonly topics: Topics;
  readonly limits: NetworkLimits;
  readonly handlers: NetworkHandlers;
  readonly verifier: AsyncVerifier;
  readonly counters: Counters;
  readonly wallMs: () => number;
  /** never goes back */
  readonly steadyMs: () => number;
  /** a peer that misbehaved again and again: what it still has waiting is not looked at */
  isShutOut(from: PeerRef): boolean;
}

/** Copies of one message that hear of its verdict; further ones are duplicates. */
const MAX_COPIES = 64;

const ACCEPT: Verdict = { kind: "accept" };
const ignore = (code: string): Verdict => ({ kind: "ignore", code });
const reject = (code: string): Verdict => ({ kind: "reject", code });
/** What is of no use any more, such as a final of a height long known, is nobody's fault. */
const named = (acceptance: Acceptance, fault: string): Verdict => {
  if (acceptance === "accept") return ACCEPT;
  return acceptance === "reject" ? reject(fault) : ignore("NOT_NEEDED");
};

/** Admission in the order of PROTOCOL §4.1; the numbers in the code are its steps. */
export class Gate {
  private readonly queue: JudgingQueue;
  private readonly seen: RecentMap<Memory>;
  private readonly judging = new Map<string, { candidate: Candidate | null; waiting: Settle[] }>();
  private readonly pending: PendingPool<Candidate>;
  private readonly relays: TokenBuckets;
  private readonly authors: TokenBuckets;

  constructor(private readonly port: GatePort) {
    const { limits, steadyMs } = port;
    this.queue = new JudgingQueue(limits);
    this.seen = new RecentMap(SEEN_IDS, SEEN_MS, steadyMs);
    this.pending = new PendingPool(limits);
    this.relays = new TokenBuckets(limits.relayPerSecond, limits.relayBurst, steadyMs);
    this.authors = new TokenBuckets(limits.authorPerSecond, limits.authorBurst, steadyMs);
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

  /** How many messages of a peer wait for their turn. */
  waitingOf(from: PeerRef): number {
    return this.queue.waitingOf(from);
  }

  /** Remembers an operation or final of one's own, so that its echo is not judged. */
  remember(id: string): void {
    this.seen.set(id, "known");
  }

  /** Judges again what waits for state: called when an entry became final. */
  recheck(): void {
    const oldestMs = this.port.steadyMs() - PENDING_MS;
    for (const [id, { candidate, sinceMs }] of this.pending.entries()) {
      if (sinceMs < oldestMs) {
        this.pending.delete(id);
        this.conclude(candidate.id, ignore("PENDING_EXPIRED"), null);
        continue;
      }
      const state = this.port.handlers.judgeOperation(candidate.operation, candidate.raw);
      if (state.kind === "ignore" && state.hopeless !== true) continue;
      this.pending.delete(id);
      if (!this.queue.push(candidate.topic, candidate.from, (slowed) => this.judgeState(candidate, slowed))) {
        this.conclude(candidate.id, ignore("QUEUE_FULL"), null);
      }
    }
  }

  private judgeBytes(arrival: Arrival, settle: Settle, slowed: Slowed): void | Promise<void> {
    const decoded = decodeOperation(arrival.raw); // 2
    if (!decoded.ok) return settle(reject(decoded.error.code));
    const operation = decoded.value;
    const kind = operation.body.kind === "evidence" ? "evidence" : "ops";
    if (arrival.topic === "evidence" && kind !== "evidence") return settle(reject("WRONG_KIND"));
    const foreign = this.foreign(operation.chain, operation.market); // 3
    if (foreign !== null) return settle(foreign);
    const id = arrival.id ?? this.idOf(kind, arrival.raw);
    if (this.recall(id, arrival.id !== null, settle)) return; // 4
    const candidate: Candidate = {
      topic: arrival.topic,
      id,
      raw: arrival.raw.slice(),
      from: arrival.from,
      operation,
      author: operation.authority === null ? null : idText(operation.authority.from),
      gossiped: arrival.id !== null,
    };
    this.judging.set(id, { candidate, waiting: [settle] });
    return this.judgeState(candidate, slowed);
  }

  private idOf(topic: Topic, raw: Bytes): string {
    const { topics } = this.port;
    return idText(topics.idOf(topics.nameOf(topic), raw));
  }

  private foreign(chain: Hash, market: Hash): Verdict | null {
    if (!equalBytes(chain, this.port.chain)) return reject("WRONG_CHAIN");
    return equalBytes(market, this.port.market) ? null : reject("WRONG_MARKET");
  }

  /** Whether the id needs no judgement of its own: settled by memory, or joined to the copy under judgement. */
  private recall(id: string, gossiped: boolean, settle: Settle): boolean {
    const current = this.judging.get(id);
    if (current !== undefined) {
      if (gossiped && current.candidate !== null) current.candidate.gossiped = true;
      if (this.pending.has(id)) settle({ kind: "pend", code: "PENDING" });
      if (current.waiting.length < MAX_COPIES) current.waiting.push(settle);
      else settle(ignore("DUPLICATE"));
      return true;
    }
    const memory = this.seen.get(id);
    if (memory === undefined) return false;
    if (memory === "accepted elsewhere" && gossiped) {
      this.seen.set(id, "known");
      settle(ACCEPT); // delivered already, but gossip has still to forward it
    } else settle(memory === "rejected" ? reject("KNOWN_BAD") : ignore("DUPLICATE"));
    return true;
  }

  private judgeState(candidate: Candidate, slowed: Slowed): void | Promise<void> {
    const stale = this.staleness(candidate.operation); // 5
    if (stale !== null) return this.conclude(candidate.id, ignore(stale), null);
    const { body } = candidate.operation;
    if (body.kind === "evidence") return this.judgeEvidence(candidate, body.evidence, slowed);
    const state = this.port.handlers.judgeOperation(candidate.operation, candidate.raw); // 6
    if (state.kind === "ignore") return this.setAside(candidate, state);
    if (!this.relays.take(candidate.from)) return this.conclude(candidate.id, ignore("RELAY_RATE"), null); // 7a
    return this.judgeSignature(candidate, slowed);
  }

  private staleness(operation: Operation): string | null {
    if (operation.authority === null) return null;
    const leftMs = operation.authority.validUntilMs - this.port.wallMs();
    if (leftMs < 0) return "EXPIRED";
    return leftMs > MAX_VALIDITY_MS ? "VALID_TOO_LONG" : null;
  }

  private setAside(candidate: Candidate, state: StateVerdict & { kind: "ignore" }): void {
    const { id, author, from } = candidate;
    const sinceMs = this.port.steadyMs();
    if (state.hopeless === true) this.conclude(id, ignore(state.code), "known");
    else if (!this.pending.add(id, { candidate, author, from, sinceMs })) {
      this.conclude(id, ignore("PENDING_FULL"), null);
    } else {
      for (const settle of this.judging.get(id)?.waiting ?? []) settle({ kind: "pend", code: state.code });
    }
  }

  private judgeSignature(candidate: Candidate, slowed: Slowed): void | Promise<void> {
    const { authority, sig } = candidate.operation;
    if (authority === null || sig === null) return this.accept(candidate); // it proved itself at step 6
    return this.port.verifier
      .verifyAsync(authority.from, operationId(candidate.operation), sig, slowed)
      .catch(() => "overloaded" as const) // an accident of the verifier's is no verdict either
      .then((verdict) => this.concludeSigned(candidate, verdict));
  }

  private concludeSigned(candidate: Candidate, verdict: "valid" | "invalid" | "overloaded"): void {
    const { id, author } = candidate;
    if (verdict === "overloaded") this.conclude(id, ignore("VERIFIER_OVERLOADED"), null);
    else if (verdict === "invalid")
      this.conclude(id, reject("BAD_SIGNATURE"), "rejected"); // 8
    else if (author !== null && !this.authors.take(author))
      this.conclude(id, ignore("AUTHOR_RATE"), null); // 7b
    else this.accept(candidate);
  }

  private accept(candidate: Candidate): void {
    this.conclude(candidate.id, ACCEPT, candidate.gossiped ? "known" : "accepted elsewhere");
    this.port.handlers.onOperation(candidate.operation, candidate.raw, candidate.from);
  }

  private async judgeEvidence(candidate: Candidate, evidence: Bytes, slowed: Slowed): Promise<void> {
    if (!this.relays.take(candidate.from)) return this.conclude(candidate.id, ignore("RELAY_RATE"), null);
    const acceptance = await settled(this.port.handlers.judgeEvidence(evidence, slowed));
    if (acceptance === "accept") return this.accept(candidate);
    const memory = acceptance === "reject" ? "rejected" : "known";
    this.conclude(candidate.id, named(acceptance, "EVIDENCE_REFUSED"), memory);
  }

  private async judgeFinal(arrival: Arrival, settle: Settle, slowed: Slowed): Promise<void> {
    const decoded = decode(quorumMessage, arrival.raw, TOPIC_RULES.final.maxBytes);
    if (!decoded.ok) return settle(reject(decoded.error.code));
    const message = decoded.value;
    if (message.kind !== "final") return settle(reject("WRONG_KIND"));
    const foreign = this.foreign(message.header.chain, message.header.market);
    if (foreign !== null) return settle(foreign);
    const id = arrival.id ?? this.idOf("final", arrival.raw);
    if (this.recall(id, arrival.id !== null, settle)) return;
    if (!this.relays.take(arrival.from)) return settle(ignore("RELAY_RATE"));
    this.judging.set(id, { candidate: null, waiting: [settle] });
    const acceptance = await settled(this.port.handlers.judgeFinal(message, slowed));
    const memory = acceptance === "reject" ? "rejected" : "known";
    this.conclude(id, named(acceptance, "FINAL_REFUSED"), memory);
    if (acceptance === "accept") await this.port.handlers.onMessage(arrival.from, null, message);
  }

  /** Ends a judgement. Without a memory the id may come again: nothing was learned about it (steps 5 and 7). */
  private conclude(id: string, verdict: Verdict, memory: Memory | null): void {
    const waiting = this.judging.get(id)?.waiting ?? [];
    this.judging.delete(id);
    if (memory === null) this.seen.delete(id);
    else this.seen.set(id, memory);
    for (const settle of waiting) settle(verdict);
  }
}

/** A judge that fails is an accident of this peer: nobody is blamed for it. */
const settled = (acceptance: Acceptance | Promise<Acceptance>): Promise<Acceptance> =>
  Promise.resolve(acceptance).catch((): Acceptance => "ignore");
