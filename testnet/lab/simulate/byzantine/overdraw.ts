// Leads entries with operations of its own agent whose fees are above all that the agent has.
import { rewriting, withOps } from "./rewrite.js";
import { nothing, type Strategy } from "./strategy.js";

/** More than any account of a run ever has. */
const FEE = 1n << 50n;
/** One of them has the nonce that is next. */
const NONCES = 12;

export const overdraw: Strategy = (forger) => ({
  speak: rewriting(forger, (own) => {
    const { header, ops } = own.entry;
    const greedy = [...ops, ...forger.payments(FEE, NONCES, header.timeMs)];
    return forger.propose(withOps(header, greedy), greedy, own);
  }),
  hear: nothing,
});
