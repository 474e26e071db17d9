// A network whose whole quorum lies: headers, certificates and state rows as it likes, signatures of others never.
import { type Bytes, encode, equalBytes, type Hash, toHex, ZERO_HASH } from "../../../src/base/index.js";
import { leafHash, merkleRoot, RECOVERY_BYTES, taggedHash } from "../../../src/crypto/index.js";
import {
  commitRows,
  encodeGenesis,
  type Genesis,
  networkOf,
  proveRow,
  StateTree,
} from "../../../src/ledger/index.js";
import {
  type AuctionId,
  type AuctionRow,
  type AuctionTerms,
  auctionIdOf,
  auctionKey,
  auctionOf,
  auctionRow,
  type BodyOf,
  bidCommitment,
  type CommitRow,
  commitKey,
  commitOf,
  commitRow,
  commitsOf,
  createLedger,
  encodeOperation,
  executeEntry,
  hiddenReserveHash,
  laneOf,
  type Operation,
  type OperationBody,
  type PhaseKind,
  selfProving,
  signOperation,
} from "../../../src/market/index.js";
import { electorateOf, type Transcript } from "../../../src/peer/index.js";
import { provenRow } from "../../../src/peer/proof/witness.js";
import {
  type Certificate,
  certificate,
  entryIdOf,
  type Header,
  header as headerCodec,
  justifyHashOf,
  opsBytesOf,
  type VoteKind,
  voteDigest,
  voteDomain,
} from "../../../src/quorum/index.js";
import { FEE, genesisOf, idOf, keyOf, LOT } from "../cluster.js";

export const BIDDERS = ["ann", "bob", "cid"] as const;
export const BIDS = { ann: 500n, bob: 300n, cid: 700n, dan: 900n } as const;
export type Bidder = keyof typeof BIDS;
const STEP_MS = 300;
const saltOf = (name: string) => taggedHash("key", new TextEncoder().encode(name));

/** What the log of a run holds beside what every run does. */
export interface Script {
  readonly terms?: Partial<AuctionTerms>;
  /** entries before the auction's creation, by how long after the one before each comes */
  readonly before?: readonly number[];
  /** before the entry of this height two terms are skipped */
  readonly gapAt?: number;
  /** the seller signs its creation for this fee too, and cannot pay it */
  readonly unpaid?: bigint;
  /** an entry while OPEN, so long after the one before it */
  readonly pauseMs?: number;
  readonly bidders?: readonly Bidder[];
  /** amounts other than `BIDS` */
  readonly amounts?: Partial<Readonly<Record<Bidder, bigint>>>;
  /** for how many units each bids, where the format goes by units */
  readonly units?: Partial<Readonly<Record<Bidder, number>>>;
  /** whose bids are revealed */
  readonly reveals?: readonly Bidder[];
  /** opens this reserve, hidden from the start */
  readonly hidden?: bigint;
  readonly whileOpen?: (net: LyingNetwork) => readonly Operation[];
  readonly whileReveal?: (net: LyingNetwork) => readonly Operation[];
  readonly afterEnd?: (net: LyingNetwork) => readonly Operation[];
}

/** What the quorum says that is not so. */
export interface Lie {
  readonly auction?: (row: AuctionRow, net: LyingNetwork) => AuctionRow;
  readonly commits?: (rows: Map<Bidder, CommitRow>, net: LyingNetwork) => void;
  readonly header?: (header: Header, height: number, net: LyingNetwork) => Header;
  readonly certificate?: (cert: Certificate, header: Header, net: LyingNetwork) => Certificate;
  /** the bytes of a row, as they stand in the state: by its place, the auction's row first */
  readonly bytes?: (value: Uint8Array, place: number) => Uint8Array;
}

interface Entry {
  readonly timeMs: number;
  readonly ops: readonly Operation[];
}

/** One auction from its creation to its end, executed honestly; `transcript` then tells it with a lie or without. */
export class LyingNetwork {
  readonly genesis: Genesis = genesisOf(4, ["sue", ...Object.keys(BIDS)], { lotSlackMs: 1000 });
  readonly network = networkOf(this.genesis);
  readonly ledger = createLedger(this.genesis);
  readonly electorate = electorateOf(this.genesis);
  readonly auction: AuctionId = auctionIdOf(this.network, idOf("sue"), 0);
  /** by height − 1 */
  readonly entries: Entry[] = [];
  /** of the state after each height, genesis' first */
  private readonly roots: Hash[] = [commitRows(this.ledger).root];

