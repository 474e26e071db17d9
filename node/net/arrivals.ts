// Arrivals: how many connections of others are let in, before anything is spent on them (spec/network#V4).
import type { NetworkLimits } from "./limits.js";
import { TokenBuckets } from "./token-bucket.js";

/**
 * One allowance for all who come, since a name is free and a handshake is not. Whom this peer dials itself it does not
 * bound: members dial each other, so that strangers at the door keep none of them out.
 * @param turnedAway told of each that is one too many
 * @returns asked once for each that comes: whether it is one too many now
 */
export function arrivals(
  { acceptsPerSecond, acceptsBurst }: NetworkLimits,
  steadyMs: () => number,
  turnedAway: () => void,
): () => boolean {
  const allowance = new TokenBuckets(acceptsPerSecond, acceptsBurst, steadyMs);
  return () => {
    const crowded = !allowance.take("all");
    if (crowded) turnedAway();
    return crowded;
  };
}
