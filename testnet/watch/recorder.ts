// The recorder: listens at every peer of a finite run, and keeps what was said, in the order it was said.
import { type Bytes, type Hex, toHex } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { accountsOf, booksOf, tradesIn } from "../lab/checks/books.js";
import { budgetsIn } from "../lab/checks/budget-books.js";
import type { BudgetReading } from "../lab/checks/budgets.js";
import type { Overheard, PeerTestimony, Sighting } from "./testimony.js";
import type { WatchedPeer } from "./watched-peer.js";

interface Notes {
  readonly roots: Map<number, Hex>;
  readonly entries: Map<number, Hex>;
  readonly sightings: Sighting[];
  readonly overheard: Overheard[];
  readonly books: PeerTestimony["books"][number][];
  readonly earlier: BudgetReading[];
}

/** When one gossiped message left its peer, and when it reached the others: ms of the recorder's clock. */
export interface Journey {
  sentAtMs: number | null;
  readonly receivedAtMs: number[];
}

type Listener = (peer: number, notice: Notice, atMs: number) => void;

const freshNotes = (): Notes => ({
  roots: new Map(),
  entries: new Map(),
  sightings: [],
  overheard: [],
  books: [],
  earlier: [],
});

const readBooks = ({ ledger, tip }: WatchedPeer["peer"]): PeerTestimony["books"][number] => ({
  height: tip.height,
  ...booksOf(ledger),
});

/** Gossip passes while peers start; they are attached as soon as they are there. */
export class Recorder {
  readonly journeys = new Map<Hex, Journey>();
  private readonly notes = new Map<number, Notes>();
  private readonly peers = new Map<number, WatchedPeer>();
  /** one object for equal bytes: the checkers judge each message once, however many peers heard it */
  private readonly interned = new Map<Hex, Bytes>();
  private readonly listeners = new Set<Listener>();
  private readonly stops: (() => void)[] = [];
  private order = 0;

  /** @param nowMs a clock for durations, the same for all peers */
  constructor(private readonly nowMs: () => number) {}

  /** Tells `listener` of every notice, after it was noted. */
  onNotice(listener: Listener): void {
    this.listeners.add(listener);
  }

  attach(index: number, peer: WatchedPeer): void {
    this.peers.set(index, peer);
    const notes = this.notesOf(index);
    this.stops.push(peer.subscribe((notice) => this.see(index, peer, notes, notice)));
  }

  /** Hears nothing more. */
  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /**
   * Notes an operation that passes peer `index` by gossip. Only what arrives is held against the network's secrecy:
   * a message leaves in the same step that learns of a close, and a moment before that step tells anybody.
   */
  overhear(index: number, direction: "sent" | "received", bytes: Bytes): void {
    const atMs = this.nowMs();
    const key = toHex(taggedHash("msg", bytes));
    const known = this.interned.get(key) ?? bytes.slice();
    this.interned.set(key, known);
    const journey = this.journeys.get(key) ?? { sentAtMs: null, receivedAtMs: [] };
    this.journeys.set(key, journey);
    if (direction === "sent") {
      journey.sentAtMs ??= atMs;
      return;
    }
    journey.receivedAtMs.push(atMs);
    this.notesOf(index).overheard.push({ order: this.order++, bytes: known });
  }

  /** State roots by height, as far as each peer was looked at. */
  rootsOf(index: number): ReadonlyMap<number, Hex> {
    return this.notesOf(index).roots;
  }

  /** What every peer said, with its accounts and books as they are now. */
  testimonies(): readonly PeerTestimony[] {
    return [...this.peers].map(([index, { name, peer }]) => {
      const { books, ...notes } = this.notesOf(index);
      const { ledger, tip } = peer;
      const accounts = accountsOf(ledger);
      const [trades, budgets] = [tradesIn(ledger), budgetsIn(ledger)];
      const { height } = tip;
      return { name, ...notes, books: [...books, readBooks(peer)], height, accounts, trades, budgets };
    });
  }

  private see(index: number, { peer }: WatchedPeer, notes: Notes, notice: Notice): void {
    const atMs = this.nowMs();
    // Steps share batches: the state may be that of a later entry than the one that is told of.
    notes.roots.set(peer.tip.height, toHex(peer.tip.root));
    if (notice.kind === "entry") notes.entries.set(notice.height, toHex(notice.id));
    else notes.sightings.push({ order: this.order++, notice });
    if (notice.kind === "auctionSettled") {
      notes.books.push(readBooks(peer));
      notes.earlier.push({ height: peer.tip.height, budgets: budgetsIn(peer.ledger) });
    }
    for (const listener of this.listeners) listener(index, notice, atMs);
  }

  private notesOf(index: number): Notes {
    const known = this.notes.get(index) ?? freshNotes();
    this.notes.set(index, known);
    return known;
  }
}
