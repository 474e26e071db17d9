// What `mabeam testnet …` was given, where several commands or files read it. What is absent was not given.
import type { TestnetSize } from "../plan.js";

export interface HomeFlags {
  /** where the files of a testnet lie (default: the data folder, or MABEAM_HOME) */
  readonly home?: string;
  readonly json?: true;
}

export interface UpFlags extends Partial<TestnetSize>, HomeFlags {
  /** one process per peer, so that a kill is a kill −9; absent: all peers in one */
  readonly isolate?: "process";
  readonly detach?: true;
  /** with `detach`: return only once the API answers */
  readonly wait?: true;
  /** end after so many auctions; absent: go on */
  readonly rounds?: number;
  readonly inMemory?: true;
  readonly showKeys?: true;
  /** host:port of the API */
  readonly api?: string;
}