  constructor(private readonly script: Script = {}) {
    const bidders = script.bidders ?? BIDDERS;
    const reserveHash =
      script.hidden === undefined
        ? null
        : hiddenReserveHash(this.network, this.auction, script.hidden, saltOf("reserve"));
    const terms: AuctionTerms = {
      format: { kind: "vickrey" },
      direction: "sell",
      lot: LOT,
      reserve: 10n,
      lockups: [1000n],
      openMs: 0,
      commitMs: 1000,
      revealMs: 1200,
      bond: reserveHash === null ? 0n : 1000n,
      reserveHash,
      standingWeight: null,
      deliverMs: 0,
      settleMs: 0,
      value: null,
      ...script.terms,
    };
    for (const stepMs of script.before ?? []) this.entry([], stepMs);
    const fees = [...(script.unpaid === undefined ? [] : [script.unpaid]), FEE];
    this.entry(fees.map((fee) => this.signed("sue", { kind: "createAuction", ...terms }, fee)));
    this.entry([]);
    this.entry(bidders.map((name) => this.commit(name)));
    this.entry(script.whileOpen?.(this) ?? []);
    if (script.pauseMs !== undefined) this.entry([], script.pauseMs);
    this.until("reveal");
    const reserve = script.hidden === undefined ? [] : [this.openReserve(script.hidden)];
    const reveals = (script.reveals ?? bidders.slice(0, 2)).map((name) => this.reveal(name));
    this.entry([...reserve, ...reveals]);
    this.entry(script.whileReveal?.(this) ?? []);
    while (!("endedMs" in this.live.phase)) this.entry([]);
    this.entry(script.afterEnd?.(this) ?? []);
    for (let i = 0; i < 2; i++) this.entry([]);
  }

  get live() {
    return auctionOf(this.ledger, this.auction)!;
  }

  /** Ledger time of a height's entry. */
  timeAt = (height: number): number => this.entries[height - 1]!.timeMs;

  private termOf = (height: number): number =>
    height < (this.script.gapAt ?? Infinity) ? height : height + 2;

  private until(phase: PhaseKind): void {
    while (this.live.phase.kind !== phase) this.entry([]);
  }

  private entry(ops: readonly Operation[], stepMs = STEP_MS): void {
    const height = this.entries.length + 1;
    const parentTimeMs = this.entries.at(-1)?.timeMs ?? this.genesis.timeMs;
    const timeMs = parentTimeMs + stepMs;
    this.entries.push({ timeMs, ops });
    const leader = this.electorate.leaderOf(this.termOf(height));
    const exec = { execHeight: height - 1, parentExecHeight: height - 2 };
    const at = {
      height,
      timeMs,
      parentTimeMs,
      leader,
      epoch: 0,
      tolerance: this.electorate.tolerance,
      ...exec,
    };
    executeEntry(this.ledger, { ...at, judgeEvidence: () => null }, ops);
    this.roots.push(commitRows(this.ledger).root);
  }

  signed(from: string, body: OperationBody, fee = FEE): Operation {
    const nonce = this.ledger.accountOf(idOf(from))!.nonces[laneOf(body.kind)];
    const validUntilMs = this.genesis.timeMs + 600_000;
    return signOperation(this.network, { nonce, fee, validUntilMs }, body, keyOf(from));
  }

  commit(name: Bidder, fee = FEE): Operation {
    return this.signed(name, this.commitBody(name), fee);
  }

  private bidOf = (name: Bidder) => ({
    amount: this.script.amounts?.[name] ?? BIDS[name],
    units: this.script.units?.[name] ?? null,
  });

  private commitBody(name: Bidder): BodyOf<"commit"> {
    const commitment = bidCommitment(this.network, this.auction, idOf(name), this.bidOf(name), saltOf(name));
    const recovery = new Uint8Array(RECOVERY_BYTES);
    return { kind: "commit", auction: this.auction, commitment, lockup: 1000n, recovery };
  }

  /** The row that a commit of this bidder would have. */
  commitRowOf(name: Bidder, committedAt: number): CommitRow {
    const { commitment, lockup, recovery } = this.commitBody(name);
    return { commitment, lockup, recovery, committedAt, opening: null, award: null, standing: null };
  }

  openingOf = (name: Bidder, amount?: bigint) => ({
    bid: { ...this.bidOf(name), ...(amount === undefined ? {} : { amount }) },
    salt: saltOf(name),
  });

  reveal(name: Bidder, wishes: { auction?: AuctionId; amount?: bigint } = {}): Operation {
    const auction = wishes.auction ?? this.auction;
    const shown = this.openingOf(name, wishes.amount);
    return selfProving(this.network, { kind: "reveal", auction, bidder: idOf(name), ...shown });
  }

  private openReserve(reserve: bigint): Operation {
    const { auction } = this;
    return selfProving(this.network, { kind: "openReserve", auction, reserve, salt: saltOf("reserve") });
  }

