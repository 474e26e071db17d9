// The line of those who are served large answers: few at once, so many bytes a second, and who had least goes first.
import type { Bytes } from "../../src/base/index.js";
import type { Asker } from "./address-groups.js";
import { Shares } from "./shares.js";
import { TokenBuckets } from "./token-bucket.js";

export interface ServingLimits {
  /** answers that are made at the same time, and that may wait for their turn */
  readonly atOnce: number;
  readonly waiting: number;
  /** of those that wait, what one asker may have: the line is for more than one */
  readonly waitingEach: number;
  /** an answer counts for so many bytes until it is made: no answer is larger */
  readonly answerBytes: number;
  /** bytes per second and at once, of one asker and of all together: names are free */
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
  readonly allBytesPerSecond: number;
  readonly allBurstBytes: number;
  /** bytes of answers that are not read yet, of one asker and of all together */
  readonly unreadBytesEach: number;
  readonly unreadBytes: number;
  /** whoever would have to wait longer, in ms, is told to come again */
  readonly patienceMs: number;
}

/** Where an answer goes. */
export interface Outlet {
  /** it was read, or will not be */
  readonly over: Promise<void>;
  /** ends it unread */
  cut(): void;
}

interface Waiting extends Asker {
  readonly make: () => Promise<Bytes>;
  readonly outlet: Outlet;
  readonly settle: (bytes: Bytes | Promise<Bytes> | null) => void;
}

/** An answer that is being made, or is made and not yet read. */
interface Unread extends Asker {
  readonly outlet: Outlet;
  bytes: number;
}

const ALL = "";

/**
 * Turns go to the address group that had least, and in it to the name that had least. Names are free, so in a full line, and
 * where too much lies unread, whoever has most gives way: a newcomer finds a place however many came before it.
 */
export class ServingLine {
  private readonly each: TokenBuckets;
  private readonly all: TokenBuckets;
  private readonly shares: Shares;
  private readonly line: Waiting[] = [];
  private readonly unread = new Set<Unread>();
  private working = 0;
  private wakes = false;

  constructor(
    private readonly limits: ServingLimits,
    steadyMs: () => number,
    private readonly pause: (ms: number) => Promise<void>,
  ) {
    this.each = new TokenBuckets(limits.bytesPerSecond, limits.burstBytes, steadyMs);
    this.all = new TokenBuckets(limits.allBytesPerSecond, limits.allBurstBytes, steadyMs);
    this.shares = new Shares(limits.answerBytes);
  }

  /** How many wait, for their turn or for what they had before. */
  get waiting(): number {
    return this.line.length;
  }

  /** Bytes of answers that are being made or read. */
  get unreadBytes(): number {
    return bytesOf(this.unread);
  }

  /**
   * What `make` makes, when it is this asker's turn; null: others wait with better right, or the asker had too much.
   * @param asker whoever is one to this line: a peer, or a seat under whatever peers' names
   */
  serve({ peer, group }: Asker, make: () => Promise<Bytes>, outlet: Outlet): Promise<Bytes | null> {
    const { waiting, waitingEach, patienceMs } = this.limits;
    const debtMs = this.each.spend(peer, 0);
    const places = this.line.filter((one) => one.peer === peer).length;
    if (debtMs > patienceMs || places >= waitingEach) return Promise.resolve(null);
    return new Promise((settle) => {
      const one: Waiting = { peer, group, make, outlet, settle };
      this.line.push(one);
      this.advance();
      if (this.line.length > waiting) this.drop(this.leastEntitled());
      if (!this.line.includes(one)) return;
      if (debtMs > 0) void this.pause(debtMs).then(() => this.advance());
      void this.pause(patienceMs).then(() => this.drop(one));
      void outlet.over.then(() => this.drop(one));
    });
  }

