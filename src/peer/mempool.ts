// Operations that wait for a leader to include them: bounded in all, by shelf and by account.
import { type Bytes, type Hex, toHex } from "../base/index.js";
import { Deadlines, Groups, type Lane } from "../ledger/index.js";
import { laneOf, leastRaise, type Operation, operationId, provenForm } from "../market/index.js";
import { LaneShelf, MAX_WAITING_PER_ACCOUNT } from "./lane-shelf.js";
import { OpeningShelf } from "./opening-shelf.js";
import { operationKeyOf } from "./operation-key.js";
import { ShelfLoads } from "./shelf-loads.js";
import { SHELF_LIMITS, type Shelf, type ShelfLimits, shelfOf } from "./shelves.js";

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
  /** which goes up one by one in a lane of its sender; null: it proves itself */
  readonly nonce: number | null;
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

/** What has a sender lies on the shelf of its lane. */
type Signed = Waiting & { readonly account: Hex; readonly nonce: number; readonly shelf: Lane };
const isSigned = (one: Waiting): one is Signed => one.account !== null;

/** `underpriced`: another with its nonce waits, and its fee is not a quarter higher than that one's. */
export type Intake = "added" | "known" | "full" | "underpriced";

/** What the mempool asks of the state. */
export interface StateReader {
  /** when the reveal window of an auction closes, as far as the state knows */
  closesMs(auction: Hex): number;
  /** of evidence: the seat and class that it convicts, of which one at a time is enough; else null */
  convictionOf(operation: Operation): string | null;
  /** the next nonce of an account in a lane */
  nextNonce(account: Hex, lane: Lane): number;
}

const NO_STATE: StateReader = { closesMs: () => 0, convictionOf: () => null, nextNonce: () => 0 };

/** What an entry has moved of that on which it hangs whether an operation can still be included. */
export interface Moved {
  /** ledger time: what is valid until before has expired */
  readonly timeMs: number;
  /** accounts of which a nonce may be used, by hex of their ids */
  readonly accounts: readonly Hex[];
  /** auctions that have ended or are gone */
  readonly ended: readonly Hex[];
  /** some fault was punished */
  readonly convicts: boolean;
}

const LANES: readonly Lane[] = ["critical", "bulk"];

const byPlace = (a: Waiting, b: Waiting): number => a.place - b.place;

export class Mempool {
  private readonly waiting = new Map<Hex, Waiting>();
  private readonly keyOfId = new Map<Hex, Hex>();
  /** names in the order of first sight, some of what is gone: what came last is asked for with each operation */
  private added: Pick<Waiting, "key" | "place">[] = [];
  private readonly loads: ShelfLoads;
  /** How often something was added. */
  additions = 0;
  /** How often something was removed: what was derived before is stale. */
  removals = 0;
  /** How much had to make room; nothing that still waits depends on it: of an account the highest nonce goes. */
  displacements = 0;
  private readonly lanes: Readonly<Record<Lane, LaneShelf<Signed>>>;
  /** what proves itself, in the order of first sight */
  private readonly proving = { openings: new Map<Hex, Waiting>(), evidence: new Map<Hex, Waiting>() };
  private readonly byAuction = new Groups<Waiting>(({ auction }) => auction);
  private readonly expiries = new Deadlines<Waiting>(
    ({ operation }) => operation.authority?.validUntilMs ?? null,
  );
  /** additions of which the first `outdated` was told */
  private additionsAsked = 0;
  private readonly openings: OpeningShelf<Waiting>;
  private readonly convictions = new Map<string, Hex>();
  private displaced: Waiting[] = [];

  constructor(
    private readonly state: StateReader = NO_STATE,
    limits: ShelfLimits = SHELF_LIMITS,
  ) {
    this.loads = new ShelfLoads(limits);
    this.openings = new OpeningShelf((auction) => state.closesMs(auction));
    const laneShelf = (lane: Lane) => new LaneShelf<Signed>((account) => state.nextNonce(account, lane));
    this.lanes = { critical: laneShelf("critical"), bulk: laneShelf("bulk") };
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
    const found: Waiting[] = [];
    for (let i = this.added.length - 1; i >= 0 && this.added[i]!.place > additions; i--) {
      const { key, place } = this.added[i]!;
      const one = this.waiting.get(key);
      if (one?.place === place) found.push(one);
    }
    return found.reverse();
  }

  /** What waits of an account, in the order of nonces. */
  of(account: Hex): readonly Waiting[] {
    const all = LANES.flatMap((lane) => [...this.lanes[lane].of(account)]);
    return all.sort((a, b) => a.nonce - b.nonce || byPlace(a, b));
  }

  /**
   * What waits and whose turn can come in the next entry, in the order of first sight: what proves itself, and of each
   * account in its lane what follows upon its next nonce without a gap.
   * @param ahead operations that are executed before, in their order
   */
  inTurn(ahead: readonly Operation[] = []): readonly Waiting[] {
    const { openings, evidence } = this.proving;
    const signed = LANES.flatMap((lane) => this.lanes[lane].inTurn(numbersIn(ahead, lane)));
    return [...openings.values(), ...evidence.values(), ...signed].sort(byPlace);
  }

