// Whether the upstream takes the gateway's own key: its owner is told once that it does not, and once that it does again (spec/gateway#G27).
import type { GatewayClock } from "./clock.js";
import type { Failure } from "./dialect.js";

export type KeyRefusal = Extract<Failure, { kind: "key" }>;

export interface KeyRefused {
  /** the upstream knows the key, and does not let it do what was asked */
  readonly isKnown: boolean;
  /** for which the first of these refusals was; null: the request named none */
  readonly model: string | null;
  /** ms since 1970 */
  readonly atMs: number;
}

export type KeyEvent =
  | ({ readonly kind: "keyRefused" } & Omit<KeyRefused, "atMs">)
  | { readonly kind: "keyTaken"; readonly forMs: number };

interface Heard {
  readonly failure: Failure | null;
  /** of the answer; null: there was none */
  readonly status: number | null;
}

/** A key that has just been taken is a good one: what it may not do then is a matter of the request. */
const JUST_MS = 60_000;
/** Between two episodes that are told: what a client can bring about tells its owner no more often. */
const QUIET_MS = 600_000;

export class KeyWatch {
  private now: KeyRefused | null = null;
  private sinceMs = 0;
  private isTold = false;
  private takenMs = Number.NEGATIVE_INFINITY;
  private quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: GatewayClock,
    private readonly told: (event: KeyEvent) => void,
  ) {}

  /** null: it is taken, as far as anybody knows */
  get refusal(): KeyRefused | null {
    return this.now;
  }

  /** How an attempt to ask a model ended. @param sentMs when it was sent */
  heard({ failure, status }: Heard, model: string | null, sentMs: number): void {
    if (failure?.kind === "key") this.refused(failure, model);
    else if (status !== null && status < 300) this.taken(sentMs);
  }

  /** An answer says that the key is none, or may not do what was asked. @param model that was asked */
  refused({ isKnown }: KeyRefusal, model: string | null): void {
    const nowMs = this.clock.nowMs();
    if (isKnown && nowMs - this.takenMs < JUST_MS) return;
    if (this.now === null) {
      this.now = { isKnown, model, atMs: this.clock.wallMs() };
      this.sinceMs = nowMs;
    }
    if (this.isTold || nowMs < this.quietUntilMs) return;
    this.isTold = true;
    this.quietUntilMs = nowMs + QUIET_MS;
    this.told({ kind: "keyRefused", isKnown: this.now.isKnown, model: this.now.model });
  }

  /** A model has answered. @param sentMs what was sent before a refusal says nothing of the time after it */
  taken(sentMs: number): void {
    this.takenMs = this.clock.nowMs();
    if (this.now === null || sentMs < this.sinceMs) return;
    const forMs = this.takenMs - this.sinceMs;
    const { isTold } = this;
    this.now = null;
    this.isTold = false;
    if (isTold) this.told({ kind: "keyTaken", forMs });
  }
}

/** The upstream's own words go to the client unchanged, which may take them for words of its own key. */
export function keyWarnings(refusal: KeyRefusal | null): readonly string[] {
  if (refusal === null) return [];
  const what = refusal.isKnown ? "does not let the gateway's key do this" : "does not take the gateway's key";
  return [`the upstream ${what}; the client's own is not sent to it`];
}
