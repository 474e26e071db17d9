// What of stake answers for a trade, from the moment on at which its performer promises it (spec/trades#liens).
import {
  type AgentId,
  BASIS_POINTS,
  type Ledger,
  lienAmount,
  MAX_LIENS,
  type Params,
  type Rejection,
  reject,
  STANDING_FREE_FROM,
} from "../../ledger/index.js";
import { stakeIsFree } from "../money/stake.js";
import { isBlocked, standingScore } from "../standing/standing.js";
import type { AuctionId } from "./id.js";
import { type AuctionTerms, highestLockup, isDelivered } from "./terms.js";

/** ⌈value · `lienBp`⌉: what stands behind a trade of so much. */
export const lienFor = (value: bigint, { lienBp }: Pick<Params, "lienBp">): bigint =>
  (value * BigInt(lienBp) + BigInt(BASIS_POINTS - 1)) / BigInt(BASIS_POINTS);

type Promised = Pick<AuctionTerms, "direction" | "lockups" | "deliverMs" | "value">;

/** What the creation of an auction takes of its creator's free stake: of a sale with delivery, by what it is worth at most. */
export function lienOfCreation(terms: Promised, params: Pick<Params, "lienBp">): bigint {
  if (terms.direction === "buy" || !isDelivered(terms)) return 0n;
  return lienFor(terms.value ?? highestLockup(terms), params);
}

/**
 * Whether a commit's lockup is a lien on its bidder's stake, not a lock on its funds: who is bought from is the
 * performer. Where trades need no stake it is a lock as in any other auction.
 */
export const lockupIsLien = (
  terms: Pick<AuctionTerms, "direction" | "deliverMs">,
  { lienBp }: Pick<Params, "lienBp">,
): boolean => terms.direction === "buy" && isDelivered(terms) && lienBp > 0;

export type LienRefusal =
  | "STANDING_TOO_LOW"
  | "TOO_MANY_LIENS"
  | "STAKE_BELOW_MINIMUM"
  | "FREE_STAKE_TOO_LOW";

/**
 * Why an agent may not take a lien of `amount` for a trade of an auction, or null. One of 0 is none. What an earlier one
 * of the same auction holds comes back first.
 */
export function lienFault(
  ledger: Ledger,
  agent: AgentId,
  auction: AuctionId | null,
  amount: bigint,
): Rejection<LienRefusal> | null {
  if (amount === 0n) return null;
  if (isBlocked(ledger, agent)) {
    return reject("STANDING_TOO_LOW", {
      standing: standingScore(ledger, agent),
      freeFrom: STANDING_FREE_FROM,
    });
  }
  const account = ledger.accountOf(agent)!;
  const held = auction === null ? 0n : lienAmount(account, auction);
  if (held === 0n && account.liens.size >= MAX_LIENS) return reject("TOO_MANY_LIENS", { most: MAX_LIENS });
  return stakeIsEnough(ledger, agent) ?? stakeIsFree(ledger, agent, amount - held);
}

/** Whether an agent has the least stake of who promises anything. @param withdrawn what goes before */
export function stakeIsEnough(
  ledger: Ledger,
  agent: AgentId,
  withdrawn = 0n,
): Rejection<"STAKE_BELOW_MINIMUM"> | null {
  const { minStake } = ledger.params;
  const stake = (ledger.accountOf(agent)?.stake ?? 0n) - withdrawn;
  if (stake >= minStake) return null;
  return reject("STAKE_BELOW_MINIMUM", {
    stake: stake.toString(),
    minStake: minStake.toString(),
    short: (minStake - stake).toString(),
  });
}
