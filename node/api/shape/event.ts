// What a peer tells its listeners, one kind of event after another, under ids that only grow.
import { z } from "zod";
import { lotView, phase } from "./auction.js";
import { schemas } from "./document.js";
import { mode } from "./node.js";
import { amount, count, hex32, time, total } from "./scalar.js";

/** `id`, `type` and `time`, then what the type carries. Amounts of bids only from `bid.revealed` on. */
const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ id: count, type: z.literal(type), time, ...shape });

const onLedger = { height: count };

export const apiEvent = z.discriminatedUnion("type", [
  event("node.mode", { mode }),
  event("node.eclipse", { alarm: z.enum(["SILENCE"]).nullable() }),
  event("peer.connected", { peerId: z.string(), address: z.string() }),
  event("peer.disconnected", { peerId: z.string() }),
  event("auction.opened", { ...onLedger, auction: hex32, seller: hex32, lot: lotView, reserve: amount }),
  event("auction.phase", { ...onLedger, auction: hex32, phase }),
  event("bid.committed", { ...onLedger, auction: hex32, bidder: hex32, lockup: amount }),
  event("bid.revealed", { ...onLedger, auction: hex32, bidder: hex32, amount }),
  event("auction.settled", {
    ...onLedger,
    auction: hex32,
    outcome: z.enum(["sold", "unsold", "void"]),
    winner: hex32.nullable(),
    price: amount,
    burned: total,
  }),
  event("operation.replaced", { operation: hex32, by: hex32 }),
  event("operation.waiting", {
    ...onLedger,
    operation: hex32,
    entries: count,
    fee: amount,
    suggestedFee: amount,
  }),
  event("operation.refused", { ...onLedger, operation: hex32, code: z.string() }),
  event("slash.proposed", { agent: hex32, operation: hex32, term: count, offence: z.string() }),
  event("slash.applied", { ...onLedger, agent: hex32, amount: total, offence: z.string() }),
  event("quorum.finalised", {
    ...onLedger,
    entry: hex32,
    term: count,
    leader: count,
    operations: count,
  }),
  event("stream.gap", { from: count, to: count }),
]);
export type ApiEvent = z.output<typeof apiEvent>;
export type EventType = ApiEvent["type"];

type WithoutId<E> = E extends ApiEvent ? Omit<E, "id"> : never;
/** An event before the feed gives it its number. */
export type EventBody = WithoutId<ApiEvent>;

schemas.add(apiEvent, { id: "Event" });

/** `auction.*`, `bid.revealed`, `*`: separated by commas. */
export const eventTypes = z
  .string()
  .max(512)
  .regex(/^[a-z.*]+(,[a-z.*]+)*$/, "types such as auction.*,bid.revealed");

/** Whether an event's type is asked for by one of the patterns; `stream.gap` always is. */
export function matchesTypes(type: string, patterns: string | null): boolean {
  if (patterns === null || type === "stream.gap") return true;
  return patterns.split(",").some((pattern) => {
    if (pattern === "*" || pattern === type) return true;
    return pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1));
  });
}
