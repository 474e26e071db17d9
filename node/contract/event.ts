// What a peer tells its listeners, one kind of event after another, under ids that only grow.
import { z } from "zod";
import { nearestName } from "../nearest.js";
import { awardView, direction, formatName, lotView, phase } from "./auction.js";
import { schemas } from "./document.js";
import { goodsProgress } from "./handover.js";
import { mode } from "./node.js";
import { peerQuery, type Route } from "./route.js";
import { amount, capabilityText, count, hex32, time, total } from "./scalar.js";
import { penaltyView, shareOfWrong, shareReturned, tradeCause } from "./trade.js";

const onLedger = { height: count };
const onAuction = { ...onLedger, auction: hex32 };
const onTrade = {
  ...onAuction,
  trade: hex32,
  performer: hex32,
  buyer: hex32,
  price: amount,
  /** height of the outcome: of two holders of one thing the greater is the later */
  fence: count,
  /** what happened, in words */
  says: z.string(),
};
const onLease = {
  ...onAuction,
  owner: hex32,
  capability: capabilityText,
  /** parts of 1,000 of the window */
  units: count,
  from: time,
  to: time,
};
const endOfTrade = {
  ...onTrade,
  cause: tradeCause,
  /** the price is the sum of the three: to the performer, burned, back to the buyer */
  received: amount,
  fee: amount,
  returned: amount,
  /** what of the price returned by a dispute; null: no dispute ended it */
  shareBp: shareReturned,
  /** null: nothing was violated. Among slashes its id is the trade's */
  penalty: penaltyView.nullable(),
};

/** Every type of event: what it says, and what it carries besides `id`, `type` and `time`. Amounts of bids only from `bid.revealed` on. */
export const EVENTS = {
  "node.mode": ["this peer acts in another mode", { mode }],
  "node.eclipse": [
    "what looks as if this peer were cut off; null: no more",
    { alarm: z.enum(["SILENCE"]).nullable() },
  ],
  "auction.opened": [
    "an auction was created, with all that a bid needs to know",
    {
      ...onAuction,
      creator: hex32,
      format: formatName,
      direction,
      lot: lotView,
      reserve: amount,
      hiddenReserve: z.boolean(),
      standingWeight: count.nullable(),
      lockups: z.array(amount),
      /** 0: nothing is delivered, and the outcome pays */
      deliverMs: count,
      settleMs: count,
      opensAt: time,
      commitClosesAt: time,
    },
  ],
  "auction.phase": ["an auction entered another phase", { ...onAuction, phase }],
  "bid.committed": [
    "a sealed bid is in the log; its commitment is that of the receipt",
    { ...onAuction, bidder: hex32, lockup: amount, commitment: hex32 },
  ],
  "bid.revealed": [
    "a bid's amount was shown",
    { ...onAuction, bidder: hex32, amount, units: count.nullable() },
  ],
  "auction.settled": [
    "an auction is decided; without awards nobody won",
    {
      ...onAuction,
      outcome: z.enum(["sold", "unsold", "void"]),
      awards: z.array(awardView),
      clearingPrice: amount.nullable(),
      burned: total,
    },
  ],
  "trade.began": [
    "an award is to be delivered: its price is set aside, and stake answers for it",
    { ...onTrade, capability: capabilityText, units: count, lien: amount, deliverBy: time },
  ],
  "trade.delivered": [
    "a performer has delivered; its buyer may accept or dispute it",
    { ...onTrade, delivered: hex32, acceptBy: time },
  ],
  "trade.disputed": [
    "a buyer has disputed a delivery, and the seats judge it",
    { ...onTrade, delivered: hex32, evidence: hex32, bond: amount, verdictBy: time },
  ],
  "trade.judged": [
    "a seat has voted on a dispute; where its vote decides, the end follows",
    { ...onTrade, seat: count, share: shareOfWrong.nullable() },
  ],
  "trade.paid": ["a trade has ended, and its performer was paid", endOfTrade],
  "trade.refunded": ["a trade has ended, and its price has gone back to the buyer", endOfTrade],
  "trade.split": ["a disputed trade has ended, and each party has a part of its price", endOfTrade],
  "lease.held": [
    "a lease is held until a time, by its owner or by a deputy that takes it over",
    { ...onLease, holder: hex32, fence: count, until: time },
  ],
  "lease.usage": [
    "who held a lease has said what was used of it, in parts times milliseconds",
    { ...onLease, by: hex32, fence: count, used: count, lent: count },
  ],
  "goods.moved": [
    "goods of a trade have come further at this daemon, or met something",
    { trade: hex32, ...goodsProgress },
  ],
  "operation.replaced": [
    "an own operation gave way to another with its nonce and a higher fee",
    { operation: hex32, by: hex32 },
  ],
  "operation.waiting": [
    "an own operation has waited for several entries; a higher fee may help",
    { ...onLedger, operation: hex32, entries: count, fee: amount, suggestedFee: amount },
  ],
  "operation.refused": [
    "the log holds an operation that changed nothing, or never will hold an own one",
    { ...onLedger, operation: hex32, code: z.string() },
  ],
  "slash.proposed": [
    "evidence against a seat waits to be included",
    { agent: hex32, operation: hex32, term: count, offence: z.string() },
  ],
  "slash.applied": [
    "a seat was slashed: `slash` is its id",
    { ...onLedger, slash: hex32, agent: hex32, amount: total, offence: z.string() },
  ],
  "quorum.finalised": [
    "an entry of the log is final and executed",
    { ...onLedger, entry: hex32, term: count, leader: count, operations: count },
  ],
  "stream.gap": ["events with these ids were lost to this listener", { from: count, to: count }],
} as const satisfies Record<string, readonly [string, z.ZodRawShape]>;
export type EventType = keyof typeof EVENTS;

