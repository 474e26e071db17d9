// Which daemon a command speaks to: the one that flags name, or the one of the data folder.
import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, sep } from "node:path";
import { readToken } from "../api/token.js";
import { type ApiFile, readApiFile } from "../config/api-file.js";
import { loadConfig } from "../config/config.js";
import { type HomePaths, pathsOf } from "../config/paths.js";
import { isLoopback } from "../loopback.js";
import { isAlive } from "../process-place.js";
import { shellWord } from "../shell-word.js";
import { EXIT } from "./commands.js";
import { CliFailure, usageFailure } from "./failure.js";
import { DEV, type NetworkPlace, networkHere, PLACES, staysHere } from "./network-here.js";

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

/**
 * @param isOfGateway a gateway is meant: where nobody names a daemon, the one of the network of one of this folder
 * @throws Accident when no daemon is known, or its token cannot be read
 */
export async function findDaemon(
  flags: DaemonFlags,
  environment: Environment,
  isOfGateway = false,
): Promise<DaemonAddress> {
  if (isOfGateway && flags.api === undefined && !isNamed(flags, environment)) return gatewayHere(flags);
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
  const here = await networkHere(PLACES);
  if (here === null) throw noneIn(paths);
  const { file, place } = here;
  const { agent, agentName } = file.peers[flags.peer ?? 0] ?? file.peers[0]!;
  const speaker = `as ${agentName ?? agent.slice(0, 10)} of the ${place.name} in ${place.home}`;
  return { ...(await addressOf(flags, file, pathsOf(place.home), place)), speaker };
}

/** @throws CliFailure GATEWAY_UNKNOWN, GATEWAY_STARTING */
async function gatewayHere(flags: DaemonFlags): Promise<DaemonAddress> {
  const here = await networkHere([DEV]);
  if (here !== null) return addressOf(flags, here.file, pathsOf(DEV.home), DEV);
  if (existsSync(DEV.home)) {
    // Clients are served before commands are: who waited for a client's answer comes too early.
    const { lockHolder } = await import("../lock.js");
    const holder = await lockHolder(DEV.home);
    if (holder !== null && holder.elsewhere === null) throw starting(holder.pid);
  }
  throw new CliFailure(
    EXIT.unreachable,
    "GATEWAY_UNKNOWN",
    "found no gateway",
    `none runs in this folder: ${DEV.home} holds no api.json`,
    "start one with `mabeam gateway --upstream <url> --key-file <file>`, or name the folder of one with --home",
  );
}

const starting = (pid: number): CliFailure =>
  new CliFailure(
    EXIT.unreachable,
    "GATEWAY_STARTING",
    "found no gateway that takes commands",
    `the process ${pid} has ${DEV.home}, and is still starting or about to end: it may serve clients already`,
    "try again in a moment",
  );

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

/** @param place where nobody named the folder: which of the current one it is; null: it was named, or is this user's own */
async function addressOf(
  flags: DaemonFlags,
  found: ApiFile,
  folder: HomePaths,
  place: NetworkPlace | null,
): Promise<DaemonAddress> {
  const nth = flags.peer ?? 0;
  const own = found.peers[nth]?.apiFile;
  if (own !== undefined && !isWithin(folder.home, dirname(own)))
    throw outside(folder.apiFile, `its peer ${nth} lies in ${dirname(own)}`);
  const file = own === undefined ? found : await fileOfPeer(own, nth);
  if (place !== null) staysHere(place, file, own ?? folder.apiFile);
  const peer = own === undefined ? (flags.peer ?? null) : null;
  const tokenFile = flags.tokenFile ?? tokenFileOf(file, own === undefined ? folder : pathsOf(dirname(own)));
  const remedy = isAlive(file.pid)
    ? `the process ${file.pid} lives but does not answer: see its log, or end it and start it again`
    : `it ended without saying so: start it again with ${restartOf(own, folder)}${own === undefined ? "" : OR_ANOTHER}`;
  return { url: file.url, token: readToken(tokenFile), peer, remedy, speaker: null };
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
    "start one with `mabeam daemon`, `mabeam testnet up` or `mabeam gateway`, or name its folder with --home",
  );

function stopped({ home }: HomePaths): CliFailure {
  const others = PLACES.filter((one) => existsSync(pathsOf(one.home).apiFile));
  const other = others.map((one) => `, or speak to the ${one.name} of this folder with --home ${one.home}`);
  return new CliFailure(
    EXIT.unreachable,
    "DAEMON_STOPPED",
    "found no daemon that runs",
    `your own, in ${home}, is stopped`,
    `start it with \`mabeam daemon\`${other.join("") || ", or name another folder with --home"}`,
  );
}

const OR_ANOTHER = ", or name another with --peer";

/** @param ownFile of a peer that has a process of its own */
function restartOf(ownFile: string | undefined, { home }: HomePaths): string {
  if (ownFile !== undefined) return `\`mabeam daemon --home ${shellWord(dirname(ownFile))}\``;
  const place = PLACES.find((one) => pathsOf(one.home).home === home);
  return place?.restart ?? "`mabeam daemon` or `mabeam testnet up`";
}

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
    `start it again with ${restartOf(path, pathsOf(home))}${OR_ANOTHER}`,
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
