// The testnet of the current folder, which nobody named: taken only where its files can be nobody's but this user's.
import { realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, messageOf } from "../accident.js";
import { type ApiFile, readApiFile } from "../config/api-file.js";
import { pathsOf, TESTNET_HOME } from "../config/paths.js";
import { isLoopback } from "../loopback.js";
import { changeableByOthers, openToOthers } from "../own-file.js";
import { EXIT } from "./commands.js";
import { CliFailure } from "./failure.js";

/**
 * What `.mabeam/testnet/api.json` of the current folder says; null: there is none.
 *
 * A file of a folder that nobody named gives no authority (ADR 0038). A testnet makes its folder and this file for its
 * owner's eyes alone, which no checkout and no archive of another does by accident; and its API is on loopback.
 * @throws CliFailure DAEMON_UNTRUSTED, Accident API_FILE_UNREADABLE
 */
export async function testnetHere(): Promise<ApiFile | null> {
  const { home, apiFile } = pathsOf(TESTNET_HOME);
  let why: string | null;
  try {
    why = strangerAt(home, apiFile);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    why = messageOf(error);
  }
  if (why !== null) throw untrusted(why);
  const file = await readApiFile(apiFile);
  if (file !== null) staysHere(file, apiFile);
  return file;
}

/** Every file that a command was led to, and not only the first. @throws CliFailure DAEMON_UNTRUSTED */
export function staysHere({ url }: ApiFile, path: string): void {
  if (!isLoopback(new URL(url).hostname)) throw untrusted(`${path} leads to another machine: ${url}`);
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

const untrusted = (why: string): CliFailure =>
  new CliFailure(
    EXIT.unreachable,
    "DAEMON_UNTRUSTED",
    "did not take the testnet of this folder",
    why,
    `if it is yours, name it with --home ${TESTNET_HOME}; else start your own daemon with \`mabeam daemon\``,
  );