  transcript(lie: Lie = {}): Transcript {
    const { id: _, ...honest } = this.live;
    const commits = new Map<Bidder, CommitRow>();
    for (const name of Object.keys(BIDS) as Bidder[]) {
      const commit = commitOf(this.ledger, this.auction, idOf(name));
      if (commit !== null) commits.set(name, commit);
    }
    lie.commits?.(commits, this);
    const auction = lie.auction?.(honest, this) ?? honest;
    const rows = [...commits]
      .map(([name, row]) => [commitKey(this.auction, idOf(name)), encode(commitRow, row)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const state = [[auctionKey(this.auction), encode(auctionRow, auction)] as const, ...rows].map(
      ([key, value], place) => ({ key, value: lie.bytes?.(value, place) ?? value }),
    );
    const tree = this.treeOf(state);
    const headers = this.headers(tree.root(), lie);
    const last = headers.at(-1)!;
    return {
      auction: toHex(this.auction),
      genesis: encodeGenesis(this.genesis),
      entries: headers.slice(honest.createdAt - 1).map((header) => ({
        header: encode(headerCodec, header),
        ops: this.entries[header.height - 1]!.ops.map(encodeOperation),
      })),
      certificate: encode(
        certificate,
        lie.certificate?.(this.certify(last), last, this) ?? this.certify(last),
      ),
      proofs: state.map((row) => encode(provenRow, { ...row, proof: proveRow(tree, row.key)! })),
    };
  }

  /** The very state, if these are its rows; else a state that has no others. */
  private treeOf(state: readonly { readonly key: string; readonly value: Bytes }[]): StateTree {
    const commits = commitsOf(this.ledger, this.auction).length;
    const isTrue =
      state.length === 1 + commits &&
      state.every(({ key, value }) => equalBytes(this.ledger.valueOf(key) ?? new Uint8Array(0), value));
    if (isTrue) return this.ledger.tree;
    const tree = new StateTree();
    for (const { key, value } of state) tree.set(key, value);
    return tree;
  }

  /** @param lastRoot what the last of them attests */
  private headers(lastRoot: Hash, lie: Lie): Header[] {
    const headers: Header[] = [];
    for (const [i, { timeMs, ops }] of this.entries.entries()) {
      const height = i + 1;
      const parent = headers.at(-1);
      const bytes = ops.map(encodeOperation);
      const honest: Header = {
        v: 1,
        ...this.network,
        epoch: 0,
        setHash: this.electorate.setHash,
        term: this.termOf(height),
        leader: this.electorate.leaderOf(this.termOf(height)),
        height,
        parent: parent === undefined ? this.network.chain : entryIdOf(parent),
        parentTerm: height === 1 ? 0 : this.termOf(height - 1),
        timeMs,
        opsRoot: merkleRoot(bytes.map(leafHash)),
        opsCount: bytes.length,
        opsBytes: opsBytesOf(bytes),
        justifyHash: justifyHashOf(height === this.script.gapAt ? this.skipped(parent!) : []),
        execHeight: height - 1,
        execRoot: height === this.entries.length ? lastRoot : this.roots[height - 1]!,
        kind: "normal",
        nextSetHash: null,
      };
      headers.push(lie.header?.(honest, height, this) ?? honest);
    }
    return headers;
  }

  /** The certificates of the two terms after a header's that nobody led in. */
  private skipped = (parent: Header): readonly Certificate[] =>
    [1, 2].map((ahead) => this.certify(parent, parent.term + ahead, "skip"));

  /** Signed by all four seats. */
  certify(header: Header, term = header.term, type: VoteKind = "commit"): Certificate {
    const entryId = type === "skip" ? ZERO_HASH : entryIdOf(header);
    const domain = voteDomain(this.electorate, this.network.chain, this.network.market);
    const digest = voteDigest(domain, type, term, entryId);
    const { setHash, set } = this.electorate;
    const seats = [0, 1, 2, 3].map((i) => keyOf(`seat ${i}`));
    const sigs = set.members.map(({ key }) =>
      seats.find((one) => toHex(one.publicKey) === toHex(key))!.sign(digest),
    );
    return { type, epoch: 0, setHash, term, entryId, signers: [0, 1, 2, 3], sigs };
  }
}

/** What ann has won is that bidder's. */
export const awardedTo = (
  bidder: Bidder,
  change: Partial<NonNullable<CommitRow["award"]>> = {},
): Required<Pick<Lie, "commits">> => ({
  commits(rows) {
    const { award, ...loser } = rows.get("ann")!;
    rows.set("ann", { ...loser, award: null, standing: null });
    rows.set(bidder, { ...rows.get(bidder)!, award: { ...award!, ...change } });
  },
});
