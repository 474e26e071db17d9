// The shelf of a lane: by account and nonce, so that the account with the most waiting makes room for one with less.
import { Heap, type Hex } from "../base/index.js";
import { NONCE_WINDOW } from "../ledger/index.js";

/** What waits in the lane, of which account and with which nonce. */
interface Numbered {
  readonly account: Hex;
  readonly nonce: number;
  /** this peer posted it: it makes no room */
  readonly own: boolean;
}

/** How many operations of others wait of an account. */
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

/** Operations of one account: the nonce window admits no more. */
export const MAX_WAITING_PER_ACCOUNT = NONCE_WINDOW;

/** An account has a share for each operation that others brought, and none for what this peer posts itself. */
export class LaneShelf<T extends Numbered> {
  private readonly accounts = new Map<Hex, Map<number, T>>();
  /** of each account the operation whose nonce is next, if it waits */
  private readonly heads = new Map<Hex, T>();
  private readonly shares = new Heap<Share>(makesRoomBefore);
  private changes = 0;

  /** @param nextOf the lane's next nonce of an account, by the ledger */
  constructor(private readonly nextOf: (account: Hex) => number = () => 0) {}

  countOf(account: Hex): number {
    return this.accounts.get(account)?.size ?? 0;
  }

  /** What waits of an account with a nonce. */
  at(account: Hex, nonce: number): T | null {
    return this.accounts.get(account)?.get(nonce) ?? null;
  }

  /** What waits of an account, in no particular order. */
  of(account: Hex): Iterable<T> {
    return this.accounts.get(account)?.values() ?? [];
  }

  /** What waits of an account with a nonce that is used. */
  usedOf(account: Hex): readonly T[] {
    const next = this.nextOf(account);
    return [...this.of(account)].filter(({ nonce }) => nonce < next);
  }

  /** Of each account what has its next nonce, in no particular order. */
  first(): Iterable<T> {
    return this.heads.values();
  }

  /**
   * What waits and whose turn can come: of each account from its next nonce on, up to the first gap, in no particular
   * order.
   * @param ahead what is executed before, in its order: it uses its nonces
   */
  inTurn(ahead: Iterable<Pick<Numbered, "account" | "nonce">>): readonly T[] {
    const nexts = new Map<Hex, number>();
    for (const account of this.heads.keys()) nexts.set(account, this.nextOf(account));
    for (const { account, nonce } of ahead) {
      const next = nexts.get(account) ?? this.nextOf(account);
      if (nonce === next) nexts.set(account, next + 1);
    }
    const found: T[] = [];
    for (const [account, next] of nexts) {
      for (let nonce = next, one = this.at(account, nonce); one !== null; one = this.at(account, ++nonce)) {
        found.push(one);
      }
    }
    return found;
  }

  /** The ledger's next nonce of an account may have moved. */
  follow(account: Hex): void {
    const head = this.at(account, this.nextOf(account));
    if (head === null) this.heads.delete(account);
    else this.heads.set(account, head);
  }

  /**
   * The least nonce from `next` on that no waiting operation of the account uses: a gap that an expired operation
   * left is filled first, or what waits behind it would wait for ever. Null: the window is full.
   * @param next the lane's next nonce by the ledger
   */
  freeNonce(account: Hex, next: number): number | null {
    if (this.countOf(account) >= MAX_WAITING_PER_ACCOUNT) return null;
    for (let nonce = next; nonce < next + NONCE_WINDOW; nonce++) {
      if (this.at(account, nonce) === null) return nonce;
    }
    return null;
  }

  /** The nonce of the newcomer is free. */
  add(one: T): void {
    const nonces = this.accounts.get(one.account) ?? new Map<number, T>();
    this.accounts.set(one.account, nonces.set(one.nonce, one));
    if (!one.own) this.share(one.account, 1);
    this.follow(one.account);
  }

  delete({ account, nonce, own }: T): void {
    const nonces = this.accounts.get(account)!;
    nonces.delete(nonce);
    if (nonces.size === 0) this.accounts.delete(account);
    if (!own) this.share(account, -1);
    this.follow(account);
  }

  /** What others brought becomes this peer's own. */
  adopt({ account }: T): void {
    this.share(account, -1);
  }

  /** The operation that has to go before the newcomer is turned away; null: no account has more than the newcomer's. */
  giveWayTo({ account }: T): T | null {
    const greediest = this.shares.first;
    if (greediest === null || greediest.count <= this.countOf(account) + 1) return null;
    return [...this.accounts.get(greediest.id)!.values()]
      .filter(({ own }) => !own)
      .reduce((last, one) => (one.nonce > last.nonce ? one : last));
  }

  private share(account: Hex, by: 1 | -1): void {
    const count = (this.shares.get(account)?.count ?? 0) + by;
    if (count === 0) this.shares.delete(account);
    else this.shares.set({ id: account, count, since: this.changes++ });
  }
}
