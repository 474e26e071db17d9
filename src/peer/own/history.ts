// What became of one's own agents' money and auctions, kept beyond the day when the ledger forgets it. Derived from
// the log alone: a peer that executes the log anew writes the same rows.
import {
  amount,
  ascii,
  type Bytes,
  bytes,
  decode,
  encode,
  type Hash,
  type Hex,
  hash,
  list,
  oneOf,
  optional,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../../base/index.js";
import { type AgentId, agentId, type Ledger, MAX_ROW_BYTES, type RowKey } from "../../ledger/index.js";
import {
  auctionKey,
  auctionOf,
  commitKey,
  commitsOf,
  type EndedTrade,
  type EntryOutcome,
  type Fact,
  factsOf,
  type Operation,
  type Receipt,
} from "../../market/index.js";
import type { Header } from "../../quorum/index.js";
import type { Effects } from "../effects.js";
import { movementKey, pastAuctionKey } from "../keyspace.js";

/** One change of what an agent owns: its kind, how much, and whom or what it had to do with. */
export const movement = struct({
  height: [0, uint()],
  timeMs: [1, uint()],
  kind: [
    2,
    oneOf([
      "fee",
      "sent",
      "received",
      "granted",
      "paid",
      "sold",
      "forfeited",
      "bond burned",
      "slashed",
      "deposit burned",
      "debt paid",
      "dispute bond",
    ]),
  ],
  gained: [3, amount],
  spent: [4, amount],
  /** the agent on the other side */
  other: [5, optional(agentId)],
  auction: [6, optional(hash)],
  operation: [7, optional(hash)],
  trade: [8, optional(hash)],
});
export type Movement = TypeOf<typeof movement>;

const MAX_MOVEMENT_BYTES = 512;

/** The ledger's rows of an ended auction: its own, and those of one's own commits. */
export const pastAuction = struct({
  rows: [0, list(struct({ key: [0, ascii(256)], value: [1, bytes(MAX_ROW_BYTES)] }), 1 + 256, 1)],
});
const MAX_PAST_BYTES = 2 * MAX_ROW_BYTES;

export function decodeMovement(value: Bytes): Movement | null {
  const row = decode(movement, value, MAX_MOVEMENT_BYTES);
  return row.ok ? row.value : null;
}

/** The rows that were kept of an auction, in the ledger's own form. */
export function decodePastAuction(value: Bytes): readonly (readonly [RowKey, Bytes])[] | null {
  const past = decode(pastAuction, value, MAX_PAST_BYTES);
  return past.ok ? past.value.rows.map((row) => [row.key, row.value] as const) : null;
}

/** Whether an agent, by hex of its key, is of this peer. */
export interface OwnAgents {
  has(agent: Hex): boolean;
}

type Moved = Omit<Movement, "height" | "timeMs" | "other" | "auction" | "operation" | "trade"> &
  Partial<Pick<Movement, "other" | "auction" | "operation" | "trade">>;

/** Keeps what an executed entry did to one's own agents. It costs nothing where it did nothing to them. */
export function keepOwnHistory(
  { agents, ledger }: { readonly agents: OwnAgents; readonly ledger: Ledger },
  { height, timeMs }: Header,
  operations: readonly Operation[],
  outcome: EntryOutcome,
  effects: Pick<Effects, "put">,
): void {
  // Each agent's places are its own: what is told of one does not depend on who else is of this peer.
  const counts = new Map<Hex, number>();
  const tell = (agent: AgentId, moved: Moved): void => {
    const owner = toHex(agent);
    if (!agents.has(owner) || moved.gained + moved.spent === 0n) return;
    const whole = { height, timeMs, other: null, auction: null, operation: null, trade: null, ...moved };
    const place = counts.get(owner) ?? 0;
    counts.set(owner, place + 1);
    effects.put(movementKey(owner, height, place), encode(movement, whole));
  };
  for (const { auction } of outcome.settlements) {
    settled(auction, outcome, tell);
    keepAuction(ledger, agents, auction, effects);
  }
  for (const trade of outcome.trades.ended) ended(trade, tell);
  for (const [i, operation] of operations.entries()) {
    const receipt = outcome.receipts[i]!;
    paidFee(operation, receipt, tell);
    for (const fact of factsOf(receipt)) moved(fact, receipt.operation, tell);
  }
  for (const fact of outcome.receipts.flatMap(factsOf)) {
    if (fact.kind !== "slashed") continue;
    const { agent, taken } = fact.slash;
    tell(agent, { kind: "slashed", gained: 0n, spent: taken });
  }
}

type Tell = (agent: AgentId, moved: Moved) => void;

/** What an operation cost its sender. One that was ignored cost nothing. */
function paidFee({ authority }: Operation, { operation, status }: Receipt, tell: Tell): void {
  if (authority === null || status === "ignored") return;
  tell(authority.from, { kind: "fee", gained: 0n, spent: authority.fee, operation });
}

/** What an operation moved from one agent to another, or out of all hands. What becomes stake is still one's own. */
function moved(fact: Fact, operation: Hash, tell: Tell): void {
  if (fact.kind === "paid") {
    const { from, to, amount: sum } = fact;
    tell(from, { kind: "sent", gained: 0n, spent: sum, other: to, operation });
    tell(to, { kind: "received", gained: sum, spent: 0n, other: from, operation });
  } else if (fact.kind === "granted") {
    const { from, to, free, stake, debtPaid } = fact;
    tell(to, { kind: "granted", gained: free + stake, spent: 0n, other: from, operation });
    tell(to, { kind: "debt paid", gained: 0n, spent: debtPaid, operation });
  } else if (fact.kind === "bonded") {
    tell(fact.agent, { kind: "debt paid", gained: 0n, spent: fact.debtPaid, operation });
  }
}

function settled(auction: Hash, outcome: EntryOutcome, tell: Tell): void {
  const settlement = outcome.settlements.find((one) => one.auction === auction)!;
  const { creator, shares, bondBurned, depositBurned } = settlement;
  for (const share of shares) {
    tell(share.bidder, { kind: "paid", gained: 0n, spent: share.paid, other: creator, auction });
    tell(share.bidder, { kind: "forfeited", gained: 0n, spent: share.burned, auction });
    tell(creator, { kind: "sold", gained: share.paid, spent: 0n, other: share.bidder, auction });
    tell(creator, { kind: "paid", gained: 0n, spent: share.received, other: share.bidder, auction });
    tell(share.bidder, { kind: "sold", gained: share.received, spent: 0n, other: creator, auction });
  }
  tell(creator, { kind: "bond burned", gained: 0n, spent: bondBurned, auction });
  tell(creator, { kind: "deposit burned", gained: 0n, spent: depositBurned, auction });
}

/** What the end of a trade cost its buyer, and what its performer received of it. */
function ended({ id: trade, auction, performer, buyer, price, state }: EndedTrade, tell: Tell): void {
  const about = { auction, trade };
  if (state.cause === "rejected" && state.dispute !== null) {
    const { bond } = state.dispute;
    tell(buyer, { kind: "dispute bond", gained: 0n, spent: bond, other: performer, ...about });
    tell(performer, { kind: "dispute bond", gained: bond, spent: 0n, other: buyer, ...about });
  }
  tell(buyer, { kind: "paid", gained: 0n, spent: price - state.returned, other: performer, ...about });
  tell(performer, { kind: "sold", gained: state.received, spent: 0n, other: buyer, ...about });
  tell(performer, { kind: "slashed", gained: 0n, spent: state.penalty?.taken ?? 0n, ...about });
}

/** The rows of an auction that has ended and is an own agent's sale, or has an own agent's bid. */
function keepAuction(ledger: Ledger, agents: OwnAgents, auction: Hash, effects: Pick<Effects, "put">): void {
  const found = auctionOf(ledger, auction);
  if (found === null) return;
  const own = commitsOf(ledger, auction).filter(({ bidder }) => agents.has(toHex(bidder)));
  if (own.length === 0 && !agents.has(toHex(found.creator))) return;
  const keys = [auctionKey(auction), ...own.slice(0, 256).map(({ bidder }) => commitKey(auction, bidder))];
  const rows = keys.map((key) => ({ key, value: ledger.valueOf(key)! }));
  effects.put(pastAuctionKey(toHex(auction)), encode(pastAuction, { rows }));
}
