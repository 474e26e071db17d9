// A daemon's folder before anything of it is opened: what its owner says of it, and the lock that makes it this process's own.
import type { DaemonOptions } from "./cli/commands.js";
import { type Config, loadConfig } from "./config/config.js";
import type { KeySources } from "./daemon-keys.js";
import { takePassphrase } from "./keys/passphrase.js";
import { type FolderLock, lockFolder } from "./lock.js";
import { reopenLogs } from "./log.js";
import { untilSignal } from "./signals.js";

export interface HeldFolder {
  readonly config: Config;
  /** null: its owner gave none */
  readonly passphrase: string | null;
  /** released by whoever took it */
  readonly lock: FolderLock;
  /** given at the first signal */
  readonly stopping: AbortSignal;
}

/** Takes the folder that the options name. @throws Accident, LockError */
export async function holdFolder(options: DaemonOptions): Promise<HeldFolder> {
  options.io.outlive();
  const config = await loadConfig({
    flags: options.flags,
    ...(options.configFile === null ? {} : { configFile: options.configFile }),
  });
  // A pipe that nobody fills is waited for. Nothing is held yet, so a signal may end that as it ends any program.
  const file = config.settings.passphraseFile ?? null;
  const passphrase = takePassphrase({ env: process.env, file, descriptor: null });
  // From here on a signal is heard while the rest still starts.
  const stopping = new AbortController();
  void untilSignal(reopenLogs).then(() => stopping.abort());
  for (const warning of config.warnings) options.io.err(`warning: ${warning}`);
  return { config, passphrase, lock: await lockFolder(config.paths.home), stopping: stopping.signal };
}

export const keySourcesOf = ({ config, passphrase }: HeldFolder): KeySources => ({
  folder: config.paths.keys,
  passphrase,
  insecurePlainKeys: config.settings.insecurePlainKeys,
});
