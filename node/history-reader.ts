// Reads from a peer's disk what the ledger has forgotten: ended auctions, and what one's own agents paid and were paid.
import type { Bytes, Hex } from "../src/index.js";
import type { Genesis, Ledger, RowKey } from "../src/ledger/index.js";
import { restoreLedger } from "../src/market/index.js";
import {
  decodeMovement,
  decodePastAuction,
  decodeWitness,
  type Movement,
  movementsOf,
  OWN_WITNESS_PREFIX,
  ownWitnessKey,
  PAST_AUCTION_PREFIX,
  pastAuctionKey,
  WITNESS_PREFIX,
  witnessKey,
} from "../src/peer/index.js";
import { damaged, undamaged } from "./kept-history.js";
import { prefixRange, type Store } from "./store/store.js";

/** A movement and the place where it is kept: the cursor of whoever reads on. */
export interface KeptMovement {
  /** `<height>.<place>` */
  readonly at: string;
  readonly movement: Movement;
}

type Rows = readonly (readonly [RowKey, Bytes])[];

/**
 * An ended auction as the only one of a ledger, with all its commits where its proof is kept, else with one's own;
 * null: this peer kept neither, or cannot read it any more.
 */
export async function readPastAuction(store: Store, genesis: Genesis, auction: Hex): Promise<Ledger | null> {
  const rows = (await provenRows(store, auction)) ?? (await ownRows(store, auction));
  if (rows === null) return null;
  const restored = restoreLedger(genesis, rows, null);
  return restored.ok ? restored.value : null;
}

async function provenRows(store: Store, auction: Hex): Promise<Rows | null> {
  const row = (await store.get(ownWitnessKey(auction))) ?? (await store.get(witnessKey(auction)));
  const witness = row === null ? null : decodeWitness(row);
  return witness === null ? null : witness.rows.map((one) => [one.key, one.value] as const);
}

async function ownRows(store: Store, auction: Hex): Promise<Rows | null> {
  const row = await store.get(pastAuctionKey(auction));
  return row === null ? null : decodePastAuction(row);
}

/** Ids of ended auctions that begin with `prefix` and of which something is kept, at most `limit`. */
export async function pastAuctionsLike(store: Store, prefix: string, limit: number): Promise<readonly Hex[]> {
  const found = new Set<Hex>();
  for (const shelf of [OWN_WITNESS_PREFIX, WITNESS_PREFIX, PAST_AUCTION_PREFIX])
    for await (const { key } of store.range({ ...prefixRange(shelf + prefix), limit }))
      found.add(key.slice(shelf.length));
  return [...found].slice(0, limit);
}

/** Ids of all ended auctions that were an own agent's sale or had its bid. */
export async function ownPastAuctions(store: Store): Promise<readonly Hex[]> {
  const ids: Hex[] = [];
  for await (const { key } of store.range(prefixRange(PAST_AUCTION_PREFIX)))
    ids.push(key.slice(PAST_AUCTION_PREFIX.length));
  return ids;
}

/**
 * What an own agent paid and was paid, newest first, before `before`. Null: nothing of this agent's is kept at `before`.
 * @throws Accident HISTORY_DAMAGED; StoreError
 */
export const readMovements = (
  store: Store,
  agent: Hex,
  before: string | null,
  limit: number,
): Promise<readonly KeptMovement[] | null> => undamaged(() => movementsBefore(store, agent, before, limit));

async function movementsBefore(
  store: Store,
  agent: Hex,
  before: string | null,
  limit: number,
): Promise<readonly KeptMovement[] | null> {
  const shelf = movementsOf(agent);
  if (before !== null && (await store.get(shelf + before)) === null) return null;
  const { gte, lt } = prefixRange(shelf);
  const found: KeptMovement[] = [];
  const range = { gte, lt: before === null ? lt : shelf + before, reverse: true, limit };
  for await (const { key, value } of store.range(range)) {
    const movement = decodeMovement(value);
    if (movement === null) throw damaged(key);
    found.push({ at: key.slice(shelf.length), movement });
  }
  return found;
}
