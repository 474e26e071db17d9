// What a peer refused, as a problem: by its code, what the caller can do about it.
import type { RejectionCode } from "../../src/market/index.js";
import type { Refusal } from "../../src/peer/event.js";
import type { ProblemKind } from "../contract/problem.js";
import { creditsOf } from "../contract/scalar.js";
import { Problem } from "./problem.js";

const KINDS = {
  usage: {
    status: 422,
    title: "The request cannot be granted as it stands",
    fix: "correct it; `--help` says what is expected",
  },
  notFound: { status: 404, title: "There is no such thing", fix: "check the id" },
  conflict: {
    status: 409,
    title: "The state of things forbids it",
    fix: "look at the present state with `mabeam auction show <id>`",
  },
  punished: {
    status: 409,
    title: "Nothing would follow from this evidence any more",
    fix: "see what was taken, and for what, with `mabeam slash list`",
  },
  funds: {
    status: 402,
    title: "Too little is free",
    fix: "see `mabeam wallet balance`; on a testnet `mabeam testnet faucet <agent> --home .mabeam/testnet` grants credits",
  },
  busy: {
    status: 503,
    title: "Not now",
    fix: "try again; `mabeam status` says how the peer is",
    retryable: true,
    retryAfterSeconds: 2,
  },
} as const satisfies Record<string, ProblemKind>;
type Kind = keyof typeof KINDS;

/** Of what kind each of the ledger's refusals is: a new code does not compile until it has its place. */
const LEDGER: Readonly<Record<RejectionCode, Kind>> = {
  WRONG_CHAIN: "usage",
  WRONG_MARKET: "usage",
  EXPIRED: "conflict",
  VALID_TOO_LONG: "usage",
  FEE_BELOW_MINIMUM: "usage",
  ACCOUNT_UNKNOWN: "funds",
  NONCE_NOT_NEXT: "conflict",
  FUNDS_TOO_LOW: "funds",
  LOCKABLE_TOO_LOW: "funds",
  BUDGET_EXCEEDED: "funds",
  BUDGET_ENDED: "funds",
  BUDGET_OF_ONESELF: "usage",
  CHILD_KEY_UNSOUND: "usage",
  BUDGET_OF_NOTHING: "usage",
  BUDGET_TIME_OUT_OF_RANGE: "usage",
  BUDGET_IN_A_CIRCLE: "conflict",
  BUDGET_TOO_DEEP: "conflict",
  CHILD_HAS_OWNER: "conflict",
  CHILD_IS_OWNER: "conflict",
  CONSENT_USED: "conflict",
  BUDGET_UNKNOWN: "notFound",
  NOT_THE_OWNER: "conflict",
  AMOUNT_ZERO: "usage",
  RECIPIENT_UNKNOWN: "notFound",
  RECIPIENT_KEY_UNSOUND: "usage",
  NOT_A_GRANTER: "conflict",
  ALLOWANCE_EXCEEDED: "funds",
  SLASH_DEBT_OPEN: "conflict",
  FREE_STAKE_TOO_LOW: "funds",
  TOO_MANY_UNBONDING: "conflict",
  STANDING_TOO_LOW: "conflict",
  STAKE_BELOW_MINIMUM: "funds",
  TOO_MANY_LIENS: "conflict",
  DELIVERY_OUT_OF_RANGE: "usage",
  VALUE_OUT_OF_RANGE: "usage",
  LEASE_UNKNOWN: "notFound",
  LEASE_OVER: "conflict",
  HOLD_OUT_OF_RANGE: "usage",
  NOT_A_DEPUTY: "conflict",
  NOT_THE_LEASES_OWNER: "conflict",
  LEASE_HELD: "conflict",
  TOO_MANY_HOLDERS: "conflict",
  USAGE_TOO_EARLY: "conflict",
  NOT_A_HOLDER: "conflict",
  USAGE_GIVEN: "conflict",
  USAGE_ABOVE_WON: "usage",
  TRADE_UNKNOWN: "notFound",
  NOT_THE_PERFORMER: "conflict",
  NOT_THE_BUYER: "conflict",
  TRADE_ENDED: "conflict",
  TRADE_NOT_DUE: "conflict",
  TRADE_NOT_DELIVERED: "conflict",
  TRADE_DEADLINE_PASSED: "conflict",
  NOT_A_JUROR: "conflict",
  JUROR_IS_PARTY: "conflict",
  TRADE_NOT_DISPUTED: "conflict",
  VERDICT_REPEATED: "conflict",
  NO_JURY: "conflict",
  DISPUTE_BOND_TOO_SMALL: "usage",
  TOO_MANY_LOCKS: "conflict",
  EVIDENCE_INVALID: "usage",
  EVIDENCE_USED: "punished",
  NOTHING_TO_SLASH: "punished",
  OPENS_TOO_LATE: "usage",
  WINDOW_OUT_OF_RANGE: "usage",
  LOT_LAPSES_BEFORE_CLOSE: "usage",
  LOT_TOO_FAR_AHEAD: "usage",
  LOCKUP_BELOW_RESERVE: "usage",
  BOND_TOO_SMALL: "usage",
  TOO_MANY_AUCTIONS: "busy",
  AUCTION_UNKNOWN: "notFound",
  NOT_THE_CREATOR: "conflict",
  BIDDER_IS_CREATOR: "conflict",
  AUCTION_HAS_COMMITS: "conflict",
  AUCTION_ENDED: "conflict",
  COMMIT_BEFORE_OPEN: "conflict",
  COMMIT_AFTER_CLOSE: "conflict",
  LOCKUP_NOT_OFFERED: "usage",
  AUCTION_FULL: "conflict",
  REVEAL_CAPACITY_EXCEEDED: "busy",
  REVEAL_ROOM_FEE_TOO_LOW: "usage",
  REVEAL_TOO_EARLY: "conflict",
  REVEAL_TOO_LATE: "conflict",
  COMMIT_UNKNOWN: "notFound",
  ALREADY_REVEALED: "conflict",
  OPENING_MISMATCH: "usage",
  UNITS_OUT_OF_RANGE: "usage",
  BID_ABOVE_LOCKUP: "usage",
  NO_HIDDEN_RESERVE: "conflict",
  RESERVE_ALREADY_OPENED: "conflict",
  RESERVE_BELOW_PUBLIC: "usage",
  RESERVE_ABOVE_LOCKUP: "usage",
};

