// Opening and closing budgets (spec/budgets): what an owner may let a child spend, and who may end it.
import { equalBytes, type Hash, struct, toHex } from "../../base/index.js";
import { isSmallOrder } from "../../crypto/index.js";
import {
  ACCOUNTS,
  type AgentId,
  type Authority,
  agentId,
  BUDGETS,
  BUDGETS_CLOSED_BEYOND_OPENED,
  type Budget,
  type BudgetTerms,
  burn,
  closeExpired,
  type DrawFault,
  drawFault,
  dropIfOver,
  endedBudget,
  isLive,
  type Ledger,
  levelsOf,
  MAX_BUDGET_DEPTH,
  MAX_BUDGET_MS,
  type Moment,
  newAccount,
  periodOf,
  reject,
  takeForGood,
} from "../../ledger/index.js";
import { AT_ONCE, type Rule, type Signed } from "../subject.js";
import { consentDigest, type OfferedBudget, offeredBudget } from "./consent.js";

const closing = struct({ child: [0, agentId] });
type Closing = { readonly child: AgentId };

export const BUDGET_OPERATIONS = {
  /** the sender lets the child spend of its funds, as the child has agreed; of a child it has already, on new terms */
  openBudget: [15, offeredBudget],
  /** the owner, or the child, ends it: what is held ends as it would */
  closeBudget: [16, closing],
} as const;

export type BudgetRefusal =
  | DrawFault
  | "BUDGET_OF_ONESELF"
  | "CHILD_KEY_UNSOUND"
  | "BUDGET_OF_NOTHING"
  | "BUDGET_TIME_OUT_OF_RANGE"
  | "BUDGET_IN_A_CIRCLE"
  | "BUDGET_TOO_DEEP"
  | "CHILD_HAS_OWNER"
  | "CHILD_IS_OWNER"
  | "CONSENT_USED"
  | "BUDGET_UNKNOWN"
  | "NOT_THE_OWNER";

export type BudgetFact =
  | {
      readonly kind: "budgetOpened";
      readonly owner: AgentId;
      readonly child: AgentId;
      readonly terms: BudgetTerms;
      readonly burned: bigint;
    }
  | { readonly kind: "budgetClosed"; readonly by: AgentId; readonly owner: AgentId; readonly child: AgentId };

type OpenRule = Rule<OfferedBudget, Authority, BudgetRefusal>;
type CloseRule = Rule<Closing, Authority, BudgetRefusal>;

const budgetOf = (ledger: Ledger, child: AgentId): Budget | null => ledger.get(BUDGETS, child);

const childIsAnother: OpenRule = (_, body, by) =>
  equalBytes(body.child, by.from) ? reject("BUDGET_OF_ONESELF") : null;

/** Anyone could sign for a key of small order, and so for its consent (spec/encoding#S1). */
const childKeyIsSound: OpenRule = (_, body) =>
  isSmallOrder(body.child) ? reject("CHILD_KEY_UNSOUND") : null;

const somethingIsLet: OpenRule = (_, { terms: { perAuction, perPeriod, total } }) =>
  perAuction > 0n && perPeriod > 0n && total !== 0n ? null : reject("BUDGET_OF_NOTHING");

const endsInTime: OpenRule = (_, { terms: { untilMs } }, _by, { timeMs }) => {
  const latestMs = timeMs + MAX_BUDGET_MS;
  return untilMs >= timeMs && untilMs <= latestMs
    ? null
    : reject("BUDGET_TIME_OUT_OF_RANGE", { untilMs, timeMs, latestMs });
};

/** Who has only what another lets it spend gives a part of that, as long as it lasts. */
const ownersBudgetIsLive: OpenRule = (ledger, _, by, { timeMs }) => {
  const ended = levelsOf(ledger, by.from).find((level) => !isLive(level, timeMs));
  return ended === undefined ? null : endedBudget(ended, timeMs);
};

const treeHasNoCircle: OpenRule = (ledger, body, by) =>
  levelsOf(ledger, by.from).some(({ owner }) => equalBytes(owner, body.child))
    ? reject("BUDGET_IN_A_CIRCLE")
    : null;

const treeIsNotTooDeep: OpenRule = (ledger, _, by) => {
  const depth = levelsOf(ledger, by.from).length + 1;
  return depth <= MAX_BUDGET_DEPTH ? null : reject("BUDGET_TOO_DEEP", { depth, most: MAX_BUDGET_DEPTH });
};

const childHasNoOtherOwner: OpenRule = (ledger, body, by) => {
  const budget = budgetOf(ledger, body.child);
  return budget === null || equalBytes(budget.owner, by.from)
    ? null
    : reject("CHILD_HAS_OWNER", { owner: toHex(budget.owner), state: budget.state });
};

