// Using leases by one's own clock: which parts of a window an agent may use now, and until when it needs not ask again (spec/leases#using).
import { compareText, equalBytes, toHex } from "../../base/index.js";
import { type AgentId, type Ledger, type Params, PRECISION_GROWTH } from "../../ledger/index.js";
import { isEnded } from "../auction/auction.js";
import { AUCTIONS } from "../auction/auctions.js";
import type { AuctionId } from "../auction/id.js";
import { leasedLot } from "../auction/terms.js";
import type { Hold } from "./hold.js";
import { holderOf, type Lease } from "./lease.js";
import { leasesOf } from "./leases.js";

/** What is sold by windows: a capability of one seller's. Of the same name anybody may sell something else. */
export interface Shared {
  readonly seller: AgentId;
  readonly capability: string;
}

/** A window of a share whose auction is over. */
export interface SoldWindow {
  readonly auction: AuctionId;
  readonly fromMs: number;
  readonly toMs: number;
  /** height of the outcome */
  readonly endedAt: number;
}

/** The windows of a share that are not over at a time: those that were sold first come first, which is the order in which they count. */
export function soldWindows(
  ledger: Ledger,
  { seller, capability }: Shared,
  nowMs: number,
): readonly SoldWindow[] {
  const windows: SoldWindow[] = [];
  for (const { id, creator, terms, phase } of ledger.table(AUCTIONS).values()) {
    const lot = leasedLot(terms);
    if (lot === null || lot.capability !== capability || lot.toMs <= nowMs || !isEnded(phase)) continue;
    if (!equalBytes(creator, seller)) continue;
    windows.push({ auction: id, fromMs: lot.fromMs, toMs: lot.toMs, endedAt: phase.endedAt });
  }
  return windows.sort((a, b) => a.endedAt - b.endedAt || compareText(toHex(a.auction), toHex(b.auction)));
}

const lasts = ({ fromMs, toMs }: Pick<SoldWindow, "fromMs" | "toMs">, ms: number): boolean =>
  fromMs <= ms && ms < toMs;

/** The window that counts at a time; null: none was sold for it (spec/leases#S3). */
export const windowAt = (windows: readonly SoldWindow[], ms: number): SoldWindow | null =>
  windows.find((one) => lasts(one, ms)) ?? null;

/** The leases of the window that counts now. */
export function leasesNow(ledger: Ledger, share: Shared, nowMs: number): readonly Lease[] {
  const window = windowAt(soldWindows(ledger, share, nowMs), nowMs);
  return window === null ? [] : leasesOf(ledger, window.auction);
}

/**
 * Up to when its holder may use a lease, by the holder's own clock. Another takes it over in an entry whose time is `untilMs` at
 * least, which is as far ahead of an honest clock as such a time may be, and that clock as far from the holder's as honest ones
 * are apart. Where the lease ends with its window, others go by their clocks alone.
 */
export const usableUntilMs = (
  { row, lot }: Pick<Lease, "row" | "lot">,
  { precisionMs }: Pick<Params, "precisionMs">,
): number =>
  Math.min(row.untilMs === lot.toMs ? lot.toMs : row.untilMs - PRECISION_GROWTH * precisionMs, lot.toMs) -
  precisionMs;

/**
 * The leases that an agent may use now, by its own clock (spec/leases#S1).
 * @param said holds that it has signed and that may be in the log already, though not as far as it is known here: it is
 * bound by them, for somebody who knows them may take over when they are over
 */
export const usableBy = (
  ledger: Ledger,
  shared: Shared,
  agent: AgentId,
  clockMs: number,
  said: readonly Hold[],
): readonly Lease[] =>
  leasesNow(ledger, shared, clockMs)
    .map((lease) => boundBy(lease, said))
    .filter(
      (lease) =>
        equalBytes(holderOf(lease.row).agent, agent) && clockMs < usableUntilMs(lease, ledger.params),
    );

function boundBy(lease: Lease, said: readonly Hold[]): Lease {
  const { auction, owner, row } = lease;
  const own = said.filter((one) => equalBytes(one.auction, auction) && equalBytes(one.owner, owner));
  const untilMs = Math.min(row.untilMs, ...own.map((one) => one.untilMs));
  return { ...lease, row: { ...row, untilMs } };
}

/** Whether an agent owns, holds or may take over a lease of a window that is not over. */
export function sharesLease(ledger: Ledger, agent: AgentId, nowMs: number): boolean {
  for (const { id, terms } of ledger.table(AUCTIONS).values()) {
    const lot = leasedLot(terms);
    if (lot === null || lot.toMs <= nowMs) continue;
    for (const { owner, row } of leasesOf(ledger, id))
      if ([owner, holderOf(row).agent, ...row.deputies].some((one) => equalBytes(one, agent))) return true;
  }
  return false;
}

/** Parts of the whole in leases. */
export const partsOf = (leases: readonly Pick<Lease, "units">[]): number =>
  leases.reduce((sum, { units }) => sum + units, 0);