/** Refusals that no ledger gives: of commands and connections. What stands in neither table is a conflict. */
const OTHERS: Readonly<Record<string, Kind>> = {
  BAD_ADDRESS: "usage",
  BAD_SIGNATURE: "usage",
  CHAIN_MISMATCH: "usage",
  CONSENT_INVALID: "usage",
  UNREACHABLE: "busy",
  BAD_ANSWER: "busy",
  BUSY: "busy",
  FAUCET_UNAVAILABLE: "notFound",
  FEE_TOO_LOW_TO_REPLACE: "usage",
  KEY_NOT_HELD: "notFound",
  NOT_IN_AMNESIA: "conflict",
  NOT_READY: "busy",
  OPERATION_NOT_WAITING: "notFound",
  OTHERS_CAN_RELEASE: "conflict",
  PEER_STOPPED: "conflict",
  TOO_MANY_WAITING: "busy",
  WISH_MALFORMED: "usage",
};

/** What mends a want of so much stake, as a command. */
const stakeIsAdded = ({ short }: Refusal["detail"]): string =>
  `\`mabeam stake add${typeof short === "string" ? ` ${creditsOf(short)}` : ""}\``;

/** Remedies more exact than their kind's, some of them by the refusal's evidence. */
const FIXES: Readonly<Record<string, string | ((detail: Refusal["detail"]) => string)>> = {
  EXPIRED: "make it anew: its time was over at `validUntilMs`, and nothing of it was done",
  VALID_TOO_LONG: "let it be valid until `atMostMs` at most",
  FEE_BELOW_MINIMUM: "raise --fee to `minFee`, or leave it out",
  NONCE_NOT_NEXT: "make it anew: another operation of the same agent came before it",
  AMOUNT_ZERO: "name an amount of at least a micro-credit",
  RECIPIENT_KEY_UNSOUND: "name an agent whose key was generated: anyone could sign for this one",
  NOT_A_GRANTER:
    "only whom genesis names may mint, in a network of several owners the seats' owners; on a testnet `mabeam testnet faucet <agent> --home .mabeam/testnet` does",
  ALLOWANCE_EXCEEDED: "grant at most `remaining`, or send credits that exist with `mabeam wallet transfer`",
  TOO_MANY_LOCKS:
    "wait until earlier bids, purchases or disputes have ended: `mabeam wallet balance` shows what is locked, and for what",
  CHILD_KEY_UNSOUND: "name an agent whose key was generated: anyone could agree for this one",
  AUCTION_UNKNOWN: "see the known ones with `mabeam auction list`",
  COMMIT_AFTER_CLOSE: "bidding is over; see what is open with `mabeam auction list --phase open`",
  COMMIT_BEFORE_OPEN: "bidding has not begun; `mabeam auction show <id>` says when it does",
  UNITS_OUT_OF_RANGE:
    "say for how many units with --units, at most the lot's; of a lot as a whole leave it out",
  BID_ABOVE_LOCKUP: "bid at most the auction's highest lockup: see `mabeam auction show <id>`",
  LOCKUP_NOT_OFFERED: "choose one of the auction's lockups: see `mabeam auction show <id>`",
  LOCKUP_BELOW_RESERVE: "raise --lockup, since a bid must fit under it, or lower --reserve",
  RESERVE_ABOVE_LOCKUP:
    "hide a reserve of at most the highest lockup, since no bid is above it, or raise --lockup",
  BOND_TOO_SMALL:
    "leave --bond out, or raise it to the highest lockup: a hidden reserve costs it if not opened",
  REVEAL_CAPACITY_EXCEEDED:
    "bid again when others have revealed, or in an auction whose bids are revealed after the time that untilMs names",
  REVEAL_ROOM_FEE_TOO_LOW:
    "raise --fee to `least`, or leave it out: room for reveals has a price past half of it",
  LOT_LAPSES_BEFORE_CLOSE: "let the lot last longer, or shorten the auction's windows",
  FUNDS_TOO_LOW:
    "see `mabeam wallet balance`; `promised` is what operations and sealed bids that wait here will take",
  LOCKABLE_TOO_LOW:
    "lock at most `lockable`, `multiplierBp` of what is owned less what is locked already: bid less, or let other auctions end first; `mabeam wallet balance` shows it",
  BUDGET_EXCEEDED:
    "`limit` of the budget of `child` is `most`, and `counted` of it is used: see `mabeam budget show`; its owner raises it with `mabeam budget open`",
  BUDGET_ENDED:
    "the budget of `child` has ended: its owner opens another with `mabeam budget open`; what is one's own pays meanwhile",
  BUDGET_OF_ONESELF: "name another agent as the child: what is one's own needs no budget",
  BUDGET_OF_NOTHING: "let at least a micro-credit be spent per auction, per period and in all",
  BUDGET_TIME_OUT_OF_RANGE: "end it between `timeMs` and `latestMs`, a year later",
  BUDGET_IN_A_CIRCLE:
    "the child is above its owner already: `mabeam budget show <owner>` shows by which budgets",
  BUDGET_TOO_DEEP:
    "give the budget from an agent nearer to the top of the tree: `mabeam budget show` shows it",
  CHILD_HAS_OWNER:
    "an agent has one owner: that one, or the child, ends it with `mabeam budget close <child>`; it is gone once nothing is held by it",
  CHILD_IS_OWNER: "close the child's own budgets for others first: a tree of budgets grows downwards",
  CONSENT_USED:
    "let the child agree again: it has been given `had` budgets, and its consent is for budget `nth`",
  CONSENT_INVALID:
    "it is another budget's: the child agrees to this very owner and these limits with `mabeam budget agree`",
  BUDGET_UNKNOWN: "see what budgets there are with `mabeam budget show`",
  NOT_THE_OWNER: "only its owner or its child closes a budget: `mabeam budget show <child>` names the owner",
  SLASH_DEBT_OPEN: "pay it with `mabeam stake add`: the first `debt` of it becomes no stake; then withdraw",
  FREE_STAKE_TOO_LOW: (detail) =>
    `add what is short with ${stakeIsAdded(detail)}, or ask less of it: \`mabeam stake list\` shows what is free, and what liens secure with the rest`,
  STAKE_BELOW_MINIMUM: (detail) =>
    `who promises a delivery has stake that answers for it: add what is short with ${stakeIsAdded(detail)}`,
  STANDING_TOO_LOW:
    "its promises are not taken until its standing is `freeFrom` again: sell without --deliver, or wait",
  TOO_MANY_LIENS: "wait until earlier trades have ended: `mabeam stake list` shows what liens secure",
  NOT_A_JUROR: "only the owners of seats judge disputes: `mabeam trade show <trade>` names its jury",
  JUROR_IS_PARTY:
    "nobody judges a trade of its own: the other seats do, `mabeam trade show <trade>` names them",
  VERDICT_REPEATED: "a seat's first vote stands: `mabeam trade show <trade>` tells it",
  NO_JURY:
    "no seat is left to judge, the network's only ones are the parties': agree on it with the performer",
  DISPUTE_BOND_TOO_SMALL: "raise the bond to `least`, or leave it out",
  DELIVERY_OUT_OF_RANGE: "choose --deliver and --settle within the bounds that the answer names",
  VALUE_OUT_OF_RANGE: "leave --value out, or declare at most the units at the highest lockup",
  LEASE_UNKNOWN:
    "see the leases of a window with `mabeam lease list --auction <id>`: of windows that were sold without a delivery, until they are forgotten",
  LEASE_OVER: "its window ended at `toMs`; what was used of it can still be said",
  HOLD_OUT_OF_RANGE: "hold it until a time after `includedMs` and no later than `toMs`",
  NOT_A_DEPUTY: "its owner names who may hold it with `mabeam lease hold <auction> --deputy <agent>`",
  NOT_THE_LEASES_OWNER: "leave --deputy out: only a lease's owner names who may take it over",
  LEASE_HELD: "another holds it until `untilMs`: hold it then, unless it has been held anew",
  TOO_MANY_HOLDERS: "as many have held it as are remembered; one of them may hold it again",
  USAGE_TOO_EARLY: "say it once the window is over, at `toMs`",
  NOT_A_HOLDER: "only who has held a lease says what was used of it: `mabeam lease list` shows who has",
  USAGE_GIVEN: "what a holder said first stands: `mabeam lease list` shows it",
  USAGE_ABOVE_WON: "claim at most what was won: `claimed` of `won`, with what its other holders have claimed",
  TRADE_UNKNOWN: "see the known ones with `mabeam trade list`",
  NOT_THE_PERFORMER:
    "`mabeam trade show <trade>` names its performer; if this daemon has its key, say so with --agent",
  NOT_THE_BUYER:
    "`mabeam trade show <trade>` names its buyer; if this daemon has its key, say so with --agent",
  TRADE_ENDED: "`mabeam trade show <trade>` tells how it ended, and where its price went",
  TRADE_NOT_DUE: "it was delivered already, and waits for its buyer: see `mabeam trade show <trade>`",
  TRADE_NOT_DELIVERED: "wait for the delivery: `mabeam trade show <trade> --watch` tells of it",
  TRADE_NOT_DISPUTED: "its buyer has to dispute it first: `mabeam jury list` shows what is to be judged",
  TRADE_DEADLINE_PASSED:
    "its time is over, and the next entries of the log end it: `mabeam trade show <trade> --watch` tells how",
  TOO_MANY_UNBONDING:
    "wait until an earlier withdrawal is free: `mabeam stake list` says when; fewer and larger ones leave room",
  FEE_TOO_LOW_TO_REPLACE: "raise --fee to `least`, or leave it out",
  OPERATION_NOT_WAITING: "it is in the log by now, or was refused: `mabeam wallet balance` shows what it did",
  RECIPIENT_UNKNOWN:
    "check the agent's id; an account begins with a grant, `mabeam wallet grant` of a granter or the network's faucet",
  FAUCET_UNAVAILABLE:
    "only a testnet's own process has a faucet: name its folder, as in --home .mabeam/testnet",
  ALREADY_FUNDED: "see `mabeam wallet balance`; more comes by a transfer from another agent",
  KEY_NOT_HELD: "name an agent of this daemon: `mabeam id` lists them",
  WRONG_CHAIN: "it belongs to another network; `mabeam status` names the chain of this one",
  CHAIN_MISMATCH: "it belongs to another network; `mabeam status` names the chain of this one",
  PEER_STOPPED: "`mabeam quorum status` says what stopped it; nothing makes it act again",
  NOT_IN_AMNESIA: "there is nothing to override: `mabeam quorum status` says how this seat stands",
  OTHERS_CAN_RELEASE:
    "bring the other members up and wait: their answers end amnesia without a risk, and `mabeam quorum status` " +
    "counts them; only where they never will, add --force",
  BAD_ADDRESS: "give a multiaddr such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo…",
  BUSY: "try again after the seconds that Retry-After names: nothing was done",
  UNREACHABLE: "check that the other peer runs, and its address",
};

const KIND_OF: Readonly<Record<string, Kind>> = { ...OTHERS, ...LEDGER };

/** `OPERATION_…` are faults of encoding. */
const kindOf = (code: string): ProblemKind =>
  KINDS[KIND_OF[code] ?? (code.startsWith("OPERATION_") ? "usage" : "conflict")];

/** The problem that a peer's refusal is; its evidence becomes `context`. */
export function refusalProblem({ code, detail }: Refusal): Problem {
  const kind = kindOf(code);
  const fix = FIXES[code] ?? kind.fix;
  const evidence = Object.entries(detail).map(([name, value]) => `${name} ${value}`);
  const text = [code.toLowerCase().replaceAll("_", " "), ...evidence].join("; ");
  return new Problem(code, { ...kind, fix: typeof fix === "string" ? fix : fix(detail) }, text, {
    context: { ...detail },
  });
}
