// One run: a scenario lived through under the eyes of all checkers, to its end or to its first violation.

import { byzantineTolerance } from "../../../src/quorum/index.js";
import { History } from "../checks/history.js";
import { justWrongs } from "../checks/just.js";
import { LAW_NAMES, LAWS } from "../checks/laws.js";
import { outcomeWrongs } from "../checks/outcome.js";
import { Agents } from "./agents.js";
import { mostExecuted } from "./checkers/accounts.js";
import { agreeChecker } from "./checkers/agree.js";
import { auctionsChecker } from "./checkers/auctions.js";
import { booksChecker } from "./checkers/books.js";
import { budgetsChecker } from "./checkers/budgets.js";
import { bugChecker } from "./checkers/bugs.js";
import { caughtChecker } from "./checkers/caught.js";
import { atEnd, type Checker, type Trial, type Violation } from "./checkers/checker.js";
import { durableChecker } from "./checkers/durable.js";
import { fairChecker } from "./checkers/fair.js";
import { finalChecker } from "./checkers/final.js";
import { goodputChecker } from "./checkers/goodput.js";
import { honestChecker } from "./checkers/honest.js";
import { loggedAt } from "./checkers/logged.js";
import { paceChecker } from "./checkers/pace.js";
import { progressChecker } from "./checkers/progress.js";
import { promptChecker } from "./checkers/prompt.js";
import { secrecyChecker } from "./checkers/secrecy.js";
import { timeChecker } from "./checkers/time.js";
import { turnWrongs } from "./checkers/turn.js";
import { windowChecker } from "./checkers/window.js";
import { writtenChecker } from "./checkers/written.js";
import { astrayHosts } from "./clock-faults.js";
import { forgetfulHosts, setBackHosts } from "./disk-faults.js";
import { type FaultCounts, Injection } from "./injection.js";
import { Load, type LoadSample } from "./load.js";
import type { Mutant } from "./mutant.js";
import { type SimulatedNetwork, simulatedNetwork } from "./network.js";
import { Owners } from "./owners.js";
import type { Scenario } from "./scenario.js";
import { Random } from "./world/random.js";
import { IdealSignatures, type Keyring } from "./world/signatures.js";
import { World } from "./world/world.js";

export interface RunResult {
  readonly seed: number;
  /** null: every invariant held */
  readonly violation: Violation | null;
  /** the greatest height that any honest peer told */
  readonly entriesFinalised: number;
  readonly auctionsSettled: number;
  readonly faults: FaultCounts;
  readonly virtualMs: number;
  /** the same for two runs of one scenario */
  readonly history: string;
  /** second by second, what became of the load */
  readonly load: readonly LoadSample[];
}

/** A fault proven so late is not owed its slash before the end. */
const SLASH_GRACE_MS = 6_000;
/** An auction that opens so late may still be running at the end. */
const AUCTION_MS = 14_000;

/**
 * @param keyring makes the keys of the run; ideal ones unless told otherwise
 * @param attend is shown the world before its hosts start: a test may watch it, and do to it what no seed would
 */
export function run(
  scenario: Scenario,
  mutant: Mutant | null,
  keyring: (random: Random) => Keyring = (random) => new IdealSignatures(random),
  attend: (world: World) => void = () => {},
): RunResult {
  const random = new Random(scenario.seed, "world");
  const network = simulatedNetwork(scenario, mutant, random, keyring(random.branch("keys")));
  const world = new World({
    random,
    weather: scenario.faults.weather,
    epochMs: network.epochMs,
    hosts: network.hosts,
  });
  const injection = new Injection(world, scenario.faults, random.branch("injection"));
  let isFaulty = true;
  const agents = new Agents(world, scenario.workload, network, () => isFaulty);
  const { budgets } = scenario;
  const owners =
    budgets === undefined ? [] : [new Owners(world, budgets, network.keys, network.children, network.court)];
  const load = loadOf(scenario, world, network, random);
  const violations: Violation[] = [];
  const trial = trialOf(scenario, world, violations);
  const history = new History(network.court, network.pace, (height) => loggedAt(trial, height));
  const checkers = [
    ...checkersOf(scenario, network, world, agents, history, violations),
    ...(load === null ? [] : [goodputChecker(trial, scenario.load!, load.samples)]),
  ];
  world.witnesses.push(...checkers, agents, ...owners, ...(load === null ? [] : [load]));
  attend(world);

  const isOver = (): boolean => violations.length > 0;
  for (const host of world.hosts) host.start();
  world.agenda.runUntil(scenario.healMs, isOver);
  isFaulty = false;
  injection.heal();
  for (const checker of checkers) checker.healed?.();
  world.agenda.runUntil(scenario.endMs, isOver);
  if (!isOver()) for (const checker of checkers) checker.ended?.();
  const told = history.told();
  return {
    seed: scenario.seed,
    violation: violations[0] ?? null,
    entriesFinalised: told.at(-1)?.height ?? 0,
    auctionsSettled: told.flatMap(({ notices }) => notices.filter(({ kind }) => kind === "auctionSettled"))
      .length,
    faults: injection.total(),
    virtualMs: Math.round(world.agenda.nowMs),
    history: world.history.digest(),
    load: load?.samples ?? [],
  };
}

