// The contract with commands whose work is done elsewhere: by the daemon, and by testnet/, which node/ may not import.

/** Where a command writes. Data goes to `out`, and nothing else does; all the rest to `err`. */
export interface CommandIo {
  /** one line of data on stdout; the line end is added */
  out(line: string): void;
  /** one line for people on stderr; the line end is added */
  err(line: string): void;
  /** whether a stream shows colours (a terminal that is not dumb, and no NO_COLOR); the other gets none of them */
  readonly colors: boolean;
  /** whether stderr is a terminal: only then progress and spinners appear */
  readonly progress: boolean;
  /** how a person calls this program here, such as `bin/mabeam.mjs` in a checkout; a shell can take it */
  readonly self: string;
  /** From now on a dead stdout ends nothing: others depend on this process, whether anybody reads it or not. */
  outlive(): void;
}

/** Exit codes of spec/api#exit-codes. A command resolves to one of them, or throws an `Accident`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  auth: 4,
  notFound: 5,
  conflict: 6,
  funds: 7,
  timeout: 8,
  verification: 9,
  busy: 10,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** `node/daemon.ts` exports `runDaemon(options: DaemonOptions): Promise<void>`; it resolves after an orderly stop. */
export interface DaemonOptions {
  /** settings as flags gave them, for `loadConfig({ flags, configFile })` */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly configFile: string | null;
  /** what founds the network of a folder that belongs to none; absent: nothing does */
  readonly genesisFile?: string;
  /** listen for the API beyond loopback without TLS */
  readonly insecureApiPublic: boolean;
  /** print the banner as one line of JSON */
  readonly json: boolean;
  readonly io: CommandIo;
}