  /** In a line that is too long, the newest of whoever has most of it, what it had before included. */
  private leastEntitled(): Waiting {
    const { line, shares, limits } = this;
    const places = (fits: (one: Waiting) => boolean): number => line.filter(fits).length * limits.answerBytes;
    return firstOfMost(
      line.toReversed(),
      ({ group }) => shares.ofGroup(group) + places((one) => one.group === group),
      (asker) => shares.ofPeer(asker) + places((one) => one.peer === asker.peer),
    );
  }

  private drop(one: Waiting): void {
    const at = this.line.indexOf(one);
    if (at < 0) return;
    this.line.splice(at, 1);
    one.settle(null);
  }

  private advance(): void {
    while (this.working < this.limits.atOnce && this.line.length > 0) {
      const debtMs = this.all.spend(ALL, 0);
      if (debtMs > 0) {
        this.wakeIn(debtMs);
        return;
      }
      const next = this.next();
      if (next === null) return;
      this.line.splice(this.line.indexOf(next), 1);
      next.settle(this.answer(next));
    }
    if (this.working === 0 && this.line.length === 0) this.shares.clear();
  }

  /** Of those that may be answered now, and for whose answer there is room or can be made, the one that had least. */
  private next(): Waiting | null {
    const ready = new Set(this.line.filter((one) => this.isReady(one)));
    for (;;) {
      const next = this.shares.leastOf([...ready]);
      if (next === null || this.makeRoomFor(next)) return next;
      ready.delete(next);
    }
  }

  private wakeIn(ms: number): void {
    if (this.wakes) return;
    this.wakes = true;
    void this.pause(ms).then(() => {
      this.wakes = false;
      this.advance();
    });
  }

  private isReady({ peer }: Asker): boolean {
    const unread = bytesOf([...this.unread].filter((one) => one.peer === peer));
    const hasRoom = unread + this.limits.answerBytes <= this.limits.unreadBytesEach;
    return hasRoom && this.each.spend(peer, 0) === 0;
  }

  /** Where too much lies unread, the oldest of whoever has most is cut; false: that would be this asker. */
  private makeRoomFor({ peer, group, outlet }: Waiting): boolean {
    const wanted: Unread = { peer, group, outlet, bytes: this.limits.answerBytes };
    while (this.unreadBytes + wanted.bytes > this.limits.unreadBytes) {
      const all = [...this.unread, wanted];
      const most = firstOfMost(
        all,
        (of) => bytesOf(all.filter((one) => one.group === of.group)),
        (of) => bytesOf(all.filter((one) => one.peer === of.peer)),
      );
      if (most.peer === peer) return false;
      this.unread.delete(most);
      most.outlet.cut();
    }
    return true;
  }

  private async answer({ peer, group, make, outlet }: Waiting): Promise<Bytes> {
    const { answerBytes } = this.limits;
    const unread: Unread = { peer, group, outlet, bytes: answerBytes };
    this.working++;
    this.unread.add(unread);
    this.shares.begin(unread);
    void outlet.over.then(() => this.release(unread));
    try {
      const bytes = await make();
      unread.bytes = bytes.length;
      this.each.spend(peer, bytes.length);
      this.all.spend(ALL, bytes.length);
      this.shares.settle(unread, bytes.length);
      return bytes;
    } catch (error) {
      this.unread.delete(unread);
      this.shares.settle(unread, 0);
      throw error;
    } finally {
      this.working--;
      this.advance();
    }
  }

  private release(one: Unread): void {
    if (this.unread.delete(one)) this.advance();
  }
}

function bytesOf(unread: Iterable<Unread>): number {
  let sum = 0;
  for (const { bytes } of unread) sum += bytes;
  return sum;
}

/** The first of the name that has most, in the group that has most. */
function firstOfMost<T extends Asker>(
  all: readonly T[],
  ofGroup: (one: T) => number,
  ofPeer: (one: T) => number,
): T {
  const most = all.map((one) => [ofGroup(one), ofPeer(one)] as const);
  let first = 0;
  most.forEach(([group, peer], i) => {
    const [mostOfGroup, mostOfPeer] = most[first]!;
    if (group > mostOfGroup || (group === mostOfGroup && peer > mostOfPeer)) first = i;
  });
  return all[first]!;
}
