// Small logs: one auction with a few signed bids, run by the real rules whoever lacks money, and every claim about its end.
import { equalBytes } from "../../src/base/index.js";
import { RECOVERY_BYTES } from "../../src/crypto/index.js";
import { ACCOUNTS, type Genesis, type Moment, type Network } from "../../src/ledger/index.js";
import {
  type AuctionId,
  auctionIdOf,
  auctionOf,
  type BodyOf,
  bidCommitment,
  commitsOf,
  createLedger,
  type EndedPhase,
  executeEntry,
  isEnded,
  type LoggedEntry,
  OPERATION_RULES,
  type Operation,
  type OperationBody,
  type OperationRules,
  PHASE_RULES,
  replayAuction,
  STAKE_RULES,
  TRADE_RULES,
} from "../../src/market/index.js";
import { agent, DEPOSIT, FEE, genesisFor, offer, START_MS, salt } from "./world.js";

/** What a bidder signs. */
export interface Signed {
  readonly bidder: string;
  readonly nonce: number;
  readonly bid: bigint;
  readonly fee: bigint;
}

/** A signed bid in an entry: that of the creation, one of two while bids are taken, or one after the close. */
export interface Placed {
  readonly signed: Signed;
  readonly place: Place;
}
export type Place = 0 | 1 | 2 | 3;
/** which of the log's entries the places are */
const INDEX = [0, 1, 2, 4] as const;
const STEPS_MS = [50, 50, 50, 1000, 50, 50, 1300, 50] as const;
const LOCKUP = 1000n;

/** The row of a commit, as far as it can be told from the log: whose bid, and where it was taken. */
interface Stated {
  readonly bidder: string;
  readonly bid: bigint;
  readonly place: Place;
}

interface Ran {
  readonly stated: readonly Stated[];
  /** each bid had the next nonce of its sender, or came again after it was taken */
  readonly isInTurn: boolean;
}

/** A market with one auction; past half of what it has room for a place has a price. */
export class SmallAuction {
  private readonly genesis: Genesis;
  private readonly network: Network;
  private readonly id: AuctionId;
  private readonly creation: Operation;
  private readonly ops = new Map<Signed, Operation>();
  private readonly ends = new Map<boolean, EndedPhase>();

  constructor(names: readonly string[], capacity: number | null = null) {
    const sound = genesisFor({ seats: 1, names: ["sue", ...names] });
    const params = capacity === null ? sound.params : { ...sound.params, revealCapacity: capacity };
    this.genesis = { ...sound, params };
    this.network = createLedger(this.genesis).network;
    this.id = auctionIdOf(this.network, agent("sue"), 0);
    this.creation = this.sign("sue", 0, FEE, offer());
    const bid: Placed = { signed: { bidder: names[0]!, nonce: 0, bid: 100n, fee: FEE }, place: 1 };
    for (const log of [[], [bid]]) this.run(log, [true]);
  }

  private sign(from: string, nonce: number, fee: bigint, body: OperationBody): Operation {
    const authority = { from: agent(from), nonce, fee, validUntilMs: START_MS + 60_000 };
    return { v: 1, ...this.network, authority, body, sig: new Uint8Array(64) };
  }

  private bodyOf({ bidder, bid }: Pick<Signed, "bidder" | "bid">): BodyOf<"commit"> {
    return {
      kind: "commit",
      auction: this.id,
      commitment: bidCommitment(
        this.network,
        this.id,
        agent(bidder),
        { amount: bid, units: null },
        salt(bidder),
      ),
      lockup: LOCKUP,
      recovery: new Uint8Array(RECOVERY_BYTES),
    };
  }

  private opOf(signed: Signed): Operation {
    const op =
      this.ops.get(signed) ?? this.sign(signed.bidder, signed.nonce, signed.fee, this.bodyOf(signed));
    this.ops.set(signed, op);
    return op;
  }

