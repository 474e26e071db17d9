// Admission of the quorum's messages: their signatures are judged off the main thread, so that `step` finds the verdicts.
import type { PeerRef } from "../../src/peer/event.js";
import { type Question, type QuorumMessage, signaturesIn, type Voter } from "../../src/quorum/index.js";
import type { SignatureVerdict, SignatureVerifier } from "../crypto/verifier.js";
import { weightOf } from "../driver/message-weight.js";
import { InOrder } from "./in-order.js";

export type Judge = Pick<SignatureVerifier, "recalled" | "verifyAsync">;

/** A message as it came over a connection; `seat` is what the connection proved, or null. */
export interface Told {
  readonly from: PeerRef;
  readonly seat: number | null;
  readonly message: QuorumMessage;
}

/**
 * Looks ahead for the step: a forged signature takes noble 2 ms, which on the main thread are 2 ms in which nobody else
 * is heard (PROTOCOL §4.6). A message waits here, with those of its own sender behind it, until every signature in it
 * has a verdict in the verifier's memory, or the first bad one has. It is then handed on whatever the verdict: the step
 * refuses it with its own code, which is held against the sender. Only a message without a verdict, since the slow lane
 * is full, is dropped; the protocol repeats what matters (R8).
 */
export class MemberAdmission {
  private readonly order: InOrder<Told>;

  constructor(
    private readonly voter: () => Voter,
    private readonly judge: Judge,
    private readonly nowMs: () => number,
    private readonly inBodies: (message: QuorumMessage) => readonly Question[],
    handOn: (told: Told) => void | Promise<void>,
  ) {
    this.order = new InOrder({ prepare: (told) => this.prepare(told), handOn });
  }

  /** A promise asks the sender's stream to be read no further. */
  take(told: Told): void | Promise<void> {
    return this.order.take(told.from, told, weightOf(told.message));
  }

  private prepare(told: Told): boolean | Promise<boolean> {
    const groups = this.groupsOf(told);
    for (let next = groups.next(); !next.done; next = groups.next()) {
      const open: Question[] = [];
      for (const one of next.value) {
        const known = this.judge.recalled(one.key, one.digest, one.sig);
        if (known === false) return true;
        if (known === undefined) open.push(one);
      }
      if (open.length > 0) return this.ask(open, groups, told.seat !== null);
    }
    return true;
  }

  /** Those of the bodies that a message brings come last: of one that rests on no signature the step looks at no body. */
  private *groupsOf({ message, seat }: Told): Generator<readonly Question[]> {
    let rests = false;
    for (const group of signaturesIn(this.voter(), message, seat, this.nowMs())) {
      rests ||= group.length > 0;
      yield group;
    }
    if (rests) yield this.inBodies(message);
  }

  private async ask(
    first: readonly Question[],
    rest: Iterator<readonly Question[]>,
    ofMember: boolean,
  ): Promise<boolean> {
    let group = first;
    for (;;) {
      const asked = group.map(({ key, digest, sig }) =>
        this.judge.verifyAsync(key, digest, sig, undefined, ofMember),
      );
      const verdicts = await Promise.all(asked).catch((): SignatureVerdict[] => ["overloaded"]);
      if (verdicts.includes("invalid")) return true;
      if (verdicts.includes("overloaded")) return false;
      const next = rest.next();
      if (next.done) return true;
      group = next.value;
    }
  }
}
