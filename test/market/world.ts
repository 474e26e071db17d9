// A world for tests: a ledger, people with names, and entries that follow each other with ledger time.
import { expect } from "vitest";
import { type Bytes, compareBytes, type Hash, toHex, utf8 } from "../../src/base/index.js";
import { RECOVERY_BYTES, taggedHash } from "../../src/crypto/index.js";
import {
  ACCOUNTS,
  type AgentId,
  commitRows,
  conservation,
  type Draft,
  type Genesis,
  genesisFault,
  type Ledger,
  LOCAL_TESTNET_PARAMS,
  type Moment,
  type Params,
  type RowChanges,
  untouchedRows,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionId,
  type AuctionTerms,
  type Award,
  auctionIdOf,
  auctionOf,
  type Bid,
  type BodyOf,
  bidCommitment,
  CONGESTION,
  type Congestion,
  createLedger,
  type EntryOutcome,
  type EvidenceJudge,
  executeEntry,
  FORMATS,
  factsOf,
  laneOf,
  type Operation,
  type OperationBody,
  type PhaseKind,
  type ProvenFault,
  type RevealedBid,
  type Slash,
  type Standing,
  selfProving,
} from "../../src/market/index.js";
import { expectSame } from "../same.js";

export const agent = (name: string): AgentId => taggedHash("key", utf8(name));
export const salt = (name: string): Bytes => taggedHash("leaf", utf8(name));
export const START_MS = 1_000_000;
export const BOND = 100_000_000n;
export const FUNDS = 1_000_000_000n;
export const FEE = 1000n;
/** what an auction locks whose windows take no more than an hour: a tenth of a credit */
export const DEPOSIT = 100_000n;

export interface WorldOptions {
  readonly seats?: number;
  readonly names?: readonly string[];
  readonly params?: Partial<Params>;
  readonly allowance?: bigint;
  /** by name: stake under no lien */
  readonly stakes?: Readonly<Record<string, bigint>>;
}

export function genesisFor({
  seats = 4,
  names = [],
  params = {},
  allowance = 0n,
  stakes = {},
}: WorldOptions): Genesis {
  const sorted = <T>(items: T[], key: (item: T) => Bytes): T[] =>
    items.sort((a, b) => compareBytes(key(a), key(b)));
  const value: Genesis = {
    v: 1,
    name: "world",
    timeMs: START_MS,
    params: { ...LOCAL_TESTNET_PARAMS, ...params },
    seats: sorted(
      Array.from({ length: seats }, (_, i) => ({
        key: agent(`seat key ${i}`),
        agent: agent(`seat ${i}`),
        bond: BOND,
      })),
      (seat) => seat.key,
    ),
    accounts: sorted(
      [...new Set([...names, "faucet"])].map((name) => ({
        agent: agent(name),
        free: FUNDS,
        stake: stakes[name] ?? 0n,
      })),
      (one) => one.agent,
    ),
    granters: [{ agent: agent("faucet"), allowance }],
  };
  expectSame(genesisFault(value), null);
  return value;
}

/** What an entry took from whom. */
export const slashesIn = ({ receipts }: EntryOutcome): readonly Slash[] =>
  receipts.flatMap(factsOf).flatMap((fact) => (fact.kind === "slashed" ? [fact.slash] : []));

/** The one winner, and what it pays; nobody, and nothing, where there is none. */
export const soldTo = ({ awards: [award] }: { readonly awards: readonly Award[] }) => ({
  winner: award?.bidder ?? null,
  price: award?.pays ?? 0n,
});

/** A lot sold whole by Vickrey's rule. */
export const vickrey = (auction: AuctionId, reserve: bigint, bids: readonly RevealedBid[]) =>
  soldTo(FORMATS.vickrey.outcome({ auction, direction: "sell", units: 1, reserve, standingWeight: 0 }, bids));

