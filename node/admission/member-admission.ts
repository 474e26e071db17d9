// Admission of the quorum's messages: their signatures are judged off the main thread, so that `step` finds the verdicts.
import type { PeerRef } from "../../src/peer/event.js";
import { type Question, type QuorumMessage, signaturesIn, type Voter } from "../../src/quorum/index.js";
import type { SignatureVerdict, SignatureVerifier } from "../crypto/verifier.js";
import { weightOf } from "../driver/message-weight.js";
import type { SecondLook } from "../driver.js";
import { InOrder } from "./in-order.js";

export type Judge = Pick<SignatureVerifier, "recalled" | "verifyAsync">;

/** A message as it came over a connection; `seat` is what the connection proved, or null. */
export interface Told {
  readonly from: PeerRef;
  readonly seat: number | null;
  readonly message: QuorumMessage;
}

interface Held {
  readonly told: Told;
  /** there is a signature in it that the step asks about, as far as can be seen ahead */
  isAsked: boolean;
}

/** Whose messages and questions wait apart from others': a seat's, under whatever peers' names, or those of a peer asked for the log. */
const senderOf = ({ from, seat }: Told): string => (seat === null ? from : `seat ${seat}`);

/**
 * Looks ahead for the step: a forged signature takes noble 2 ms, which on the main thread are 2 ms in which nobody else
 * is heard (spec/network#R6). A message waits here, with those of its own sender behind it, until every signature in it
 * has a verdict in the verifier's memory, or the first bad one has. It is then handed on whatever the verdict: the step
 * refuses it with its own code, which is held against the sender. Only a message without a verdict, since its sender's part
 * of the slow lane is full, is dropped; the protocol repeats what matters (R8).
 *
 * A message of which the step would ask nothing is handed on at once. It may be news by the time it is stepped: a
 * certificate before it has moved the window of terms, or the entry has been asked for. So it is looked at once more then.
 */
export class MemberAdmission {
  private readonly order: InOrder<Held>;

  constructor(
    private readonly voter: () => Voter,
    private readonly judge: Judge,
    private readonly nowMs: () => number,
    private readonly inBodies: (message: QuorumMessage) => readonly Question[],
    handOn: (told: Told, look: SecondLook | null) => void | Promise<void>,
  ) {
    this.order = new InOrder({
      prepare: (held) => this.prepare(held),
      handOn: ({ told, isAsked }) => handOn(told, isAsked ? null : (nowMs) => this.lookAgain(told, nowMs)),
    });
  }

  /** A promise asks the sender's stream to be read no further. */
  take(told: Told): void | Promise<void> {
    return this.order.take(senderOf(told), { told, isAsked: false }, weightOf(told.message));
  }

  /**
   * False: the step would ask after all, and the message waits for verdicts first, behind its sender's others. What comes
   * back this way lay in the driver's queue, so that its sender's part of that bounds it.
   */
  private lookAgain(told: Told, nowMs: number): boolean {
    for (const group of signaturesIn(this.voter(), told.message, told.seat, nowMs)) {
      if (group.length === 0) continue;
      void this.take(told);
      return false;
    }
    return true;
  }

  private prepare(held: Held): boolean | Promise<boolean> {
    const { told } = held;
    const groups = this.groupsOf(told);
    for (let next = groups.next(); !next.done; next = groups.next()) {
      held.isAsked ||= next.value.length > 0;
      const known = next.value.map(({ key, digest, sig }) => this.judge.recalled(key, digest, sig));
      const open = next.value.filter((_, i) => known[i] === undefined);
      const isSpoilt = known.includes(false);
      // Also beside one that is known to be bad: the step may come to the others first.
      if (open.length > 0) return this.ask(open, isSpoilt ? [].values() : groups, senderOf(told));
      if (isSpoilt) return true;
    }
    return true;
  }

  /**
   * Those of the bodies that a message brings come last: of one that rests on no signature the step looks at no body. The
   * body of an entry that was asked for it looks at, whatever becomes of its leader's signature.
   */
  private *groupsOf({ message, seat }: Told): Generator<readonly Question[]> {
    const ofMessage = signaturesIn(this.voter(), message, seat, this.nowMs());
    if (message.kind === "entry") {
      const ofLeader = [...ofMessage].flat();
      yield ofLeader.length === 0 ? [] : [...this.inBodies(message), ...ofLeader];
      return;
    }
    if (message.kind === "propose") {
      const [ofLeader = [], ...ofParent] = ofMessage;
      yield ofLeader;
      // Whatever becomes of its parent's certificate, the step looks at the body, so that neither spoils the other.
      if (ofLeader.length > 0) yield [...ofParent.flat(), ...this.inBodies(message)];
      return;
    }
    let rests = false;
    for (const group of ofMessage) {
      rests ||= group.length > 0;
      yield group;
    }
    if (rests) yield this.inBodies(message);
  }

  private async ask(
    first: readonly Question[],
    rest: Iterator<readonly Question[]>,
    sender: string,
  ): Promise<boolean> {
    let group = first;
    for (;;) {
      const asked = group.map(({ key, digest, sig }) =>
        this.judge.verifyAsync(key, digest, sig, undefined, sender),
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
