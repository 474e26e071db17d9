// Taking a penalty: from which parts of an account, in which order, and what becomes of it (spec/standing#T1).
import { amount, type Hex, invariant, least, MAX_AMOUNT, struct, type TypeOf } from "../../base/index.js";
import {
  ACCOUNTS,
  type Account,
  type Draft,
  freeStake,
  type Ledger,
  shareSlashed,
} from "../../ledger/index.js";

/** The part of stake that answers for what is punished. */
interface Answering {
  /** of the lien */
  readonly id: Hex;
  /** at most so much of it: the rest answers for something else */
  readonly most: bigint;
}

/** Where a penalty was taken from, each in micro-credits. */
export const taking = struct({
  /** the part that answers */
  lien: [0, amount],
  freeStake: [1, amount],
  unbonding: [2, amount],
});
export type Taking = TypeOf<typeof taking>;

/** What a penalty took, in all. */
export const takenBy = ({ lien, freeStake, unbonding }: Taking): bigint => lien + freeStake + unbonding;

/**
 * Takes what is due from the lien, then free stake, then unbonding; the rest becomes slash debt, up to the greatest
 * amount. Other liens are never touched. Half of what was taken goes to the insurance pool, half burns.
 */
export function takePenalty(ledger: Ledger, account: Account, due: bigint, from: Answering): Taking {
  const took = { lien: 0n, freeStake: 0n, unbonding: 0n };
  ledger.change(ACCOUNTS, account.id, (one) => {
    took.lien = takeFromLien(one, from.id, least(due, from.most));
    took.freeStake = takeFromFreeStake(one, due - took.lien);
    took.unbonding = takeFromUnbonding(one, due - took.lien - took.freeStake);
    one.slashDebt = least(one.slashDebt + due - takenBy(took), MAX_AMOUNT);
  });
  shareSlashed(ledger, takenBy(took));
  return took;
}

function takeFromLien(account: Draft<Account>, id: Hex, taken: bigint): bigint {
  if (taken === 0n) return 0n;
  const lien = account.liens.get(id);
  invariant(lien !== undefined && taken <= lien.amount, "what answers is a part of its lien");
  account.stake -= taken;
  if (taken === lien.amount) account.liens.delete(id);
  else account.liens.set(id, { ...lien, amount: lien.amount - taken });
  return taken;
}

function takeFromFreeStake(account: Draft<Account>, wanted: bigint): bigint {
  const taken = least(freeStake(account), wanted);
  account.stake -= taken;
  return taken;
}

/** The earliest released first: it is the next to escape. */
function takeFromUnbonding(account: Draft<Account>, wanted: bigint): bigint {
  let open = wanted;
  const left = account.unbonding.map((part) => {
    const taken = least(part.amount, open);
    open -= taken;
    return { ...part, amount: part.amount - taken };
  });
  account.unbonding = left.filter((part) => part.amount > 0n);
  return wanted - open;
}