/** The standing of somebody who was rated well enough to lock all that it owns, and nothing beside. */
export const RATED: Standing = { score: 6_001, weight: 20_000, blocked: "no", recent: [] };

/** A row that a test writes into behind the tables' back. */
export const unseen = <Row>(row: Row): Draft<Row> => row as Draft<Row>;

/** Evidence in tests is its own proof: the index of a conviction in `convictions`. */
export const convictions: ProvenFault[] = [];
export const judgeEvidence: EvidenceJudge = (bytes) => convictions[bytes[0] ?? 255] ?? null;

/** A bid for the lot as a whole, or one that says of how many units it is. */
const wholeBid = (bid: bigint | Bid): Bid => (typeof bid === "bigint" ? { amount: bid, units: null } : bid);

/** What an entry of the world may be told to do otherwise. */
export interface EntryOptions {
  readonly afterMs?: number;
  readonly leader?: number;
  readonly epoch?: number;
  /** default: the leader has executed everything below */
  readonly execHeight?: number;
  /** false: a story of many entries is audited at its end */
  readonly isAudited?: boolean;
  /** false: its rows are written with those of a later entry */
  readonly isCommitted?: boolean;
}

export class World {
  readonly genesis: Genesis;
  readonly ledger: Ledger;
  readonly seats: number;
  root: Hash;
  height = 0;
  timeMs = START_MS;
  execHeight = 0;
  epoch = 0;

  constructor(options: WorldOptions = {}) {
    this.genesis = genesisFor(options);
    this.seats = this.genesis.seats.length;
    this.ledger = createLedger(this.genesis);
    this.root = commitRows(this.ledger).root;
  }

  get tolerance(): number {
    return Math.floor((this.seats - 1) / 3);
  }

  free(name: string): bigint {
    return this.ledger.accountOf(agent(name))!.free;
  }

  /** The moment of the next entry. */
  next(options: EntryOptions = {}): Moment {
    const height = this.height + 1;
    return {
      height,
      timeMs: this.timeMs + (options.afterMs ?? 50),
      parentTimeMs: this.timeMs,
      leader: options.leader ?? height % this.seats,
      epoch: options.epoch ?? this.epoch,
      tolerance: this.tolerance,
      execHeight: options.execHeight ?? height - 1,
      parentExecHeight: this.execHeight,
    };
  }

  /** Executes an entry and audits what it leaves. */
  entry(
    ops: readonly Operation[] = [],
    options: EntryOptions = {},
    keep: (writes: RowChanges["writes"]) => void = () => {},
  ): EntryOutcome {
    const at = this.next(options);
    const outcome = executeEntry(this.ledger, { ...at, judgeEvidence }, ops);
    if (options.isCommitted !== false) {
      const { writes, root } = commitRows(this.ledger);
      keep(writes);
      this.root = root;
    }
    this.height = at.height;
    this.timeMs = at.timeMs;
    this.execHeight = at.execHeight;
    this.epoch = at.epoch;
    if (options.isAudited !== false) audit(this.ledger);
    return outcome;
  }

  /** An operation with the next nonce of its lane, `ahead` of it by what the same entry brings before. */
  op(from: string, body: OperationBody, ahead = 0, fee = FEE): Operation {
    const account = this.ledger.accountOf(agent(from));
    return {
      v: 1,
      ...this.ledger.network,
      authority: {
        from: agent(from),
        nonce: (account?.nonces[laneOf(body.kind)] ?? 0) + ahead,
        fee,
        validUntilMs: this.timeMs + 60_000,
      },
      body,
      sig: new Uint8Array(64),
    };
  }

  /** Creates an auction of `terms` and returns its id; the next entry opens it. */
  create(creator: string, terms: Partial<AuctionTerms> = {}): AuctionId {
    const nonce = this.ledger.accountOf(agent(creator))!.nonces.bulk;
    const { receipts } = this.entry([this.op(creator, offer(terms))]);
    expect(receipts[0]).toMatchObject({ status: "applied" });
    return this.nextAuctionId(creator, nonce);
  }

