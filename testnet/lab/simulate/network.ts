// The network of one run: its keys and its genesis, and a real peer behind the port of every host.
import { compareBytes, equalBytes, type Hex, toHex } from "../../../src/base/index.js";
import type { AgentKey, Signer } from "../../../src/crypto/index.js";
import {
  type AgentId,
  type Genesis,
  LOCAL_TESTNET_PARAMS,
  type Network,
  networkOf,
  type Params,
  safeRevealMs,
} from "../../../src/ledger/index.js";
import { HONEST_CONDUCT } from "../../../src/peer/conduct.js";
import { OperationJudge } from "../../../src/peer/operations.js";
import { SHELF_LIMITS, type ShelfLimits } from "../../../src/peer/shelves.js";
import {
  type Electorate,
  electorate,
  HONEST_RULES,
  type MemberSet,
  type VotingRules,
} from "../../../src/quorum/index.js";
import type { Funds } from "../checks/funds.js";
import type { Court } from "../checks/statements.js";
import type { Pace } from "../checks/windows.js";
import { forgerOf } from "./byzantine/forger.js";
import { STRATEGY } from "./byzantine/index.js";
import { stranger } from "./byzantine/stranger.js";
import type { TurnedDown } from "./checkers/turn.js";
import type { Mutant } from "./mutant.js";
import { conductOf } from "./openings.js";
import { bootOf, MessageIds } from "./peer-machine.js";
import { GRANTER, type Scenario } from "./scenario.js";
import { FREE_STAKE, FUNDS } from "./workload.js";
import type { Random } from "./world/random.js";
import type { Keyring } from "./world/signatures.js";
import type { HostPlan, Tamper } from "./world/world.js";

export interface SimulatedNetwork {
  /** by seat, then watchers, then the second machine of each seat that has twins */
  readonly hosts: readonly HostPlan[];
  /** the agent of each host */
  readonly agents: readonly AgentId[];
  /** the same, with their keys */
  readonly keys: readonly AgentKey[];
  readonly court: Court;
  /** proposals not acknowledged for what was idle in them, as they come */
  readonly turnedDown: readonly TurnedDown[];
  /** agents that have accounts and no host: those of the load */
  readonly authors: readonly AgentKey[];
  /** those who have a key at some hosts, and no account at first */
  readonly children: readonly AgentKey[];
  readonly params: Params;
  /** owners of the seats, by seat */
  readonly seats: readonly Hex[];
  /** accounts as genesis makes them */
  readonly opening: readonly Funds[];
  /** by which windows are reckoned from the log */
  readonly pace: Pace;
  /** what a right clock shows at virtual time 0 */
  readonly epochMs: number;
}

/** The world begins a little after its genesis, in a year that any clock may show. */
const GENESIS_MS = 1_750_000_000_000;
const EPOCH_MS = GENESIS_MS + 1_000;
const BOND = 1n << 36n;
const ALLOWANCE = 1n << 42n;
/** So short that what is withdrawn early in a run is free before its end. */
const UNBOND_MS = 8_000;
const EVIDENCE_MS = 6_000;

interface Seat {
  readonly signer: Signer;
  readonly agent: AgentKey;
}

export function simulatedNetwork(
  scenario: Scenario,
  mutant: Mutant | null,
  random: Random,
  keys: Keyring,
): SimulatedNetwork {
  const seats = seatsOf(scenario, keys);
  const watchers = Array.from({ length: scenario.peers - scenario.quorum }, () => keys.key());
  const doubled = scenario.culprits.filter(({ strategy }) => strategy === "twins").map(({ seat }) => seat);
  const agents = [...seats.map(({ agent }) => agent), ...watchers, ...doubled.map(() => keys.key())];
  const authors = Array.from({ length: scenario.load?.authors ?? 0 }, () => keys.key());
  const { children: plans = [] } = scenario.budgets ?? {};
  const children = plans.map(() => keys.key());
  const at = (host: number): readonly AgentKey[] => children.filter((_, i) => plans[i]!.homes.includes(host));
  const genesis = genesisOf(scenario, seats, agents, authors);
  const network = networkOf(genesis);
  const members = electorate(memberSetOf(seats), network.chain);
  const ids = new MessageIds(network.chain, network.market);
  const turnedDown: TurnedDown[] = [];
  const rules = noting(mutant?.rules ?? HONEST_RULES, turnedDown);
  const hosts = agents.map((agent, index): HostPlan => {
    const seat = index < scenario.peers ? index : doubled[index - scenario.peers]!;
    const signer = seats[seat]?.signer ?? null;
    return {
      boot: bootOf(
        {
          genesis,
          signer,
          agents: [agent, ...at(index)],
          verifier: keys,
          rules,
          conduct: conductOf(mutant?.conduct ?? HONEST_CONDUCT, scenario.workload, index),
          keepTerms: scenario.keepTerms,
          instances: random.branch(`instance-${index}`),
          shelves: shelvesOf(scenario),
          losesRow: mutant?.losesRow ?? (() => false),
          acknowledgesFirst: mutant?.acknowledgesFirst ?? false,
        },
        ids,
      ),
      seat: signer === null ? null : seat,
      clockOffsetMs: scenario.faults.clockOffsetsMs[seat]!,
      driftPpm: scenario.faults.clockDriftsPpm?.[seat] ?? 0,
      syncMs: scenario.faults.syncMs,
      speed: scenario.speeds?.[seat] ?? null,
      ...(mutant?.stepsAllThatWaits ? { groupMs: Number.POSITIVE_INFINITY } : {}),
      tamper: scenario.strangers.includes(index)
        ? stranger(random.branch(`stranger-${index}`))
        : tamperOf(scenario, seat, seats[seat] ?? null, members, network, random.branch(`tamper-${index}`)),
    };
  });
  const face = new OperationJudge(network, genesis.params, keys);
  return {
    hosts,
    agents: agents.map(({ publicKey }) => publicKey),
    keys: agents,
    court: {
      electorate: members,
      ...network,
      verifier: keys,
      judgeOps: (header, ops) => face.judgeEntry(header.timeMs, ops),
    },
    turnedDown,
    authors,
    children,
    params: genesis.params,
    seats: seats.map(({ agent }) => toHex(agent.publicKey)),
    opening: openingOf(genesis),
    pace: {
      genesisMs: GENESIS_MS,
      outageMs: Math.max(10 * scenario.timing.idleMs, 20 * scenario.timing.deltaMs),
      tolerance: members.tolerance,
    },
    epochMs: EPOCH_MS,
  };
}

