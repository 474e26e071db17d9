// Wallets: what an agent owns, what it paid and was paid, and how money moves.
import { z } from "zod";
import { budgetView } from "./budget.js";
import { document, listDocument } from "./document.js";
import { problemDocument } from "./problem.js";
import { actor, receiptDocument, wish } from "./receipt.js";
import { pagedByPlace, peerQuery, type Route, read } from "./route.js";
import { amount, base64, count, hex32, hexPrefix, time, total } from "./scalar.js";

export const walletView = z.strictObject({
  agent: hex32,
  /** whether this daemon holds the agent's key */
  held: z.boolean(),
  free: amount,
  /** the most that it may lock now, beside its fee: by its standing, or its owner's, and within its budgets */
  lockable: amount,
  locked: total,
  /** of its auctions; each returns when its auction is forgotten */
  deposits: total,
  /** liens included */
  stake: amount,
  /** stake that secures nothing yet */
  freeStake: amount,
  /** parts of the stake, each with what it secures: of a seat its consensus key, of trades their auction */
  liens: z.array(
    z.strictObject({
      id: hex32,
      amount,
      kind: z.enum(["seat", "trade", "event"]),
      /** of an auction's: those of its trades that it answers for; none while the auction has not ended */
      trades: z.array(hex32),
    }),
  ),
  /** withdrawn stake, the next to be free first; a slash still reaches it */
  unbonding: z.array(z.strictObject({ amount, freeAt: time })),
  /** what slashes could not take: the next stake pays it */
  slashDebt: amount,
  /** each named by what it secures: the id of an auction or of a trade, and the reason */
  locks: z.array(
    z.strictObject({
      id: hex32,
      amount: total,
      reason: z.enum(["bid", "bond", "ceiling", "dispute"]),
      /** the trades whose price it holds; none while the auction has not ended */
      trades: z.array(hex32),
      /** whose money it is, and returns to; null: the agent's own */
      payer: hex32.nullable(),
    }),
  ),
  /** the budget by which the agent spends; null: it has none */
  budget: budgetView.pick({ owner: true, payer: true, standing: true }).nullable(),
  nonces: z.strictObject({ critical: count, bulk: count }),
  height: count,
});
export type WalletView = z.output<typeof walletView>;

/** One change of what an agent of this daemon owns, or of what it moved of its owner's. */
export const movementView = z.strictObject({
  /** height, and place among what the entry did */
  id: z.string(),
  height: count,
  time,
  what: z.enum([
    "fee",
    "sent",
    "received",
    "granted",
    "paid",
    "sold",
    "forfeited",
    "bond burned",
    "slashed",
    "deposit burned",
    "debt paid",
    "dispute bond",
    "budget opened",
  ]),
  gained: amount,
  spent: amount,
  /** the agent on the other side */
  other: hex32.nullable(),
  auction: hex32.nullable(),
  trade: hex32.nullable(),
  operation: hex32.nullable(),
  /** whose money it was: the owner at the top of the agent's budgets; null: the agent's own, which has changed by it */
  payer: hex32.nullable(),
  /** who moved the agent's money by a budget; null: the agent itself */
  child: hex32.nullable(),
});
export type MovementView = z.output<typeof movementView>;

export const walletDocument = document("Wallet", walletView);
const movementListDocument = listDocument("MovementList", movementView);

export const transferRequest = z.strictObject({ ...actor, to: hex32, amount });
export type TransferRequest = z.output<typeof transferRequest>;

/** What a granter named in genesis mints for an agent; the first grant makes its account. */
const grantRequest = z.strictObject({
  ...actor,
  to: hex32,
  /** free credits */
  amount,
  /** besides; absent: none */
  stake: amount.optional(),
});

const stakeRequest = z.strictObject({ ...actor, amount });

/** An own operation that waits, and what it shall pay; absent: enough to stand before the others of its class. */
const raiseRequest = z.strictObject({ operation: hex32, fee: actor.fee });

/** Without `amount` and `stake` the faucet grants what it grants newcomers. */
export const faucetRequest = z.strictObject({
  to: hex32.optional(),
  /** free credits */
  amount: amount.optional(),
  stake: amount.optional(),
});

/** Operations handed in by one request at most. */
export const MAX_HANDED_IN = 256;

/** An operation signed elsewhere: canonical CBOR in base64. */
const signedElsewhere = base64.min(4).max(90_000);

export const envelopeRequest = z
  .strictObject({
    operation: signedElsewhere.optional(),
    operations: z.array(signedElsewhere).min(1).max(MAX_HANDED_IN).optional(),
  })
  .refine(
    ({ operation, operations }) => (operation === undefined) !== (operations === undefined),
    "names either `operation` or `operations`",
  );

const accepted = z.strictObject({
  status: z.literal("accepted"),
  operation: hex32,
  auction: hex32.nullable(),
});
const refused = z.strictObject({ status: z.literal("refused"), problem: problemDocument });

/** What became of each operation that was handed in with others, in their order. */
export const verdictsDocument = document(
  "Verdicts",
  z.strictObject({ verdicts: z.array(z.discriminatedUnion("status", [accepted, refused])) }),
);
export type Verdict = z.output<typeof verdictsDocument>["verdicts"][number];

export const WALLET_ROUTES = {
  wallet: read(
    "wallet",
    "/v1/wallet",
    "What an agent owns: free, locked and staked",
    walletDocument,
    z.strictObject({ ...peerQuery, agent: hexPrefix.optional() }),
  ),
  movements: read(
    "wallet",
    "/v1/wallet/history",
    "What an agent of this daemon paid and was paid, newest first",
    movementListDocument,
    z.strictObject({ ...peerQuery, ...pagedByPlace, agent: hex32.optional() }),
  ),
  transfer: wish("wallet", "/v1/wallet/transfers", "Send credits", transferRequest),
  grant: wish("wallet", "/v1/wallet/grants", "Mint credits for an agent, as genesis allows", grantRequest),
  addStake: wish("wallet", "/v1/stake/additions", "Make free credits stake", stakeRequest),
  withdrawStake: wish(
    "wallet",
    "/v1/stake/withdrawals",
    "Withdraw free stake: it is free once it has unbonded",
    stakeRequest,
  ),
  raiseFee: wish("wallet", "/v1/wallet/raises", "Raise the fee of an operation that waits", raiseRequest),
  submit: {
    ...wish("wallet", "/v1/envelopes", "Hand in operations that were signed elsewhere", envelopeRequest),
    description:
      "With `operation` it is answered by a receipt, or refused. With `operations` it is answered by the verdict on each, " +
      "in their order: one that is refused keeps no other out.",
    answer: z.union([receiptDocument, verdictsDocument]),
  },
  faucet: wish("testnet", "/v1/testnet/faucet", "Have the testnet's faucet grant credits", faucetRequest),
} as const satisfies Record<string, Route>;
