// A network of one owner: one seat, one agent, founded in its folder the first time, and found there again.
import { existsSync } from "node:fs";
import { type Bytes, toHex } from "../src/base/index.js";
import {
  encodeGenesis,
  type Genesis,
  genesisFault,
  LOCAL_TESTNET_PARAMS,
  type Params,
} from "../src/ledger/index.js";
import type { HomePaths } from "./config/paths.js";
import { type DaemonKeys, type KeySources, openKeys, openSeat } from "./daemon-keys.js";
import { refuseOthersNetwork } from "./lone-folder.js";
import { beginSeat } from "./new-seat.js";
import { writeWhole } from "./whole-file.js";

const CREDIT = 1_000_000n;
/** What its owner begins with, and may grant besides: play money, as nobody else takes it. */
const FUNDS = 1_000_000n * CREDIT;
const STAKE = 10_000n * CREDIT;
const ALLOWANCE = 1_000_000n * CREDIT;

const DAY_MS = 86_400_000;

/**
 * One owner trusts itself: no stake answers for a sale, nothing burns for a budget, and operations need no fee to keep others
 * out, which would count as spent by whose budget they are of. Budgets are for a day.
 */
export const LONE_PARAMS: Params = {
  ...LOCAL_TESTNET_PARAMS,
  lienBp: 0,
  minStake: 0n,
  budgetBurn: 0n,
  minFee: 0n,
  periodMs: DAY_MS,
};

/**
 * Founds a network in a data folder that belongs to none, and leaves one that it founded as it is. Whatever a crash
 * leaves undone is done the next time: the genesis is written last.
 * @returns the folder's keys @throws Accident OTHER_NETWORK, KeyError, StoreError
 */
export async function layLoneNetwork(
  paths: HomePaths,
  sources: KeySources,
  nowMs: number,
): Promise<DaemonKeys> {
  refuseOthersNetwork(paths);
  const keys = await openKeys(sources);
  if (existsSync(paths.genesisFile)) return keys;
  const seat = keys.consensus ?? (await openSeat(sources));
  await beginSeat(paths.store);
  await writeWhole(
    paths.genesisFile,
    encodeGenesis(genesisOf(keys.agents[0]!.publicKey, seat.publicKey, nowMs)),
  );
  return { ...keys, consensus: seat };
}

function genesisOf(agent: Bytes, seat: Bytes, timeMs: number): Genesis {
  const genesis: Genesis = {
    v: 1,
    name: `dev-${toHex(agent).slice(0, 10)}`,
    // Periods are counted from here: they are days in UTC.
    timeMs: timeMs - (timeMs % DAY_MS),
    params: LONE_PARAMS,
    seats: [{ key: seat, agent, bond: LONE_PARAMS.minSeatBond }],
    accounts: [{ agent, free: FUNDS, stake: STAKE }],
    granters: [{ agent, allowance: ALLOWANCE }],
  };
  const fault = genesisFault(genesis);
  if (fault !== null) throw new RangeError(`a network of one is refused: ${fault.message}`);
  return genesis;
}
