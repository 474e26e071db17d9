// The laws that hold in all stories of a pool.

export type Law =
  /** the upstream is never sent more than its limits hold */
  | "limit"
  /** of each limit is taken what was begun and settled: nothing twice, nothing lost */
  | "account"
  /** of flows that wait, charges by weight differ by no more than the bound */
  | "fair"
  /** each flow's requests are begun in the order in which they came */
  | "order"
  /** whoever fits, and waits for nothing else, is begun */
  | "work"
  /** of what is left to the interactive band no other takes */
  | "kept"
  /** a turn that was told for a time lets somebody go then, and not before */
  | "wake"
  /** a band that waits has its part of what is served above it, and not more */
  | "floor"
  /** the causes of a wait sum to it */
  | "wait"
  /** what is lent is borrowed, and what is granted is what was charged */
  | "evidence"
  /** who asked is begun, expired, unfit, gone or still there, once */
  | "whole"
  /** after a refusal nobody begins before its pause is over, and then one until it is answered */
  | "herd";

export class Broken extends Error {
  constructor(
    readonly law: Law,
    readonly why: string,
  ) {
    super(`${law}: ${why}`);
  }
}