  private logged(log: readonly Placed[]): readonly LoggedEntry[] {
    let timeMs = START_MS;
    return STEPS_MS.map((stepMs, i) => {
      timeMs += stepMs;
      const at: Moment = {
        height: i + 1,
        timeMs,
        parentTimeMs: i === 0 ? timeMs : timeMs - stepMs,
        leader: 0,
        epoch: 0,
        tolerance: 0,
        execHeight: i,
        parentExecHeight: Math.max(0, i - 1),
      };
      const bids = log.filter(({ place }) => INDEX[place] === i).map(({ signed }) => this.opOf(signed));
      return { at, ops: i === 0 ? [this.creation, ...bids] : bids };
    });
  }

  /**
   * Runs the log by the real rules. Operations on other auctions may come between, so that no nonce is ahead.
   * @param paid of each bid whether its sender has what it takes when it comes
   */
  run(log: readonly Placed[], paid: readonly boolean[]): Ran {
    const ledger = createLedger(this.genesis);
    const taken = new Set<Operation>();
    let isInTurn = true;
    let turn = 0;
    const operations: OperationRules = {
      ...OPERATION_RULES,
      standingFault: (state, op, at) => {
        if (op !== this.creation) {
          const isPaid = paid[turn++]!;
          const { from, fee, nonce } = op.authority!;
          const next = state.accountOf(from)!.nonces.critical;
          if (nonce !== next && !taken.has(op)) isInTurn = false;
          state.change(ACCOUNTS, from, (account) => {
            account.free = isPaid ? fee + LOCKUP : 0n;
            if (isPaid && nonce > next) account.nonces = { ...account.nonces, critical: nonce };
          });
        }
        return OPERATION_RULES.standingFault(state, op, at);
      },
      articleFault(state, op, at) {
        const fault = OPERATION_RULES.articleFault(state, op, at);
        if (fault === null) taken.add(op);
        return fault;
      },
      apply: OPERATION_RULES.apply,
    };
    for (const { at, ops } of this.logged(log)) {
      // Whatever comes behind the last bid, it changes no row, and ends all auctions that have bids alike.
      if (this.ends.has(true) && at.height > INDEX[3] + 1) break;
      const rules = { phases: PHASE_RULES, operations, stake: STAKE_RULES, trades: TRADE_RULES };
      executeEntry(ledger, { ...at, judgeEvidence: () => null }, ops, rules);
    }
    const { phase } = auctionOf(ledger, this.id)!;
    const rows = commitsOf(ledger, this.id);
    if (isEnded(phase)) this.ends.set(rows.length > 0, phase);
    const stated = rowsOf(log).filter((row) =>
      rows.some(
        ({ commitment, committedAt }) =>
          committedAt === INDEX[row.place] + 1 && equalBytes(commitment, this.bodyOf(row).commitment),
      ),
    );
    return { stated, isInTurn };
  }

  /** What a reader says of a transcript whose state has these rows: how much it tells of, or why it is refused. */
  judged(log: readonly Placed[], stated: readonly Stated[]): number | string {
    const taken = new Map<number, Operation[]>([[1, [this.creation]]]);
    for (const row of stated) {
      const height = INDEX[row.place] + 1;
      // The last such operation of the entry is meant.
      const { signed } = log.findLast((one) => keyOf([rowOf(one)]) === keyOf([row]))!;
      taken.set(height, [...(taken.get(height) ?? []), this.opOf(signed)]);
    }
    const { endedAt, dueMs } = this.ends.get(stated.length > 0)!;
    const locked = DEPOSIT + LOCKUP * BigInt(stated.length);
    const claim = { id: this.id, endedAt, dueMs, spentMs: 0, taken, locked };
    const lived = replayAuction(this.genesis, claim, this.logged(log));
    return lived.ok ? lived.value.passedOver : lived.error;
  }

  /** What is wrong with how a reader judges the claims about one log. */
  faults(log: readonly Placed[]): readonly string[] {
    const faults: string[] = [];
    const claims = claimsOn(log);
    const said = new Map(claims.map((claim) => [keyOf(claim), this.judged(log, claim)]));
    // Who can pay the fee alone uses up a nonce: as if it lacked money for all that has it.
    const honest = lists([true, false], log.length).filter((paid) => paid.length === log.length);
    for (const key of new Set(honest.map((paid) => keyOf(this.run(log, paid).stated)))) {
      const verdict = said.get(key);
      if (typeof verdict !== "number") faults.push(`an honest ${key || "no bid"} is refused: ${verdict}`);
    }
    const quiet = new Set(claims.filter((one) => said.get(keyOf(one)) === 0).map(bidsOf));
    if (quiet.size > 1) faults.push(`nothing is told of ${[...quiet].join(", nor of ")}`);
    const { stated, isInTurn } = this.run(log, honest[0]!);
    const told = said.get(keyOf(stated));
    if (isInTurn && told !== 0) faults.push(`${told} is told of an honest ${keyOf(stated) || "no bid"}`);
    return faults.map((fault) => `${log.map(textOf).join(" ")}: ${fault}`);
  }
}

