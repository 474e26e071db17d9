// `daemon`: hands the flags to the daemon and waits for its orderly end.
import { SETTING_NAMES } from "../../config/settings.js";
import type { DaemonPart } from "../../daemon.js";
import type { DaemonOptions } from "../commands.js";
import type { Terminal } from "../terminal.js";

export interface DaemonFlags extends Readonly<Record<string, unknown>> {
  readonly home?: string;
  readonly config?: string;
  readonly genesis?: string;
  readonly insecureApiPublic?: true;
  readonly json?: true;
}

export const daemon = (terminal: Terminal, flags: DaemonFlags): Promise<void> =>
  runDaemonWith(terminal, flags, {});

/** Runs a daemon to its end, with what a command adds to it. */
export async function runDaemonWith(terminal: Terminal, flags: DaemonFlags, part: DaemonPart): Promise<void> {
  const { runDaemon } = (await import(
    new URL("../../daemon.js", import.meta.url).href
  )) as typeof import("../../daemon.js");
  await runDaemon(daemonOptionsOf(terminal, flags), part);
}

export function daemonOptionsOf(terminal: Terminal, flags: DaemonFlags): DaemonOptions {
  const given = SETTING_NAMES.filter((name) => flags[name] !== undefined);
  return {
    flags: Object.fromEntries(given.map((name) => [name, flags[name]])),
    configFile: flags.config ?? null,
    ...(flags.genesis === undefined ? {} : { genesisFile: flags.genesis }),
    insecureApiPublic: flags.insecureApiPublic === true,
    json: flags.json === true,
    io: terminal,
  };
}
