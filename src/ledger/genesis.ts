// Genesis: the file a network begins with. Its hash is the chain's name, so what it says cannot change.
import {
  amount,
  ascii,
  type Bytes,
  compareBytes,
  decode,
  encode,
  err,
  fixed,
  type Hash,
  list,
  MAX_AMOUNT,
  ok,
  type Result,
  struct,
  type TypeOf,
  toHex,
  uint,
  utf8,
} from "../base/index.js";
import { isSmallOrder, taggedHash } from "../crypto/index.js";
import { agentId } from "./agent.js";
import { MAX_GENESIS_SEATS, MAX_REPEAT, MAX_SEVERITY } from "./limits.js";
import { brokenRelation, params } from "./params.js";

const MAX_GENESIS_BYTES = 1024 * 1024;
const MAX_GENESIS_ACCOUNTS = 10_000;
/** The last millisecond of the year 9999: every time that a rule adds to a ledger time can then be written and shown. */
const MAX_GENESIS_TIME_MS = 253_402_300_799_999;
/** A seat's bond times the most that a conviction takes of it must be an amount. */
const MAX_BOND = MAX_AMOUNT / BigInt(MAX_SEVERITY * MAX_REPEAT);

export const genesis = struct({
  v: [0, uint(1, 1)],
  /** shown to people; two networks of one name still differ by their chain */
  name: [1, ascii(64)],
  /** ledger time of height 0 */
  timeMs: [2, uint()],
  params: [3, params],
  /** sorted by consensus key; the bond is the agent's stake, under a lien of kind 'seat' */
  seats: [
    4,
    list(struct({ key: [0, fixed(32)], agent: [1, agentId], bond: [2, amount] }), MAX_GENESIS_SEATS, 1),
  ],
  /** sorted by agent; stake is under no lien, and comes on top of a seat's bond */
  accounts: [
    5,
    list(struct({ agent: [0, agentId], free: [1, amount], stake: [2, amount] }), MAX_GENESIS_ACCOUNTS),
  ],
  /** sorted by agent; each may mint its allowance, and has an account */
  granters: [6, list(struct({ agent: [0, agentId], allowance: [1, amount] }), 16)],
});
export type Genesis = TypeOf<typeof genesis>;

/** Why a genesis cannot start a network: a stable code, and a sentence for the person who wrote it. */
export interface GenesisFault {
  readonly code:
    | "GENESIS_UNREADABLE"
    | "PARAMS_INCONSISTENT"
    | "NOT_BYZANTINE_SAFE"
    | "SEATS_UNSORTED"
    | "SEAT_AGENT_REPEATED"
    | "TIME_OUT_OF_RANGE"
    | "BOND_TOO_SMALL"
    | "BOND_TOO_LARGE"
    | "ACCOUNTS_UNSORTED"
    | "GRANTERS_UNSORTED"
    | "GRANTER_WITHOUT_ACCOUNT"
    | "KEY_SMALL_ORDER"
    | "MINT_OVERFLOWS";
  readonly message: string;
}

/** The network an operation is made for; it is part of what is signed, so that no other network takes it. */
export interface Network {
  readonly chain: Hash;
  readonly market: Hash;
}

/** The one market of a testnet. */
export const MAIN_MARKET = "main";

export const encodeGenesis = (value: Genesis): Bytes => encode(genesis, value);

/** chain = H('genesis', genesis file) (spec/encoding#N1). */
export const chainOf = (value: Genesis): Hash => taggedHash("genesis", encodeGenesis(value));

/** market = H('market', name). */
export const marketOf = (name: string): Hash => taggedHash("market", utf8(name));

export const networkOf = (value: Genesis): Network => ({
  chain: chainOf(value),
  market: marketOf(MAIN_MARKET),
});

/** The genesis in a file's bytes, if a network may start from it. */
export function decodeGenesis(bytes: Bytes): Result<Genesis, GenesisFault> {
  const decoded = decode(genesis, bytes, MAX_GENESIS_BYTES);
  if (!decoded.ok) {
    const { code, offset, detail } = decoded.error;
    return err({ code: "GENESIS_UNREADABLE", message: `${code} at byte ${offset}: ${detail}` });
  }
  const fault = genesisFault(decoded.value);
  return fault === null ? ok(decoded.value) : err(fault);
}

