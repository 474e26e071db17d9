// What an upstream's prompt cache still has of conversations, by what answers told of it.

/** Of a mark, which is a hash of all steps of a body up to its own. */
export const MARK_LETTERS = 12;

/** What a body of a session begins and ends with. */
export interface InSession {
  /** of the session, and what its body begins with */
  readonly name: string;
  /** marks of its steps, one behind the other, from its beginning on and from its end back */
  readonly fore: string;
  readonly back: string;
}

/** How a request is known as a call of a conversation: by names of what it begins with. */
export interface Trail {
  /** under which it is remembered */
  readonly as: readonly string[];
  /** by which the call before it is looked for, the surest first */
  readonly by: readonly string[];
  /** null: it names no session, or nothing is known of it */
  readonly inSession: InSession | null;
}

/** A call that was answered. */
export interface Said {
  /** of the body */
  readonly bytes: number;
  /** tokens of the whole prompt */
  readonly prompt: number;
  /** of them those that the cache has since, and that do not count when they are read */
  readonly kept: number;
  /** when it was sent */
  readonly atMs: number;
}

interface Remembered extends Said {
  readonly inSession: InSession | null;
}

/** Caches forget what was not read for five minutes; a request takes a while until it is there. */
const CACHE_MS = 290_000;
/** Names that are remembered: those that were used last. */
const MOST_NAMES = 4_096;
/** Of a body's steps those that may be of neither what the next begins with nor what it ends with: where it goes on, and what changes before. */
const UNPROVEN_STEPS = 2;

export class Conversations {
  /** the one that was used longest ago first */
  private readonly byName = new Map<string, Remembered>();

  /** The call before one of so many bytes, if the cache may still have it; null: none is known. */
  before({ by, inSession }: Trail, bytes: number, nowMs: number): Said | null {
    // What has become less is another conversation, or one that was made shorter: what of it is left nobody knows.
    const isLive = (said: Said | undefined): said is Said =>
      said !== undefined && said.bytes <= bytes && nowMs - said.atMs <= CACHE_MS;
    for (const name of by) {
      const said = this.byName.get(name);
      if (isLive(said)) return said;
    }
    const said = inSession === null ? undefined : this.byName.get(inSession.name);
    return isLive(said) && isWithin(said.inSession, inSession) ? said : null;
  }

  remember({ as, inSession }: Trail, said: Said): void {
    const names = inSession === null ? as : [...as, inSession.name];
    const remembered = { ...said, inSession };
    for (const name of names) {
      this.byName.delete(name);
      this.byName.set(name, remembered);
    }
    for (const name of this.byName.keys()) {
      if (this.byName.size <= MOST_NAMES) return;
      this.byName.delete(name);
    }
  }

  /** The cache had not what it was taken to have. */
  forget({ by, inSession }: Trail): void {
    for (const name of by) this.byName.delete(name);
    if (inSession !== null) this.byName.delete(inSession.name);
  }
}

/** Whether all of a body but little is what the next begins with, or ends with. */
function isWithin(before: InSession | null, next: InSession | null): boolean {
  if (before === null || next === null) return false;
  const alike = alikeIn(before.fore, next.fore) + alikeIn(before.back, next.back);
  return alike + UNPROVEN_STEPS >= before.fore.length / MARK_LETTERS;
}

/** Marks until the first that differs. */
function alikeIn(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  return Math.floor(at / MARK_LETTERS);
}
