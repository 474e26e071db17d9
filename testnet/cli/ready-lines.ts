// What a testnet says when it is ready: where it is, who has money, what to try, and how to join.
import { existsSync } from "node:fs";
import { relative } from "node:path";
import pc from "picocolors";
import type { CommandIo } from "../../node/cli/commands.js";
import { pathsOf, TESTNET_HOME, usualPlaces } from "../../node/config/paths.js";
import { creditsOf } from "../../node/contract/scalar.js";
import { shellWord } from "../../node/shell-word.js";
import { type Hash, toHex } from "../../src/base/index.js";
import { byzantineTolerance } from "../../src/quorum/index.js";
import type { TestnetPaths } from "../home.js";
import type { PlannedAgent, TestnetPlan } from "../plan.js";

export interface ReadyView {
  readonly plan: TestnetPlan;
  readonly chain: Hash;
  /** where a further daemon joins */
  readonly joinAddress: string | null;
  /** micro-credits of an agent that the plan knows, now */
  readonly fundsOf: (agent: PlannedAgent) => bigint;
  /** process ids of the peers, by place, where each has one of its own */
  readonly pids: readonly number[] | null;
  readonly paths: TestnetPaths;
  readonly inMemory: boolean;
  /** the height at which it went on; null: it is new */
  readonly resumedAt: number | null;
  readonly url: string;
  readonly tokenFile: string;
  readonly showKeys: boolean;
  readonly self: string;
}

/** For programs: one document, before the events. */
export function readyDocument(view: ReadyView): object {
  const { plan, chain, joinAddress, fundsOf, pids, paths, inMemory, resumedAt, url, tokenFile, showKeys } =
    view;
  return {
    apiVersion: "v1",
    kind: "Testnet",
    peers: plan.peers,
    quorum: { members: plan.quorum, byzantineTolerance: byzantineTolerance(plan.quorum) },
    seed: plan.seed,
    chain: toHex(chain),
    api: url,
    tokenFile,
    storage: inMemory ? "in-memory" : "persistent",
    home: paths.home,
    resumedAt,
    pid: process.pid,
    ...(pids === null ? {} : { peerPids: pids }),
    join: { address: joinAddress, chain: toHex(chain) },
    agents: plan.agentPlans.map((agent) => ({
      name: agent.name,
      peer: agent.peer,
      id: toHex(agent.key.publicKey),
      free: fundsOf(agent).toString(),
      ...(showKeys ? { seed: toHex(agent.keySeed) } : {}),
    })),
  };
}

export function readyLines(view: ReadyView, io: Pick<CommandIo, "colors">): readonly string[] {
  const paint = pc.createColors(io.colors);
  const { chain, joinAddress, paths, url, self } = view;
  const folder = relative(process.cwd(), paths.home) || ".";
  const home = folder.startsWith("..") ? paths.home : folder;
  const usual = folder === TESTNET_HOME && !process.env.MABEAM_HOME;
  // Commands find the testnet of the current folder by themselves, unless this user has a daemon, running or not.
  const own = pathsOf(usualPlaces().home);
  const named =
    usual && !existsSync(own.genesisFile) && !existsSync(own.keys) ? "" : ` --home ${shellWord(home)}`;
  const labelled = (rows: readonly (readonly [string, string])[]): string[] =>
    rows.map(([label, value]) => `${paint.dim(label.padEnd(9))}${value}`);
  return [
    "",
    `${paint.bold("Agents")}  ${paint.yellow("TEST KEYS, PUBLICLY KNOWN: nothing of worth may ever be held by them")}`,
    ...agentLines(view, paint),
    "",
    ...labelled(placesOf(view, home, url)),
    "",
    `${paint.bold("Try")}, in a second terminal:`,
    `  ${self} auction list${named}`,
    `  ${self} wallet balance${named}`,
    `  ${self} testnet ps${usual ? "" : named}`,
    `${paint.bold("Join")} with a peer of your own; the faucet funds it:`,
    `  ${self} daemon --join ${joinAddress} --chain ${toHex(chain)}`,
    "",
  ];
}

function placesOf(
  { plan, chain, pids, tokenFile, inMemory, resumedAt }: ReadyView,
  home: string,
  url: string,
): readonly (readonly [string, string])[] {
  const went = resumedAt === null ? "new" : `resumed at height ${resumedAt}`;
  const storage = inMemory ? "in-memory (nothing survives this process)" : `persistent (${home}, ${went})`;
  return [
    ["API", `${url} (token in ${tokenFile})`],
    ["Storage", storage],
    ["Quorum", `${plan.quorum} members, byzantineTolerance: ${byzantineTolerance(plan.quorum)}`],
    ["Chain", toHex(chain)],
    ["Seed", String(plan.seed)],
    ...(pids === null ? [] : [["Peers", `one process each: ${pids.join(", ")}`] as const]),
  ];
}

/** Traders and the first guest; further guests are alike, and so are jurors. */
function agentLines(
  { plan, fundsOf, showKeys }: ReadyView,
  paint: ReturnType<typeof pc.createColors>,
): readonly string[] {
  const { agentPlans, peers } = plan;
  const isOneOfMany = ({ role, peer }: PlannedAgent): boolean =>
    role === "juror" || (role === "guest" && peer > 0);
  const shown = agentPlans.filter((agent) => showKeys || !isOneOfMany(agent));
  const rows = shown.map((agent) => [
    agent.name,
    String(agent.peer),
    creditsOf(fundsOf(agent)),
    toHex(agent.key.publicKey),
    ...(showKeys ? [toHex(agent.keySeed)] : []),
  ]);
  const head = ["NAME", "PEER", "CREDITS", "ID", ...(showKeys ? ["PRIVATE KEY (seed)"] : [])];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const drawn = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 1 || i === 2 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  const others =
    peers > 1 && !showKeys
      ? [
          paint.dim(`guest-0 acts for you; each further peer has a guest of its own (--peer n)`),
          paint.dim(`juror-n owns the seat of peer n, and votes on disputes (jury vote --peer n)`),
        ]
      : [];
  return [paint.dim(drawn(head)), ...rows.map(drawn), ...others];
}
