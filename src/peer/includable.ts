// Includable: what waits and could stand in the next entry, followed as operations come instead of sorted each time.
import { type Bytes, type Hex, toHex } from "../base/index.js";
import { type Lane, levelsOf } from "../ledger/index.js";
import { laneOf, type Operation, packEntry } from "../market/index.js";
import { type EntryRoom, MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES } from "../quorum/index.js";
import { MAX_WAITING_PER_ACCOUNT } from "./lane-shelf.js";
import type { Waiting } from "./mempool.js";
import type { Peer, Tip } from "./state.js";

/** What a peer looks at to tell what could stand in its next entry. */
export type Outlook = Pick<Peer, "ledger" | "mempool" | "judgeEvidence"> & {
  readonly tip: Pick<Tip, "height" | "timeMs">;
};

/** The operations a leader includes: the market's rules on lanes and shares decide (spec/money#lanes-and-packing). */
export function select(peer: Peer, excluded: ReadonlySet<Hex>, room: EntryRoom): readonly Waiting[] {
  const inFlight = operationsIn(peer, room.inFlight);
  const candidates = peer.mempool.inTurn(inFlight).filter(({ key }) => !excluded.has(key));
  return packed(peer, candidates, inFlight, room);
}

/**
 * How many signed operations of a lane could stand in an entry without limits: next by nonce, covered by funds, and of an
 * auction that is open.
 */
export function standingIn(peer: Peer, lane: Lane, nowMs: number): number {
  const candidates = peer.mempool
    .inTurn()
    .filter(({ operation: { authority, body } }) => authority !== null && laneOf(body.kind) === lane);
  const timeMs = Math.max(nowMs, peer.tip.timeMs + 1);
  return packed(peer, candidates, [], { timeMs, maxOps: NO_LIMIT, maxBytes: NO_LIMIT }).length;
}

/** Operations of the log, their signatures judged by a quorum. */
export const operationsIn = ({ judge }: Peer, ops: readonly Bytes[]): readonly Operation[] =>
  ops.flatMap((bytes) => judge.operationIn(bytes) ?? []);

/** Of one payer so many are looked at as they come; more wait for the next whole look, or one of a large tree would cost a look at all of it. */
const MOST_AHEAD = 2 * MAX_WAITING_PER_ACCOUNT;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

function split(waiting: Iterable<Waiting>, excluded: ReadonlySet<Hex>) {
  const candidates: Waiting[] = [];
  const inFlight: Waiting[] = [];
  for (const one of waiting) (excluded.has(one.key) ? inFlight : candidates).push(one);
  return { candidates, inFlight: inFlight.sort((a, b) => nonceOf(a) - nonceOf(b)) };
}

const nonceOf = ({ operation }: Waiting): number => operation.authority?.nonce ?? 0;

function packed(
  peer: Outlook,
  candidates: readonly Waiting[],
  inFlight: readonly Operation[],
  { timeMs, ...room }: Omit<EntryRoom, "inFlight">,
): readonly Waiting[] {
  if (candidates.length === 0) return [];
  const { ledger, judgeEvidence, tip } = peer;
  const limits = { timeMs, executedMs: tip.timeMs, ...room, inFlight, judgeEvidence };
  return packEntry(candidates, ledger, limits);
}

/**
 * The voter asks what waits in every step, and operations come one by one. So a whole look at the mempool is taken
 * only when something has left it or the chain has moved; what was added since is judged by itself. An operation
 * whose predecessor comes after it is overlooked until the next whole look: it is safe to wait for less than could
 * be included.
 */
export class Includable {
  waiting: Waiting[] = [];
  bytes = 0;
  oldestSeenMs = Number.MAX_SAFE_INTEGER;
  /** by who pays: what is counted or in flight, and so goes before the next one of the same tree and is paid first */
  private readonly before = new Map<Hex, Waiting[]>();
  private additions: number;
  private readonly removals: number;
  private displacements: number;
  private readonly height: number;

  constructor(
    peer: Outlook,
    private readonly excluded: ReadonlySet<Hex>,
  ) {
    const { mempool, tip } = peer;
    this.additions = mempool.additions;
    this.removals = mempool.removals;
    this.displacements = mempool.displacements;
    this.height = tip.height;
    const { candidates, inFlight } = split(mempool.inTurn(), excluded);
    const payerOfOne = ({ account }: Waiting): Hex | null =>
      account === null ? null : payerOf(peer, account);
    for (const one of inFlight) this.remember(one, payerOfOne(one));
    const before = inFlight.map(({ operation }) => operation);
    for (const one of packed(peer, candidates, before, roomAt(peer))) this.take(one, payerOfOne(one));
  }

  /**
   * Takes in what was added since the last look. False: a whole look is due, since something was removed, the chain
   * has moved, or an operation came that is in flight already and so changes whose turn it is.
   */
  follows(peer: Outlook, excluded: ReadonlySet<Hex>): boolean {
    const { mempool, tip } = peer;
    if (this.removals !== mempool.removals || this.height !== tip.height || this.excluded !== excluded)
      return false;
    this.leaveOutDisplaced(peer);
    const fresh = mempool.since(this.additions);
    this.additions = mempool.additions;
    for (const one of fresh) {
      if (excluded.has(one.key)) return false;
      const payer = one.account === null ? null : payerOf(peer, one.account);
      const before = payer === null ? [] : (this.before.get(payer) ?? []);
      if (before.length >= MOST_AHEAD) continue;
      const ahead = before.map(({ operation }) => operation);
      if (packed(peer, [one], ahead, roomAt(peer)).length > 0) this.take(one, payer);
    }
    return true;
  }

  /** What had to make room, and had no followers: what is left stays includable, and all of it need not be looked at. */
  private leaveOutDisplaced({ mempool }: Outlook): void {
    if (this.displacements === mempool.displacements) return;
    this.displacements = mempool.displacements;
    const isLeft = ({ key }: Waiting): boolean => mempool.get(key) !== undefined;
    for (const [account, before] of this.before) this.before.set(account, before.filter(isLeft));
    this.waiting = this.waiting.filter(isLeft);
    this.bytes = this.waiting.reduce((sum, { size }) => sum + size, 0);
    this.oldestSeenMs = this.waiting.reduce(
      (oldest, { seenMs }) => Math.min(oldest, seenMs),
      Number.MAX_SAFE_INTEGER,
    );
  }

  private take(one: Waiting, payer: Hex | null): void {
    this.waiting.push(one);
    this.bytes += one.size;
    this.oldestSeenMs = Math.min(this.oldestSeenMs, one.seenMs);
    this.remember(one, payer);
  }

  /** @param payer null: it proves itself */
  private remember(one: Waiting, payer: Hex | null): void {
    if (payer === null) return;
    const before = this.before.get(payer);
    if (before === undefined) this.before.set(payer, [one]);
    else before.push(one);
  }
}

/** The owner at the top of an account's budgets, live or not; itself, if it has none. */
function payerOf({ ledger }: Outlook, account: Hex): Hex {
  const top = levelsOf(ledger, account).at(-1);
  return top === undefined ? account : toHex(top.owner);
}

const roomAt = ({ tip }: Outlook): Omit<EntryRoom, "inFlight"> => ({
  timeMs: tip.timeMs,
  maxOps: MAX_ENTRY_OPS,
  maxBytes: MAX_ENTRY_OPS_BYTES,
});