type Schema<T extends string, S extends z.ZodRawShape> = z.ZodObject<
  { id: typeof count; type: z.ZodLiteral<T>; time: typeof time } & S,
  z.core.$strict
>;
type EventSchema = { [T in EventType]: Schema<T, (typeof EVENTS)[T][1]> }[EventType];

export const apiEvent = z.discriminatedUnion(
  "type",
  Object.entries(EVENTS).map(([type, [says, shape]]) =>
    z.strictObject({ id: count, type: z.literal(type), time, ...shape }).describe(says),
  ) as unknown as [EventSchema, ...EventSchema[]],
);
export type ApiEvent = z.output<typeof apiEvent>;

type WithoutId<E> = E extends ApiEvent ? Omit<E, "id"> : never;
/** An event before the feed gives it its number. */
export type EventBody = WithoutId<ApiEvent>;

schemas.add(apiEvent, { id: "Event" });

const TYPES: readonly string[] = Object.keys(EVENTS);
const familyOf = (type: string): string => `${type.split(".", 1)[0]}.*`;
const FAMILIES = [...new Set(TYPES.map(familyOf))];

const namesSome = (pattern: string): boolean =>
  pattern === "*" || TYPES.includes(pattern) || FAMILIES.includes(pattern);

/** What somebody may have meant: the types of the same family, or a name that looks like it, or all of them. */
function nearTypes(pattern: string): readonly string[] {
  const family = TYPES.filter((type) => familyOf(type) === familyOf(pattern));
  if (family.length > 0) return family;
  const near = nearestName(pattern, [...TYPES, ...FAMILIES]);
  return near === null ? TYPES : [near];
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

/** How the stream names the place of one event, for whoever resumes after it. */
export const eventId = z.string().regex(/^[0-9]{1,16}$/, "the id of an event");

export const EVENT_ROUTES = {
  events: {
    method: "GET",
    path: "/v1/events",
    tag: "events",
    summary: "Follow what happens, as server-sent events",
    description: [
      "Each event is one line of JSON (the schema Event).",
      "`since`, or the header Last-Event-ID, resumes after that id; absent: only what is new.",
      "An id that no event has yet is refused with CURSOR_GONE.",
      "\n\nThe types:\n",
      ...Object.entries(EVENTS).map(([type, [says]]) => `\n- \`${type}\`: ${says}`),
    ].join(" "),
    query: z.strictObject({ ...peerQuery, types: eventTypes.optional(), since: eventId.optional() }),
    status: 200,
    answer: null,
  },
} as const satisfies Record<string, Route>;

/** Whether an event's type is asked for by one of the patterns; `stream.gap` always is. */
export function matchesTypes(type: string, patterns: string | null): boolean {
  if (patterns === null || type === "stream.gap") return true;
  return patterns.split(",").some((pattern) => {
    if (pattern === "*" || pattern === type) return true;
    return pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1));
  });
}
