// The networks of the current folder, which nobody named: taken only where their files can be nobody's but this user's.
import { realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, messageOf } from "../accident.js";
import { type ApiFile, readApiFile } from "../config/api-file.js";
import { DEV_HOME, pathsOf, TESTNET_HOME } from "../config/paths.js";
import { isLoopback } from "../loopback.js";
import { changeableByOthers, openToOthers } from "../own-file.js";
import { isAlive } from "../process-place.js";
import { EXIT } from "./commands.js";
import { CliFailure } from "./failure.js";

/** A folder below the current one, in which a network lies that nobody gave another. */
export interface NetworkPlace {
  readonly home: string;
  readonly name: string;
  /** what starts it again */
  readonly restart: string;
}

const TESTNET: NetworkPlace = { home: TESTNET_HOME, name: "testnet", restart: "`mabeam testnet up`" };
export const DEV: NetworkPlace = {
  home: DEV_HOME,
  name: "network of one",
  restart: "`mabeam gateway` or `mabeam dev`",
};
export const PLACES = [TESTNET, DEV] as const;

export interface NetworkHere {
  readonly place: NetworkPlace;
  readonly file: ApiFile;
}

/**
 * The network that runs in one of these places of the current folder; null: there is none. One whose process has ended
 * without saying so is meant only where no other runs.
 *
 * A file of a folder that nobody named gives no authority (ADR 0038). A network makes its folder and this file for its
 * owner's eyes alone, which no checkout and no archive of another does by accident; and its API is on loopback.
 * @throws CliFailure DAEMON_UNTRUSTED, NETWORK_AMBIGUOUS; Accident API_FILE_UNREADABLE
 */
export async function networkHere(places: readonly NetworkPlace[]): Promise<NetworkHere | null> {
  const found: NetworkHere[] = [];
  for (const place of places) {
    const file = await fileAt(place);
    if (file !== null) found.push({ place, file });
  }
  const alive = found.filter(({ file }) => isAlive(file.pid));
  const meant = alive.length > 0 ? alive : found;
  if (meant.length > 1) throw ambiguous(meant);
  return meant[0] ?? null;
}

async function fileAt(place: NetworkPlace): Promise<ApiFile | null> {
  const { home, apiFile } = pathsOf(place.home);
  let why: string | null;
  try {
    why = strangerAt(home, apiFile);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    why = messageOf(error);
  }
  if (why !== null) throw untrusted(place, why);
  const file = await readApiFile(apiFile);
  if (file !== null) staysHere(place, file, apiFile);
  return file;
}

/** Every file that a command was led to, and not only the first. @throws CliFailure DAEMON_UNTRUSTED */
export function staysHere(place: NetworkPlace, { url }: ApiFile, path: string): void {
  if (!isLoopback(new URL(url).hostname)) throw untrusted(place, `${path} leads to another machine: ${url}`);
}

/** Why somebody else may have put the files there; null: nobody can have. */
function strangerAt(home: string, apiFile: string): string | null {
  const folder = realpathSync(home);
  const judged = [
    [dirname(folder), changeableByOthers],
    [folder, openToOthers],
    [join(folder, "api.json"), openToOthers],
  ] as const;
  for (const [path, judge] of judged) {
    const why = judge(statSync(path));
    if (why !== null)
      return `${path === join(folder, "api.json") ? apiFile : path} is not this user's alone: ${why}`;
  }
  return null;
}

const untrusted = ({ home, name }: NetworkPlace, why: string): CliFailure =>
  new CliFailure(
    EXIT.unreachable,
    "DAEMON_UNTRUSTED",
    `did not take the ${name} of this folder`,
    why,
    `if it is yours, name it with --home ${home}; else start your own daemon with \`mabeam daemon\``,
  );

const ambiguous = (found: readonly NetworkHere[]): CliFailure =>
  new CliFailure(
    EXIT.usage,
    "NETWORK_AMBIGUOUS",
    "did not choose between the networks of this folder",
    `there is ${found.map(({ place }) => `a ${place.name} in ${place.home}`).join(", and ")}`,
    `name one: ${found.map(({ place }) => `--home ${place.home}`).join(" or ")}`,
  );
