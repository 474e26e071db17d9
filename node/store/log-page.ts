// One page of the log, put together for a peer that catches up (spec/log#Q3). No I/O.
import { invariant } from "../../src/base/index.js";
import {
  type Certificate,
  type Header,
  type LogEntry,
  MAX_ANSWER_BYTES,
  MAX_CATCH_UP_ENTRIES,
  MAX_DESCENDANTS,
  MAX_ENTRY_OPS,
  MAX_ENTRY_OPS_BYTES,
  MAX_FRAME_BYTES,
  MAX_SEATS,
  type QuorumMessage,
} from "../../src/quorum/index.js";

export type LogPageMessage = Extract<QuorumMessage, { kind: "log" }>;

/** More than any header encodes to: nine hashes and ten integers, each with its key. */
const MAX_HEADER_BYTES = 512;
/** A certificate of every seat, and the framing of the message around it all. */
const END_BYTES = MAX_SEATS * (2 + 2 + 64) + 1024;
/** What is left of a frame for entries. */
const ENTRY_ROOM_BYTES = MAX_FRAME_BYTES - END_BYTES - MAX_DESCENDANTS * MAX_HEADER_BYTES;
invariant(
  MAX_ENTRY_OPS_BYTES + MAX_ENTRY_OPS * 5 + MAX_HEADER_BYTES + END_BYTES <= ENTRY_ROOM_BYTES,
  "every entry, its justification aside, fits a page",
);
invariant(MAX_ANSWER_BYTES <= ENTRY_ROOM_BYTES, "an answer of the usual size fits a page");

/**
 * Takes finalised entries in height order, one after the other, and makes of them the answer to `getLog`: as many
 * entries as fit, then headers up to the first with a certificate. So a page ends in a certificate, and every hash link
 * of it can be checked backwards from there.
 *
 * Where the next certificate is further off than a page reaches, entries are given back from its end until it ends in
 * one: all that is sent is proven. A single entry too large for a frame goes without its justification, which only
 * evidence needs and which can be pulled by its hash.
 */
export class LogPage {
  private readonly entries: LogEntry[] = [];
  private readonly descendants: Header[] = [];
  private bytes = 0;
  private full = false;
  private cert: Certificate | null = null;

  /** @param max entries at most, 1..MAX_CATCH_UP_ENTRIES */
  constructor(private readonly max: number) {
    invariant(max >= 1 && max <= MAX_CATCH_UP_ENTRIES, `a page of ${max} entries`);
  }

  /**
   * Takes the next entry of the log.
   * @param bytes the length of its encoding
   * @returns whether the page has a use for one more
   */
  take(entry: LogEntry, bytes: number): boolean {
    if (!this.full && this.place(entry, bytes)) {
      this.full = this.entries.length === this.max;
      return !(this.full && this.cert !== null);
    }
    this.full = true;
    if (this.cert !== null) return false;
    this.descendants.push(entry.header);
    this.cert = entry.cert;
    return this.cert === null && this.descendants.length < MAX_DESCENDANTS;
  }

  /** The page; without entries where the log has none from here on that a certificate within reach proves. */
  message(): LogPageMessage {
    if (this.cert !== null) {
      return { kind: "log", entries: this.entries, descendants: this.descendants, cert: this.cert };
    }
    const last = this.entries.findLastIndex((entry) => entry.cert !== null);
    return {
      kind: "log",
      entries: this.entries.slice(0, last + 1),
      descendants: [],
      cert: this.entries[last]?.cert ?? null,
    };
  }

  private place(entry: LogEntry, bytes: number): boolean {
    const first = this.entries.length === 0;
    if (!first && this.bytes + bytes > MAX_ANSWER_BYTES) return false;
    this.entries.push(first && bytes > ENTRY_ROOM_BYTES ? { ...entry, justification: [] } : entry);
    this.bytes += bytes;
    this.cert = entry.cert;
    return true;
  }
}
