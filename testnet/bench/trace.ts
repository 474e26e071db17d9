// A trace: what each peer of a real run waited for, signed, verified, wrote and sent, in its order, by size alone.

/** Bytes that go to one peer together with others, or alone. */
export interface TracedFrame {
  readonly to: number;
  readonly id: number;
  readonly bytes: number;
}

export type Action = { readonly atMs: number } & (
  | /** a frame or a gossip message must have arrived here */ { readonly kind: "await"; readonly id: number }
  | /** a question to a peer on a stream of its own, and its answer */ {
      readonly kind: "ask";
      readonly of: number;
      readonly bytes: number;
      readonly answerBytes: number;
    }
  | { readonly kind: "verify"; readonly count: number }
  | { readonly kind: "sign"; readonly count: number }
  | /** one synced batch */ {
      readonly kind: "write";
      readonly rows: readonly TracedRow[];
      /** of the sign guard's record; null: none was written */
      readonly guardBytes: number | null;
    }
  | /** one step's frames: those for one peer leave in one write */ {
      readonly kind: "send";
      readonly frames: readonly TracedFrame[];
    }
  | { readonly kind: "gossip"; readonly topic: string; readonly id: number; readonly bytes: number }
);

export interface TracedRow {
  readonly keyBytes: number;
  /** null: deleted */
  readonly valueBytes: number | null;
}

export interface Trace {
  readonly peers: number;
  readonly seats: number;
  /** by peer */
  readonly actions: readonly (readonly Action[])[];
  /** verifications off the main thread, done by whoever first received something to judge */
  readonly verifiedAside: number;
  /** the window of the bids, which passed in the meantime: that of the reveals ends when all are shown */
  readonly commitMs: number;
}

/** What a trace holds in all, for people. */
export function contentOf({ actions, verifiedAside }: Trace): string {
  const counts = {
    frames: 0,
    gossip: 0,
    questions: 0,
    signatures: 0,
    verifications: verifiedAside,
    batches: 0,
  };
  for (const action of actions.flat()) {
    switch (action.kind) {
      case "send":
        counts.frames += action.frames.length;
        break;
      case "gossip":
        counts.gossip++;
        break;
      case "ask":
        counts.questions++;
        break;
      case "sign":
        counts.signatures += action.count;
        break;
      case "verify":
        counts.verifications += action.count;
        break;
      case "write":
        counts.batches++;
        break;
      case "await":
        break;
    }
  }
  const { frames, gossip, questions, signatures, verifications, batches } = counts;
  return [
    ...(frames + gossip + questions === 0
      ? []
      : [`${frames} frames`, `${gossip} gossip messages`, `${questions} questions`]),
    `${signatures} signatures`,
    `${verifications} verifications`,
    `${batches} synced batches`,
  ].join(", ");
}
