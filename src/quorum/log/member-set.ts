// The members of one epoch: who may vote, how many must, who leads a term; and the epochs of a log (ADR 0035).
import {
  type Bytes,
  compareBytes,
  encode,
  equalBytes,
  fixed,
  type Hash,
  invariant,
  lawful,
  list,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import { CERTIFICATE_RULES } from "../rules.js";

/** A seat: the consensus key that votes, the agent whose bond answers for it, and its power (v1: 1). */
export const member = struct({ key: [0, fixed(32)], agent: [1, fixed(32)], power: [2, uint(1, 1)] });
export type Member = TypeOf<typeof member>;

/** 1..128 members, sorted by key, keys and agents unique (spec/encoding#memberset). */
export const memberSet = struct({
  epoch: [0, uint(0xffffffff)],
  members: [
    1,
    lawful(list(member, 128, 1), isSortedAndUnique, "members are sorted by key, with unique keys and agents"),
  ],
});
export type MemberSet = TypeOf<typeof memberSet>;

function isSortedAndUnique(members: readonly Member[]): boolean {
  const agents = [...members].sort((a, b) => compareBytes(a.agent, b.agent));
  for (let i = 1; i < members.length; i++) {
    if (compareBytes(members[i - 1]!.key, members[i]!.key) >= 0) return false;
    if (compareBytes(agents[i - 1]!.agent, agents[i]!.agent) === 0) return false;
  }
  return true;
}

/** F = ⌊(P−1)/3⌋: the Byzantine power a set of power P tolerates (spec/log#M2). */
export const byzantineTolerance = (power: number): number => Math.floor((power - 1) / 3);

/** Q = ⌈2P/3⌉: the power of a quorum (spec/log#M3). */
export const quorumPower = (power: number): number => CERTIFICATE_RULES.quorumPower(power);

/** One epoch's members with everything derived from them once. */
export interface Electorate {
  readonly set: MemberSet;
  readonly setHash: Hash;
  readonly size: number;
  /** Q */
  readonly quorum: number;
  /** F */
  readonly tolerance: number;
  /** The seat that leads `term` (≥ 1): every member leads once in each run of `size` terms. */
  leaderOf(term: number): number;
  /** The seat of a consensus key, or null. */
  seatOf(key: Bytes): number | null;
}

/** The members with what follows from them. For epochs 0 and 1 the chain orders the leaders (spec/log#D1). */
export function electorate(set: MemberSet, chain: Hash, rules = CERTIFICATE_RULES): Electorate {
  const setHash = taggedHash("set", encode(memberSet, set));
  const order = shuffled(set.members.length, taggedHash("perm", taggedHash("seed", chain, setHash)));
  const seats = new Map(set.members.map((one, seat) => [toHex(one.key), seat]));
  return {
    set,
    setHash,
    size: set.members.length,
    quorum: rules.quorumPower(set.members.length),
    tolerance: byzantineTolerance(set.members.length),
    leaderOf(term) {
      invariant(term >= 1, "terms start at 1");
      return order[(term - 1) % order.length]!;
    },
    seatOf: (key) => seats.get(toHex(key)) ?? null,
  };
}

/** Fisher–Yates over 0..size−1, drawing 32-bit words from a hash chain. */
function shuffled(size: number, seed: Hash): readonly number[] {
  const order = Array.from({ length: size }, (_, i) => i);
  let draw = seed;
  for (let i = size - 1; i > 0; i--) {
    draw = taggedHash("perm", draw);
    const word = ((draw[0]! << 24) | (draw[1]! << 16) | (draw[2]! << 8) | draw[3]!) >>> 0;
    const j = word % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The one place where a peer, its network and its judges ask for members. */
export interface Epochs {
  /** the members of the epoch that is going on */
  readonly current: Electorate;
  /** The members of an epoch; null: not known here, so nothing of that epoch can be judged yet. */
  electorateOf(epoch: number): Electorate | null;
}

/** The epochs of a log whose members never change. */
export const oneEpoch = (current: Electorate): Epochs => ({
  current,
  electorateOf: (epoch) => (epoch === current.set.epoch ? current : null),
});

/** A vote, certificate, header or status: each names an epoch and its members. */
export interface OfEpoch {
  readonly epoch: number;
  readonly setHash: Hash;
}

export type EpochRefusal = "EPOCH_AHEAD" | "EPOCH_OVER" | "WRONG_SET";

/**
 * The refusal of a statement of another epoch, or of other members of this epoch; null: it is of this electorate. A
 * sender that is an epoch ahead or behind may be honest. One epoch cannot have two member sets.
 */
export function epochRefusal({ set, setHash }: Electorate, one: OfEpoch): EpochRefusal | null {
  if (one.epoch > set.epoch) return "EPOCH_AHEAD";
  if (one.epoch < set.epoch) return "EPOCH_OVER";
  return equalBytes(one.setHash, setHash) ? null : "WRONG_SET";
}
