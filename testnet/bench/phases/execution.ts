// Entries of a ledger without a peer: one that settles an auction, those that end overdue trades, and one of bids.
import type { AgentId } from "../../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionTerms,
  FORMATS,
  type FormatName,
  type Operation,
  STANDINGS,
  TRADES,
} from "../../../src/market/index.js";
import { budgetsOf, type Trees } from "../budget-trees.js";
import { costOf } from "../cost.js";
import { LoneLedger } from "../lone-ledger.js";
import { commitOf, offerAll, revealOf, type SealedBid } from "../sealed-bids.js";

const LOCKUP = 10_000n;
const HOUR_MS = 3_600_000;

/** One wins the lot and pays at once, or every second bid wins a unit and a trade begins. */
export type Ending = "whole" | "units";

/** CPU ms of an entry. */
interface EntryCost {
  readonly executedMs: number;
  /** its rows encoded, and the root made anew */
  readonly writtenMs: number;
}

export async function open() {
  const bidding = new Map<number, Bidding>();
  return {
    jobs: {
      /** The entry that settles an auction of so many revealed bids. */
      async settle({ ending, bids }: { readonly ending: Ending; readonly bids: number }): Promise<EntryCost> {
        const market = new LoneLedger(bids + 1);
        const [seller, ...bidders] = market.agents;
        const units = ending === "whole" ? 0 : bids / 2;
        show(market, [seller!], ending === "whole" ? {} : divided(units), () => bidders);
        const cost = await costOfNext(market);
        if (market.ledger.table(TRADES).size !== units) throw new Error("not every award began a trade");
        return cost;
      },
      /** CPU ms of each entry, rows written, that ends trades of auctions with ten winners; all are due at once. */
      overdue: (trades: number): Promise<readonly number[]> => endAll(trades),
      /** CPU ms of each of so many entries, rows written, of so many transfers. */
      async transfers(asked: {
        readonly entries: number;
        readonly each: number;
      }): Promise<readonly number[]> {
        const market = new LoneLedger(BUYERS);
        const costs: number[] = [];
        while (costs.length < asked.entries) {
          const ops = Array.from({ length: asked.each }, (_, i) => payment(market, i + 7 * costs.length));
          costs.push((await costOf(() => void market.entry(ops))).cpuMs);
        }
        return costs;
      },
      /** CPU ms of an entry, rows written, in which children of trees so deep bid once each in an auction of its own. */
      async bid(trees: Trees): Promise<number> {
        const market = bidding.get(trees.depth) ?? new Bidding(trees);
        bidding.set(trees.depth, market);
        return market.bid();
      },
    },
    close: () => Promise.resolve(),
  };
}

async function costOfNext(market: LoneLedger): Promise<EntryCost> {
  const executed = await costOf(() => void market.execute());
  const written = await costOf(() => market.write());
  return { executedMs: executed.cpuMs, writtenMs: written.cpuMs };
}

const DIVISIBLE = (Object.keys(FORMATS) as FormatName[]).find((name) => FORMATS[name].isDivisible)!;

/** Terms of a sale by units, each of which is delivered. */
const divided = (units: number): Partial<AuctionTerms> => ({
  format: { kind: DIVISIBLE },
  lot: { capability: "gpu.a100", units, fromMs: null, toMs: null },
  deliverMs: 10_000,
  settleMs: 5000,
  value: LOCKUP * BigInt(units),
});

/** Auctions, one of each seller named, up to the entry that settles them all: each bid is shown. */
function show(
  market: LoneLedger,
  sellers: readonly AgentId[],
  terms: Partial<AuctionTerms>,
  biddersOf: (nth: number) => readonly AgentId[],
): void {
  const auctions = offerAll(market, sellers, terms);
  market.until(auctions[0]!, "open");
  const units = terms.value === undefined ? null : 1;
  const bids = auctions.flatMap((auction, nth) =>
    biddersOf(nth).map((bidder, i): SealedBid => {
      return { auction, bidder, bid: { amount: 1n + BigInt((i * 7919) % 9973), units }, lockup: LOCKUP };
    }),
  );
  market.entry(bids.map((one) => commitOf(market, one)));
  market.until(auctions[0]!, "reveal");
  market.entry(bids.map((one) => revealOf(market, one)));
}

const WINNERS = 10;
const AUCTIONS_OF_SELLER = 10;
const BUYERS = 1000;

function payment(market: LoneLedger, nth: number): Operation {
  const [from, to] = [market.agents[nth % BUYERS]!, market.agents[(nth + 1) % BUYERS]!];
  return market.operation(from, { kind: "transfer", to, amount: 1n });
}

/** @throws Error if a row is left when the rights of all have lapsed that was not there before */
async function endAll(trades: number): Promise<readonly number[]> {
  const auctions = trades / WINNERS;
  const market = new LoneLedger(auctions / AUCTIONS_OF_SELLER + BUYERS);
  const before = market.rows;
  const sellers = market.agents.slice(BUYERS);
  const selling = Array.from({ length: auctions }, (_, i) => sellers[i % sellers.length]!);
  // One bid more than units: of a unit price of nothing nothing could be seen to return.
  show(market, selling, divided(WINNERS), (nth) =>
    Array.from({ length: WINNERS + 1 }, (_, i) => market.agents[(nth * WINNERS + i * 97) % BUYERS]!),
  );
  market.entry();
  const { deadlines } = market.ledger.table(TRADES).index;
  if (deadlines.size !== trades) throw new Error(`${deadlines.size} trades began, not ${trades}`);
  market.timeMs = deadlines.first!.dueMs;
  const costs: number[] = [];
  while (deadlines.size > 0) costs.push((await costOf(() => void market.entry([], 1))).cpuMs);
  market.timeMs += HOUR_MS;
  while (forgettable(market) > 0) market.entry();
  if (market.rows !== before) throw new Error(`${market.rows - before} rows are left`);
  return costs;
}

/** Rows that time takes away. */
const forgettable = ({ ledger }: LoneLedger): number =>
  ledger.table(AUCTIONS).size + ledger.table(STANDINGS).size;

/** Children who bid: so many in an entry, each once in an auction of its own. */
class Bidding {
  private readonly market: LoneLedger;
  private readonly children: readonly AgentId[];

  constructor({ depth, children }: Trees) {
    this.market = new LoneLedger(SELLERS + children * (depth + 1));
    this.children = budgetsOf(this.market, this.market.agents.slice(SELLERS), depth);
  }

  async bid(): Promise<number> {
    const { market, children } = this;
    const sellers = children.map((_, i) => market.agents[i % SELLERS]!);
    const auctions = offerAll(market, sellers, { commitMs: HOUR_MS });
    market.until(auctions[0]!, "open");
    const bid = { amount: 1n, units: null };
    const ops = auctions.map((auction, i) =>
      commitOf(market, { auction, bidder: children[i]!, bid, lockup: LOCKUP }),
    );
    return (await costOf(() => void market.entry(ops))).cpuMs;
  }
}
const SELLERS = 100;
