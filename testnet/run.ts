// A finite run: a testnet starts, trades so many rounds, is checked, and stops. What is left is a report.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { Log } from "../node/log.js";
import type { PeerNode } from "../node/peer-node.js";
import { type Hash, type Hex, toHex } from "../src/base/index.js";
import { type Genesis, networkOf } from "../src/ledger/index.js";
import type { FormatName } from "../src/market/index.js";
import type { Pace } from "./lab/checks/windows.js";
import type { TestnetSize } from "./plan.js";
import { composeReport } from "./report/compose.js";
import type { TestnetReport } from "./report/report.js";
import { Tally } from "./report/tally.js";
import { type OnStep, step } from "./steps.js";
import { createTestnet, type Testnet } from "./testnet.js";
import { checksOf } from "./watch/checks.js";
import { readWholeLog } from "./watch/log-reader.js";
import { allQuiet } from "./watch/quiet.js";
import { Recorder } from "./watch/recorder.js";
import type { Account, PeerTestimony, Testimony, TranscriptReading } from "./watch/testimony.js";

export interface RunOptions extends TestnetSize {
  /** auctions to open: at least 1 */
  readonly rounds: number;
  /** which sellers' offers take in turn; absent: the default one */
  readonly formats?: readonly FormatName[];
  readonly log: Log;
  readonly onStep: OnStep;
}

/** Auctions that run at once: windows pass while others are traded, and no bidder sends more than gossip admits. */
const AUCTIONS_AT_ONCE = 10;

/** @throws Accident, RangeError when the run itself fails; a check that fails is in the report */
export async function runTestnet(options: RunOptions): Promise<TestnetReport> {
  // Real stores on a real disk, in a folder that nobody will need again.
  const home = await mkdtemp(join(tmpdir(), "mabeam-testnet-"));
  try {
    return await runIn(home, options);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function runIn(home: string, options: RunOptions): Promise<TestnetReport> {
  const startedAtMs = performance.now();
  const cpuAtStart = process.cpuUsage();
  const { onStep, rounds, formats } = options;
  const recorder = new Recorder(() => performance.now());
  const testnet = await createTestnet({
    ...options,
    home,
    tapOf: (peer) => (direction, topic, bytes) => {
      if (topic === "ops") recorder.overhear(peer, direction, bytes);
    },
    onPeer: (place, peer) => recorder.attach(place, peer),
  });
  const { plan } = testnet;
  const homes = new Map(plan.agentPlans.map(({ key, peer }) => [toHex(key.publicKey), peer]));
  const tally = new Tally((creator) => homes.get(creator) ?? null);
  recorder.onNotice((peer, notice, atMs) => tally.note(peer, notice, atMs));
  try {
    const trading = testnet.trade(
      { rounds, atOnce: AUCTIONS_AT_ONCE, pauseMs: 0, ...(formats === undefined ? {} : { formats }) },
      tally,
    );
    await step(
      onStep,
      () => Promise.race([trading.over, testnet.broken]),
      (late) => `${rounds} auctions${late.length === 0 ? "" : `, ${late.length} of them without an end`}`,
    );
    await step(
      onStep,
      () => allQuiet(testnet.peers),
      (height) => `all peers quiet at height ${height}`,
    );
    const testimony = await testify(testnet, recorder, tally);
    const checks = await step(
      onStep,
      async () => checksOf(testimony),
      (all) => `${all.filter(({ ok }) => ok).length} of ${all.length} checks hold`,
    );
    const { user, system } = process.cpuUsage(cpuAtStart);
    return composeReport({
      plan,
      windows: testnet.windows,
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
    await testnet.stop();
  }
}

/** What all peers say and hold now, and what only the traders knew. */
async function testify(
  { peers, plan, genesis }: Testnet,
  recorder: Recorder,
  tally: Tally,
): Promise<Testimony> {
  const secrets = tally.decisions.filter(({ bid }) => bid > 0n);
  const testimonies = recorder.testimonies();
  const honest = [...plan.agentPlans.map(({ key }) => key), ...plan.seatOwners];
  return {
    network: networkOf(genesis),
    pace: paceOf(genesis),
    params: { ...genesis.params, seats: genesis.seats.map(({ agent }) => toHex(agent)) },
    peers: testimonies,
    transcripts: await transcriptsFrom(peers, testimonies),
    // The last peer has no seat unless all have one: it knows the log only from the others.
    log: await readWholeLog(peers.at(-1)!),
    secrets: secrets.map(({ auction, bidder, bid }) => ({ auction, bidder, amount: bid })),
    opening: openingAccounts(genesis),
    honest: new Set(honest.map(({ publicKey }) => toHex(publicKey))),
  };
}

/** Each settled auction's transcript, asked of the peers in turn. */
async function transcriptsFrom(
  peers: readonly PeerNode[],
  testimonies: readonly PeerTestimony[],
): Promise<readonly TranscriptReading[]> {
  const settled = new Map<Hex, Hash>();
  for (const { notice } of testimonies.flatMap(({ sightings }) => sightings)) {
    if (notice.kind === "auctionSettled") settled.set(toHex(notice.auction), notice.auction);
  }
  const readings: TranscriptReading[] = [];
  for (const [auction, id] of settled) {
    const peer = peers[readings.length % peers.length]!;
    readings.push({ auction, peer: peer.name, transcript: await peer.transcript(id) });
  }
  return readings;
}

/** By the words of spec/log#M4 and spec/auctions#phases. */
const paceOf = ({ timeMs, seats, params }: Genesis): Pace => ({
  genesisMs: timeMs,
  outageMs: Math.max(10 * params.idleMs, 20 * params.deltaMs),
  tolerance: Math.floor((seats.length - 1) / 3),
});

/** Accounts as genesis makes them, by its own text. */
function openingAccounts({ accounts, seats }: Genesis): readonly Account[] {
  const opening = new Map<Hex, Account>();
  const account = (agent: Hex, free: bigint, stake: bigint): Account => ({
    agent,
    free,
    locked: 0n,
    stake,
    unbonding: [],
  });
  for (const { agent, free, stake } of accounts) {
    opening.set(toHex(agent), account(toHex(agent), free, stake));
  }
  for (const { agent, bond } of seats) {
    const { free, stake } = opening.get(toHex(agent)) ?? { free: 0n, stake: 0n };
    opening.set(toHex(agent), account(toHex(agent), free, stake + bond));
  }
  return [...opening.values()];
}
