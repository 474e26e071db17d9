// Leases: who has which part of a window that was sold, who holds it, and what its holders say they used.
import { z } from "zod";
import { historyDocument, listDocument } from "./document.js";
import { actor, wish } from "./receipt.js";
import { pagedById, pagedByPlace, peerQuery, type Route, read } from "./route.js";
import { capabilityGiven, capabilityText, count, hex32, hexPrefix, time } from "./scalar.js";

/** The id of its auction and its owner's. */
const leaseId = z.string().regex(/^[0-9a-f]{64}\/[0-9a-f]{64}$/, "the id of a lease");

const usageView = z.strictObject({
  /** in parts times milliseconds, of `units` times the window's length */
  used: count,
  lent: count,
});

const holderView = z.strictObject({
  agent: hex32,
  /** of two holders the greater is the later */
  fence: count,
  /** null: it has said nothing yet */
  usage: usageView.nullable(),
});

const window = {
  auction: hex32,
  owner: hex32,
  capability: capabilityText,
  /** parts of 1,000 */
  units: z.int().min(1),
  from: time,
  to: time,
};

export const leaseView = z.strictObject({
  /** the auction's id and the owner's */
  id: leaseId,
  ...window,
  /** who sold the window */
  seller: hex32,
  /** who held it last */
  holder: hex32,
  /** ledger time until which it does: after it a deputy may hold it */
  until: time,
  /** in the order in which they held it first */
  holders: z.array(holderView),
  deputies: z.array(hex32),
});
export type LeaseView = z.output<typeof leaseView>;

/** What a holder has said of a lease. */
export const keptUsageView = z.strictObject({
  height: count,
  time,
  ...window,
  by: hex32,
  fence: count,
  ...usageView.shape,
  /** parts times milliseconds that were won: no holder claims more, nor do all of them */
  won: count,
});
export type KeptUsageView = z.output<typeof keptUsageView>;

const leaseListDocument = listDocument("LeaseList", leaseView);
const usageListDocument = historyDocument("UsageList", keptUsageView);

const aboutLease = {
  ...actor,
  auction: hex32,
  /** absent: the agent that acts */
  owner: hex32.optional(),
};

export const holdRequest = z.strictObject({
  ...aboutLease,
  /** ledger time */
  until: time,
  /** absent: as they are */
  deputies: z.array(hex32).max(4).optional(),
});
export const usageRequest = z.strictObject({ ...aboutLease, ...usageView.shape });

export const LEASE_ROUTES = {
  leases: read(
    "leases",
    "/v1/leases",
    "The leases that the ledger holds, the latest window first",
    leaseListDocument,
    z.strictObject({
      ...peerQuery,
      ...pagedById,
      cursor: leaseId.optional().describe("nextCursor of the page before"),
      auction: hexPrefix.optional(),
      agent: hexPrefix.optional().describe("who owns or holds it"),
      capability: capabilityGiven.optional(),
    }),
  ),
  holdLease: wish("leases", "/v1/leases/holds", "Hold a lease until a time, or take it over", holdRequest),
  sayUsage: wish("leases", "/v1/leases/usage", "Say what was used of a lease", usageRequest),
  usages: read(
    "history",
    "/v1/history/usage",
    "What was said to be used of leases, newest first",
    usageListDocument,
    z.strictObject({
      ...peerQuery,
      ...pagedByPlace,
      agent: hexPrefix.optional().describe("who owned the lease or said it; not together with `capability`"),
      capability: capabilityGiven.optional(),
    }),
  ),
} as const satisfies Record<string, Route>;
