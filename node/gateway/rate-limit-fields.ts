// An agent's share in the words of the IETF's draft (draft-ietf-httpapi-ratelimit-headers, spec/gateway#G31).
import type { Dimension, FlowShare } from "../../src/quota/index.js";

const NAMES: Readonly<Record<Dimension, string>> = {
  requests: "rp",
  inputTokens: "itp",
  outputTokens: "otp",
  tokens: "tp",
};
const DAY_MS = 86_400_000;

/** `RateLimit-Policy: "rpm";q=60;w=60` and `RateLimit: "rpm";r=12;t=8`; nothing without a share. */
export function rateLimitFields(shares: readonly FlowShare[]): Record<string, string> {
  if (shares.length === 0) return {};
  return {
    "ratelimit-policy": shares
      .map((share) => `${nameOf(share)};q=${share.limit};w=${seconds(share.windowMs)}`)
      .join(", "),
    ratelimit: shares
      .map((share) => `${nameOf(share)};r=${share.remaining};t=${seconds(share.resetMs)}`)
      .join(", "),
  };
}

const nameOf = ({ dimension, windowMs }: FlowShare): string =>
  `"${NAMES[dimension]}${windowMs >= DAY_MS ? "d" : "m"}"`;
const seconds = (ms: number): number => Math.ceil(ms / 1_000);