/** A tree grows downwards: what is below a new child would be counted, from now on, where nothing of it was before. */
const childHasNoChildren: OpenRule = (ledger, body) => {
  if (budgetOf(ledger, body.child) !== null) return null;
  // Counted, not listed: anybody may ask it of an owner of thousands.
  const children = ledger.table(BUDGETS).index.children.of(toHex(body.child)).size;
  return children === 0 ? null : reject("CHILD_IS_OWNER", { children });
};

/** A consent is for the budget after those that the child has had: used once, it is worth nothing (spec/budgets#C2). */
const consentIsNew: OpenRule = (ledger, body) => {
  const had = ledger.accountOf(body.child)?.budgets ?? 0;
  return body.nth === had ? null : reject("CONSENT_USED", { nth: body.nth, had });
};

const openingIsPaid: OpenRule = (ledger, _, by, { timeMs }) =>
  drawFault(ledger, by.from, timeMs, {
    fee: by.fee,
    taken: ledger.params.budgetBurn,
    locks: null,
    own: 0n,
    auction: null,
    replaces: null,
  });

const budgetIsOpen: CloseRule = (ledger, body, _, { timeMs }) => {
  const budget = budgetOf(ledger, body.child);
  if (budget === null) return reject("BUDGET_UNKNOWN");
  return budget.state === "open" ? null : endedBudget(budget, timeMs);
};

const senderMayClose: CloseRule = (ledger, body, by) =>
  mayClose(budgetOf(ledger, body.child)!, by.from) ? null : reject("NOT_THE_OWNER");

const mayClose = ({ owner, child }: Budget, who: AgentId): boolean =>
  equalBytes(owner, who) || equalBytes(child, who);

const aboutNoAuction = (): Hash | null => null;

export const BUDGET: {
  readonly openBudget: Signed<OfferedBudget, BudgetRefusal, BudgetFact>;
  readonly closeBudget: Signed<Closing, BudgetRefusal, BudgetFact>;
} = {
  openBudget: {
    by: "sender",
    // Of the lane that comes first in an entry: what a budget lets be spent is known before anything else is counted.
    lane: "critical",
    rules: [
      childIsAnother,
      childKeyIsSound,
      somethingIsLet,
      endsInTime,
      ownersBudgetIsLive,
      treeHasNoCircle,
      treeIsNotTooDeep,
      childHasNoOtherOwner,
      childHasNoChildren,
      consentIsNew,
      openingIsPaid,
    ],
    effect(ledger, { child, terms }, { from: owner }, { timeMs }) {
      const { budgetBurn } = ledger.params;
      takeForGood(ledger, owner, budgetBurn, { timeMs, auction: null });
      burn(ledger, budgetBurn);
      if (ledger.accountOf(child) === null) ledger.put(ACCOUNTS, child, newAccount(child, 0n));
      ledger.change(ACCOUNTS, child, (account) => {
        account.budgets++;
      });
      const before = budgetOf(ledger, child);
      const held = before?.held ?? 0n;
      const counted = before === null ? periodOf(ledger, timeMs) : before.period;
      const inPeriod = before?.inPeriod ?? 0n;
      const budget = {
        child,
        owner,
        terms,
        state: "open",
        period: counted,
        inPeriod,
        spent: held,
        held,
      } as const;
      ledger.put(BUDGETS, child, budget);
      return [{ kind: "budgetOpened", owner, child, terms, burned: budgetBurn }];
    },
    ...AT_ONCE,
    takes: (ledger) => ledger.params.budgetBurn,
    agreed: (network, owner, offered) => ({
      key: offered.child,
      digest: consentDigest(network, owner, offered),
      sig: offered.consent,
    }),
    about: aboutNoAuction,
    /** An old consent changes nothing, whoever brings it again. */
    changesBudgetOf: (ledger, { child, nth }) =>
      nth >= (ledger.accountOf(child)?.budgets ?? 0) ? child : null,
  },
  closeBudget: {
    by: "sender",
    lane: "critical",
    rules: [budgetIsOpen, senderMayClose],
    effect(ledger, { child }, { from }) {
      const { owner } = budgetOf(ledger, child)!;
      ledger.change(BUDGETS, child, (budget) => {
        budget.state = "closed";
      });
      dropIfOver(ledger, toHex(child));
      return [{ kind: "budgetClosed", by: from, owner, child }];
    },
    ...AT_ONCE,
    takes: () => 0n,
    about: aboutNoAuction,
    /** A stranger's changes nothing. */
    changesBudgetOf(ledger, { child }, from) {
      const budget = budgetOf(ledger, child);
      return budget !== null && mayClose(budget, from) ? child : null;
    },
  },
};

/**
 * Closes budgets that have expired: at least as many as the entry opened, and some more, so that what is overdue dwindles
 * whatever is sent. Nothing hangs on when: an expired budget lets nothing be spent.
 * @param opened budgets that the entry's operations opened
 */
export const endExpired = (
  ledger: Ledger,
  { timeMs }: Pick<Moment, "timeMs">,
  opened: number,
): readonly AgentId[] => closeExpired(ledger, timeMs, opened + BUDGETS_CLOSED_BEYOND_OPENED);
