// The state of an attested height, fetched before a peer starts, where nobody keeps the log from where it stands.
import type { Connection } from "@libp2p/interface";
import { type Hash, InvariantError } from "../../src/base/index.js";
import { SnapshotCheck, type SnapshotRow } from "../../src/ledger/index.js";
import type { Conduct } from "../../src/peer/conduct.js";
import { AttestedState } from "../../src/peer/proof/attested-state.js";
import { KEEP_TERMS, type LogTrust, MAX_CATCH_UP_ENTRIES, verifyLogBatch } from "../../src/quorum/index.js";
import { messageOf } from "../accident.js";
import { parseAddress } from "./fetch-genesis.js";
import { createDialer } from "./host.js";
import { CALL_LIMIT_MS } from "./limits.js";
import { type NetworkLog, NetworkRefusal } from "./ports.js";
import { askLog, askRows, askSnapshot } from "./sync-client.js";
import { LOG_PRUNED, SNAPSHOT_GONE, SNAPSHOT_PENDING } from "./wire.js";

/** What is taken of one bucket before it is proven: far more than the rows of a bucket are, unless somebody chose their keys. */
const MAX_BUCKET_BYTES = 64 * 1024 * 1024;

export interface StateWish {
  /** where to ask, in this order */
  readonly addresses: readonly string[];
  /** the height of this peer's last final entry; 0: it has none */
  readonly height: number;
  readonly trust: LogTrust;
  readonly conduct: Pick<Conduct, "attestedBy">;
  readonly log: NetworkLog;
  /** waits before a question is asked again whose refusal passes by itself */
  readonly pause: (ms: number) => Promise<void>;
  /** never goes back */
  readonly steadyMs: () => number;
  /** whoever waits for this peer's start does so no more */
  readonly stopping?: AbortSignal;
}

/** A state, proven, with the log below its height. */
export interface FetchedState {
  readonly proof: AttestedState;
  readonly root: Hash;
  readonly rows: readonly SnapshotRow[];
}

/** A question is asked again so often after a refusal that passes: a state is attested within a few entries. */
const MOST_PAUSES = 60;
const PAUSE_MS = 1000;
/** Who hands on less than that, after some grace, is not waited for: a peer that takes a state does nothing else meanwhile. */
const LEAST_BYTES_PER_SECOND = 64 * 1024;
const GRACE_MS = 120_000;
/** A state that is let go of while it is read is begun anew. */
const MOST_STATES = 3;

/**
 * Asks each address whether it keeps the log from this peer's height on. Null: one shows the next entry, or nobody has let go
 * of it, so that there is nothing to take. Else the first state is taken that proves right: who stands as far back as this
 * peer, and who says that it keeps what it does not show, keep nobody from it.
 * Null as well where `stopping` comes first.
 * @throws NetworkRefusal of the last address, if none has a state that proves right
 */
export async function fetchState(wish: StateWish): Promise<FetchedState | null> {
  const dialer = await createDialer();
  const pruned: { readonly address: string; readonly connection: Connection }[] = [];
  try {
    for (const address of wish.addresses) {
      if (wish.stopping?.aborted === true) return null;
      const connection = await dialer
        .dial(parseAddress(address), { signal: AbortSignal.timeout(CALL_LIMIT_MS) })
        .catch(() => null);
      if (connection === null) continue;
      const kept = await keepsLog(connection, wish.height + 1, wish.trust);
      if (kept === true) return null;
      if (kept === false) pruned.push({ address, connection });
      else wish.log.debug({ address }, "it was not told whether the log is kept there");
    }
    let refusal: NetworkRefusal | null = null;
    for (const { address, connection } of pruned) {
      try {
        return await stateFrom(connection, wish);
      } catch (error) {
        if (wish.stopping?.aborted === true) return null;
        refusal = error instanceof NetworkRefusal ? error : unanswered(address, error);
        wish.log.warn({ address, err: error }, "no state could be taken there");
      }
    }
    if (refusal !== null) throw refusal;
    return null;
  } finally {
    await dialer.stop();
  }
}

