// Leads entries full of what costs nobody anything: evidence that convicts nobody, and operations that nobody can pay.
import { rewriting, withOps } from "./rewrite.js";
import { nothing, type Strategy } from "./strategy.js";

/** More than any account of a run ever has. */
const FEE = 1n << 50n;
/** More than any member lets pass, each kind alone. */
const COUNT = 24;
const BYTES = 1024;

export const junkEntries: Strategy = (forger, random) => ({
  speak: rewriting(forger, (own) => {
    const { header, ops } = own.entry;
    const junk = random.chance(0.5)
      ? forger.garbage(COUNT, BYTES)
      : forger.payments(FEE, COUNT, header.timeMs);
    const entry = [...ops, ...junk];
    return forger.propose(withOps(header, entry), entry, own);
  }),
  hear: nothing,
});
