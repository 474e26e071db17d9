// What was set going at a caller's wish, and what the wishes have in common. Strict: a field that nobody knows is refused.
import { z } from "zod";
import { document } from "./document.js";
import { onlyPeer } from "./route.js";
import { amount, hex32, time } from "./scalar.js";

/** Who acts, and for what. */
export const actor = {
  /** absent: the daemon's own agent */
  agent: hex32.optional(),
  /** what the operation pays, burned; absent: what the peer estimates */
  fee: amount.optional(),
};

/** What was set going. Finality comes later, as an event. */
export const receipt = z.strictObject({
  action: z.enum([
    "createAuction",
    "cancelAuction",
    "placeBid",
    "deliver",
    "accept",
    "fail",
    "dispute",
    "judge",
    "transfer",
    "grant",
    "addStake",
    "withdrawStake",
    "holdLease",
    "sayUsage",
    "openBudget",
    "closeBudget",
    "raiseFee",
    "faucet",
    "submit",
    "overrideAmnesia",
  ]),
  operation: hex32
    .nullable()
    .describe("null: the operation is made later, when its time has come; follow a bid by its commitment"),
  auction: hex32.nullable(),
  /** that it is about; null: about none */
  trade: hex32.nullable(),
  agent: hex32.nullable(),
  /** what the operation pays; null: it is made later, or is not this peer's to pay */
  fee: amount.nullable(),
  commitment: hex32.nullable().describe("of a bid: what `bid.committed` and the list of bids show for it"),
  /** when the commit of a bid is published, on the peer's clock */
  publishesAt: time.nullable(),
  /** the commitment of the bid that this one replaces; null: it is the first of its agent in the auction */
  replaces: hex32.nullable(),
  /** what its owner should know */
  warnings: z.array(z.string()),
});
export type Receipt = z.output<typeof receipt>;
export const receiptDocument = document("Receipt", receipt);

/** A wish that is granted at once and final later. */
export const wish = <B extends z.ZodType>(tag: string, path: string, summary: string, body: B) =>
  ({
    method: "POST",
    path,
    tag,
    summary,
    query: onlyPeer,
    body,
    status: 202,
    answer: receiptDocument,
  }) as const;