/** Whether a peer keeps the log from a height on, by an entry that is proven; null: it does not say, or has none so high. */
async function keepsLog(connection: Connection, height: number, trust: LogTrust): Promise<boolean | null> {
  try {
    return verifyLogBatch(await askLog(connection, height, 1), trust, null).ok || null;
  } catch (error) {
    return error instanceof NetworkRefusal && error.code === LOG_PRUNED ? false : null;
  }
}

/** A bug is none of the other side's silences. */
function unanswered(address: string, error: unknown): NetworkRefusal {
  if (error instanceof InvariantError || error instanceof TypeError) throw error;
  return new NetworkRefusal("UNREACHABLE", `${address} gave no answer: ${messageOf(error)}`);
}

async function stateFrom(connection: Connection, wish: StateWish): Promise<FetchedState> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await oneState(connection, wish);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (attempt === MOST_STATES || (code !== SNAPSHOT_GONE && code !== LOG_PRUNED)) throw error;
    }
  }
}

async function oneState(connection: Connection, wish: StateWish): Promise<FetchedState> {
  const handing = new Handing(wish);
  const { height, buckets } = await handing.ask(() => askSnapshot(connection));
  if (height <= wish.height) throw lie(`its state is of height ${height}, and this peer has ${wish.height}`);
  const proof = await proven(connection, height, handing);
  const root = proof.root!;
  const check = SnapshotCheck.of(root, buckets, MAX_BUCKET_BYTES);
  if (check === null) throw lie("the hashes of its buckets are not those of the attested root");
  const rows: SnapshotRow[] = [];
  for (;;) {
    const some = await handing.ask(() => askRows(connection, height, check.place));
    for (const row of some) {
      const fault = check.take(row);
      if (fault !== null) throw lie(`its rows are not the state's: ${fault}`);
      rows.push(row);
      handing.took(row.key.length + row.value.length);
    }
    if (some.length > 0) continue;
    const fault = check.end();
    if (fault !== null) throw lie(`its rows are not the state's: ${fault}`);
    return { proof, root, rows };
  }
}

/** The log from below the state's height to the header that attests it. */
async function proven(connection: Connection, height: number, handing: Handing): Promise<AttestedState> {
  const { trust, conduct } = handing.wish;
  const from = Math.max(1, height - KEEP_TERMS + 1);
  const proof = new AttestedState(height, from, trust, conduct);
  while (proof.root === null) {
    const page = await handing.ask(() => askLog(connection, proof.next, MAX_CATCH_UP_ENTRIES));
    const fault = proof.take(page);
    if (fault !== null) throw lie(`its log proves nothing: ${fault}`);
    handing.took(page.entries.reduce((sum, { header }) => sum + header.opsBytes, 0));
  }
  return proof;
}

/** One state that is handed on, and the patience for it. */
class Handing {
  private readonly sinceMs: number;
  private bytes = 0;

  constructor(readonly wish: StateWish) {
    this.sinceMs = wish.steadyMs();
  }

  /** So much came that is of use. */
  took(bytes: number): void {
    this.bytes += bytes;
  }

  /** Asks again after refusals that pass by themselves: others are served, or nothing is attested yet. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (let pauses = 0; ; pauses++) {
      this.wish.stopping?.throwIfAborted();
      const dueMs = this.sinceMs + GRACE_MS + (1000 * this.bytes) / LEAST_BYTES_PER_SECOND;
      if (this.wish.steadyMs() > dueMs) throw slow(`only ${this.bytes} bytes of its state have come`);
      try {
        return await question();
      } catch (error) {
        const passes =
          error instanceof NetworkRefusal && (error.code === SNAPSHOT_PENDING || error.code === "REFUSED");
        if (!passes || pauses === MOST_PAUSES) throw error;
        await this.wish.pause(PAUSE_MS);
      }
    }
  }
}

const lie = (why: string): NetworkRefusal => new NetworkRefusal("BAD_ANSWER", why);
const slow = (why: string): NetworkRefusal => new NetworkRefusal("UNREACHABLE", why);