  nextAuctionId(creator: string, nonce = this.ledger.accountOf(agent(creator))!.nonces.bulk): AuctionId {
    return auctionIdOf(this.ledger.network, agent(creator), nonce);
  }

  commit(
    auction: AuctionId,
    bidder: string,
    bid: bigint | Bid,
    lockup: bigint,
    saltName = bidder,
  ): BodyOf<"commit"> {
    const { network } = this.ledger;
    return {
      kind: "commit",
      auction,
      commitment: bidCommitment(network, auction, agent(bidder), wholeBid(bid), salt(saltName)),
      lockup,
      recovery: new Uint8Array(RECOVERY_BYTES),
    };
  }

  reveal(auction: AuctionId, bidder: string, bid: bigint | Bid, saltName = bidder): Operation {
    return selfProving(this.ledger.network, {
      kind: "reveal",
      auction,
      bidder: agent(bidder),
      bid: wholeBid(bid),
      salt: salt(saltName),
    });
  }

  /** What a lane that was full leaves behind, without the thousand operations. */
  congest(congestion: Partial<Congestion>): void {
    this.ledger.changeOne(CONGESTION, (row) => void Object.assign(row, congestion));
  }

  phase(auction: AuctionId): PhaseKind {
    return auctionOf(this.ledger, auction)!.phase.kind;
  }

  /** Empty entries until the auction is in `phase`. */
  until(auction: AuctionId, phase: PhaseKind): EntryOutcome[] {
    const outcomes: EntryOutcome[] = [];
    for (let i = 0; this.phase(auction) !== phase; i++) {
      expect(i, `waiting for ${phase}, still ${this.phase(auction)}`).toBeLessThan(500);
      outcomes.push(this.entry());
    }
    return outcomes;
  }
}

export const offer = (terms: Partial<AuctionTerms> = {}): BodyOf<"createAuction"> => ({
  kind: "createAuction",
  format: { kind: "vickrey" },
  direction: "sell",
  lot: { capability: "gpu.a100", units: 1, fromMs: null, toMs: null },
  reserve: 10n,
  lockups: [1000n],
  openMs: 0,
  commitMs: 1000,
  revealMs: 1200,
  bond: 0n,
  reserveHash: null,
  standingWeight: null,
  deliverMs: 0,
  settleMs: 0,
  value: null,
  ...terms,
});

/** States of up to so many auctions and accounts are compared with what was written, row by row. */
const COMPARED = 60;

/**
 * Every row is written as it is, nothing is negative, liens are parts of stake, who owes has nothing unbonding, and no
 * money was made or lost.
 */
export function audit(ledger: Ledger): void {
  if (ledger.table(ACCOUNTS).size + ledger.table(AUCTIONS).size <= COMPARED)
    expectSame(untouchedRows(ledger), []);
  const parts = conservation(ledger);
  expectSame(parts.holds, true);
  for (const account of ledger.table(ACCOUNTS).values()) {
    const amounts = [account.free, account.stake, account.slashDebt];
    for (const lock of account.locks.values()) amounts.push(lock.fromFree, lock.fromStake);
    for (const lien of account.liens.values()) amounts.push(lien.amount);
    const isNegative = amounts.some((one) => one < 0n);
    if (isNegative) expect.fail(`negative in ${toHex(account.id)}`);
    const liens = [...account.liens.values()].reduce((sum, lien) => sum + lien.amount, 0n);
    expectSame(liens <= account.stake, true);
    const releases = account.unbonding.map(({ releaseMs }) => releaseMs);
    expectSame(
      releases,
      [...releases].sort((a, b) => a - b),
    );
    expectSame(
      account.unbonding.every(({ amount }) => amount > 0n),
      true,
    );
    if (account.slashDebt > 0n) expectSame(account.unbonding, []);
  }
}
