// Messages that are prepared before they are handed on: each sender's in its own order, and no sender waits for another.

/** Whether a message may be handed on; a promise: not yet known. It never rejects. */
export type Prepared = boolean | Promise<boolean>;

/** Messages of one sender that are prepared at once, and that may wait before it is asked to wait itself. */
const AT_ONCE = 4;
const MAX_WAITING = 64;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

interface Waiting<T> {
  readonly item: T;
  readonly bytes: number;
  /** null: not yet known */
  verdict: boolean | null;
}

export interface InOrderPort<T> {
  prepare(item: T): Prepared;
  /** a promise holds back the sender's next message */
  handOn(item: T): void | Promise<void>;
}

/** A lane per sender, made when a message of it has to wait, and gone when none does. */
export class InOrder<T> {
  private readonly lanes = new Map<string, Lane<T>>();

  constructor(private readonly port: InOrderPort<T>) {}

  /** How many senders have something waiting. */
  get size(): number {
    return this.lanes.size;
  }

  /** Takes a message. A returned promise asks the sender to wait: who does not is not bounded here. */
  take(sender: string, item: T, bytes: number): void | Promise<void> {
    const lane = this.lanes.get(sender);
    if (lane !== undefined) return lane.add(item, bytes);
    const prepared = this.port.prepare(item);
    if (prepared === false) return;
    if (prepared === true) {
      const held = this.port.handOn(item);
      if (held === undefined) return;
      return this.open(sender).hold(held);
    }
    return this.open(sender).add(item, bytes, prepared);
  }

  private open(sender: string): Lane<T> {
    const lane = new Lane(this.port, () => this.lanes.delete(sender));
    this.lanes.set(sender, lane);
    return lane;
  }
}

class Lane<T> {
  private readonly waiting: Waiting<T>[] = [];
  private bytes = 0;
  private preparing = 0;
  private started = 0;
  private held = false;
  private room: { readonly promise: Promise<void>; readonly open: () => void } | null = null;

  constructor(
    private readonly port: InOrderPort<T>,
    private readonly ended: () => void,
  ) {}

  add(item: T, bytes: number, prepared?: Promise<boolean>): void | Promise<void> {
    const one: Waiting<T> = { item, bytes, verdict: null };
    this.waiting.push(one);
    this.bytes += bytes;
    if (prepared !== undefined) {
      this.started++;
      this.await(one, prepared);
    }
    this.advance();
    return this.isFull() ? this.roomSoon() : undefined;
  }

  /** Hands nothing on until `until` is over. */
  hold(until: Promise<void>): Promise<void> {
    this.held = true;
    return until.finally(() => {
      this.held = false;
      this.advance();
    });
  }

  private isFull(): boolean {
    return this.waiting.length >= MAX_WAITING || this.bytes >= MAX_WAITING_BYTES;
  }

  private roomSoon(): Promise<void> {
    if (this.room === null) {
      let open: () => void = () => undefined;
      const promise = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.room = { promise, open };
    }
    return this.room.promise;
  }

  private advance(): void {
    this.prepareMore();
    while (!this.held && this.waiting[0] !== undefined && this.waiting[0].verdict !== null) {
      const { item, bytes, verdict } = this.waiting.shift()!;
      this.bytes -= bytes;
      this.started--;
      if (verdict) {
        const held = this.port.handOn(item);
        if (held !== undefined) void this.hold(held);
      }
      this.prepareMore();
    }
    if (!this.isFull()) {
      this.room?.open();
      this.room = null;
    }
    if (this.waiting.length === 0 && !this.held) this.ended();
  }

  private prepareMore(): void {
    while (this.preparing < AT_ONCE && this.started < this.waiting.length) {
      const one = this.waiting[this.started++]!;
      const prepared = this.port.prepare(one.item);
      if (typeof prepared === "boolean") one.verdict = prepared;
      else this.await(one, prepared);
    }
  }

  private await(one: Waiting<T>, prepared: Promise<boolean>): void {
    this.preparing++;
    void prepared.then((verdict) => {
      this.preparing--;
      one.verdict = verdict;
      this.advance();
    });
  }
}
