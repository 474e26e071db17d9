// Which daemon a command speaks to: the one that flags name, or the one of the data folder.
import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, sep } from "node:path";
import { readToken } from "../api/token.js";
import { type ApiFile, readApiFile } from "../config/api-file.js";
import { loadConfig } from "../config/config.js";
import { type HomePaths, pathsOf, TESTNET_HOME } from "../config/paths.js";
import { isLoopback } from "../loopback.js";
import { isAlive } from "../process-place.js";
import { shellWord } from "../shell-word.js";
import { EXIT } from "./commands.js";
import { CliFailure, usageFailure } from "./failure.js";
import { staysHere, testnetHere } from "./testnet-here.js";

export interface DaemonFlags {
  /** host:port or URL */
  readonly api?: string;
  readonly tokenFile?: string;
  readonly home?: string;
  readonly config?: string;
  /** which peer of a testnet, from 0 */
  readonly peer?: number;
}

export interface DaemonAddress {
  readonly url: string;
  readonly token: string;
  /** which peer of that process is meant; null: its first */
  readonly peer: number | null;
  /** what to do when nobody answers there */
  readonly remedy: string;
  /** who acts there, where nobody named it and it is not this user's own daemon; null: whoever was asked for */
  readonly speaker: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Accident when no daemon is known, or its token cannot be read */
export async function findDaemon(flags: DaemonFlags, environment: Environment): Promise<DaemonAddress> {
  const { paths } = await loadConfig({
    environment,
    ...(flags.home === undefined ? {} : { flags: { home: flags.home } }),
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  });
  const usual = await readApiFile(paths.apiFile);
  if (flags.api !== undefined) return addressGiven(flags, flags.api, usual, paths);
  if (usual !== null) return addressOf(flags, usual, paths, null);
  if (isNamed(flags, environment)) throw noneIn(paths);
  // Its owner has one: that it is stopped is no reason to act as somebody else.
  if (existsSync(paths.genesisFile) || existsSync(paths.keys)) throw stopped(paths);
  const here = await testnetHere();
  if (here === null) throw noneIn(paths);
  const { agent, agentName } = here.peers[flags.peer ?? 0] ?? here.peers[0]!;
  const speaker = `as ${agentName ?? agent.slice(0, 10)} of the testnet in ${TESTNET_HOME}`;
  return addressOf(flags, here, pathsOf(TESTNET_HOME), speaker);
}

function addressGiven(
  flags: DaemonFlags,
  api: string,
  usual: ApiFile | null,
  paths: HomePaths,
): DaemonAddress {
  const url = urlOf(api);
  const isOwn = url === usual?.url || isLoopback(new URL(url).hostname);
  if (flags.tokenFile === undefined && !isOwn) throw keptToken(url);
  const file = flags.tokenFile ?? (usual === null ? paths.tokenFile : tokenFileOf(usual, paths));
  const remedy = "check the address given with --api, and that a daemon listens there";
  return { url, token: readToken(file), peer: flags.peer ?? null, remedy, speaker: null };
}

async function addressOf(
  flags: DaemonFlags,
  found: ApiFile,
  folder: HomePaths,
  speaker: string | null,
): Promise<DaemonAddress> {
  const place = flags.peer ?? 0;
  const own = found.peers[place]?.apiFile;
  if (own !== undefined && !isWithin(folder.home, dirname(own)))
    throw outside(folder.apiFile, `its peer ${place} lies in ${dirname(own)}`);
  const file = own === undefined ? found : await fileOfPeer(own, place);
  if (speaker !== null) staysHere(file, own ?? folder.apiFile);
  const peer = own === undefined ? (flags.peer ?? null) : null;
  const tokenFile = flags.tokenFile ?? tokenFileOf(file, own === undefined ? folder : pathsOf(dirname(own)));
  const remedy = isAlive(file.pid)
    ? `the process ${file.pid} lives but does not answer: see its log, or end it and start it again`
    : `it ended without saying so: start it again with ${restartOf(own)}${own === undefined ? "" : OR_ANOTHER}`;
  return { url: file.url, token: readToken(tokenFile), peer, remedy, speaker };
}

/** A token of another folder would be another daemon's: no file may have it sent to its own address. */
function tokenFileOf({ tokenFile }: ApiFile, { home, apiFile }: HomePaths): string {
  if (isWithin(home, tokenFile)) return tokenFile;
  throw outside(apiFile, `its token lies outside, in ${tokenFile}`);
}

/** Whether a file lies below a folder, whatever links lead there. What is not there lies nowhere. */
function isWithin(folder: string, file: string): boolean {
  try {
    const from = relative(realpathSync(folder), realpathSync(file));
    return from !== "" && from !== ".." && !from.startsWith(`..${sep}`) && !isAbsolute(from);
  } catch {
    return !existsSync(file) && relative(folder, file).split(sep)[0] !== "..";
  }
}

const outside = (apiFile: string, why: string): CliFailure =>
  new CliFailure(
    EXIT.auth,
    "TOKEN_OUTSIDE",
    `did not follow ${apiFile}`,
    why,
    "start the daemon of that folder anew, or name the address and its token with --api and --token-file",
  );

const keptToken = (url: string): CliFailure =>
  new CliFailure(
    EXIT.auth,
    "TOKEN_NOT_NAMED",
    "did not send your own daemon's token to another machine",
    `${url} is not on this machine, and no token was named for it`,
    "name that daemon's token with --token-file; the way there is not encrypted, unless by a tunnel",
  );

const noneIn = ({ home }: HomePaths): CliFailure =>
  new CliFailure(
    EXIT.unreachable,
    "DAEMON_UNKNOWN",
    "found no daemon",
    `no daemon runs in ${home}: it holds no api.json`,
    "start one with `mabeam daemon` or `mabeam testnet up`, or name its folder with --home",
  );

function stopped({ home }: HomePaths): CliFailure {
  const testnet = existsSync(pathsOf(TESTNET_HOME).apiFile)
    ? `, or speak to the testnet of this folder with --home ${TESTNET_HOME}`
    : ", or name another folder with --home";
  return new CliFailure(
    EXIT.unreachable,
    "DAEMON_STOPPED",
    "found no daemon that runs",
    `your own, in ${home}, is stopped`,
    `start it with \`mabeam daemon\`${testnet}`,
  );
}

const OR_ANOTHER = ", or name another with --peer";

const restartOf = (ownFile: string | undefined): string =>
  ownFile === undefined
    ? "`mabeam daemon` or `mabeam testnet up`"
    : `\`mabeam daemon --home ${shellWord(dirname(ownFile))}\``;

/** Of a peer that has a process of its own. @throws CliFailure where that does not run */
async function fileOfPeer(path: string, peer: number): Promise<ApiFile> {
  const file = await readApiFile(path);
  if (file !== null) return file;
  const home = dirname(path);
  throw new CliFailure(
    EXIT.unreachable,
    "PEER_DOWN",
    `found no peer ${peer}`,
    `its process does not run: ${home} holds no api.json`,
    `start it again with ${restartOf(path)}${OR_ANOTHER}`,
  );
}

/** Whether a folder or configuration was named: then no other one is meant. */
const isNamed = ({ home, config }: DaemonFlags, environment: Environment): boolean =>
  home !== undefined ||
  config !== undefined ||
  Boolean(environment.MABEAM_HOME) ||
  Boolean(environment.MABEAM_CONFIG);

/** The address as it was typed, and nothing that a parser makes of it. */
function urlOf(text: string): string {
  const typed = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  try {
    const url = new URL(typed);
    const usualPort = url.protocol === "https:" ? ":443" : ":80";
    const read = `${url.protocol}//${url.host}`;
    const said = typed.toLowerCase().replace(/\/$/, "");
    if (said === read || said === read + usualPort) return url.origin;
  } catch {
    // Not an address: said below.
  }
  throw usageFailure("could not take --api", `${text} is no host:port`, "write it like 127.0.0.1:4080");
}
