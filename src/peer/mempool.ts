// Operations that wait for a leader to include them: bounded in all, by shelf and by account.
import { type Bytes, Heap, type Hex, toHex } from "../base/index.js";
import { leafHash } from "../crypto/index.js";
import { type Lane, NONCE_WINDOW } from "../ledger/index.js";
import { laneOf, leastRaise, type Operation, operationId, provenForm } from "../market/index.js";
import { OpeningShelf } from "./opening-shelf.js";
import { SHELF_LIMITS, type Shelf, type ShelfLimits, shelfOf } from "./shelves.js";

/** Operations of one account and lane: the nonce window admits no more. */
export const MAX_WAITING_PER_SLOT = NONCE_WINDOW;

export interface Waiting {
  /** hex of the leaf hash of its bytes: how entries and the voter name it */
  readonly key: Hex;
  readonly bytes: Bytes;
  /** how many bytes */
  readonly size: number;
  readonly operation: Operation;
  readonly id: Hex;
  readonly shelf: Shelf;
  /** hex of its sender; null: it proves itself */
  readonly account: Hex | null;
  /** its sender and lane, whose nonces go up one by one; null: it has no nonce */
  readonly slot: string | null;
  /** of an opening: hex of its auction */
  readonly auction: Hex | null;
  /** of evidence: the seat and class that it convicts */
  readonly conviction: string | null;
  /** local time of first sight */
  readonly seenMs: number;
  /** how many were added up to it, itself included */
  readonly place: number;
  /** this peer posted it: it stays until an entry holds it or none can */
  own: boolean;
  /** final entries since first sight that could have held it and did not */
  missed: number;
}

/** What waits of one account in one lane: the key of each nonce's operation. */
type Slot = Map<number, Hex>;

/** `underpriced`: another with its nonce waits, and its fee is not a quarter higher than that one's. */
export type Intake = "added" | "known" | "full" | "underpriced";

interface Load {
  operations: number;
  bytes: number;
}

/** How many operations of others wait of an account on a shelf. */
interface Share {
  /** the account */
  readonly id: Hex;
  readonly count: number;
  /** when it came to be so many */
  readonly since: number;
}

/** The greediest first; of equals the one that has been so greedy longest. */
const makesRoomBefore = (a: Share, b: Share): boolean =>
  a.count === b.count ? a.since < b.since : a.count > b.count;

/** What the mempool asks of the state. */
export interface StateReader {
  /** when the reveal window of an auction closes, as far as the state knows */
  closesMs(auction: Hex): number;
  /** of evidence: the seat and class that it convicts, of which one at a time is enough; else null */
  convictionOf(operation: Operation): string | null;
}

const NO_STATE: StateReader = { closesMs: () => 0, convictionOf: () => null };

export class Mempool {
  private readonly waiting = new Map<Hex, Waiting>();
  private readonly keyOfId = new Map<Hex, Hex>();
  private readonly slots = new Map<string, Slot>();
  private readonly loads: Record<Shelf, Load> = {
    critical: { operations: 0, bytes: 0 },
    bulk: { operations: 0, bytes: 0 },
    openings: { operations: 0, bytes: 0 },
    evidence: { operations: 0, bytes: 0 },
  };
  /** How often something was added. */
  additions = 0;
  /** How often something was removed: what was derived before is stale. */
  removals = 0;
  /** How much had to make room; nothing that still waits depends on it: of an account the highest nonce goes. */
  displacements = 0;
  private readonly openings: OpeningShelf<Waiting>;
  private readonly shares: Readonly<Record<Lane, Heap<Share>>> = {
    critical: new Heap(makesRoomBefore),
    bulk: new Heap(makesRoomBefore),
  };
  private shareChanges = 0;
  private readonly convictions = new Map<string, Hex>();
  private displaced: Waiting[] = [];

  constructor(
    private readonly state: StateReader = NO_STATE,
    private readonly limits: ShelfLimits = SHELF_LIMITS,
  ) {
    this.openings = new OpeningShelf((auction) => state.closesMs(auction));
  }

  get size(): number {
    return this.waiting.size;
  }

