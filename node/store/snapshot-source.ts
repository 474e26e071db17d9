// The state of one attested height, held for those whom the log does not reach, and renewed by time.
import { setImmediate as breath } from "node:timers/promises";
import { decode, encode, equalBytes } from "../../src/base/index.js";
import { type Place, Snapshot, type SnapshotRow, StateTree } from "../../src/ledger/index.js";
import { LOG_PREFIX, logKey, STATE_PREFIX, stateKey } from "../../src/peer/index.js";
import { KEEP_TERMS, logEntry, MAX_ANSWER_BYTES, MAX_FRAME_BYTES } from "../../src/quorum/index.js";
import type { SnapshotOffer } from "../net/ports.js";
import { MAX_SNAPSHOT_ROWS, snapshotRows } from "../net/wire.js";
import { StoreError } from "./error.js";
import { prefixRange, type Store, type StoreSnapshot } from "./store.js";
import { readTip, type StoredTip } from "./tip.js";

/** After so long a newer state takes the place of the one that is held; one from which somebody reads stays longer. */
const RENEWED_MS = 120_000;
const IN_USE_MS = 30_000;
const HELD_MS = 300_000;
/** Rows that are hashed before others have a turn. */
const ROWS_A_TURN = 256;
/** How far above a state the header is looked for that attests it. */
const MAX_ABOVE = 64;

/** A state that was set aside, and may come to be attested. */
interface Candidate {
  readonly rows: StoreSnapshot;
  readonly tip: StoredTip;
}

interface Held extends Candidate {
  readonly sinceMs: number;
  usedMs: number;
  /** made when somebody asks */
  snapshot: Snapshot | null;
}

/**
 * Holds one attested state, and sets the next aside in time: whoever asks when the log stands still finds one too. A pass
 * over its rows is made only when somebody asks.
 */
export class SnapshotSource {
  private candidate: Candidate | null = null;
  private held: Held | null = null;
  /** questions are answered one after the other: two would make two */
  private last: Promise<unknown> = Promise.resolve();
  private looking = false;
  private closed = false;

  constructor(
    private readonly store: Store,
    private readonly steadyMs: () => number,
    /** the height from which on the log is kept */
    private readonly keptFrom: () => number,
  ) {}

  /** Entries are final that were not: a state may be attested now. @throws StoreError */
  async look(): Promise<void> {
    if (this.looking || this.closed || !this.isDue()) return;
    this.looking = true;
    await this.inTurn(() => this.renew()).finally(() => {
      this.looking = false;
    });
  }

  /** The state to take; null: none is attested yet, and in a few entries one will be. @throws StoreError */
  offer(): Promise<SnapshotOffer | null> {
    return this.inTurn(async () => {
      if (this.isDue()) await this.renew();
      const { held } = this;
      if (held === null || this.isBare(held)) return null;
      held.usedMs = this.steadyMs();
      held.snapshot ??= await indexed(held);
      return { height: held.tip.height, buckets: held.snapshot.bucketHashes };
    });
  }

  /** Its rows from a place on, encoded, as many as an answer holds; null: that height is not held. @throws StoreError */
  rows(height: number, place: Place): Promise<Uint8Array | null> {
    return this.inTurn(async () => {
      const { held } = this;
      if (held === null || held.snapshot === null || held.tip.height !== height) return null;
      held.usedMs = this.steadyMs();
      const rows: SnapshotRow[] = [];
      let bytes = 0;
      for (const key of held.snapshot.keysFrom(place)) {
        const value = await held.rows.get(stateKey(key));
        if (value === null) throw damaged(`the row ${key} is gone`);
        bytes += key.length + value.length + 16;
        if (rows.length > 0 && (bytes > MAX_ANSWER_BYTES || rows.length === MAX_SNAPSHOT_ROWS)) break;
        rows.push({ key, value });
      }
      return encode(snapshotRows, rows);
    });
  }

  /** Lets go of what is held; nothing is held after it. */
  async close(): Promise<void> {
    this.closed = true;
    await this.last;
    await this.candidate?.rows.close();
    await this.held?.rows.close();
    this.candidate = null;
    this.held = null;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T | null> {
    const done = this.last.then(() => (this.closed ? null : work()));
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Whether a newer state is wanted. */
  private isDue(): boolean {
    if (this.held === null || this.isBare(this.held)) return true;
    const nowMs = this.steadyMs();
    const [ageMs, idleMs] = [nowMs - this.held.sinceMs, nowMs - this.held.usedMs];
    return ageMs >= HELD_MS || (ageMs >= RENEWED_MS && idleMs >= IN_USE_MS);
  }

  /** Whether the log below a state has gone, by which it is proven. */
  private isBare({ tip }: Held): boolean {
    return Math.max(1, tip.height - KEEP_TERMS + 1) < this.keptFrom();
  }

  /** Holds the state set aside, if a final header attests it by now; sets another aside where none ever will. */
  private async renew(): Promise<void> {
    this.candidate ??= await this.setAside();
    const { candidate } = this;
    if (candidate === null) return;
    const verdict = await this.verdictOn(candidate.tip);
    if (verdict === "not yet") return;
    this.candidate = null;
    if (verdict === "missed") {
      await candidate.rows.close();
      this.candidate = await this.setAside();
      return;
    }
    const nowMs = this.steadyMs();
    const before = this.held;
    this.held = { ...candidate, sinceMs: nowMs, usedMs: nowMs, snapshot: null };
    await before?.rows.close();
  }

  private async setAside(): Promise<Candidate | null> {
    const rows = this.store.snapshot();
    const tip = await readTip(rows);
    if (tip !== null && tip.height > 0) return { rows, tip };
    await rows.close();
    return null;
  }

  private async verdictOn({ height, root }: StoredTip): Promise<"attested" | "not yet" | "missed"> {
    const above = { ...prefixRange(LOG_PREFIX), gte: logKey(height + 1), limit: MAX_ABOVE };
    let seen = 0;
    for await (const { key, value } of this.store.range(above)) {
      const entry = decode(logEntry, value, MAX_FRAME_BYTES);
      if (!entry.ok) throw damaged(`the row ${key} is no entry: ${entry.error.code}`);
      const { execHeight, execRoot } = entry.value.header;
      if (execHeight === height) return equalBytes(execRoot, root) ? "attested" : "missed";
      if (execHeight > height) return "missed";
      seen++;
    }
    return seen === MAX_ABOVE ? "missed" : "not yet";
  }
}

/** A pass over all rows of a state, which must be those of its tip. */
async function indexed({ rows, tip }: Candidate): Promise<Snapshot> {
  const tree = new StateTree();
  let count = 0;
  for await (const { key, value } of rows.range(prefixRange(STATE_PREFIX))) {
    tree.set(key.slice(STATE_PREFIX.length), value);
    if (++count % ROWS_A_TURN === 0) await breath();
  }
  const snapshot = new Snapshot(tree);
  if (equalBytes(snapshot.root, tip.root)) return snapshot;
  throw damaged("its state rows are not those of its tip");
}

const damaged = (why: string): StoreError =>
  new StoreError(
    "STORE_CORRUPT",
    "could not hand on the state",
    why,
    "look for more with `mabeam db verify`; move the store aside and start again: the peer catches up from the network",
  );
