// A ledger without a peer: entries follow each other, and what one costs is what executing it and writing its rows costs.
import { compareBytes, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import {
  type AgentId,
  commitRows,
  type Genesis,
  type Ledger,
  LOCAL_TESTNET_PARAMS,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionId,
  auctionIdOf,
  type BodyOf,
  createLedger,
  DEFAULT_FORMAT,
  type EntryOutcome,
  executeEntry,
  laneOf,
  type Operation,
  type OperationBody,
  PAID_AT_ONCE,
  type PhaseKind,
} from "../../src/market/index.js";

const HOUR_MS = 3_600_000;
const START_MS = 1_700_000_000_000;
const STEP_MS = 50;
const FUNDS = 100_000_000_000n;
const BOND = 1_000_000_000n;

/** Nothing is short: neither room for reveals, nor time to include what is made ahead. */
const PARAMS = { ...LOCAL_TESTNET_PARAMS, maxValidityMs: HOUR_MS, revealCapacity: 1_000_000 };

/** An id for which nobody need have a key: no signature is asked for where entries are executed. */
const idOf = (name: string): AgentId => taggedHash("key", utf8(name));

export class LoneLedger {
  readonly ledger: Ledger;
  readonly agents: readonly AgentId[];
  timeMs = START_MS;
  height = 0;
  /** operations of an account and lane that the next entry holds */
  private readonly ahead = new Map<string, number>();

  /** @param agents who has an account, or how many */
  constructor(agents: readonly AgentId[] | number) {
    this.agents =
      typeof agents === "number" ? Array.from({ length: agents }, (_, i) => idOf(`agent ${i}`)) : agents;
    this.ledger = createLedger(genesisOf(this.agents));
    commitRows(this.ledger);
  }

  /** How many rows the state holds. */
  get rows(): number {
    return [...this.ledger.tree.keys()].length;
  }

  /** With the next nonce of its sender's lane. */
  operation(from: AgentId, body: OperationBody): Operation {
    const lane = laneOf(body.kind);
    const place = `${Buffer.from(from).toString("hex")}/${lane}`;
    const ahead = this.ahead.get(place) ?? 0;
    this.ahead.set(place, ahead + 1);
    const nonce = (this.ledger.accountOf(from)?.nonces[lane] ?? 0) + ahead;
    const validUntilMs = this.timeMs + PARAMS.maxValidityMs / 2;
    const authority = { from, nonce, fee: PARAMS.minFee, validUntilMs };
    return { v: 1, ...this.ledger.network, authority, body, sig: new Uint8Array(64) };
  }

  /** Offers a lot, in the next entry. @returns the auction's id, and the operation */
  offer(from: AgentId, terms: Partial<BodyOf<"createAuction">> = {}): readonly [AuctionId, Operation] {
    const operation = this.operation(from, { ...OFFER, ...terms });
    return [auctionIdOf(this.ledger.network, from, operation.authority!.nonce), operation];
  }

  /** Executes an entry and writes its rows. @throws Error where an operation is not applied */
  entry(ops: readonly Operation[] = [], afterMs = STEP_MS): EntryOutcome {
    const outcome = this.execute(ops, afterMs);
    this.write();
    return outcome;
  }

  /** The entry without its rows. @throws Error where an operation is not applied */
  execute(ops: readonly Operation[] = [], afterMs = STEP_MS): EntryOutcome {
    const parentTimeMs = this.timeMs;
    this.timeMs += afterMs;
    this.height++;
    this.ahead.clear();
    const outcome = executeEntry(this.ledger, this.momentAfter(parentTimeMs), ops);
    const failed = outcome.receipts.find(({ status }) => status !== "applied");
    if (failed !== undefined) throw new Error(`${failed.status}: ${failed.code}`);
    return outcome;
  }

  /** Encodes the rows that were changed, and makes the root anew. */
  write(): void {
    commitRows(this.ledger);
  }

  /** Empty entries until an auction is in a phase. */
  until(auction: AuctionId, phase: PhaseKind): void {
    while (this.ledger.get(AUCTIONS, auction)?.phase.kind !== phase) this.entry();
  }

  private momentAfter(parentTimeMs: number) {
    const { height, timeMs } = this;
    const execHeights = { execHeight: height - 1, parentExecHeight: Math.max(0, height - 2) };
    const judgeEvidence = () => null;
    return { height, timeMs, parentTimeMs, leader: 0, epoch: 0, tolerance: 0, ...execHeights, judgeEvidence };
  }
}

/** A lot whose price is paid at the outcome. */
const OFFER: BodyOf<"createAuction"> = {
  kind: "createAuction",
  format: { kind: DEFAULT_FORMAT },
  direction: "sell",
  lot: { capability: "gpu.a100", units: 1, fromMs: null, toMs: null },
  reserve: 0n,
  lockups: [10_000n],
  openMs: 0,
  commitMs: 500,
  revealMs: 1200,
  bond: 0n,
  reserveHash: null,
  standingWeight: null,
  ...PAID_AT_ONCE,
};

function genesisOf(agents: readonly AgentId[]): Genesis {
  return {
    v: 1,
    name: "lone",
    timeMs: START_MS,
    params: PARAMS,
    seats: [{ key: idOf("seat"), agent: idOf("seat owner"), bond: BOND }],
    accounts: [...agents].sort(compareBytes).map((agent) => ({ agent, free: FUNDS, stake: FUNDS })),
    granters: [],
  };
}
