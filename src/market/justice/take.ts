// Taking a penalty: from which parts of an account, in which order, and what becomes of it (spec/standing#T1).
import { type Hex, invariant, least, MAX_AMOUNT } from "../../base/index.js";
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

/**
 * Takes what is due from the lien, then free stake, then unbonding; the rest becomes slash debt, up to the greatest
 * amount. Other liens are never touched. Half of what was taken goes to the insurance pool, half burns.
 * @returns what was taken
 */
export function takePenalty(ledger: Ledger, account: Account, due: bigint, from: Answering): bigint {
  let open = due;
  ledger.change(ACCOUNTS, account.id, (one) => {
    open -= takeFromLien(one, from.id, least(open, from.most));
    open -= takeFromFreeStake(one, open);
    open -= takeFromUnbonding(one, open);
    one.slashDebt = least(one.slashDebt + open, MAX_AMOUNT);
  });
  shareSlashed(ledger, due - open);
  return due - open;
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
