// What a step tells, as events of the API: a row for each kind of notice.
import { equalBytes, invariant, toHex } from "../../src/base/index.js";
import type { Params } from "../../src/ledger/index.js";
import { holderOf, type Lease } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { type EventBody, phase, timeOf } from "../contract/index.js";
import { tradeEvent } from "./trade-event.js";
import { awardOf, lotOf } from "./views/auction.js";

type Kind = Notice["kind"];
type Of<K extends Kind> = Extract<Notice, { kind: K }>;

/** An event without its time, which is the ledger's where the notice has it, else the peer's. */
type Timeless = EventBody extends infer E ? (E extends EventBody ? Omit<E, "time"> : never) : never;

/** A value as JSON has it. */
type Plain<T> = T extends bigint | Uint8Array ? string : T;
type Fields<N> = { readonly [F in Exclude<keyof N, "kind" | "timeMs">]: Plain<N[F]> };

/** The fields of a notice that an event shows under the same names. */
const fieldsOf = <N extends { readonly kind: Kind }>(notice: N): Fields<N> =>
  Object.fromEntries(
    Object.entries(notice)
      .filter(([name]) => name !== "kind" && name !== "timeMs")
      .map(([name, value]) => [name, plain(value)]),
  ) as Fields<N>;

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? toHex(value) : value;
}

/** What of a network's parameters events are told with. */
type Told = Pick<Params, "disputeSplitBp">;

const leaseOf = ({ auction, owner, lot, units }: Lease) => ({
  auction: toHex(auction),
  owner: toHex(owner),
  capability: lot.capability,
  units,
  from: timeOf(lot.fromMs),
  to: timeOf(lot.toMs),
});

/** The event of each kind of notice; null: an answer to one caller, or what is only counted. */
const EVENT_OF: { readonly [K in Kind]: ((notice: Of<K>, params: Told) => Timeless) | null } = {
  done: null,
  refused: null,
  notKept: null,
  // It may still come, and its owner is told when it cannot.
  operationPassedOver: null,
  entry: (notice) => {
    const { id: entry, ...fields } = fieldsOf(notice);
    return { type: "quorum.finalised", entry, ...fields };
  },
  auctionOpened: ({ lot, lockups, hasHiddenReserve, opensMs, closesMs, ...notice }) => ({
    type: "auction.opened",
    ...fieldsOf(notice),
    lot: lotOf(lot),
    lockups: lockups.map(String),
    hiddenReserve: hasHiddenReserve,
    opensAt: timeOf(opensMs),
    commitClosesAt: timeOf(closesMs),
  }),
  auctionPhase: (notice) => {
    const parsed = phase.safeParse(notice.phase);
    invariant(parsed.success, `the API knows no phase ${notice.phase}`);
    return { type: "auction.phase", ...fieldsOf(notice), phase: parsed.data };
  },
  bidCommitted: (notice) => ({ type: "bid.committed", ...fieldsOf(notice) }),
  bidRevealed: (notice) => ({ type: "bid.revealed", ...fieldsOf(notice) }),
  auctionSettled: (notice) => ({
    type: "auction.settled",
    ...fieldsOf(notice),
    outcome: notice.outcome === "done" ? "sold" : notice.outcome,
    awards: notice.awards.map(awardOf),
  }),
  trade: tradeEvent,
  leaseHeld: ({ height, lease }) => {
    const { agent, fence } = holderOf(lease.row);
    const until = timeOf(lease.row.untilMs);
    return { type: "lease.held", height, ...leaseOf(lease), holder: toHex(agent), fence, until };
  },
  leaseUsage: ({ height, lease, by }) => {
    const { fence, usage } = lease.row.holders.find(({ agent }) => equalBytes(agent, by))!;
    return { type: "lease.usage", height, ...leaseOf(lease), by: toHex(by), fence, ...usage! };
  },
  operationRefused: (notice) => ({ type: "operation.refused", ...fieldsOf(notice) }),
  operationReplaced: (notice) => ({ type: "operation.replaced", ...fieldsOf(notice) }),
  operationWaits: (notice) => ({ type: "operation.waiting", ...fieldsOf(notice) }),
  slashProposed: (notice) => {
    const { evidence: offence, ...fields } = fieldsOf(notice);
    return { type: "slash.proposed", ...fields, offence };
  },
  slashed: (notice) => {
    const { evidence: offence, ...fields } = fieldsOf(notice);
    return { type: "slash.applied", ...fields, offence };
  },
  amnesia: ({ released }) => ({ type: "node.mode", mode: released ? "ready" : "amnesia" }),
  fork: () => ({ type: "node.mode", mode: "forked" }),
  corrupt: () => ({ type: "node.mode", mode: "corrupt" }),
};

/** The event of a notice, at the ledger's time where it has one; null: it has no event. */
export function eventOf(notice: Notice, nowMs: number, params: Told): EventBody | null {
  const tell = EVENT_OF[notice.kind] as ((notice: Notice, params: Told) => Timeless) | null;
  if (tell === null) return null;
  const { type, ...fields } = tell(notice, params);
  return { type, time: timeOf("timeMs" in notice ? notice.timeMs : nowMs), ...fields } as EventBody;
}
