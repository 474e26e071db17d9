// conservation and non-negative: what a state holds and burned is what was minted, and nothing is below zero (spec/money#A5).
// Its books are added up row by row, and not by the ledger itself.
import { type Hex, toHex } from "../../../src/base/index.js";
import { ACCOUNTS, type Lane, type Ledger, type LienKind, TOTALS } from "../../../src/ledger/index.js";
import { TRADES, type Trade } from "../../../src/market/index.js";
import type { BudgetBooks } from "./budget-books.js";

/** Everything of value in one state, part by part. */
export interface Books {
  readonly minted: bigint;
  readonly holdings: readonly { readonly what: string; readonly amount: bigint }[];
}

/** What of an account the laws read; amounts in micro-credits. */
export interface AccountBook {
  readonly agent: Hex;
  readonly free: bigint;
  /** deposits included */
  readonly locked: bigint;
  readonly stake: bigint;
  /** parts of it */
  readonly liens: readonly { readonly id: Hex; readonly kind: LienKind; readonly amount: bigint }[];
  /** withdrawn stake that is not free yet, as the row lists it */
  readonly unbonding: readonly { readonly amount: bigint; readonly releaseMs: number }[];
  readonly slashDebt: bigint;
  /** held for the rows of its auctions */
  readonly deposits: bigint;
  /** of its disputes, by the id of the trade */
  readonly bonds: readonly { readonly trade: Hex; readonly amount: bigint }[];
  readonly nonces: Readonly<Record<Lane, number>>;
}

/** What of a trade's row the laws read. */
export interface TradeBook {
  readonly id: Hex;
  readonly performer: Hex;
  readonly buyer: Hex;
  readonly price: bigint;
  readonly lien: bigint;
  /** null: nothing was disputed */
  readonly dispute: {
    readonly bond: bigint;
    /** in the order of the log */
    readonly votes: readonly { readonly seat: number; readonly share: number | null }[];
  } | null;
  /** null: it runs */
  readonly ending: {
    readonly cause: string;
    readonly height: number;
    readonly received: bigint;
    readonly fee: bigint;
    readonly returned: bigint;
    /** of the performer's stake: asked for, and there to be taken */
    readonly due: bigint;
    readonly taken: bigint;
  } | null;
}

/** The accounts, trades and budgets of a peer that has executed the log up to a height. */
export interface Executed {
  readonly height: number;
  readonly accounts: readonly AccountBook[];
  readonly trades: readonly TradeBook[];
  readonly budgets: BudgetBooks;
  /** what was read of its budgets before; absent: nothing */
  readonly earlier?: readonly Pick<Executed, "height" | "budgets">[];
}

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);

export const accountsOf = (ledger: Ledger): readonly AccountBook[] =>
  [...ledger.table(ACCOUNTS).values()].map(
    ({ id: agent, free, locks, liens, stake, deposits, nonces, ...rest }) => ({
      agent: toHex(agent),
      free,
      locked: deposits + sum([...locks.values()].map(({ fromFree, fromStake }) => fromFree + fromStake)),
      stake,
      liens: [...liens].map(([lien, { kind, amount }]) => ({ id: lien as Hex, kind, amount })),
      unbonding: rest.unbonding.map(({ amount, releaseMs }) => ({ amount, releaseMs })),
      slashDebt: rest.slashDebt,
      deposits,
      bonds: [...locks.values()].flatMap(({ id, reason, fromFree, fromStake }) =>
        reason === "dispute" ? [{ trade: toHex(id), amount: fromFree + fromStake }] : [],
      ),
      nonces: { ...nonces },
    }),
  );

export const bookOf = ({ id, performer, buyer, price, lien, state }: Trade): TradeBook => ({
  ...{ id: toHex(id), performer: toHex(performer), buyer: toHex(buyer), price, lien },
  dispute: state.kind === "disputed" || state.kind === "ended" ? state.dispute : null,
  ending:
    state.kind === "ended"
      ? {
          ...state,
          height: state.endedAt,
          due: state.penalty?.due ?? 0n,
          taken: state.penalty?.taken ?? 0n,
        }
      : null,
});

export const tradesIn = (ledger: Ledger): readonly TradeBook[] =>
  [...ledger.table(TRADES).values()].map(bookOf);

/** Every amount that the ledger holds, one by one: nothing is taken from its own sums but the pools. */
export function booksOf(ledger: Ledger): Books {
  const { minted, burned, insurance } = ledger.one(TOTALS);
  const holdings = [
    { what: "burned", amount: burned },
    { what: "insurance", amount: insurance },
  ];
  for (const { id, free, deposits, liens, locks, stake, unbonding } of ledger.table(ACCOUNTS).values()) {
    const hold = (what: string, amount: bigint): void => {
      holdings.push({ what: `${toHex(id).slice(0, 8)} ${what}`, amount });
    };
    hold("free", free);
    hold("deposits", deposits);
    for (const { amount } of liens.values()) hold("lien", amount);
    hold("free stake", stake - sum([...liens.values()].map(({ amount }) => amount)));
    for (const [auction, { fromFree, fromStake }] of locks)
      hold(`lock in ${auction.slice(0, 8)}`, fromFree + fromStake);
    for (const { amount } of unbonding) hold("unbonding", amount);
  }
  return { minted, holdings };
}

/** What is wrong with the books of a state, by the law that it breaks. */
export function booksWrongs({
  minted,
  holdings,
}: Books): readonly { readonly law: "conservation" | "non-negative"; readonly what: string }[] {
  const debts = holdings.filter(({ amount }) => amount < 0n);
  const held = sum(holdings.map(({ amount }) => amount));
  return [
    ...debts.map(({ what, amount }) => ({ law: "non-negative", what: `${what} is ${amount}` }) as const),
    ...(held === minted
      ? []
      : [{ law: "conservation", what: `${held} held and burned, ${minted} minted` } as const]),
  ];
}
