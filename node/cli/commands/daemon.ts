// `daemon`: hands the flags to the daemon and waits for its orderly end.
import { SETTING_NAMES } from "../../config/settings.js";
import type { DaemonOptions } from "../commands.js";
import type { Terminal } from "../terminal.js";

interface DaemonFlags extends Readonly<Record<string, unknown>> {
  readonly config?: string;
  readonly insecureApiPublic?: true;
  readonly json?: true;
}

export async function daemon(terminal: Terminal, flags: DaemonFlags): Promise<void> {
  const { runDaemon } = (await import(new URL("../../daemon.js", import.meta.url).href)) as {
    readonly runDaemon: (options: DaemonOptions) => Promise<void>;
  };
  const given = SETTING_NAMES.filter((name) => flags[name] !== undefined);
  await runDaemon({
    flags: Object.fromEntries(given.map((name) => [name, flags[name]])),
    configFile: flags.config ?? null,
    insecureApiPublic: flags.insecureApiPublic === true,
    json: flags.json === true,
    io: terminal,
  });
}
