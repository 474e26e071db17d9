// What the commands that found a network do, without a terminal: a member file made, a genesis made of several.
import { existsSync, readFileSync } from "node:fs";
import { type Bytes, equalBytes, toHex } from "../../src/base/index.js";
import { chainOf, encodeGenesis, type Genesis, genesisTolerance, quorumOf } from "../../src/ledger/index.js";
import type { HomePaths } from "../config/paths.js";
import type { KeySources } from "../daemon-keys.js";
import { listKeys } from "../keys/index.js";
import { lockFolder } from "../lock.js";
import { isLoopback } from "../net/reach.js";
import { foundedGenesis, type Trust, trustOf, USUAL_MEANS } from "./found.js";
import { readFounding } from "./founding-file.js";
import type { Member } from "./member-json.js";
import { keptMember, layMember, type MemberWish } from "./own-member.js";
import { FoundingError } from "./refusal.js";

export { foundingText } from "./founding-file.js";
export { memberText } from "./member-json.js";
export { readMember } from "./own-member.js";

/** The folder's member file, made or found: to find it again no daemon that runs in the folder need stop. */
export async function makeMember(paths: HomePaths, sources: KeySources, wish: MemberWish): Promise<Member> {
  const kept = keptMember(paths);
  if (kept !== null && wish.addresses === null && wish.network === null && wish.bond === null) return kept;
  const lock = await lockFolder(paths.home);
  try {
    return await layMember(paths, sources, wish);
  } finally {
    await lock.release();
  }
}

export const isReachedFromHereAlone = ({ file }: Member): boolean => file.addresses.every(isLoopback);

/** What a founder says of a network; null: what is usual. Amounts in micro-credits. */
export interface CreateWish {
  readonly name: string;
  readonly trust: Trust;
  readonly nowMs: number;
  readonly funds: bigint | null;
  readonly stake: bigint | null;
  readonly allowance: bigint | null;
}

/** A network as its founding file tells it. */
export interface Seating {
  readonly genesis: Genesis;
  readonly chain: Bytes;
  /** null: no parameters that are usual */
  readonly trust: Trust | null;
  /** in the order of their numbers; of a bare genesis nobody's file is known */
  readonly seats: readonly (Genesis["seats"][number] & {
    readonly member: Member | null;
    readonly isOwn: boolean;
  })[];
  readonly quorum: {
    readonly members: number;
    /** of whom so many must sign */
    readonly needed: number;
    readonly mayBeDown: number;
    readonly byzantineTolerance: number;
  };
  /** what its owners should know */
  readonly warnings: readonly string[];
}

/**
 * Founds a network of these members. Nothing is written.
 * @param paths of the founder's folder, which holds one of the seats or none
 * @throws FoundingError as `foundedGenesis`; OTHER_NETWORK where the folder's own seat sits in another
 */
export function found(paths: HomePaths, members: readonly Member[], wish: CreateWish): Seating {
  const { funds, stake, allowance } = wish;
  const genesis = foundedGenesis(members, {
    ...wish,
    funds: funds ?? USUAL_MEANS.funds,
    stake: stake ?? USUAL_MEANS.stake,
    allowance: allowance ?? USUAL_MEANS.allowance,
  });
  const seating = seatingOf(paths, genesis, members);
  if (seating.seats.some(({ isOwn }) => isOwn)) refuseSecondNetwork(paths, genesis, seating.chain);
  return seating;
}

/** What a founding file founds, seen from a folder. @throws FoundingError as `readFounding` */
export function readSeating(paths: HomePaths, file: string): Seating {
  const { genesis, members } = readFounding(file);
  return seatingOf(paths, genesis, members);
}

function seatingOf({ home, keys }: HomePaths, genesis: Genesis, members: readonly Member[]): Seating {
  const own = listKeys(keys).filter(({ kind }) => kind === "consensus");
  const seats = genesis.seats.map((seat) => ({
    ...seat,
    member: members.find(({ file }) => equalBytes(file.key, seat.key)) ?? null,
    isOwn: own.some(({ publicKey }) => equalBytes(publicKey, seat.key)),
  }));
  const n = seats.length;
  const needed = quorumOf(n);
  const granting = genesis.granters.length;
  return {
    genesis,
    chain: chainOf(genesis),
    trust: trustOf(genesis),
    seats,
    quorum: { members: n, needed, mayBeDown: n - needed, byzantineTolerance: genesisTolerance(genesis) },
    warnings: [
      ...(seats.some(({ isOwn }) => isOwn) ? [] : [`none of the seats is of ${home}`]),
      ...(members.length > 0
        ? []
        : ["it is a bare genesis: whether the seats' owners asked to sit it does not say"]),
      ...(n < 4 ? [fewSeats(n, n - needed)] : []),
      ...(granting > 0 && n > granting
        ? [`of the seats' owners only ${granting} can grant: a genesis has room for no more`]
        : []),
    ],
  };
}

function fewSeats(n: number, mayBeDown: number): string {
  const crash =
    mayBeDown === 0
      ? `the log stands still while ${n === 1 ? "it" : "any of them"} is down`
      : `the log goes on while ${mayBeDown} of them is down`;
  const seats = n === 1 ? "one seat" : `${n} seats`;
  return `with ${seats} ${crash}, and none may lie: from four on one may do either`;
}

/** A seat that signs in one network has its log in its folder. @throws FoundingError OTHER_NETWORK */
function refuseSecondNetwork({ home, genesisFile }: HomePaths, genesis: Genesis, chain: Bytes): void {
  if (!existsSync(genesisFile)) return;
  if (equalBytes(new Uint8Array(readFileSync(genesisFile)), encodeGenesis(genesis))) return;
  throw new FoundingError(
    "OTHER_NETWORK",
    `could not found the network ${toHex(chain).slice(0, 10)}`,
    `the seat of ${home} sits in another network already`,
    "make another folder's member file with `mabeam id --seat --home <folder>`",
  );
}
