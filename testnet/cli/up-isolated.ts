// `mabeam testnet up --isolate process`: starts one process per peer, watches over them, and ends them with itself.
import { setTimeout as pause } from "node:timers/promises";
import { Accident } from "../../node/accident.js";
import type { CommandIo } from "../../node/cli/commands.js";
import { reopenLogs } from "../../node/log.js";
import { ApiFailure } from "../../node/sdk/failure.js";
import { follow } from "../../node/sdk/follow.js";
import { untilSignal } from "../../node/signals.js";
import { toHex } from "../../src/base/index.js";
import { foundTestnet } from "../founding.js";
import type { TestnetPaths } from "../home.js";
import { type IsolatedResidence, openIsolated } from "../isolate/isolated-residence.js";
import type { PeerProcess } from "../isolate/peer-process.js";
import type { TradeWord } from "../isolate/words.js";
import type { PlannedAgent, TestnetPlan } from "../plan.js";
import type { UpFlags } from "./flags.js";
import { endRunner, homeFlag } from "./folder-claim.js";
import { stepLines } from "./step-lines.js";
import { announce, appendLine, refusalLine, showing, stoppingLine, tee } from "./up-lines.js";

/** A process is 130 MB and more: as many as tolerate one that is killed. */
const USUAL_PEERS = 4;
const PAUSE_MS = 1500;
/** After the last auction, until all peers know its end. */
const LAST_ENTRIES_MS = 2000;
const LOOK_EVERY_MS = 500;
const MARKET_EVENTS = "auction.*,bid.*,operation.*,slash.*";

/** Runs until a signal, until the rounds are over, or until no peer is left. @throws Accident */
export async function liveIsolated(
  flags: UpFlags,
  paths: TestnetPaths,
  io: CommandIo,
  startedAtMs: number,
): Promise<void> {
  const { api = null, showKeys = false, json = false, rounds = null } = flags;
  const out = tee(io, paths);
  io.outlive();
  const signal = untilSignal(reopenLogs);
  const traded = new Set<number>();
  const residence = await openIsolated({
    paths,
    manifest: await foundTestnet(flags, paths, false, USUAL_PEERS),
    api,
    onStep: stepLines(io),
    onWarning: (text) => io.err(`warning: ${text}`),
    onWord: (place, word) => {
      if (word.kind === "refused") refusalLine(io, word.agent, word.wish, word.code);
      if (word.kind === "traded") traded.add(place);
    },
    onLoss: (_place, peer, ending) => lossLine(paths, io, peer, ending),
  });
  const { plan, network } = residence;
  const following = new AbortController();
  try {
    const view = { ...(await viewOf(residence)), paths, inMemory: false, showKeys, self: io.self };
    announce(view, json, out, io, startedAtMs);
    void showEvents(residence, showing(plan, json, out, io), following.signal);
    network.trade((place) => tradeOf(plan, place, rounds));
    const over = async (): Promise<void> => {
      for (;;) {
        await pause(LOOK_EVERY_MS);
        const living = plan.peerPlans.map((_, place) => place).filter((place) => network.at(place).isAlive);
        if (living.length === 0) throw allGone(paths);
        if (rounds !== null && living.every((place) => traded.has(place))) break;
      }
      await pause(LAST_ENTRIES_MS);
    };
    await Promise.race([signal, over()]);
  } finally {
    if (io.progress) io.err(stoppingLine(network.all.filter(({ isAlive }) => isAlive).length, paths.home));
    following.abort();
    await residence.close();
    await endOthers(paths, plan);
  }
}

/** Its share of the auctions: each peer with sellers opens one at a time. */
function tradeOf(plan: TestnetPlan, place: number, rounds: number | null): TradeWord {
  const sellers = plan.agentPlans.filter(({ role }) => role === "seller");
  const stalls = [...new Set(sellers.map(({ peer }) => peer))];
  const turn = stalls.indexOf(place);
  const share =
    turn < 0 ? 0 : Math.floor((rounds ?? 0) / stalls.length) + Number(turn < (rounds ?? 0) % stalls.length);
  return { kind: "trade", rounds: rounds === null ? null : share, atOnce: 1, pauseMs: PAUSE_MS };
}

async function viewOf({ plan, chain, network, resumedAt }: IsolatedResidence) {
  const funds = new Map<string, bigint>();
  for (const { key } of plan.agentPlans) {
    const id = toHex(key.publicKey);
    const wallet = await network
      .at(0)
      .client()
      .ask("wallet", { query: { agent: id } }, "could not see a wallet");
    funds.set(id, BigInt(wallet.free));
  }
  const { api, tokenFile, addresses } = network.at(0).places!;
  return {
    plan,
    chain,
    joinAddress: addresses[0] ?? null,
    fundsOf: ({ key }: PlannedAgent) => funds.get(toHex(key.publicKey))!,
    pids: plan.peerPlans.map((_, place) => network.at(place).pid),
    resumedAt,
    url: api,
    tokenFile,
  };
}

/** Events as the first living peer tells them, and where that is lost, the next one. */
async function showEvents(
  { network }: IsolatedResidence,
  show: ReturnType<typeof showing>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const teller = network.all.find(({ isAlive }) => isAlive);
    if (teller === undefined) return;
    const lost = new AbortController();
    void teller.ended.then(() => lost.abort());
    try {
      for await (const event of follow(
        teller.client(),
        MARKET_EVENTS,
        AbortSignal.any([signal, lost.signal]),
      )) {
        if (event !== null) show(event);
      }
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** A peer is not started again: whoever killed it wants to see what the others do without it. */
function lossLine(
  paths: TestnetPaths,
  io: CommandIo,
  { name, pid, lastWords }: PeerProcess,
  ending: number | NodeJS.Signals,
): void {
  const how =
    typeof ending === "number" ? `ended by itself with exit code ${ending}` : `was ended by ${ending}`;
  const line = `${name} (process ${pid}) ${how}; start it again with: ${io.self} daemon${homeFlag({ home: paths.peer(name) })}`;
  const words = /^(?:mabeam|Cause): .*$/gm;
  for (const one of [line, ...(typeof ending === "number" ? (lastWords.match(words) ?? []) : [])]) {
    io.err(one);
    appendLine(paths, one);
  }
}

/** Peers that somebody started again by hand are the testnet's as well. */
async function endOthers(paths: TestnetPaths, plan: TestnetPlan): Promise<void> {
  await Promise.all(plan.peerPlans.map(({ name }) => endRunner({ home: paths.peer(name) })));
}

const allGone = (paths: TestnetPaths): Accident =>
  new Accident(
    "PEERS_GONE",
    "no peer of the testnet is left",
    "every one of its processes has ended",
    `start all of them again with \`mabeam testnet up --isolate process${homeFlag(paths)}\``,
  );