function loadOf(
  { load, quorum }: Scenario,
  world: World,
  { court, authors }: SimulatedNetwork,
  random: Random,
): Load | null {
  if (load === undefined) return null;
  const most = quorum - byzantineTolerance(quorum);
  return new Load(world, court, load, authors, quorum, most, random.branch("load"));
}

/** @param others hosts beside the culprits that a checker does not hold to its law */
function trialOf(
  scenario: Scenario,
  world: World,
  violations: Violation[],
  others: readonly ReadonlySet<number>[] = [],
): Trial {
  const excused = new Set(scenario.culprits.map(({ seat }) => seat));
  for (const hosts of others) for (const host of hosts) excused.add(host);
  return {
    hosts: world.hosts,
    // Beyond the peers of the scenario are second machines of culprits.
    isHonest: (host) => host.index < scenario.peers && !excused.has(host.index),
    nowMs: () => world.agenda.nowMs,
    report: (invariant, detail) =>
      violations.push({ invariant, detail, atMs: Math.round(world.agenda.nowMs) }),
  };
}

function checkersOf(
  scenario: Scenario,
  network: SimulatedNetwork,
  world: World,
  agents: Agents,
  history: History,
  violations: Violation[],
): readonly Checker[] {
  const { faults, timing, liveMs, settleMs, endMs, quorum: seats } = scenario;
  const { epochMs, court, params, seats: owners, opening } = network;
  const but = (...sets: ReadonlySet<number>[]): Trial => trialOf(scenario, world, violations, sets);
  const [forgetful, setBack] = [forgetfulHosts(faults.disks), setBackHosts(faults.disks)];
  const astray = astrayHosts(faults.clockSteps, timing.precisionMs);
  const trial = but();
  const isHonestSeat = (seat: number): boolean => trial.isHonest(world.hosts[seat]!);
  return [
    { noticed: (host, notice) => (trial.isHonest(host) ? history.noticed(notice) : undefined) },
    bugChecker(trial),
    agreeChecker(trial),
    honestChecker(but(setBack), court, network.agents),
    booksChecker(trial),
    writtenChecker(trial),
    durableChecker(but(forgetful)),
    finalChecker(trial, court),
    timeChecker(but(astray), timing, epochMs),
    paceChecker(trial, timing, isHonestSeat),
    ...(scenario.culprits.length > 0 || astray.size > 0
      ? []
      : [promptChecker(trial, history, timing, liveMs)]),
    fairChecker(trial, { seats, timing, epochMs, liveMs, endMs }),
    secrecyChecker(trial, agents.placed, network.agents),
    progressChecker(trial, { liveMs, settleMs, endMs }, (atMs, look) => world.agenda.at(atMs, look)),
    auctionsChecker(but(forgetful, astray), agents.placed, network.agents, endMs - AUCTION_MS),
    atEnd(trial, "outcome", () => outcomeWrongs(history, params)),
    windowChecker(trial, history, timing, epochMs),
    ...LAW_NAMES.map((name) =>
      atEnd(trial, name, () =>
        LAWS[name](history, { ...params, seats: owners, opening }, mostExecuted(trial, history)),
      ),
    ),
    budgetsChecker(trial, history, { ...params, seats: owners }),
    atEnd(trial, "turn", () => turnWrongs(network.turnedDown, isHonestSeat)),
    atEnd(trial, "just", () => justWrongs(history, court)),
    caughtChecker(but(setBack), court, network.agents, endMs, SLASH_GRACE_MS),
  ];
}
