// Operations that wait for a leader to include them: bounded in all, by lane and by account.
import type { Bytes, Hex } from "../base/index.js";
import { toHex } from "../base/index.js";
import { leafHash } from "../crypto/index.js";
import { LANE, type Lane, type Operation, operationId } from "../ledger/operation.js";

export interface Waiting {
  /** hex of the leaf hash of its bytes: how entries and the voter name it */
  readonly key: Hex;
  readonly bytes: Bytes;
  /** how many bytes */
  readonly size: number;
  readonly operation: Operation;
  readonly id: Hex;
  readonly lane: Lane;
  /** local time of first sight */
  readonly seenMs: number;
}

/** Operations of one lane, and bytes of one lane, that are kept at most. */
export const MAX_WAITING_PER_LANE = 4096;
export const MAX_WAITING_BYTES_PER_LANE = 8 * 1024 * 1024;
/** Operations of one account and lane: the nonce window admits no more. */
export const MAX_WAITING_PER_ACCOUNT = 64;

interface Room {
  count: number;
  bytes: number;
}

export class Mempool {
  private readonly waiting = new Map<Hex, Waiting>();
  private readonly ids = new Map<Hex, Hex>();
  private readonly accounts = new Map<string, number>();
  private readonly rooms: Record<Lane, Room> = {
    critical: { count: 0, bytes: 0 },
    bulk: { count: 0, bytes: 0 },
  };
  /** Rises with every change: what was derived from an older version is stale. */
  version = 0;

  get size(): number {
    return this.waiting.size;
  }

  /** In the order of first sight. */
  values(): IterableIterator<Waiting> {
    return this.waiting.values();
  }

  get(key: Hex): Waiting | undefined {
    return this.waiting.get(key);
  }

  hasId(id: Hex): boolean {
    return this.ids.has(id);
  }

  /** How many operations of an account wait in a lane. */
  countOf(account: Hex, lane: Lane): number {
    return this.accounts.get(`${account}/${lane}`) ?? 0;
  }

  /** Takes in an admitted operation; says why not where there is no room for it or it is known. */
  add(operation: Operation, bytes: Bytes, seenMs: number): "added" | "known" | "full" {
    const key = toHex(leafHash(bytes));
    const id = toHex(operationId(operation));
    if (this.waiting.has(key) || this.ids.has(id)) return "known";
    const lane = LANE[operation.body.kind];
    const room = this.rooms[lane];
    if (room.count >= MAX_WAITING_PER_LANE || room.bytes + bytes.length > MAX_WAITING_BYTES_PER_LANE) return "full";
    const account = accountOf(operation, lane);
    const held = account === null ? 0 : (this.accounts.get(account) ?? 0);
    if (held >= MAX_WAITING_PER_ACCOUNT) return "full";
    if (account !== null) this.accounts.set(account, held + 1);
    room.count++;
    room.bytes += bytes.length;
    this.waiting.set(key, { key, bytes, size: bytes.length, operation, id, lane, seenMs });
    this.ids.set(id, key);
    this.version++;
    return "added";
  }

  delete(key: Hex): Waiting | null {
    const one = this.waiting.get(key);
    if (one === undefined) return null;
    this.waiting.delete(key);
    this.ids.delete(one.id);
    const room = this.rooms[one.lane];
    room.count--;
    room.bytes -= one.bytes.length;
    const account = accountOf(one.operation, one.lane);
    if (account !== null) {
      const left = this.accounts.get(account)! - 1;
      if (left === 0) this.accounts.delete(account);
      else this.accounts.set(account, left);
    }
    this.version++;
    return one;
  }

  /** Drops what no entry may include any more, by `stale`. */
  prune(stale: (one: Waiting) => boolean): readonly Waiting[] {
    const dropped = [...this.waiting.values()].filter(stale);
    for (const one of dropped) this.delete(one.key);
    return dropped;
  }
}

const accountOf = (operation: Operation, lane: Lane): string | null =>
  operation.authority === null ? null : `${toHex(operation.authority.from)}/${lane}`;
