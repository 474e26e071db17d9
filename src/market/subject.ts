// What a subject says of its kinds of operations: the rules they keep, what they do, and all that others must know of them.
import type { Bytes, Hash } from "../base/index.js";
import type {
  AgentId,
  Authority,
  Lane,
  Ledger,
  LockName,
  Moment,
  Network,
  Rejection,
} from "../ledger/index.js";
import type { EvidenceJudge } from "./justice/fault.js";

export interface EntryContext extends Moment {
  readonly judgeEvidence: EvidenceJudge;
}

/** Reads only: why the operation must not be applied, or null. */
export type Rule<Body, Actor, Code extends string> = (
  ledger: Ledger,
  body: Body,
  actor: Actor,
  at: EntryContext,
) => Rejection<Code> | null;

/** Why an operation counts as refused that was carried out, and what it did all the same. */
export interface Fruitless<Code extends string, Fact> extends Rejection<Code> {
  readonly facts: readonly Fact[];
}

/**
 * Writes, and every rule of its kind has held a moment ago.
 * @returns what became of it, for those who listen
 */
type Effect<Body, Actor, Code extends string, Fact> = (
  ledger: Ledger,
  body: Body,
  actor: Actor,
  at: EntryContext,
) => readonly Fact[] | Fruitless<Code, Fact>;

interface Article<Body, Actor, Code extends string, Fact> {
  readonly lane: Lane;
  readonly rules: readonly Rule<Body, Actor, Code>[];
  readonly effect: Effect<Body, Actor, Code, Fact>;
}

/** A signature that an operation stands on. */
export interface Signature {
  readonly key: Bytes;
  readonly digest: Hash;
  readonly sig: Bytes;
}

/** A kind of operation that its sender signs and pays for. */
export interface Signed<Body, Code extends string, Fact> extends Article<Body, Authority, Code, Fact> {
  readonly by: "sender";
  /** the signature of another who must have agreed to it; null: nobody must */
  agreed(network: Network, from: AgentId, body: Body): Signature | null;
  /** the auction that it is about, or makes; null: none */
  about(body: Body, by: Authority, network: Network): Hash | null;
  /**
   * What it takes beside the fee of the free funds of whoever pays for its sender, in micro-credits, if it is applied.
   * Less than nothing where a lock returns more than it takes.
   * @param held what the lock that it replaces holds
   * @param timeMs ledger time of the entry that holds it
   */
  takes(ledger: Ledger, body: Body, held: bigint, timeMs: number): bigint;
  /** what of this it locks */
  locks(ledger: Ledger, body: Body): bigint;
  /** whether standing limits what it locks, and credit may stand in for it (spec/money#credit) */
  readonly isLimited: boolean;
  /** what it moves of its sender's own free funds, whoever pays for it */
  takesOwn(body: Body): bigint;
  /**
   * What it takes of its sender's free stake if it is applied, in micro-credits. Less than nothing where a lien returns more.
   * @param held what the lien of the auction whose lock it replaces holds
   */
  takesStake(ledger: Ledger, body: Body, held: bigint): bigint;
  /** parts that it makes unbond if it is applied */
  unbonds(body: Body): number;
  /** what its place may cost beside what its lane asks for: the least fee that should do, also if others come first */
  placeFee(ledger: Ledger, body: Body, from: AgentId): bigint;
  /** why such a fee does not pay for its place, as far as the state tells now; null: it does */
  placeFault(ledger: Ledger, body: Body, by: Pick<Authority, "from" | "fee">): Rejection<Code> | null;
  /** the lock whose place it takes; null: none */
  replaces(body: Body): LockName | null;
  /** the agent whose budget it may open or close: who pays for that agent hangs on it; null: nobody's */
  changesBudgetOf(ledger: Ledger, body: Body, from: AgentId): AgentId | null;
  /** it came too late, and will only fail: it takes nothing */
  isVain(ledger: Ledger, body: Body): boolean;
  /** including it now serves its sender: what it is about is not still to come */
  isReady(ledger: Ledger, body: Body, timeMs: number): boolean;
}

/** The window in which an opening is taken: its ledger time of close, or null while it does not run. */
export interface OpeningWindow {
  readonly closeMs: number | null;
  readonly lengthMs: number;
}

/** Of a kind that locks nothing, takes no stake, no own funds and no place of a lock, and can be included as soon as it is sent. */
export const AT_ONCE = {
  agreed: () => null,
  locks: () => 0n,
  isLimited: true,
  takesOwn: () => 0n,
  changesBudgetOf: () => null,
  takesStake: () => 0n,
  unbonds: () => 0,
  placeFee: () => 0n,
  placeFault: () => null,
  replaces: () => null,
  isVain: () => false,
  isReady: () => true,
} as const satisfies Partial<Signed<never, never, never>>;

/** A kind of operation that proves itself: no nonce, signature, validUntil or fee; once per target, by anyone. */
export interface Proven<Body, Code extends string, Fact> extends Article<Body, null, Code, Fact> {
  readonly by: "itself";
  /** the gossip topic that carries it */
  readonly topic: "ops" | "evidence";
  /** where it waits, apart from its lane, or a flood of signed operations could keep it out */
  readonly shelf: "openings" | "evidence";
  /** the auction that it is about; null: none */
  about(body: Body): Hash | null;
  /** evidence of the quorum that it carries; null: none */
  evidence(body: Body): Bytes | null;
  /** what it proves: of one target one operation is enough. Asked only where its rules hold. */
  target(body: Body, judge: EvidenceJudge): string;
  /** the window in which it has to be included; null: it is in no haste. Asked only where its rules hold. */
  window(ledger: Ledger, body: Body): OpeningWindow | null;
  /** why no later entry can hold it: it goes with what it is about; null: one may */
  staleness(ledger: Ledger, body: Body, at: EntryContext): Code | null;
  /** it could count in the state after a height, though it cannot any more: what it is about has ended since */
  countedAt(ledger: Ledger, body: Body, height: number): boolean;
  /** the state knows what it rests on, though it does not take it yet: it is not anybody's garbage */
  isGrounded(ledger: Ledger, body: Body): boolean;
}

export type Form<Body, Code extends string, Fact> = Signed<Body, Code, Fact> | Proven<Body, Code, Fact>;
