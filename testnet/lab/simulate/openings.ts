// What agents keep to themselves: a bid that is never shown, and a reserve until its seller has seen the bids, or for ever.
import type { Conduct } from "../../../src/peer/conduct.js";
import type { AuctionPlan, Workload } from "./workload.js";

/**
 * How a host's peer opens what its agent has sealed. Kept by the peer itself, so that neither its gossip nor a proposal
 * of its own lets out what the agent withholds.
 */
export function conductOf(usual: Conduct, { auctions }: Workload, host: number): Conduct {
  const plans = new Map(auctions.filter((plan) => keepsSome(plan, host)).map((plan) => [plan.name, plan]));
  if (plans.size === 0) return usual;
  return {
    ...usual,
    mayOpenBids(auction, nowMs) {
      const plan = plans.get(auction.terms.lot.capability);
      return usual.mayOpenBids(auction, nowMs) && (plan === undefined || isWilling(plan, host, auction));
    },
  };
}

const keepsSome = (plan: AuctionPlan, host: number): boolean =>
  plan.creator === host ? plan.opensReserve !== "atOnce" : isWithheld(plan, host);

const isWithheld = ({ bids }: AuctionPlan, host: number): boolean =>
  bids.some((bid) => bid.host === host && bid.isWithheld);

function isWilling(
  plan: AuctionPlan,
  host: number,
  { commits, reveals }: { readonly commits: number; readonly reveals: number },
): boolean {
  if (plan.creator !== host) return !isWithheld(plan, host);
  return plan.opensReserve === "afterBids" && reveals === commits;
}
