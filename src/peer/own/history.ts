// What became of one's own agents' money and auctions, kept beyond the day when the ledger forgets it. Derived from
// the log alone: a peer that executes the log anew writes the same rows.
import {
  amount,
  ascii,
  type Bytes,
  bytes,
  decode,
  encode,
  equalBytes,
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
  type EntryOutcome,
  type Fact,
  factsOf,
  lockupIsLien,
  type Operation,
  type Receipt,
  type Settled,
  type TradeEnd,
} from "../../market/index.js";
import type { Header } from "../../quorum/index.js";
import type { Effects } from "../effects.js";
import { movementKey, pastAuctionKey } from "../keyspace.js";

/**
 * One change of what an agent owns, or of what it moved of its owner's: its kind, how much, and whom or what it had to do
 * with. What an agent owns has changed by the sum of those without a payer.
 */
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
      "budget opened",
    ]),
  ],
  gained: [3, amount],
  spent: [4, amount],
  /** the agent on the other side */
  other: [5, optional(agentId)],
  auction: [6, optional(hash)],
  operation: [7, optional(hash)],
  trade: [8, optional(hash)],
  /** whose money it was: the owner at the top of the agent's budgets; absent: the agent's own */
  payer: [9, optional(agentId)],
  /** who moved it by a budget that the agent, or an agent below it, gave; absent: the agent itself */
  child: [10, optional(agentId)],
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

type Moved = Pick<Movement, "kind" | "gained" | "spent"> &
  Partial<Pick<Movement, "other" | "auction" | "operation" | "trade">>;

/** @param payer whose money it was; null: the agent's own */
type Tell = (agent: AgentId, payer: AgentId | null, moved: Moved) => void;

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
  const write = (agent: AgentId, row: Omit<Movement, "height" | "timeMs">): void => {
    const owner = toHex(agent);
    if (!agents.has(owner)) return;
    const place = counts.get(owner) ?? 0;
    counts.set(owner, place + 1);
    effects.put(movementKey(owner, height, place), encode(movement, { height, timeMs, ...row }));
  };
  const tell: Tell = (agent, whose, moved) => {
    if (moved.gained + moved.spent === 0n) return;
    const payer = whose === null || equalBytes(whose, agent) ? null : whose;
    const row = { other: null, auction: null, operation: null, trade: null, ...moved };
    write(agent, { ...row, payer, child: null });
    if (payer !== null) write(payer, { ...row, payer: null, child: agent });
  };
  for (const settlement of outcome.settlements) {
    settled(settlement, ledger, tell);
    keepAuction(ledger, agents, settlement.auction, effects);
  }
  for (const end of outcome.trades.ended) ended(end, tell);
  for (const [i, operation] of operations.entries()) {
    const receipt = outcome.receipts[i]!;
    paidFee(operation, receipt, tell);
    for (const fact of factsOf(receipt)) moved(fact, receipt, tell);
  }
  for (const fact of outcome.receipts.flatMap(factsOf)) {
    if (fact.kind !== "slashed") continue;
    const { agent, taken } = fact.slash;
    tell(agent, null, { kind: "slashed", gained: 0n, spent: taken });
  }
}

/** What an operation cost its sender, or who pays for it. One that was ignored cost nothing. */
function paidFee({ authority }: Operation, { operation, status, payer }: Receipt, tell: Tell): void {
  if (authority === null || status === "ignored") return;
  tell(authority.from, payer, { kind: "fee", gained: 0n, spent: authority.fee, operation });
}

/** What an operation moved from one agent to another, or out of all hands. What becomes stake is still one's own. */
function moved(fact: Fact, { operation, payer }: Receipt, tell: Tell): void {
  if (fact.kind === "paid") {
    const { from, to, amount: sum } = fact;
    tell(from, null, { kind: "sent", gained: 0n, spent: sum, other: to, operation });
    tell(to, null, { kind: "received", gained: sum, spent: 0n, other: from, operation });
  } else if (fact.kind === "granted") {
    const { from, to, free, stake, debtPaid } = fact;
    tell(to, null, { kind: "granted", gained: free + stake, spent: 0n, other: from, operation });
    tell(to, null, { kind: "debt paid", gained: 0n, spent: debtPaid, operation });
  } else if (fact.kind === "bonded") {
    tell(fact.agent, null, { kind: "debt paid", gained: 0n, spent: fact.debtPaid, operation });
  } else if (fact.kind === "budgetOpened") {
    const { owner, child, burned } = fact;
    tell(owner, payer, { kind: "budget opened", gained: 0n, spent: burned, other: child, operation });
  }
}

function settled({ auction, creator, payers, ...settlement }: Settled, ledger: Ledger, tell: Tell): void {
  const { shares, bondBurned, depositBurned } = settlement;
  const of = (agent: AgentId): AgentId => payers.get(toHex(agent)) ?? agent;
  const found = auctionOf(ledger, auction);
  // What a purchase with delivery burns was stake, which is one's own whoever pays.
  const isStake = found !== null && lockupIsLien(found.terms, ledger.params);
  const spends = (agent: AgentId, kind: Movement["kind"], spent: bigint, other: AgentId | null = null) =>
    tell(agent, of(agent), { kind, gained: 0n, spent, other, auction });
  const sells = (agent: AgentId, gained: bigint, other: AgentId) =>
    tell(agent, of(agent), { kind: "sold", gained, spent: 0n, other, auction });
  for (const { bidder, paid, burned, received } of shares) {
    spends(bidder, "paid", paid, creator);
    if (isStake) tell(bidder, null, { kind: "forfeited", gained: 0n, spent: burned, auction });
    else spends(bidder, "forfeited", burned);
    sells(creator, paid, bidder);
    spends(creator, "paid", received, bidder);
    sells(bidder, received, creator);
  }
  spends(creator, "bond burned", bondBurned);
  spends(creator, "deposit burned", depositBurned);
}

/** What the end of a trade cost its buyer, and what its performer received of it. */
function ended(
  { trade: { id: trade, auction, performer, buyer, price, state }, money }: TradeEnd,
  tell: Tell,
): void {
  const about = { auction, trade };
  if (state.cause === "rejected" && state.dispute !== null) {
    const { bond } = state.dispute;
    const kind = "dispute bond";
    tell(buyer, money.bond, { kind, gained: 0n, spent: bond, other: performer, ...about });
    tell(performer, money.performer, { kind, gained: bond, spent: 0n, other: buyer, ...about });
  }
  const { received, returned, penalty } = state;
  tell(buyer, money.buyer, { kind: "paid", gained: 0n, spent: price - returned, other: performer, ...about });
  tell(performer, money.performer, { kind: "sold", gained: received, spent: 0n, other: buyer, ...about });
  tell(performer, null, { kind: "slashed", gained: 0n, spent: penalty?.taken ?? 0n, ...about });
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