const textOf = ({ signed: { bidder, nonce, bid, fee }, place }: Placed): string =>
  `${bidder} ${bid}@${place} (nonce ${nonce}, fee ${fee})`;
const rowOf = ({ signed: { bidder, bid }, place }: Placed): Stated => ({ bidder, bid, place });
const keyOf = (stated: readonly Stated[]): string =>
  stated.map(({ bidder, bid, place }) => `${bidder} ${bid}@${place}`).join(", ");
const bidsOf = (stated: readonly Stated[]): string =>
  stated.map(({ bidder, bid }) => `${bidder} ${bid}`).join(", ") || "no bid";

/** The rows that a state could have of the log's bids, each once, by bidder. */
const rowsOf = (log: readonly Placed[]): readonly Stated[] =>
  [...new Map(log.map((one) => [keyOf([rowOf(one)]), rowOf(one)])).values()].sort((a, b) =>
    a.bidder < b.bidder ? -1 : a.bidder > b.bidder ? 1 : 0,
  );

/** Of each bidder one of its rows, or none. */
function claimsOn(log: readonly Placed[]): readonly (readonly Stated[])[] {
  let claims: readonly (readonly Stated[])[] = [[]];
  for (const row of rowsOf(log))
    claims = [
      ...claims,
      ...claims
        .filter((claim) => claim.every(({ bidder }) => bidder !== row.bidder))
        .map((claim) => [...claim, row]),
    ];
  return claims;
}

/** All lists of up to `most` items. */
function lists<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  if (most === 0) return [[]];
  const shorter = lists(items, most - 1);
  return [[], ...shorter.flatMap((list) => items.map((one) => [one, ...list]))];
}

/** Two bids of a bidder with each of the nonces. */
export const signedBy = (bidder: string, nonces: readonly number[]): readonly Signed[] =>
  nonces.flatMap((nonce) => [100n, 200n].map((bid) => ({ bidder, nonce, bid, fee: FEE })));

/** Bids of two bidders, of which one pays for the dearest place. */
export const PRICED: readonly Signed[] = [
  { bidder: "ann", nonce: 0, bid: 100n, fee: FEE },
  { bidder: "ann", nonce: 0, bid: 200n, fee: 4n * FEE },
  { bidder: "ann", nonce: 1, bid: 300n, fee: FEE },
  { bidder: "bob", nonce: 0, bid: 100n, fee: FEE },
  { bidder: "bob", nonce: 1, bid: 300n, fee: FEE },
];

/** Every log of up to `most` bids, in any of the places, once in one entry and in several: with bids of all that sign. */
export function logsOf(
  bids: readonly Signed[],
  places: readonly Place[],
  most: number,
): readonly (readonly Placed[])[] {
  const placed = places.flatMap((place) => bids.map((signed) => ({ signed, place })));
  let logs: readonly (readonly Placed[])[] = [[]];
  const all: (readonly Placed[])[] = [];
  for (let length = 0; length < most; length++) {
    logs = logs.flatMap((log) =>
      placed
        .filter((one) => one.place >= (log.at(-1)?.place ?? 0) && !log.includes(one))
        .map((one) => [...log, one]),
    );
    all.push(...logs);
  }
  const bidders = new Set(bids.map(({ bidder }) => bidder)).size;
  return all.filter((log) => {
    // With one bidder it makes no difference which of its two bids comes first.
    if (bidders === 1) return log[0]!.signed.bid === bids[0]!.bid;
    return new Set(log.map(({ signed }) => signed.bidder)).size === bidders;
  });
}
