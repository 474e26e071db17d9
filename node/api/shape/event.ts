// What a peer tells its listeners, one kind of event after another, under ids that only grow.
import { z } from "zod";
import { nearestName } from "../../config/nearest.js";
import { lotView, phase } from "./auction.js";
import { schemas } from "./document.js";
import { mode } from "./node.js";
import { amount, count, hex32, time, total } from "./scalar.js";

/** `id`, `type` and `time`, then what the type carries. Amounts of bids only from `bid.revealed` on. */
const event = <T extends string, S extends z.ZodRawShape>(type: T, says: string, shape: S) =>
  z.strictObject({ id: count, type: z.literal(type), time, ...shape }).describe(says);

const onLedger = { height: count };
const onAuction = { ...onLedger, auction: hex32 };

export const apiEvent = z.discriminatedUnion("type", [
  event("node.mode", "this peer acts in another mode", { mode }),
  event("node.eclipse", "what looks as if this peer were cut off; null: no more", {
    alarm: z.enum(["SILENCE"]).nullable(),
  }),
  event("auction.opened", "an auction was created, with all that a bid needs to know", {
    ...onAuction,
    seller: hex32,
    lot: lotView,
    reserve: amount,
    hiddenReserve: z.boolean(),
    lockups: z.array(amount),
    opensAt: time,
    commitClosesAt: time,
  }),
  event("auction.phase", "an auction entered another phase", { ...onAuction, phase }),
  event("bid.committed", "a sealed bid is in the log; its commitment is that of the receipt", {
    ...onAuction,
    bidder: hex32,
    lockup: amount,
    commitment: hex32,
  }),
  event("bid.revealed", "a bid's amount was shown", { ...onAuction, bidder: hex32, amount }),
  event("auction.settled", "an auction is decided; winner null: nobody won", {
    ...onAuction,
    outcome: z.enum(["sold", "unsold", "void"]),
    winner: hex32.nullable(),
    price: amount,
    burned: total,
  }),
  event("operation.replaced", "an own operation gave way to another with its nonce and a higher fee", {
    operation: hex32,
    by: hex32,
  }),
  event("operation.waiting", "an own operation has waited for several entries; a higher fee may help", {
    ...onLedger,
    operation: hex32,
    entries: count,
    fee: amount,
    suggestedFee: amount,
  }),
  event(
    "operation.refused",
    "the log holds an operation that changed nothing, or never will hold an own one",
    {
      ...onLedger,
      operation: hex32,
      code: z.string(),
    },
  ),
  event("slash.proposed", "evidence against a seat waits to be included", {
    agent: hex32,
    operation: hex32,
    term: count,
    offence: z.string(),
  }),
  event("slash.applied", "a seat was slashed", {
    ...onLedger,
    agent: hex32,
    amount: total,
    offence: z.string(),
  }),
  event("quorum.finalised", "an entry of the log is final and executed", {
    ...onLedger,
    entry: hex32,
    term: count,
    leader: count,
    operations: count,
  }),
  event("stream.gap", "events with these ids were lost to this listener", { from: count, to: count }),
]);
export type ApiEvent = z.output<typeof apiEvent>;
export type EventType = ApiEvent["type"];

type WithoutId<E> = E extends ApiEvent ? Omit<E, "id"> : never;
/** An event before the feed gives it its number. */
export type EventBody = WithoutId<ApiEvent>;

schemas.add(apiEvent, { id: "Event" });

/** Every type of event, with what it says. */
export const EVENT_TYPES: ReadonlyMap<string, string> = new Map(
  apiEvent.options.map((one) => [one.shape.type.value, one.description!]),
);

const familyOf = (type: string): string => `${type.split(".", 1)[0]}.*`;
const FAMILIES = [...new Set([...EVENT_TYPES.keys()].map(familyOf))];

const namesSome = (pattern: string): boolean =>
  pattern === "*" || EVENT_TYPES.has(pattern) || FAMILIES.includes(pattern);

/** What somebody may have meant: the types of the same family, or a name that looks like it, or all of them. */
function nearTypes(pattern: string): readonly string[] {
  const family = [...EVENT_TYPES.keys()].filter((type) => familyOf(type) === familyOf(pattern));
  if (family.length > 0) return family;
  const near = nearestName(pattern, [...EVENT_TYPES.keys(), ...FAMILIES]);
  return near === null ? [...EVENT_TYPES.keys()] : [near];
}

/** `auction.*`, `bid.revealed`, `*`: separated by commas. */
export const eventTypes = z
  .string()
  .max(512)
  .superRefine((text, issues) => {
    const unknown = text.split(",").find((pattern) => !namesSome(pattern));
    if (unknown === undefined) return;
    issues.addIssue(`no event has the type ${unknown}; near it are: ${nearTypes(unknown).join(", ")}`);
  })
  .describe("types of events, separated by commas, such as auction.*,bid.revealed");

/** Whether an event's type is asked for by one of the patterns; `stream.gap` always is. */
export function matchesTypes(type: string, patterns: string | null): boolean {
  if (patterns === null || type === "stream.gap") return true;
  return patterns.split(",").some((pattern) => {
    if (pattern === "*" || pattern === type) return true;
    return pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1));
  });
}
