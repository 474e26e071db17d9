// Budgets: what owners let agents spend, what is used of it, and a child's consent.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { actor, wish } from "./receipt.js";
import { onlyPeer, pagedById, peerQuery, type Route, read } from "./route.js";
import { amount, count, hex32, time } from "./scalar.js";

/** A limit, and what counts against it now. */
const limit = z.strictObject({ most: amount, used: amount });

export const budgetView = z.strictObject({
  /** who spends by it */
  child: hex32,
  owner: hex32,
  /** whose free funds pay: the owner at the top */
  payer: hex32,
  /** whether it lets something be spent now; or what it or a level above has come to */
  standing: z.enum(["live", "closed", "expired", "ended above"]),
  /** the last moment at which something is spent */
  until: time,
  perAuction: amount,
  perPeriod: limit,
  /** null: there is no limit in all */
  total: limit.nullable(),
  /** since it was opened: fees, what was paid, and what is locked */
  spent: amount,
  /** of that: locked or deposited now */
  held: amount,
  height: count,
});
export type BudgetView = z.output<typeof budgetView>;

const terms = { perAuction: amount, perPeriod: amount, total: amount.optional(), until: time };

const consent = z.strictObject({
  /** how many budgets the child was given before */
  nth: count,
  signature: z.string().regex(/^[0-9a-f]{128}$/, "a signature is 128 lower-case hexadecimal digits"),
});

export const budgetRequest = z.strictObject({
  ...actor,
  child: hex32,
  ...terms,
  /** absent: the child's key is here */
  consent: consent.optional(),
});

const consentRequest = z.strictObject({ agent: hex32.optional(), owner: hex32, ...terms });

export const consentDocument = document(
  "BudgetConsent",
  z.strictObject({ owner: hex32, child: hex32, ...terms, consent }),
);
const budgetListDocument = listDocument("BudgetList", budgetView);

export const BUDGET_ROUTES = {
  budgets: read(
    "wallet",
    "/v1/budgets",
    "The budgets by which an agent spends, and those below it",
    budgetListDocument,
    z.strictObject({ ...peerQuery, ...pagedById, agent: hex32.optional() }),
  ),
  openBudget: wish(
    "wallet",
    "/v1/budgets",
    "Let an agent spend of one's funds, or on new terms",
    budgetRequest,
  ),
  closeBudget: wish(
    "wallet",
    "/v1/budgets/closings",
    "End a budget, as its owner or its child",
    z.strictObject({ ...actor, child: hex32 }),
  ),
  agreeToBudget: {
    method: "POST",
    path: "/v1/budgets/consents",
    tag: "wallet",
    summary: "Agree to be given a budget: the answer is for the owner to send",
    query: onlyPeer,
    body: consentRequest,
    status: 202,
    answer: consentDocument,
  },
} as const satisfies Record<string, Route>;
