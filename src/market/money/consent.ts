// Consent: a child's word that an owner may give it a budget, inside the owner's operation. It counts once.
import { encode, type Hash, signature, struct, type TypeOf, uint } from "../../base/index.js";
import { type Signer, taggedHash } from "../../crypto/index.js";
import { type AgentId, agentId, budgetTerms, type Network } from "../../ledger/index.js";

/** A budget as an owner's operation offers it and its child has agreed to it. */
export const offeredBudget = struct({
  child: [0, agentId],
  terms: [1, budgetTerms],
  /** how many budgets the child was given before: it has agreed to this one alone */
  nth: [2, uint()],
  /** the child's, over all of this, the owner and the network */
  consent: [3, signature],
});
export type OfferedBudget = TypeOf<typeof offeredBudget>;

const budgetOffer = struct({ child: [0, agentId], terms: [1, budgetTerms], nth: [2, uint()] });
type BudgetOffer = TypeOf<typeof budgetOffer>;

/** What a child signs: H('budget', chain ‖ market ‖ owner ‖ cbor(child, terms, nth)) (spec/budgets#C1). */
export const consentDigest = ({ chain, market }: Network, owner: AgentId, offer: BudgetOffer): Hash =>
  taggedHash("budget", chain, market, owner, encode(budgetOffer, offer));

/** What an owner offers, with its child's word for it. */
export function agreedBudget(
  network: Network,
  owner: AgentId,
  offer: Omit<BudgetOffer, "child">,
  child: Signer,
): OfferedBudget {
  const whole = { ...offer, child: child.publicKey };
  return { ...whole, consent: child.sign(consentDigest(network, owner, whole)) };
}