/** Why no network may start from this genesis, or null (spec/encoding#genesis-file). */
export function genesisFault(value: Genesis): GenesisFault | null {
  const relation = brokenRelation(value.params);
  if (relation !== null) return { code: "PARAMS_INCONSISTENT", message: relation };
  if (value.timeMs > MAX_GENESIS_TIME_MS) {
    return { code: "TIME_OUT_OF_RANGE", message: `timeMs ${value.timeMs} lies beyond the year 9999` };
  }
  return seatsFault(value) ?? accountsFault(value) ?? keysFault(value) ?? mintFault(value);
}

function seatsFault(value: Genesis): GenesisFault | null {
  const seats = value.seats.length;
  if (value.params.requireByzantine === "yes" && seats < 4) {
    return {
      code: "NOT_BYZANTINE_SAFE",
      message: `${seats} seats tolerate no Byzantine one; requireByzantine asks for at least 4`,
    };
  }
  if (!ascends(value.seats.map((seat) => seat.key))) {
    return { code: "SEATS_UNSORTED", message: "seats must be sorted by consensus key, each key once" };
  }
  if (!ascends(value.seats.map((seat) => seat.agent).sort(compareBytes))) {
    return { code: "SEAT_AGENT_REPEATED", message: "an agent may hold one seat only" };
  }
  const poor = value.seats.find((seat) => seat.bond < value.params.minSeatBond);
  if (poor !== undefined) {
    return {
      code: "BOND_TOO_SMALL",
      message: `seat ${toHex(poor.key)} has a bond of ${poor.bond}, less than minSeatBond ${value.params.minSeatBond}`,
    };
  }
  const rich = value.seats.find((seat) => seat.bond > MAX_BOND);
  if (rich !== undefined) {
    return {
      code: "BOND_TOO_LARGE",
      message: `seat ${toHex(rich.key)} has a bond of ${rich.bond}; above ${MAX_BOND} its slashing is no amount`,
    };
  }
  return null;
}

function accountsFault(value: Genesis): GenesisFault | null {
  if (!ascends(value.accounts.map((one) => one.agent))) {
    return { code: "ACCOUNTS_UNSORTED", message: "accounts must be sorted by agent, each agent once" };
  }
  if (!ascends(value.granters.map((one) => one.agent))) {
    return { code: "GRANTERS_UNSORTED", message: "granters must be sorted by agent, each agent once" };
  }
  const funded = new Set(value.accounts.map((one) => toHex(one.agent)));
  const lost = value.granters.find((one) => !funded.has(toHex(one.agent)));
  if (lost !== undefined) {
    return {
      code: "GRANTER_WITHOUT_ACCOUNT",
      message: `granter ${toHex(lost.agent)} needs an account to pay its fees from`,
    };
  }
  return null;
}

function keysFault(value: Genesis): GenesisFault | null {
  const keys = [
    ...value.seats.flatMap((seat) => [seat.key, seat.agent]),
    ...value.accounts.map((one) => one.agent),
  ];
  const weak = keys.find(isSmallOrder);
  return weak === undefined
    ? null
    : { code: "KEY_SMALL_ORDER", message: `key ${toHex(weak)} is of small order: anyone can sign for it` };
}

/** No sum of money can then leave the range of an amount, in any account or pool. */
function mintFault(value: Genesis): GenesisFault | null {
  const most = genesisMint(value) + value.granters.reduce((sum, one) => sum + one.allowance, 0n);
  return most <= MAX_AMOUNT
    ? null
    : {
        code: "MINT_OVERFLOWS",
        message: `bonds, funds, stake and allowances sum to ${most}, above ${MAX_AMOUNT}`,
      };
}

/** What genesis itself mints: bonds, funds and stake. */
export const genesisMint = (value: Genesis): bigint =>
  value.seats.reduce((sum, seat) => sum + seat.bond, 0n) +
  value.accounts.reduce((sum, one) => sum + one.free + one.stake, 0n);

/** F = ⌊(n−1)/3⌋ of the genesis seats: to be said aloud wherever a network introduces itself (spec/log#M4). */
export const genesisTolerance = (value: Genesis): number => Math.floor((value.seats.length - 1) / 3);

/** Q = ⌈2n/3⌉ of so many seats or jurors, a vote each, as the log counts its own (spec/log#model). */
export const quorumOf = (seats: number): number => Math.ceil((2 * seats) / 3);

const ascends = (keys: readonly Bytes[]): boolean =>
  keys.every((key, i) => i === 0 || compareBytes(keys[i - 1]!, key) < 0);