  /** In the order of first sight. */
  values(): IterableIterator<Waiting> {
    return this.waiting.values();
  }

  /** What was added after the first `additions`, in the order of first sight. */
  since(additions: number): readonly Waiting[] {
    if (additions === this.additions) return [];
    return [...this.waiting.values()]
      .slice(additions - this.additions)
      .filter((one) => one.place > additions);
  }

  /** What had to make room for others since this was asked last: kept before, and no longer. */
  takeDisplaced(): readonly Waiting[] {
    const { displaced } = this;
    if (displaced.length > 0) this.displaced = [];
    return displaced;
  }

  get(key: Hex): Waiting | undefined {
    return this.waiting.get(key);
  }

  /** How many operations of an account wait in a lane. */
  countOf(account: Hex, lane: Lane): number {
    return this.slots.get(slotName(account, lane))?.size ?? 0;
  }

  /** The waiting operation with this id. */
  withId(id: Hex): Waiting | undefined {
    const key = this.keyOfId.get(id);
    return key === undefined ? undefined : this.waiting.get(key);
  }

  /** What waits with the nonce of an operation, in its lane and of its account: one of the two can be executed. */
  rivalOf({ authority, body }: Operation): Waiting | null {
    if (authority === null) return null;
    const slot = this.slots.get(slotName(toHex(authority.from), laneOf(body.kind)));
    const key = slot?.get(authority.nonce);
    return key === undefined ? null : this.waiting.get(key)!;
  }

  /**
   * The least nonce from `next` on that no waiting operation of the account uses: a gap that an expired operation
   * left is filled first, or what waits behind it would wait for ever. Null: the window is full.
   * @param next the lane's next nonce by the ledger
   */
  freeNonce(account: Hex, lane: Lane, next: number): number | null {
    const slot = this.slots.get(slotName(account, lane));
    if (slot === undefined) return next;
    if (slot.size >= MAX_WAITING_PER_SLOT) return null;
    for (let nonce = next; nonce < next + NONCE_WINDOW; nonce++) if (!slot.has(nonce)) return nonce;
    return null;
  }

  /**
   * Takes in an admitted operation; says why not where there is no room for it, or where it waits already: in the same
   * bytes, under another signature, or as another proof of the same conviction. Where a shelf is full, others make room
   * for what has more right to it: in a lane the account with the most waiting for one that has less, so that a few
   * accounts cannot keep out the others with operations that nobody can include; of openings those whose window
   * closes later. One with a nonce that another has takes its place if it pays a quarter more: what waited before is
   * gone then.
   * @param own this peer posts it: it needs no room on the shelf, and never makes room
   */
  add(operation: Operation, bytes: Bytes, seenMs: number, own = false): Intake {
    const key = toHex(leafHash(bytes));
    const id = toHex(operationId(operation));
    const known = this.waiting.get(key);
    if (known !== undefined) this.adopt(known, own);
    if (known !== undefined || this.keyOfId.has(id)) return "known";
    const conviction = this.state.convictionOf(operation);
    const before = conviction === null ? undefined : this.convictions.get(conviction);
    // One's own is posted again and again until it is included; another's may have come to nobody else.
    if (before !== undefined && !(own && !this.waiting.get(before)!.own)) return "known";
    const { authority, body } = operation;
    const account = authority === null ? null : toHex(authority.from);
    const slot = account === null ? null : slotName(account, laneOf(body.kind));
    const opened = provenForm(body)?.about(body) ?? null;
    const one: Waiting = {
      key,
      bytes,
      size: bytes.length,
      operation,
      id,
      shelf: shelfOf(operation),
      account,
      slot,
      auction: opened === null ? null : toHex(opened),
      conviction,
      seenMs,
      place: this.additions + 1,
      own,
      missed: 0,
    };
    const rival = this.rivalOf(operation);
    if (rival !== null && authority!.fee < leastRaise(feeOf(rival))) return "underpriced";
    if (!this.hasRoom(one, rival)) return "full";
    if (rival !== null) this.delete(rival.key);
    this.waiting.set(key, one);
    this.keyOfId.set(id, key);
    if (conviction !== null) this.convictions.set(conviction, key);
    if (!own) this.openings.add(one);
    this.count(one, 1);
    this.additions++;
    return "added";
  }