  /** Own operations that have the next nonce of their account, in the order of first sight. */
  ownInTurn(): readonly Waiting[] {
    const first = LANES.flatMap((lane) => [...this.lanes[lane].first()].filter(({ own }) => own));
    return first.sort(byPlace);
  }

  /**
   * What may be impossible to include since an entry was executed, in the order of first sight: all else can be as
   * before. Asked once after each entry, of the operations that it has left.
   */
  doubtful({ timeMs, accounts, ended, convicts }: Moved): readonly Waiting[] {
    const found = new Set<Waiting>(this.since(this.additionsAsked));
    this.additionsAsked = this.additions;
    const add = (key: Hex): unknown => found.add(this.waiting.get(key)!);
    for (const { id } of this.expiries.upTo(timeMs - 1)) add(id);
    for (const account of accounts) {
      for (const lane of LANES) for (const one of this.lanes[lane].usedOf(account)) found.add(one);
    }
    for (const auction of ended) for (const key of this.byAuction.of(auction)) add(key);
    if (convicts) for (const one of this.proving.evidence.values()) found.add(one);
    return [...found].sort(byPlace);
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

  /** How many operations wait in a lane; what proves itself lies elsewhere. */
  waitingIn(lane: Lane): number {
    return this.loads.on(lane);
  }

  /** How many operations of an account wait in a lane. */
  countOf(account: Hex, lane: Lane): number {
    return this.lanes[lane].countOf(account);
  }

  /** The waiting operation with this id. */
  withId(id: Hex): Waiting | undefined {
    const key = this.keyOfId.get(id);
    return key === undefined ? undefined : this.waiting.get(key);
  }

  /** What waits with the nonce of an operation, in its lane and of its account: one of the two can be executed. */
  rivalOf({ authority, body }: Operation): Waiting | null {
    if (authority === null) return null;
    return this.lanes[laneOf(body.kind)].at(toHex(authority.from), authority.nonce);
  }

  /** See `LaneShelf.freeNonce`. */
  freeNonce(account: Hex, lane: Lane, next: number): number | null {
    return this.lanes[lane].freeNonce(account, next);
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
    const key = operationKeyOf(bytes);
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
    const opened = provenForm(body)?.about(body) ?? null;
    const one: Waiting = {
      key,
      bytes,
      size: bytes.length,
      operation,
      id,
      shelf: shelfOf(operation),
      account,
      nonce: authority?.nonce ?? null,
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
    if (isSigned(one)) this.lanes[one.shelf].add(one);
    else this.provingOn(one).set(key, one);
    if (!isSigned(one) && !own) this.openings.add(one);
    this.byAuction.set(key, one);
    this.expiries.set(key, one);
    this.loads.add(one);
    this.additions++;
    this.added.push({ key, place: one.place });
    if (this.added.length > 2 * this.waiting.size + 64)
      this.added = Array.from(this.waiting.values(), (left) => ({ key: left.key, place: left.place }));
    return "added";
  }

  delete(key: Hex): Waiting | null {
    const one = this.take(key);
    if (one !== null) this.removals++;
    return one;
  }

  /** The state has moved, and with it when the windows of openings close. @param accounts of which a nonce may be used */
  follow(accounts: readonly Hex[] = []): void {
    this.openings.follow();
    for (const account of accounts) for (const lane of LANES) this.lanes[lane].follow(account);
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
    if (isSigned(one)) this.lanes[one.shelf].delete(one);
    else {
      this.openings.delete(one);
      this.provingOn(one).delete(key);
    }
    this.byAuction.delete(key);
    this.expiries.delete(key);
    if (one.conviction !== null && this.convictions.get(one.conviction) === key) {
      this.convictions.delete(one.conviction);
    }
    this.loads.remove(one);
    return one;
  }

  /** What this peer posts itself stays, also where others brought it first. */
  private adopt(one: Waiting, own: boolean): void {
    if (!own || one.own) return;
    if (isSigned(one)) this.lanes[one.shelf].adopt(one);
    else this.openings.delete(one);
    one.own = true;
  }

  private provingOn({ shelf }: Waiting): Map<Hex, Waiting> {
    return this.proving[shelf as keyof typeof this.proving];
  }

  /** @param rival what goes when `one` comes */
  private hasRoom(one: Waiting, rival: Waiting | null): boolean {
    if (rival === null && isSigned(one) && this.countOf(one.account, one.shelf) >= MAX_WAITING_PER_ACCOUNT) {
      return false;
    }
    if (one.own || this.loads.fits(one, rival)) return true;
    if (rival !== null) return false;
    const last = isSigned(one) ? this.lanes[one.shelf].giveWayTo(one) : this.openings.giveWayTo(one);
    if (last === null || !this.loads.fits(one, last)) return false;
    this.displaced.push(last);
    this.take(last.key);
    this.displacements++;
    return true;
  }
}

function numbersIn(operations: readonly Operation[], lane: Lane) {
  return operations.flatMap(({ authority, body }) =>
    authority === null || laneOf(body.kind) !== lane
      ? []
      : [{ account: toHex(authority.from), nonce: authority.nonce }],
  );
}

const feeOf = ({ operation }: Waiting): bigint => operation.authority!.fee;
