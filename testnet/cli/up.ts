// `mabeam testnet up`: a testnet that stays, with everything a person needs to use it, and one line per market event.
import { appendFileSync } from "node:fs";
import pc from "picocolors";
import type { ApiEvent } from "../../node/api/index.js";
import { type CommandIo, EXIT, type TestnetUpOptions } from "../../node/cli/commands.js";
import { usageFailure } from "../../node/cli/failure.js";
import { openLog } from "../../node/log.js";
import { toHex } from "../../src/base/index.js";
import type { Journal } from "../agents/journal.js";
import { followEvents } from "../event-follower.js";
import { foundTestnet } from "../founding.js";
import { type TestnetPaths, testnetHome, testnetPaths } from "../home.js";
import { endpointOf, openResidence, type Residence } from "../residence.js";
import type { Endpoint } from "../server.js";
import type { Testnet, Trading } from "../testnet.js";
import { detach } from "./detach.js";
import { eventLine, isMarketEvent } from "./event-lines.js";
import { claimFolder } from "./folder-claim.js";
import { type ReadyView, readyDocument, readyLines } from "./ready-lines.js";
import { untilSignal } from "./signals.js";
import { durationOf, stepLines } from "./step-lines.js";
import { collectEagerly } from "./thrift.js";

/** Demo auctions at once, and the rest between two of them: enough to see, and little to pay for an idle testnet. */
const AUCTIONS_AT_ONCE = 2;
const PAUSE_MS = 1500;

export async function run(options: TestnetUpOptions, io: CommandIo): Promise<number> {
  const startedAtMs = Date.now();
  collectEagerly();
  const paths = testnetPaths(testnetHome(options.home));
  const api = apiOf(options.api);
  const lock = await claimFolder(paths);
  if (options.detach) {
    // Whoever starts in the background claims the folder itself; that it can is known now.
    await lock.release();
    return detach(options, paths, io);
  }
  try {
    await live(options, paths, api, io, startedAtMs);
    return EXIT.ok;
  } finally {
    await lock.release();
  }
}

function apiOf(text: string | null): Endpoint | null {
  if (text === null) return null;
  const endpoint = endpointOf(text);
  if (endpoint !== null) return endpoint;
  throw usageFailure("could not take --api", `${text} is not host:port`, "write it like 127.0.0.1:4080");
}

async function live(
  options: TestnetUpOptions,
  paths: TestnetPaths,
  api: Endpoint | null,
  io: CommandIo,
  startedAtMs: number,
): Promise<void> {
  const { inMemory, showKeys, json } = options;
  const out = tee(io, paths);
  const signal = untilSignal();
  let askedToStop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    askedToStop = resolve;
  });
  const residence = await openResidence({
    paths,
    manifest: await foundTestnet(options, paths, inMemory),
    inMemory,
    api,
    log: openLog({ level: "warn", file: paths.peersLogFile }),
    onStep: stepLines(io),
    onWarning: (text) => io.err(`warning: ${text}`),
    onStop: () => askedToStop(),
  });
  try {
    const view = { ...residence, paths, inMemory, showKeys, self: io.self, url: residence.served.url };
    announce(view, json, out, io, startedAtMs);
    const stopFollowing = show(residence, json, out, io);
    const trading = residence.testnet.trade(
      { rounds: options.rounds, atOnce: AUCTIONS_AT_ONCE, pauseMs: PAUSE_MS },
      refusalLines(io),
    );
    const { testnet } = residence;
    await Promise.race([afterRounds(testnet, trading, options), signal, stopped, testnet.broken]);
    trading.stop();
    stopFollowing();
  } finally {
    if (io.progress) io.err("stopping (^C again: at once)");
    await residence.close();
  }
}

/** Resolves when the rounds that were asked for are over and told of; without a number, a testnet stays. */
async function afterRounds(testnet: Testnet, trading: Trading, { rounds }: TestnetUpOptions): Promise<void> {
  await trading.over;
  if (rounds === null) await new Promise<never>(() => undefined);
  await testnet.together();
}

type Out = (line: string) => void;

/** Every line also goes to the testnet's log, which `mabeam testnet logs` shows. */
function tee(io: CommandIo, paths: TestnetPaths): Out {
  return (line) => {
    io.out(line);
    appendFileSync(paths.logFile, `${line}\n`, { mode: 0o600 });
  };
}

function announce(view: ReadyView, json: boolean, out: Out, io: CommandIo, startedAtMs: number): void {
  if (json) {
    out(JSON.stringify(readyDocument(view)));
    return;
  }
  for (const line of readyLines(view, io)) out(line);
  const took = pc.createColors(io.colors).dim(`(${durationOf(Date.now() - startedAtMs)})`);
  out(`Testnet is ready ${took}`);
}

function show({ testnet, served }: Residence, json: boolean, out: Out, io: CommandIo): () => void {
  const names = new Map(testnet.plan.agentPlans.map(({ name, key }) => [toHex(key.publicKey), name]));
  const style = { colors: io.colors, nameOf: (agent: string) => names.get(agent) ?? null };
  return followEvents(served.backends[0]!.events, (event: ApiEvent) => {
    if (!isMarketEvent(event)) return;
    const line = json ? JSON.stringify(event) : eventLine(event, style);
    if (line !== null) out(line);
  });
}

/** What a demo agent wished in vain: worth a word, and no data. */
function refusalLines(io: CommandIo): Journal {
  return {
    decided() {},
    refused: (agent, wish, { code }) => {
      if (io.progress) io.err(`${agent}: its ${wish} was refused (${code})`);
    },
  };
}
