// A request of a gateway: who asked, how it waited and for what, what it used, and how it ended.
import { z } from "zod";
import { amount, count, time } from "./scalar.js";

const dimension = z.enum(["requests", "tokens", "inputTokens", "outputTokens"]);
export const toldBy = z
  .enum(["key", "signature", "fields", "body", "client"])
  .describe("by what its client was recognised: the first of these that says something");

/** A name of the gateway's: that of a named agent, a session, or what stands for a client. */
export const who = z.string().min(1).max(512);

export const limit = z.strictObject({ dimension, limit: z.int().min(1), windowMs: z.int().min(1) });

const causes = z.strictObject({
  /** ms by dimension: a limit had no room */
  limit: z.partialRecord(dimension, count),
  /** as many ran as may at once */
  width: count,
  /** the upstream had refused, and nothing was sent */
  pause: count,
});

/** Why a request waited, in ms. */
const waitView = z.strictObject({
  /** as it asked: how many of its share were before it, and how many other shares waited; null: it never waited */
  before: z.strictObject({ inShare: count, shares: count }).nullable(),
  /** as they stood then: what was used or reserved, and the part of whose share it drew from */
  limits: z.array(limit.extend({ taken: count, share: count })),
  /** while it was next */
  held: causes,
  /** what held back those before it */
  others: causes,
  /** in which others were before it, and nothing held them back for so long that it shows */
  turnMs: count,
  /** for the ledger to begin, before it asked */
  ledgerMs: count,
});

/** What holds up a request that still waits. */
const waitsFor = z.strictObject({
  /** how many of its share are before it, and how many other shares wait; null: it waits for the ledger alone */
  before: z.strictObject({ inShare: count, shares: count }).nullable(),
  cause: z
    .enum([...dimension.options, "width", "pause", "ledger"])
    .describe(
      "what holds back whoever is next: room in a limit, as many as may run at once, the upstream's pause, or the ledger that has not begun",
    ),
  isNext: z.boolean(),
  /** until whoever is next may go; null: not before something happens */
  nextMs: count.nullable(),
  /** until it goes itself, by its place and the present pace: an estimate; null: none can be made yet */
  aboutMs: count.nullable(),
  /** when it is refused, if it still waits then */
  until: time,
});

export const gatewayRequest = z.strictObject({
  /** as its answer's `x-mabeam-request` says */
  id: z.string(),
  agent: who,
  /** null: it is from before the gateway's last start, and this is not kept */
  toldBy: toldBy.nullable(),
  parent: who.nullable(),
  share: who,
  /** that was asked for */
  model: z.string().nullable(),
  /** the model that was asked in its place, and in which trouble; null: none was */
  instead: z
    .strictObject({ model: z.string(), on: z.enum(["limit", "context", "policy", "outage"]) })
    .nullable(),
  askedAt: time,
  waitedMs: count,
  /** null: it is from before the gateway's last start, or runs, and this is not kept */
  wait: waitView.nullable(),
  /** null: it does not wait now */
  waitsFor: waitsFor.nullable(),
  /** from asking to its end, or to now */
  tookMs: count,
  /** null: it never reached the upstream, or waits or runs */
  used: z.strictObject({ inputTokens: count, outputTokens: count }).nullable(),
  /** by the price of the model that answered; while it runs, what is set aside for it; while it waits, nothing */
  cost: amount,
  end: z
    .enum(["answered", "refused", "left", "failed", "cut", "running", "waiting"])
    .describe(
      "refused: by the gateway; left: its client went away; failed: the upstream's answer was none; cut: the gateway's process ended; running: not yet; waiting: it was not even sent yet, or is to be sent again",
    ),
  /** why the gateway refused it; null: it did not, or it is from before the gateway's last start */
  code: z.string().nullable(),
  /** of the upstream's last answer; null: none came, or it is from before the gateway's last start, or runs */
  status: z.int().min(100).max(999).nullable(),
});
export type GatewayRequest = z.output<typeof gatewayRequest>;

export const requestId = z
  .string()
  .regex(
    /^[A-Za-z0-9_-]{6,64}$/,
    "the id of a request, or its beginning, is 6 to 64 letters, digits, _ and -",
  );
