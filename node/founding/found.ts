// Founding: the genesis that seats these members, with what each owner begins with.
import { type Bytes, compareBytes, encode, equalBytes, toHex } from "../../src/base/index.js";
import {
  type Genesis,
  genesisFault,
  MAX_GENESIS_SEATS,
  type Params,
  PUBLIC_PARAMS,
  params,
} from "../../src/ledger/index.js";
import { LONE_PARAMS } from "../lone-network.js";
import type { Member } from "./member-json.js";
import { FoundingError } from "./refusal.js";

const CREDIT = 1_000_000n;
const DAY_MS = 86_400_000;
/** Whom a genesis lets mint. */
const MOST_GRANTERS = 16;

/** Who trusts whom: owners who answer to each other outside the network, or owners whose stake answers. */
export const TRUSTS = ["domain", "strangers"] as const;
export type Trust = (typeof TRUSTS)[number];

/**
 * Owners of one trust domain on machines of their own: nothing answers for a sale and operations are free, as in a network
 * of one; clocks may be apart as far as machines that are set by the internet are, and people judge within a day (ADR 0087).
 */
export const DOMAIN_PARAMS: Params = {
  ...LONE_PARAMS,
  precisionMs: 400,
  minRevealMs: 2000,
  defaultRevealMs: 2000,
  minDeliverMs: 2000,
  minSettleMs: 2000,
  verdictMs: DAY_MS,
  evidenceMs: 7 * DAY_MS,
  unbondMs: 8 * DAY_MS,
};

/** Whom a genesis trusts; null: its parameters are its own. */
export const trustOf = ({ params: own }: Genesis): Trust | null =>
  TRUSTS.find((trust) => equalBytes(encode(params, own), encode(params, paramsOf(trust)))) ?? null;

export const paramsOf = (trust: Trust): Params => (trust === "domain" ? DOMAIN_PARAMS : PUBLIC_PARAMS);

export interface FoundingWish {
  readonly name: string;
  readonly trust: Trust;
  /** ms since 1970; the network's time begins with the period in which it lies */
  readonly nowMs: number;
  /** what each seat's owner begins with beside its bond, and may mint, in micro-credits */
  readonly funds: bigint;
  readonly stake: bigint;
  readonly allowance: bigint;
}

export const USUAL_MEANS = {
  funds: 1_000_000n * CREDIT,
  stake: 10_000n * CREDIT,
  allowance: 1_000_000n * CREDIT,
};

/**
 * The genesis of a network whose seats these are (spec/founding#F3). Owners of seats mint, the first sixteen as they are given.
 * @param members each verified by itself
 * @throws FoundingError MEMBER_REPEATED, MEMBER_OF_OTHER_NETWORK, FOUNDING_REFUSED
 */
export function foundedGenesis(members: readonly Member[], wish: FoundingWish): Genesis {
  refuseRepeated(members);
  const other = members.find(({ file }) => file.network !== null && file.network !== wish.name);
  if (other !== undefined)
    throw new FoundingError(
      "MEMBER_OF_OTHER_NETWORK",
      `could not found the network ${wish.name}`,
      `the member file of agent ${toHex(other.file.agent)} is for the network ${other.file.network} alone`,
      "take that name with --name, or have its owner make another with `mabeam id --seat --network <name>`",
    );
  if (members.length > MAX_GENESIS_SEATS)
    throw refused(wish, `a genesis has ${MAX_GENESIS_SEATS} seats at most`, "name fewer member files");
  const chosen = paramsOf(wish.trust);
  const ascending = <T extends { readonly agent: Bytes }>(rows: readonly T[]): readonly T[] =>
    [...rows].sort((a, b) => compareBytes(a.agent, b.agent));
  const agents = members.map(({ file }) => file.agent);
  const genesis: Genesis = {
    v: 1,
    name: wish.name,
    // Periods are counted from here: with whole ones, all networks' begin at the same moments of the day.
    timeMs: wish.nowMs - (wish.nowMs % chosen.periodMs),
    params: chosen,
    seats: members
      .map(({ file: { key, agent, bond } }) => ({ key, agent, bond: bond ?? chosen.minSeatBond }))
      .sort((a, b) => compareBytes(a.key, b.key)),
    accounts: ascending(agents.map((agent) => ({ agent, free: wish.funds, stake: wish.stake }))),
    granters:
      wish.allowance === 0n
        ? []
        : ascending(agents.slice(0, MOST_GRANTERS).map((agent) => ({ agent, allowance: wish.allowance }))),
  };
  const fault = genesisFault(genesis);
  if (fault === null) return genesis;
  throw refused(
    wish,
    fault.message,
    fault.code === "NOT_BYZANTINE_SAFE"
      ? "have at least four owners with --seats, or found it for owners who trust each other with --trust domain"
      : "change what the members ask for, or --funds, --stake and --allowance",
  );
}

const refused = ({ name }: FoundingWish, why: string, fix: string): FoundingError =>
  new FoundingError("FOUNDING_REFUSED", `could not found the network ${name}`, why, fix);

/** @throws FoundingError MEMBER_REPEATED where one agent, seat's key or peer stands in two files */
export function refuseRepeated(members: readonly Member[]): void {
  for (const [at, { file }] of members.entries())
    for (const earlier of members.slice(0, at)) {
      const twice = (["agent", "key", "peer"] as const).find((of) => equalBytes(earlier.file[of], file[of]));
      if (twice === undefined) continue;
      throw new FoundingError(
        "MEMBER_REPEATED",
        "could not found the network",
        `two of the member files have the ${twice === "key" ? "seat's key" : twice} ${toHex(file[twice])}`,
        "name each member file once; every seat has keys of its own, made in a folder of its own",
      );
    }
}
