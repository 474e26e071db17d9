// Budgets of own agents: what an owner offers, with a consent that is made here or was sent, and what a child agrees to.
import { err, fits, ok, type Result, toHex } from "../../base/index.js";
import { type AgentId, type BudgetTerms, budgetTerms } from "../../ledger/index.js";
import { agreedBudget, type OfferedBudget } from "../../market/index.js";
import type { Refusal, SentConsent } from "../event.js";
import type { Peer } from "../state.js";

/** What an agent of this peer would sign now, to be given a budget. */
export function agreeTo(
  peer: Peer,
  owner: AgentId,
  child: AgentId,
  terms: BudgetTerms,
): Result<OfferedBudget, Refusal> {
  const key = peer.agents.get(toHex(child));
  if (key === undefined) return err({ code: "KEY_NOT_HELD", detail: { agent: toHex(child) } });
  if (!fits(budgetTerms, terms)) return err({ code: "WISH_MALFORMED", detail: { operation: "openBudget" } });
  const nth = peer.ledger.accountOf(child)?.budgets ?? 0;
  return ok(agreedBudget(peer.ledger.network, owner, { terms, nth }, key));
}

/** What an owner offers: with the consent that was sent, or with one of a child whose key is here. */
export function offerTo(
  peer: Peer,
  owner: AgentId,
  child: AgentId,
  terms: BudgetTerms,
  sent: SentConsent | null,
): Result<OfferedBudget, Refusal> {
  if (sent === null) return agreeTo(peer, owner, child, terms);
  const offered = { child, terms, ...sent };
  const agrees = peer.judge.agrees(owner, offered);
  return agrees ? ok(offered) : err({ code: "CONSENT_INVALID", detail: { child: toHex(child) } });
}
