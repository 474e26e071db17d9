// What an upstream's prompt cache still has of conversations, by what answers told of it.

/** How a request is known as a call of a conversation: by names of what it begins with. */
export interface Trail {
  /** under which it is remembered */
  readonly as: readonly string[];
  /** by which the call before it is looked for, the surest first */
  readonly by: readonly string[];
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

/** Caches forget what was not read for five minutes; a request takes a while until it is there. */
const CACHE_MS = 290_000;
/** Names that are remembered: those that were used last. */
const MOST_NAMES = 4_096;

export class Conversations {
  /** the one that was used longest ago first */
  private readonly byName = new Map<string, Said>();

  /** The call before one of so many bytes, if the cache may still have it; null: none is known. */
  before({ by }: Trail, bytes: number, nowMs: number): Said | null {
    for (const name of by) {
      const said = this.byName.get(name);
      // What has become less is another conversation, or one that was made shorter: what of it is left nobody knows.
      if (said !== undefined && said.bytes <= bytes && nowMs - said.atMs <= CACHE_MS) return said;
    }
    return null;
  }

  remember({ as }: Trail, said: Said): void {
    for (const name of as) {
      this.byName.delete(name);
      this.byName.set(name, said);
    }
    for (const name of this.byName.keys()) {
      if (this.byName.size <= MOST_NAMES) return;
      this.byName.delete(name);
    }
  }

  /** The cache had not what it was taken to have. */
  forget({ by }: Trail): void {
    for (const name of by) this.byName.delete(name);
  }
}
