// Budgets: what there is, opening and closing them, and a child's consent.
import { type Bytes, toHex } from "../../../src/base/index.js";
import type { BudgetTerms } from "../../../src/ledger/index.js";
import { asDocument, type BUDGET_ROUTES, budgetView } from "../../contract/index.js";
import { type Answers, actingAgent, bytesOf, feeOf, grant, granted, wishFor } from "../answer.js";
import { asList, pageOf } from "../paging.js";
import { budgetViews } from "../views/budget.js";

export const BUDGET_ANSWERS: Answers<typeof BUDGET_ROUTES> = {
  async budgets({ peer, query: { cursor = null, limit, agent }, serving }) {
    const views = budgetViews(peer.state, actingAgent(peer, agent));
    const page = pageOf(views, { cursor, limit }, (one) => one.child);
    return asList("BudgetList", budgetView, page, (one) => one.child, serving.onUnshown);
  },

  openBudget: (ask) =>
    grant(ask, (peer) => {
      const { agent, child, consent, fee } = ask.body;
      const from = actingAgent(peer, agent);
      const sent =
        consent === undefined ? null : { nth: consent.nth, consent: bytesOf(consent.signature) as Bytes };
      const offer = { child: bytesOf(child), terms: termsOf(ask.body), sent, ...feeOf(fee) };
      return wishFor(
        peer,
        { action: "openBudget", agent: toHex(from) },
        { kind: "openBudget", from, ...offer },
      );
    }),

  closeBudget: (ask) =>
    grant(ask, (peer) => {
      const { agent, child, fee } = ask.body;
      const from = actingAgent(peer, agent);
      const command = { kind: "closeBudget", from, child: bytesOf(child), ...feeOf(fee) } as const;
      return wishFor(peer, { action: "closeBudget", agent: toHex(from) }, command);
    }),

  async agreeToBudget(ask) {
    const { agent, owner, perAuction, perPeriod, total, until } = ask.body;
    const { agreed } = await granted(ask, (peer) => {
      const child = actingAgent(peer, agent);
      const command = {
        kind: "agreeToBudget",
        owner: bytesOf(owner),
        child,
        terms: termsOf(ask.body),
      } as const;
      return wishFor(peer, { action: "openBudget", agent: toHex(child) }, command);
    });
    const { child, nth, consent } = agreed!;
    return asDocument("BudgetConsent", {
      owner,
      child: toHex(child),
      perAuction,
      perPeriod,
      ...(total === undefined ? {} : { total }),
      until,
      consent: { nth, signature: toHex(consent) },
    });
  },
};

interface TermsBody {
  readonly perAuction: string;
  readonly perPeriod: string;
  readonly total?: string | undefined;
  readonly until: string;
}

const termsOf = ({ perAuction, perPeriod, total, until }: TermsBody): BudgetTerms => ({
  perAuction: BigInt(perAuction),
  perPeriod: BigInt(perPeriod),
  total: total === undefined ? null : BigInt(total),
  untilMs: Date.parse(until),
});
