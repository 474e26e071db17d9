// The contract with commands whose work is done elsewhere: by the daemon, and by testnet/, which node/ may not import.
import type { FormatName } from "../contract/auction.js";

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
  /** listen for the API beyond loopback without TLS */
  readonly insecureApiPublic: boolean;
  /** print the banner as one line of JSON */
  readonly json: boolean;
  readonly io: CommandIo;
}

/** Where the files of a testnet lie; null: the default data folder (or MABEAM_HOME). */
interface InHome {
  readonly home: string | null;
}

interface Size {
  /** absent values are for the command to choose: `quorum` is min(7, peers) */
  readonly peers: number | null;
  readonly quorum: number | null;
  readonly agents: number | null;
  readonly seed: number | null;
}

export interface TestnetUpOptions extends InHome, Size {
  /** `process`: one process per peer, so that a kill is a kill −9; null: all peers in one */
  readonly isolate: "process" | null;
  readonly detach: boolean;
  /** with `detach`: return only once the API answers */
  readonly wait: boolean;
  /** end after so many auctions; null: go on */
  readonly rounds: number | null;
  readonly inMemory: boolean;
  readonly showKeys: boolean;
  /** host:port of the API; null: the default */
  readonly api: string | null;
  readonly json: boolean;
}

export interface TestnetRunOptions extends Size {
  readonly rounds: number | null;
  /** which sellers' offers take in turn; null: the default one */
  readonly formats: readonly FormatName[] | null;
  readonly json: boolean;
}

export interface TestnetDownOptions extends InHome {
  readonly json: boolean;
}

/** Removes what a testnet has left; the caller has asked whether it is meant. */
export interface TestnetResetOptions extends InHome {
  readonly json: boolean;
}

export interface TestnetPsOptions extends InHome {
  readonly json: boolean;
}

export interface TestnetLogsOptions extends InHome {
  /** the place of a peer that has a process, and so a log, of its own; null: the testnet's */
  readonly peer: number | null;
  readonly follow: boolean;
  /** how many of the last lines */
  readonly lines: number;
}

export interface SimulateOptions {
  readonly seed: number;
  readonly runs: number;
  readonly peers: number | null;
  readonly quorum: number | null;
  readonly byzantine: number | null;
  /** kinds of faults to allow, by name; null: all */
  readonly faults: readonly string[] | null;
  readonly mutant: string | null;
  /** only these parts of one seed's scenario, as a shrunk violation names them; null: all */
  readonly only: readonly string[] | null;
  /** leave out of a violation's scenario what it does not need */
  readonly shrink: boolean;
  readonly listMutants: boolean;
  readonly json: boolean;
}

export interface BenchOptions {
  /** only rows whose name contains this */
  readonly only: string | null;
  readonly json: boolean;
}

/**
 * Commands of testnet/: the name is that of the module `testnet/cli/<name>.ts`, which exports
 * `run(options, io): Promise<number>` with the options of its entry, and resolves to the exit code.
 */
export interface TestnetCommands {
  readonly up: TestnetUpOptions;
  readonly run: TestnetRunOptions;
  readonly down: TestnetDownOptions;
  readonly reset: TestnetResetOptions;
  readonly ps: TestnetPsOptions;
  readonly logs: TestnetLogsOptions;
  readonly simulate: SimulateOptions;
  readonly bench: BenchOptions;
}

export type TestnetCommand<Name extends keyof TestnetCommands> = (
  options: TestnetCommands[Name],
  io: CommandIo,
) => Promise<number>;

/** Runs a command of testnet/. Loaded by address, so that node/ has no import of testnet/. */
export async function runTestnetCommand<Name extends keyof TestnetCommands>(
  name: Name,
  options: TestnetCommands[Name],
  io: CommandIo,
): Promise<number> {
  const module = new URL(`../../testnet/cli/${name}.js`, import.meta.url);
  const { run } = (await import(module.href)) as { readonly run: TestnetCommand<Name> };
  return run(options, io);
}
