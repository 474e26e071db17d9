// `mabeam testnet up`: a testnet that stays, with everything a person needs to use it, and one line per market event.
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { usageFailure } from "../../node/cli/failure.js";
import { openLog, reopenLogs } from "../../node/log.js";
import { untilSignal } from "../../node/signals.js";
import { DEMO_FORMATS } from "../agents/auctioneer.js";
import type { Journal } from "../agents/journal.js";
import { followEvents } from "../event-follower.js";
import { foundTestnet } from "../founding.js";
import { type TestnetPaths, testnetHome, testnetPaths } from "../home.js";
import type { PlannedAgent } from "../plan.js";
import { endpointOf, openResidence, type Residence } from "../residence.js";
import type { Endpoint } from "../server.js";
import type { Testnet, Trading } from "../testnet.js";
import { detach } from "./detach.js";
import type { UpFlags } from "./flags.js";
import { claimFolder, homeFlag } from "./folder-claim.js";
import { stepLines } from "./step-lines.js";
import { collectEagerly } from "./thrift.js";
import { liveIsolated } from "./up-isolated.js";
import { announce, refusalLine, showing, stoppingLine, tee } from "./up-lines.js";

/** Demo auctions at once, and the rest between two of them: enough to see, and little to pay for an idle testnet. */
const AUCTIONS_AT_ONCE = 2;
const PAUSE_MS = 1500;

export async function run(io: CommandIo, flags: UpFlags): Promise<number> {
  const startedAtMs = Date.now();
  if (flags.isolate !== undefined && flags.inMemory) throw forgetful();
  collectEagerly();
  const paths = testnetPaths(testnetHome(flags.home));
  const api = apiOf(flags.api);
  const fix = `end it with \`mabeam testnet down${homeFlag(paths)}\`, or give this one another folder with --home`;
  const lock = await claimFolder(paths, `could not start a testnet in ${paths.home}`, fix);
  if (flags.detach) {
    // Whoever starts in the background claims the folder itself; that it can is known now.
    await lock.release();
    return detach(flags, paths, io);
  }
  try {
    if (flags.isolate === undefined) await live(flags, paths, api, io, startedAtMs);
    else await liveIsolated(flags, paths, io, startedAtMs);
    return EXIT.ok;
  } finally {
    await lock.release();
  }
}

const forgetful = () =>
  usageFailure(
    "could not start the testnet",
    "a peer that is killed comes back from its disk, and --in-memory keeps nothing there",
    "leave out --in-memory or --isolate",
  );

function apiOf(text: string | undefined): Endpoint | null {
  if (text === undefined) return null;
  const endpoint = endpointOf(text);
  if (endpoint !== null) return endpoint;
  throw usageFailure("could not take --api", `${text} is not host:port`, "write it like 127.0.0.1:4080");
}

async function live(
  flags: UpFlags,
  paths: TestnetPaths,
  api: Endpoint | null,
  io: CommandIo,
  startedAtMs: number,
): Promise<void> {
  const { inMemory = false, showKeys = false, json = false, rounds = null } = flags;
  const out = tee(io, paths);
  io.outlive();
  const signal = untilSignal(reopenLogs);
  let askedToStop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    askedToStop = resolve;
  });
  const residence = await openResidence({
    paths,
    manifest: await foundTestnet(flags, paths, inMemory),
    inMemory,
    api,
    log: openLog({ level: "warn", file: paths.peersLogFile }),
    onStep: stepLines(io),
    onWarning: (text) => io.err(`warning: ${text}`),
    onStop: () => askedToStop(),
  });
  try {
    const view = {
      ...viewOf(residence),
      tokenFile: paths.tokenFile,
      paths,
      inMemory,
      showKeys,
      self: io.self,
    };
    announce(view, json, out, io, startedAtMs);
    const { plan } = residence.testnet;
    const stopFollowing = followEvents(residence.served.hosted[0]!.events, showing(plan, json, out, io));
    const trading = residence.testnet.trade(
      { rounds, atOnce: AUCTIONS_AT_ONCE, pauseMs: PAUSE_MS, formats: DEMO_FORMATS },
      journalOf(io),
    );
    const { testnet } = residence;
    await Promise.race([afterRounds(testnet, trading, rounds), signal, stopped, testnet.broken]);
    trading.stop();
    stopFollowing();
  } finally {
    if (io.progress) io.err(stoppingLine(residence.testnet.plan.peers, inMemory ? null : paths.home));
    await residence.close();
  }
}

function viewOf({ testnet, served, resumedAt }: Residence) {
  const [first] = testnet.peers;
  return {
    plan: testnet.plan,
    chain: testnet.chain,
    joinAddress: first!.multiaddrs()[0] ?? null,
    fundsOf: ({ key }: PlannedAgent) => first!.peer.ledger.accountOf(key.publicKey)?.free ?? 0n,
    pids: null,
    resumedAt,
    url: served.url,
  };
}

/** Resolves when the rounds that were asked for are over and told of; without a number, a testnet stays. */
async function afterRounds(testnet: Testnet, trading: Trading, rounds: number | null): Promise<void> {
  await trading.over;
  if (rounds === null) await new Promise<never>(() => undefined);
  await testnet.together();
}

const journalOf = (io: CommandIo): Journal => ({
  decided() {},
  refused: (agent, wish, { code }) => refusalLine(io, agent, wish, code),
});
