// Which daemon a command speaks to: the one that flags name, or the one of the data folder.
import { dirname } from "node:path";
import { codeOf } from "../accident.js";
import { readToken } from "../api/token.js";
import { type ApiFile, readApiFile } from "../config/api-file.js";
import { loadConfig } from "../config/config.js";
import { pathsOf, TESTNET_HOME } from "../config/paths.js";
import { EXIT } from "./commands.js";
import { CliFailure, usageFailure } from "./failure.js";

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
}

/** @throws Accident when no daemon is known, or its token cannot be read */
export async function findDaemon(
  flags: DaemonFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DaemonAddress> {
  const { paths } = await loadConfig({
    environment,
    ...(flags.home === undefined ? {} : { flags: { home: flags.home } }),
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  });
  const found = (await readApiFile(paths.apiFile)) ?? (await testnetHere(flags, environment));
  const own = flags.api === undefined ? found?.peers[flags.peer ?? 0]?.apiFile : undefined;
  const file = own === undefined ? found : await fileOfPeer(own, flags.peer ?? 0);
  const peer = own === undefined ? (flags.peer ?? null) : null;
  const tokenFile = flags.tokenFile ?? file?.tokenFile ?? paths.tokenFile;
  if (flags.api !== undefined) {
    const remedy = "check the address given with --api, and that a daemon listens there";
    return { url: urlOf(flags.api), token: readToken(tokenFile), peer, remedy };
  }
  if (file === null) {
    const why = `no daemon runs in ${paths.home}: it holds no api.json`;
    const fix = "start one with `mabeam daemon` or `mabeam testnet up`, or name its folder with --home";
    throw new CliFailure(EXIT.unreachable, "DAEMON_UNKNOWN", "found no daemon", why, fix);
  }
  const remedy = isAlive(file.pid)
    ? `the process ${file.pid} lives but does not answer: see its log, or end it and start it again`
    : `it ended without saying so: start it again with ${restartOf(own)}${own === undefined ? "" : OR_ANOTHER}`;
  return { url: file.url, token: readToken(tokenFile), peer, remedy };
}

const OR_ANOTHER = ", or name another with --peer";

const restartOf = (ownFile: string | undefined): string =>
  ownFile === undefined
    ? "`mabeam daemon` or `mabeam testnet up`"
    : `\`mabeam daemon --home ${dirname(ownFile)}\``;

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

/** Nobody named a folder, and none of the usual one runs: then a testnet of the current folder is meant. */
const testnetHere = (
  { home, config }: DaemonFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ApiFile | null> =>
  home !== undefined || config !== undefined || environment.MABEAM_HOME || environment.MABEAM_CONFIG
    ? Promise.resolve(null)
    : readApiFile(pathsOf(TESTNET_HOME).apiFile);

function urlOf(text: string): string {
  try {
    const url = new URL(/^https?:\/\//.test(text) ? text : `http://${text}`);
    if (url.pathname === "/" && url.search === "") return url.origin;
  } catch {
    // Not an address: said below.
  }
  throw usageFailure("could not take --api", `${text} is no host:port`, "write it like 127.0.0.1:4080");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
