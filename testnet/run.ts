// A finite run: a testnet starts, trades so many rounds, is checked, and stops. What is left is a report.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Log } from "../node/log.js";
import { type Hex, toHex } from "../src/base/index.js";
import { encodeGenesis, type Genesis, networkOf } from "../src/ledger/index.js";
import { Auctioneer } from "./agents/auctioneer.js";
import { startCrew } from "./agents/crew.js";
import { accessTo } from "./agents/peer-access.js";
import { CHECKERS } from "./checks/index.js";
import type { Account, Testimony } from "./checks/testimony.js";
import { testnetGenesis } from "./genesis.js";
import { startNetwork, type TestnetNetwork } from "./network.js";
import { planTestnet, type TestnetPlan, type TestnetSize } from "./plan.js";
import { composeReport } from "./report/compose.js";
import type { TestnetReport } from "./report/report.js";
import { Tally } from "./report/tally.js";
import { type OnStep, step } from "./steps.js";
import { readWholeLog } from "./watch/log-reader.js";
import { allQuiet } from "./watch/quiet.js";
import { Recorder } from "./watch/recorder.js";

export interface RunOptions extends TestnetSize {
  /** auctions to open: at least 1 */
  readonly rounds: number;
  readonly log: Log;
  readonly onStep: OnStep;
}

/** Auctions that run at once: windows pass while others are traded, and no bidder sends more than gossip admits. */
const AUCTIONS_AT_ONCE = 10;

/** @throws Accident, RangeError when the run itself fails; a check that fails is in the report */
export async function runTestnet(options: RunOptions): Promise<TestnetReport> {
  const plan = planTestnet(options);
  const genesis = testnetGenesis(plan, Date.now());
  // Real stores on a real disk, in a folder that nobody will need again.
  const home = await mkdtemp(join(tmpdir(), "mabeam-testnet-"));
  try {
    return await runIn(home, plan, genesis, options);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function runIn(home: string, plan: TestnetPlan, genesis: Genesis, options: RunOptions): Promise<TestnetReport> {
  const startedAtMs = performance.now();
  const cpuAtStart = process.cpuUsage();
  const { onStep } = options;
  const recorder = new Recorder(() => performance.now());
  const homes = new Map(plan.agentPlans.map(({ key, peer }) => [toHex(key.publicKey), peer]));
  const tally = new Tally((seller) => homes.get(seller) ?? null);
  recorder.onNotice((peer, notice, atMs) => tally.note(peer, notice, atMs));
  const network = await startNetwork({
    plan,
    genesis: encodeGenesis(genesis),
    home,
    listen: [],
    fresh: true,
    log: options.log,
    onStep,
    tapOf: (peer) => (direction, topic, bytes) => {
      if (topic === "ops") recorder.overhear(peer, direction, bytes);
    },
    onPeer: (place, peer) => recorder.attach(place, peer),
  });
  try {
    await trade(network, plan, genesis, tally, options);
    await step(onStep, () => allQuiet(network.peers), (height) => `all peers quiet at height ${height}`);
    const testimony = await testify(network, plan, genesis, recorder, tally);
    const checks = await step(
      onStep,
      async () => CHECKERS.map((check) => check(testimony)),
      (all) => `${all.filter(({ ok }) => ok).length} of ${all.length} checks hold`,
    );
    const { user, system } = process.cpuUsage(cpuAtStart);
    return composeReport({
      plan,
      windows: windowsOf(genesis),
      testimony,
      tally,
      journeys: [...recorder.journeys.values()],
      checks,
      cpuSeconds: (user + system) / 1e6,
      wallSeconds: (performance.now() - startedAtMs) / 1000,
      rssBytes: process.resourceUsage().maxRSS * 1024,
    });
  } finally {
    recorder.stop();
    await network.stop();
  }
}

export const windowsOf = ({ params }: Genesis): { readonly commitMs: number; readonly revealMs: number } => ({
  commitMs: params.defaultCommitMs,
  revealMs: params.defaultRevealMs,
});

async function trade(
  network: TestnetNetwork,
  plan: TestnetPlan,
  genesis: Genesis,
  tally: Tally,
  { rounds, onStep }: RunOptions,
): Promise<void> {
  const accesses = network.peers.map(accessTo);
  const crew = startCrew({
    plan,
    network: networkOf(genesis),
    windows: windowsOf(genesis),
    journal: tally,
    accessOf: (peer) => accesses[peer]!,
    nextNonceOf: () => 0,
  });
  const auctioneer = new Auctioneer(crew.stalls, { rounds, atOnce: AUCTIONS_AT_ONCE, pauseMs: 0 });
  await step(
    onStep,
    () => auctioneer.run(),
    (late) => `${rounds} auctions${late.length === 0 ? "" : `, ${late.length} of them without an end`}`,
  );
  crew.stop();
}

/** What all peers say and hold now, and what only the traders knew. */
async function testify(
  network: TestnetNetwork,
  plan: TestnetPlan,
  genesis: Genesis,
  recorder: Recorder,
  tally: Tally,
): Promise<Testimony> {
  // The last peer has no seat unless all have one: it knows the log only from the others.
  const log = await readWholeLog(network.peers.at(-1)!);
  return {
    network: networkOf(genesis),
    peers: recorder.testimonies(),
    log,
    secrets: tally.decisions.filter(({ bid }) => bid > 0n).map(({ auction, bidder, bid }) => ({ auction, bidder, amount: bid })),
    opening: openingAccounts(genesis),
    honest: new Set([...plan.agentPlans.map(({ key }) => key), ...plan.seatOwners].map(({ publicKey }) => toHex(publicKey))),
  };
}

/** Accounts as genesis makes them, by its own text. */
function openingAccounts({ accounts, seats }: Genesis): readonly Account[] {
  const opening = new Map<Hex, Account>();
  for (const { agent, free } of accounts) {
    opening.set(toHex(agent), { agent: toHex(agent), free, locked: 0n, stake: 0n });
  }
  for (const { agent, bond } of seats) {
    const known = opening.get(toHex(agent));
    opening.set(toHex(agent), { agent: toHex(agent), free: known?.free ?? 0n, locked: 0n, stake: bond });
  }
  return [...opening.values()];
}
