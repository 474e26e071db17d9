// Broken rules of disputes: who judges, how often and until when, what the votes decide, and what that costs.
import { ACCOUNTS, burn, type Ledger } from "../../../src/ledger/index.js";
import {
  type BodyOf,
  decisionOf,
  type EndedState,
  jurorsOf,
  OPERATION_RULES,
  type Operation,
  TRADE_RULES,
  TRADES,
  type Trade,
  type TradeId,
  tradeOf,
} from "../../../src/market/index.js";
import type { Conduct } from "../../../src/peer/conduct.js";
import { acts, around, forgives, type Mutant } from "./mutant.js";
import { pay } from "./trade-mutants.js";

/** How long after its time is over a vote still counts: longer than a late juror waits. */
const LENIENT_MS = 5_000;

/** After the vote that has decided so. */
const onceDecided = (
  cause: EndedState["cause"],
  happens: (ledger: Ledger, trade: Trade, ended: EndedState) => void,
): Partial<Conduct> =>
  around("verdict", (ledger, { trade: id }, cast) => {
    cast();
    const trade = tradeOf(ledger, id)!;
    if (trade.state.kind === "ended" && trade.state.cause === cause) happens(ledger, trade, trade.state);
  });

export const DISPUTE_MUTANTS = {
  "disputed-for-less": acts(
    "a dispute needs no bond to speak of (spec/disputes#bond)",
    "trade-money",
    forgives("DISPUTE_BOND_TOO_SMALL"),
  ),
  "judged-by-its-parties": acts(
    "a seat judges a trade of its own (spec/disputes#jury)",
    "trade-money",
    forgives("JUROR_IS_PARTY"),
  ),
  "judged-by-anybody": acts("who has no seat votes in the place of one (spec/disputes#jury)", "trade-money", {
    operations: {
      ...OPERATION_RULES,
      articleFault(ledger, op, at) {
        const fault = OPERATION_RULES.articleFault(ledger, op, at);
        if (fault?.code === "NOT_A_JUROR") standIn(ledger, op);
        return fault;
      },
    },
  }),
  "votes-both-ways": acts(
    "a seat votes as often as it likes (spec/disputes#verdicts)",
    "trade-money",
    forgives("VERDICT_REPEATED"),
  ),
  "late-votes-count": acts(
    "votes count for a while after the time for them (spec/disputes#verdicts)",
    "trade-money",
    {
      ...forgives("TRADE_DEADLINE_PASSED"),
      trades: { ...TRADE_RULES, isOver: (deadlineMs, nowMs) => nowMs > deadlineMs + LENIENT_MS },
    },
  ),
  "one-vote-less-decides": acts(
    "a quorum of the jury less one decides (spec/disputes#decision)",
    "trade-money",
    around("verdict", decideEarly),
  ),
  "share-is-the-mean": acts(
    "the share of an upheld dispute is the mean of those found (spec/disputes#median)",
    "trade-money",
    onceDecided("upheld", (ledger, trade, ended) => {
      const shares = ended.dispute!.votes.flatMap(({ share }) => share ?? []);
      const mean = Math.floor(shares.reduce((sum, one) => sum + one, 0) / shares.length);
      const returned = (trade.price * BigInt(mean)) / 10_000n;
      const moved = returned - ended.returned;
      pay(ledger, trade.performer, trade.buyer, moved);
      rewrite(ledger, trade.id, { ...ended, returned, received: ended.received - moved });
    }),
  ),
  "wrong-in-part-costs-the-whole": acts(
    "a misdelivery costs as much where a part was found wrong (spec/disputes#M1)",
    "trade-money",
    onceDecided("upheld", (ledger, { id, performer }, ended) => {
      const { base, severity, repeat, due, taken } = ended.penalty!;
      const whole = (base / 2n) * BigInt(severity * repeat);
      ledger.change(ACCOUNTS, performer, (one) => {
        one.stake -= whole - due;
      });
      burn(ledger, whole - due);
      rewrite(ledger, id, {
        ...ended,
        penalty: { ...ended.penalty!, due: whole, taken: taken + whole - due },
      });
    }),
  ),
  "bond-returns-to-who-was-wrong": acts(
    "the bond of a rejected dispute returns to its buyer (spec/disputes#M1)",
    "funds",
    onceDecided("rejected", (ledger, { performer, buyer }, { dispute }) =>
      pay(ledger, performer, buyer, dispute!.bond),
    ),
  ),
} as const satisfies Record<string, Mutant>;

const rewrite = (ledger: Ledger, id: TradeId, state: Trade["state"]): void =>
  ledger.change(TRADES, id, (trade) => {
    trade.state = state;
  });

type Votes = Extract<Trade["state"], { readonly kind: "disputed" }>["dispute"]["votes"];

function setVotes(ledger: Ledger, { id, state }: Trade, votes: Votes): void {
  if (state.kind === "due" || state.kind === "delivered" || state.dispute === null) return;
  rewrite(ledger, id, { ...state, dispute: { ...state.dispute, votes } } as Trade["state"]);
}

const votesOf = ({ state }: Trade): Votes =>
  state.kind === "disputed" || state.kind === "ended" ? (state.dispute?.votes ?? []) : [];

const silentIn = (ledger: Ledger, trade: Trade): readonly number[] =>
  jurorsOf(ledger, trade).filter((one) => votesOf(trade).every(({ seat }) => seat !== one));

/** Puts a stranger's opinion down as the vote of a juror who has not voted yet. */
function standIn(ledger: Ledger, { body }: Operation): void {
  const trade = "share" in body ? tradeOf(ledger, body.trade) : null;
  if (!("share" in body) || trade?.state.kind !== "disputed") return;
  const [seat] = silentIn(ledger, trade);
  if (seat !== undefined) setVotes(ledger, trade, [...votesOf(trade), { seat, share: body.share }]);
}

/** Where one more vote of its kind would decide, there is one while the vote is cast. */
function decideEarly(ledger: Ledger, { trade: id, share }: BodyOf<"verdict">, cast: () => void): void {
  const trade = tradeOf(ledger, id)!;
  const silent = silentIn(ledger, trade);
  const shares = [...votesOf(trade).map((one) => one.share), share];
  const jurors = jurorsOf(ledger, trade).length;
  const decidesEarly =
    silent.length > 1 &&
    decisionOf(shares, jurors) === null &&
    decisionOf([...shares, share], jurors) !== null;
  if (decidesEarly) setVotes(ledger, trade, [{ seat: silent.at(-1)!, share }, ...votesOf(trade)]);
  cast();
  if (!decidesEarly) return;
  const decided = tradeOf(ledger, id)!;
  setVotes(ledger, decided, votesOf(decided).slice(1));
}
