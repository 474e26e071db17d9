// The form of a rulebook: for every kind of operation, the named rules it must keep, and what it then does.
import type { EntryContext, Rejection } from "./context.js";
import type { Ledger } from "./ledger.js";
import type { Authority, BodyOf, OperationKind, SELF_PROVING } from "./operation.js";

export type SelfProvingKind = {
  [K in OperationKind]: (typeof SELF_PROVING)[K] extends true ? K : never;
}[OperationKind];

/** Who acts: nobody in particular, where the operation proves itself. */
export type Actor<K extends OperationKind> = K extends SelfProvingKind ? null : Authority;

/** Reads only: why the operation must not be applied, or null. */
export type Rule<K extends OperationKind> = (
  ledger: Ledger,
  body: BodyOf<K>,
  actor: Actor<K>,
  at: EntryContext,
) => Rejection | null;

/** Writes, and refuses nothing: every rule of its article has held a moment ago. */
export type Effect<K extends OperationKind> = (
  ledger: Ledger,
  body: BodyOf<K>,
  actor: Actor<K>,
  at: EntryContext,
) => void;

export interface Article<K extends OperationKind> {
  readonly rules: readonly Rule<K>[];
  readonly effect: Effect<K>;
}

export type Rulebook<K extends OperationKind = OperationKind> = { readonly [Each in K]: Article<Each> };
