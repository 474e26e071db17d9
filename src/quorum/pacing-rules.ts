// What a member waits for, and for how long: R1's judgement of work and of silence, and the time rule of §1.7.

/** A leader's silence at the moment its turn begins. */
export interface Silence {
  /** terms and ms since its last sign of life */
  readonly terms: number;
  readonly ms: number;
  /** whether its last turn was skipped at once */
  readonly wasSkippedAtOnce: boolean;
  /** n */
  readonly seats: number;
  readonly deltaMs: number;
}

/** Header time against the clock at first receipt, with PRECISION_k and MSGDELAY_k of today (§1.7). */
export interface Timeliness {
  readonly timeMs: number;
  readonly receivedAtMs: number;
  readonly precisionMs: number;
  readonly delayMs: number;
}

/** The decisions on which progress, quiet and ledger time rest (PROTOCOL §1.5 R1, §1.7). */
export interface PacingRules {
  /** R1 (i): whether others wait for a certified entry to become final. An empty one is no work, or idle leaders chase it. */
  isWork(entry: { readonly operations: number; readonly changesPhase: boolean }): boolean;
  /** R1: what, signed by a leader, ends its silence: any valid message of whatever term. */
  isSignOfLife(kind: "proposal" | "vote" | "status"): boolean;
  /** R1, skip at once: silent for 2n terms and 10Δ, and never in two successive turns of one leader. */
  isSkippedAtOnce(silence: Silence): boolean;
  /** `timely` (§1.7): a leader moves ledger time by no more than PRECISION_k ahead and MSGDELAY_k behind. */
  isTimely(time: Timeliness): boolean;
}

export const PACING_RULES: PacingRules = {
  isWork: ({ operations, changesPhase }) => operations > 0 || changesPhase,

  isSignOfLife: () => true,

  isSkippedAtOnce: ({ terms, ms, wasSkippedAtOnce, seats, deltaMs }) =>
    !wasSkippedAtOnce && terms >= 2 * seats && ms >= 10 * deltaMs,

  isTimely: ({ timeMs, receivedAtMs, precisionMs, delayMs }) =>
    timeMs <= receivedAtMs + precisionMs && timeMs >= receivedAtMs - delayMs - precisionMs,
};
