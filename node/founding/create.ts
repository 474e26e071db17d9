// What the commands that found a network do, without a terminal: a member file made, a genesis made of several.
import { existsSync, readFileSync } from "node:fs";
import { type Bytes, equalBytes, invariant, toHex } from "../../src/base/index.js";
import { chainOf, encodeGenesis, type Genesis, genesisTolerance, quorumOf } from "../../src/ledger/index.js";
import type { HomePaths } from "../config/paths.js";
import type { KeySources } from "../daemon-keys.js";
import { lockFolder } from "../lock.js";
import { isLoopback } from "../net/reach.js";
import { foundedGenesis, type Trust, USUAL_MEANS } from "./found.js";
import type { Member } from "./member-json.js";
import { holdsSeatOf, keptMember, layMember, type MemberWish } from "./own-member.js";
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

export interface Founded {
  readonly genesis: Genesis;
  readonly chain: Bytes;
  /** in the order of their numbers */
  readonly seats: readonly { readonly member: Member; readonly bond: bigint; readonly isOwn: boolean }[];
  readonly quorum: {
    readonly members: number;
    /** of whom so many must sign */
    readonly needed: number;
    readonly mayBeDown: number;
    readonly byzantineTolerance: number;
  };
  /** what its founder should know */
  readonly warnings: readonly string[];
}

/**
 * Founds a network of these members. Nothing is written.
 * @param paths of the founder's folder, which holds one of the seats or none
 * @throws FoundingError as `foundedGenesis`; OTHER_NETWORK where the folder's own seat sits in another
 */
export function found(paths: HomePaths, members: readonly Member[], wish: CreateWish): Founded {
  const { funds, stake, allowance } = wish;
  const genesis = foundedGenesis(members, {
    ...wish,
    funds: funds ?? USUAL_MEANS.funds,
    stake: stake ?? USUAL_MEANS.stake,
    allowance: allowance ?? USUAL_MEANS.allowance,
  });
  const seats = genesis.seats.map(({ key, bond }) => {
    const member = members.find(({ file }) => equalBytes(file.key, key));
    invariant(member !== undefined, "each seat is a member's");
    return { member, bond, isOwn: holdsSeatOf(paths.keys, member) };
  });
  const chain = chainOf(genesis);
  if (seats.some(({ isOwn }) => isOwn)) refuseSecondNetwork(paths, genesis, chain);
  const n = seats.length;
  const needed = quorumOf(n);
  return {
    genesis,
    chain,
    seats,
    quorum: { members: n, needed, mayBeDown: n - needed, byzantineTolerance: genesisTolerance(genesis) },
    warnings: [
      ...(seats.some(({ isOwn }) => isOwn)
        ? []
        : [`none of the seats is of ${paths.home}: its owner founds, and does not sit`]),
      ...(n < 4 ? [fewSeats(n, n - needed)] : []),
      ...(n > genesis.granters.length && genesis.granters.length > 0
        ? [
            `a genesis lets ${genesis.granters.length} agents grant: the owners of the first as many seats that you named`,
          ]
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