/** The same rules; what they turn down for being idle is noted. */
const noting = (rules: VotingRules, turnedDown: TurnedDown[]): VotingRules => ({
  ...rules,
  mayCarry(idle, header) {
    const may = rules.mayCarry(idle, header);
    if (!may) turnedDown.push({ header, ...idle });
    return may;
  },
});

/** Seats in the order of their consensus keys, which is that of the member set. */
function seatsOf(scenario: Scenario, keys: Keyring): readonly Seat[] {
  const seats = Array.from({ length: scenario.quorum }, () => ({ signer: keys.key(), agent: keys.key() }));
  return seats.sort((a, b) => compareBytes(a.signer.publicKey, b.signer.publicKey));
}

const memberSetOf = (seats: readonly Seat[]): MemberSet => ({
  epoch: 0,
  members: seats.map(({ signer, agent }) => ({ key: signer.publicKey, agent: agent.publicKey, power: 1 })),
});

function genesisOf(
  scenario: Scenario,
  seats: readonly Seat[],
  agents: readonly AgentKey[],
  authors: readonly AgentKey[],
): Genesis {
  const traders = agents.map(({ publicKey }) => ({ agent: publicKey, free: FUNDS, stake: FREE_STAKE }));
  const others = authors.map(({ publicKey }) => ({ agent: publicKey, free: FUNDS, stake: 0n }));
  return {
    v: 1,
    name: `simulation ${scenario.seed}`,
    timeMs: GENESIS_MS,
    params: paramsOf(scenario),
    seats: seats.map(({ signer, agent }) => ({ key: signer.publicKey, agent: agent.publicKey, bond: BOND })),
    accounts: [...traders, ...others].sort((a, b) => compareBytes(a.agent, b.agent)),
    granters: [{ agent: agents[GRANTER]!.publicKey, allowance: ALLOWANCE }],
  };
}

/** With the bonds of their seats. */
const openingOf = ({ accounts, seats }: Genesis): readonly Funds[] =>
  accounts.map(({ agent, free, stake }) => {
    const bonds = seats.filter((seat) => equalBytes(seat.agent, agent)).map(({ bond }) => bond);
    const staked = bonds.reduce((sum, bond) => sum + bond, stake);
    return { agent: toHex(agent), free, locked: 0n, stake: staked, unbonding: [] };
  });

/** The daemon's shelves, but for that of openings, which a flood of a few is to fill. */
const shelvesOf = ({ openings }: Scenario): ShelfLimits => ({
  ...SHELF_LIMITS,
  openings: { ...SHELF_LIMITS.openings, operations: openings },
});

const paramsOf = ({ timing, retainMs, periodMs, lotSlackMs, revealCapacity }: Scenario): Params => {
  const minRevealMs = safeRevealMs(timing);
  return {
    ...LOCAL_TESTNET_PARAMS,
    ...timing,
    minCommitMs: 100,
    minRevealMs,
    defaultRevealMs: Math.max(minRevealMs, LOCAL_TESTNET_PARAMS.defaultRevealMs),
    retainMs,
    ...(periodMs === undefined ? {} : { periodMs }),
    lotSlackMs,
    revealCapacity,
    evidenceMs: EVIDENCE_MS,
    unbondMs: UNBOND_MS,
  };
};

function tamperOf(
  scenario: Scenario,
  index: number,
  held: Seat | null,
  members: Electorate,
  network: Network,
  random: Random,
): Tamper | null {
  const culprit = scenario.culprits.find(({ seat }) => seat === index);
  if (culprit === undefined || held === null) return null;
  const { keepTerms, timing } = scenario;
  const pen = { seat: index, ...held, electorate: members, network, keepTerms, deltaMs: timing.deltaMs };
  return STRATEGY[culprit.strategy](forgerOf(pen), random);
}
