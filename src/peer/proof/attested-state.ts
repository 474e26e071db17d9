// A state that is taken from others: the log below and above its height proves it to anybody who knows the genesis (spec/log#snapshots).
import { encode, type Hash, invariant } from "../../base/index.js";
import type { SnapshotRow } from "../../ledger/index.js";
import {
  type ChainStart,
  type LogEntry,
  type LogRefusal,
  type LogTrust,
  logEntry,
  type QuorumMessage,
  verifyLogBatch,
} from "../../quorum/index.js";
import { KEY, PREFIX, rootRow } from "../../quorum/log/rows.js";
import type { Conduct } from "../conduct.js";
import { keptLogWrite } from "../kept-log.js";
import { logKey, stateKey, TIP_KEY } from "../keyspace.js";
import type { Write } from "../ready.js";
import { tipRow } from "../stored-rows.js";

type LogPage = Pick<QuorumMessage & { readonly kind: "log" }, "entries" | "descendants" | "cert">;

/** The pages between a state's height and the header that attests it: entries are proposed before the one below is executed, but not many. */
const MAX_PAGES_ABOVE = 4;

/**
 * Takes pages of the log from some height up to the header that attests the state of `height`. All of it is final by the
 * certificates of the pages; the state's root is what that header says.
 */
export class AttestedState {
  private readonly log: LogEntry[] = [];
  private last: ChainStart | null;
  private attested: Hash | null = null;
  private pagesAbove = 0;

  /** @param from the height at which the pages begin, from 1 and at most `height` */
  constructor(
    readonly height: number,
    from: number,
    private readonly trust: LogTrust,
    private readonly conduct: Pick<Conduct, "attestedBy">,
  ) {
    invariant(from >= 1 && from <= height, `a log from ${from} to ${height}`);
    this.last = from === 1 ? { height: 0, id: trust.chain } : null;
    this.next = from;
  }

  /** The height that the next page begins with. */
  next: number;

  /** The root that a final header gives for the state; null: none has been seen yet. */
  get root(): Hash | null {
    return this.attested;
  }

  /** @returns what is wrong with the page; null: it is the log's */
  take(page: LogPage): LogRefusal | null {
    if (page.entries[0]?.header.height !== this.next) return "BAD_LINK";
    if (this.next > this.height && ++this.pagesAbove > MAX_PAGES_ABOVE) return "EMPTY";
    const batch = verifyLogBatch(page, this.trust, this.last);
    if (!batch.ok) return batch.error;
    const { entries, descendants, cert } = batch.value;
    for (const [i, { header }] of entries.entries()) {
      const isProven = descendants.length === 0 && i === entries.length - 1;
      const { ops } = page.entries[i]!;
      // Of certificates inside a page nothing is known, so none is kept.
      if (header.height <= this.height)
        this.log.push({ header, ops, justification: [], cert: isProven ? cert : null });
    }
    for (const { header } of [...entries, ...descendants]) {
      const shows = header.height > this.height && this.conduct.attestedBy(header) === this.height;
      if (shows) this.attested ??= header.execRoot;
    }
    const { header, id } = entries.at(-1)!;
    this.last = { height: header.height, id };
    this.next = header.height + 1;
    return null;
  }

  /**
   * What makes a store that of a peer which has executed the log up to the state's height and let go of what is below
   * the pages. Rows of the ledger that are not among `rows`, and entries above the old floor, are the caller's to remove.
   */
  writes(rows: Iterable<SnapshotRow>): readonly Write[] {
    const root = this.root;
    const tip = this.log.at(-1)?.header;
    invariant(root !== null && tip?.height === this.height, "a state is written once it is proven");
    const put = (key: string, value: Uint8Array): Write => ({ kind: "put", key, value });
    return [
      ...[...rows].map(({ key, value }) => put(stateKey(key), value)),
      ...this.log.map((entry) => put(logKey(entry.header.height), encode(logEntry, entry))),
      put(KEY.root(tip.execHeight), encode(rootRow, tip.execRoot)),
      put(KEY.root(this.height), encode(rootRow, root)),
      keptLogWrite(this.log[0]!.header.height),
      put(TIP_KEY, encode(tipRow, { chain: this.trust.chain, height: this.height, root })),
    ];
  }

  /** The term of the entry at the state's height: nothing is signed at or below it any more (I7). */
  get term(): number {
    return this.log.at(-1)!.header.term;
  }
}

/** Where a voter keeps entries that were not final: those at or below the floor are of no use any more. */
export const UNFINALISED_PREFIX = PREFIX.entry;
