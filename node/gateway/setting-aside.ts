// What a request may cost is set aside before it is sent, if everybody who pays for it can.
import type { Use } from "../../src/quota/index.js";
import { BooksError } from "./books/error.js";
import type { Spent } from "./books/record.js";
import type { Caller } from "./caller.js";
import { agentKeyUnknown, booksUnwritable, type Fault } from "./faults.js";
import type { Place } from "./place.js";
import type { Bound } from "./spending/bounds.js";
import { overBudget } from "./spending/words.js";
import { termsOf } from "./terms.js";

export interface ToSetAside {
  readonly id: string;
  readonly model: string | null;
  readonly estimate: Use;
  readonly waitedMs: number;
  /** micro-credits that it may cost, by its estimate, and at the most */
  readonly cost: number;
  readonly most: number;
  /** what it uses and costs at least */
  readonly floor: Spent;
}

/** `fault`: why it may not be sent; `near`: limits of spending of which little is left. */
export type SetAside = { readonly fault: Fault } | { readonly fault: null; readonly near: readonly Bound[] };

/** Between the judgement and the books nobody else is judged. By its terms as they are by now: what its owner said of it while it waited holds. */
export async function setAside(place: Place, caller: Caller, one: ToSetAside): Promise<SetAside> {
  const terms = termsOf(place.named, place.agents, caller);
  if (terms === null) return { fault: agentKeyUnknown() };
  const atMs = place.clock.wallMs();
  const { most, ...asked } = one;
  const { over, near, cost } = place.spending.maySpend(terms, one.cost, atMs, most);
  if (over !== null) return { fault: overBudget(over) };
  const { flow, weight, band, payers } = terms;
  try {
    await place.books.begin({ ...asked, cost, payers, flow, weight, band, atMs });
    return { fault: null, near };
  } catch (error) {
    if (error instanceof BooksError) return { fault: booksUnwritable() };
    throw error;
  }
}
