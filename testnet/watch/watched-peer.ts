// What the testnet reads of a peer that it hosts: notices, finalised state, the log. Nothing that decides anything.
import type { Hash } from "../../src/base/index.js";
import type { Ledger } from "../../src/ledger/index.js";
import type { Notice } from "../../src/peer/ready.js";
import type { LogEntry } from "../../src/quorum/index.js";

export interface WatchedPeer {
  readonly name: string;
  readonly peer: {
    readonly ledger: Ledger;
    /** the newest executed entry, whose state `ledger` holds */
    readonly tip: { readonly height: number; readonly root: Hash };
  };
  subscribe(listener: (notice: Notice) => void): () => void;
  readLog(fromHeight: number, max: number): Promise<readonly LogEntry[]>;
}