  delete(key: Hex): Waiting | null {
    const one = this.take(key);
    if (one !== null) this.removals++;
    return one;
  }

  /** The state has moved, and with it when the windows of openings close. */
  follow(): void {
    this.openings.follow();
  }

  /** Whether evidence of the same seat and class waits. */
  hasConviction(conviction: string): boolean {
    return this.convictions.has(conviction);
  }

  private take(key: Hex): Waiting | null {
    const one = this.waiting.get(key);
    if (one === undefined) return null;
    this.waiting.delete(key);
    this.keyOfId.delete(one.id);
    this.openings.delete(one);
    if (one.conviction !== null && this.convictions.get(one.conviction) === key) {
      this.convictions.delete(one.conviction);
    }
    this.count(one, -1);
    return one;
  }

  /** What this peer posts itself stays, also where others brought it first. */
  private adopt(one: Waiting, own: boolean): void {
    if (!own || one.own) return;
    this.share(one, -1);
    one.own = true;
    this.openings.delete(one);
  }

  /** @param rival what goes when `one` comes */
  private hasRoom(one: Waiting, rival: Waiting | null): boolean {
    const { slot, shelf, size, own } = one;
    const held = slot === null ? 0 : (this.slots.get(slot)?.size ?? 0);
    if (slot !== null && held >= MAX_WAITING_PER_SLOT && rival === null) return false;
    if (own || this.fits(shelf, size, rival)) return true;
    if (rival !== null) return false;
    const last =
      slot === null
        ? this.openings.giveWayTo(one)
        : this.lastOfGreediest(laneOf(one.operation.body.kind), held + 1);
    if (last === null || !this.fits(shelf, size, last)) return false;
    this.displaced.push(last);
    this.take(last.key);
    this.displacements++;
    return true;
  }

  /** @param leaving what would make room */
  private fits(shelf: Shelf, size: number, leaving: Waiting | null = null): boolean {
    const load = this.loads[shelf];
    const limit = this.limits[shelf];
    const [operations, bytes] = leaving === null ? [0, 0] : [1, leaving.size];
    return load.operations - operations < limit.operations && load.bytes - bytes + size <= limit.bytes;
  }

  /** The highest nonce of the account with the most foreign operations in a lane, if it has more than `than`. */
  private lastOfGreediest(lane: Lane, than: number): Waiting | null {
    const greediest = this.shares[lane].first;
    if (greediest === null || greediest.count <= than) return null;
    const waiting = [...this.slots.get(slotName(greediest.id, lane))!.values()].map(
      (key) => this.waiting.get(key)!,
    );
    return waiting
      .filter(({ own }) => !own)
      .reduce((last, one) => (nonceOf(one) > nonceOf(last) ? one : last));
  }

  /** Counts what others brought of an account: what is one's own makes no room. */
  private share({ account, operation, own }: Waiting, by: 1 | -1): void {
    if (own || account === null) return;
    const shares = this.shares[laneOf(operation.body.kind)];
    const count = (shares.get(account)?.count ?? 0) + by;
    if (count === 0) shares.delete(account);
    else shares.set({ id: account, count, since: this.shareChanges++ });
  }

  private count(one: Waiting, by: 1 | -1): void {
    const load = this.loads[one.shelf];
    load.operations += by;
    load.bytes += by * one.size;
    this.share(one, by);
    if (one.slot === null) return;
    const slot: Slot = this.slots.get(one.slot) ?? new Map();
    if (by > 0) slot.set(nonceOf(one), one.key);
    else slot.delete(nonceOf(one));
    if (slot.size === 0) this.slots.delete(one.slot);
    else this.slots.set(one.slot, slot);
  }
}

const slotName = (account: Hex, lane: Lane): string => `${account}/${lane}`;
const nonceOf = ({ operation }: Waiting): number => operation.authority!.nonce;
const feeOf = ({ operation }: Waiting): bigint => operation.authority!.fee;
