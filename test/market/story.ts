// Any story: entries in which every kind of operation comes, most of them what their sender may do, some of them not.
import fc from "fast-check";
import { type Hash, toHex } from "../../src/base/index.js";
import { ACCOUNTS, type AgentId, BUDGETS, commitRows, TOTALS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  type AuctionTerms,
  type Bid,
  commitsOf,
  type EntryOutcome,
  factsOf,
  hiddenReserveHash,
  holderOf,
  laneOf,
  leasesOf,
  leastBondFor,
  type Operation,
  type OperationBody,
  type PhaseKind,
  type StateKind,
  selfProving,
  TRADES,
  type Trade,
  wonIn,
} from "../../src/market/index.js";
import { agent as agentOf, convictions, type EntryOptions, offer, salt, World } from "./world.js";

const PERIOD_MS = 2500;
const RETAIN_MS = 1500;
const FEE = 10n;
const SEATS = ["seat 0", "seat 1", "seat 2", "seat 3"];
/** Who has an account from the beginning. Of the last two nobody knows until they are given something. */
const PEOPLE = ["ann", "bob", "sue", "tom", ...SEATS];
const NAMES = [...PEOPLE, "kid", "pip"];
const AGENTS = new Map([...NAMES, "faucet"].map((name) => [name, agentOf(name)]));
const agent = (name: string): AgentId => AGENTS.get(name)!;
const NAME_OF = new Map([...AGENTS].map(([name, id]) => [toHex(id), name]));
const nameOf = (id: Uint8Array): string => NAME_OF.get(toHex(id))!;

const FIRST_CONVICTION = convictions.length;
const FAULTS = 24;
for (let i = 0; i < FAULTS; i++) {
  const type = i % 3 === 0 ? "E6" : "E1";
  convictions.push({
    type,
    agent: agentOf(`seat ${i % 4}`),
    key: agentOf(`seat key ${i % 4}`),
    epoch: 0,
    term: i,
  });
}

const wish = fc.record({
  kind: fc.constantFrom<OperationBody["kind"]>(
    ...(["createAuction", "createAuction", "cancel"] as const),
    ...([
      "commit",
      "commit",
      "commit",
      "commit",
      "commit",
      "commit",
      "reveal",
      "reveal",
      "reveal",
      "reveal",
    ] as const),
    ...(["reveal", "reveal", "openReserve", "deliver", "deliver", "deliver", "accept", "fail"] as const),
    ...(["dispute", "dispute", "verdict", "verdict", "verdict", "verdict", "verdict", "verdict"] as const),
    ...([
      "bond",
      "unbond",
      "transfer",
      "grant",
      "evidence",
      "openBudget",
      "openBudget",
      "closeBudget",
      "hold",
      "hold",
      "usage",
    ] as const),
  ),
  from: fc.nat(NAMES.length - 1),
  to: fc.nat(NAMES.length - 1),
  which: fc.nat(11),
  /** 0: what is wished for may well be what the sender may not do */
  care: fc.nat(7),
  size: fc.nat(999),
});
export type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

export const stories = fc.array(
  fc.record({
    wishes: fc.array(wish, { minLength: 8, maxLength: 24 }),
    afterMs: fc.constantFrom(50, 50, 200, 200, 200, 400, 400, 700, 1500, 9000),
    leader: fc.nat(3),
    /** heights of which its leader has not executed what they hold */
    lag: fc.constantFrom(1, 1, 1, 2, 3),
  }),
  { minLength: 30, maxLength: 40 },
);
type Entry = (typeof stories extends fc.Arbitrary<infer T> ? T : never)[number];

const LOCKUPS = [40n, 120n, 300n];
const LIMITS = [150n, 600n, 2000n, 9000n];

export class Story {
  readonly world = new World({
    names: PEOPLE,
    allowance: 40_000n,
    stakes: { ann: 3000n, bob: 1500n, sue: 6000n, tom: 900n, "seat 3": 2000n },
    params: {
      minFee: FEE,
      auctionDeposit: 20n,
      auctionDepositPerHour: 5n,
      budgetBurn: 7n,
      leastDisputeBond: 15n,
      minStake: 500n,
      periodMs: PERIOD_MS,
      retainMs: RETAIN_MS,
      verdictMs: 2500,
      minDeliverMs: 1100,
      minSettleMs: 1100,
      unbondMs: 3000,
      evidenceMs: 2000,
      jailMs: 4000,
      lotSlackMs: 1,
    },
  });
  /** the bids behind commitments, by commitment */
  private readonly bids = new Map<string, Bid>();
  /** by lane and sender: what this entry has of it already */
  private used = new Map<string, number>();
  /** what genesis and grants have made */
  minted: bigint;

  constructor() {
    const { ledger } = this.world;
    this.minted = ledger.one(TOTALS).minted;
    // Everything is scarce: what is more than a few bids is the faucet's.
    for (const [i, name] of PEOPLE.entries()) {
      const rest = this.world.free(name) - BigInt(2500 + 700 * (i % 4));
      ledger.change(ACCOUNTS, agent(name), (account) => {
        account.free -= rest;
      });
      ledger.change(ACCOUNTS, agent("faucet"), (account) => {
        account.free += rest;
      });
    }
    this.world.root = commitRows(ledger).root;
  }

  /** Makes an entry of what is wished for. */
  live(entry: Entry): { readonly ops: readonly Operation[]; readonly outcome: EntryOutcome } {
    const ops = this.operationsOf(entry.wishes);
    return { ops, outcome: this.entry(ops, this.optionsOf(entry)) };
  }

  /** How the world is to make an entry. */
  optionsOf({ afterMs, leader, lag }: Entry) {
    const { execHeight, height } = this.world;
    return { afterMs, leader, execHeight: Math.max(execHeight, height + 1 - lag), isAudited: false };
  }

  /** What is wished for, as one entry may hold it after the last. */
  operationsOf(wishes: readonly Wish[]): Operation[] {
    this.used = new Map();
    return wishes.flatMap((one) => this.operationOf(one) ?? []);
  }

  /** Makes an entry that another has made of the same story. */
  again(ops: readonly Operation[], entry: Entry): void {
    this.entry(ops, this.optionsOf(entry));
  }

  /** Lets time pass in which nobody sends anything, short of an outage. */
  pass(): EntryOutcome {
    return this.entry([], { afterMs: 7900 });
  }

  /** Rows are written now and then: whoever asks this story asks the ledger itself. */
  private entry(ops: readonly Operation[], options: EntryOptions): EntryOutcome {
    const isCommitted = this.world.height % 16 === 15;
    const outcome = this.world.entry(ops, { ...options, isAudited: false, isCommitted });
    for (const fact of outcome.receipts.flatMap(factsOf))
      if (fact.kind === "granted") this.minted += fact.free + fact.stake;
    return outcome;
  }

  private signed(name: string, body: OperationBody): Operation {
    const lane = `${name}/${laneOf(body.kind)}`;
    const ahead = this.used.get(lane) ?? 0;
    this.used.set(lane, ahead + 1);
    return this.world.op(name, body, ahead, FEE);
  }

  private proven = (body: OperationBody): Operation => selfProving(this.world.ledger.network, body);

  /** An auction in one of the phases, in the order of their creation; with no care, any. */
  private auction({ which, care }: Wish, ...phases: readonly PhaseKind[]): Auction | null {
    const all = [...this.world.ledger.table(AUCTIONS).values()];
    const fit = care === 0 ? all : all.filter(({ phase }) => phases.includes(phase.kind));
    return fit[which % Math.max(1, fit.length)] ?? null;
  }

  /** A trade in a state; with no care, any. */
  private trade({ which, care }: Wish, state: StateKind): Trade | null {
    const all = [...this.world.ledger.table(TRADES).values()];
    const fit = care === 0 ? all : all.filter((one) => one.state.kind === state);
    return fit[which % Math.max(1, fit.length)] ?? null;
  }

  /** An operation on a trade, of who may send it, or with no care of anybody. */
  private onTrade(
    one: Wish,
    state: StateKind,
    whose: "performer" | "buyer",
    body: (trade: Hash, of: Trade | null) => OperationBody,
  ): Operation | null {
    const trade = this.trade(one, state);
    if (trade === null && one.care + one.which > 0) return null;
    const who = one.care === 1 || trade === null ? NAMES[one.from]! : nameOf(trade[whose]);
    return this.signed(who, body(trade?.id ?? salt("no trade"), trade));
  }

  private termsOf({ which, size, to }: Wish, name: string): Partial<AuctionTerms> {
    const { world } = this;
    const kind = (["vickrey", "first-price", "uniform"] as const)[which % 3]!;
    const units = kind === "uniform" ? 1 + (size % 4) : 1;
    const direction = to % 3 === 0 ? "buy" : "sell";
    const deliverMs = which % 4 === 3 ? 0 : 1100 + size;
    const settleMs = deliverMs === 0 ? 0 : 1100 + (size % 5) * 300;
    const isSale = direction === "sell";
    const hides = isSale && kind !== "uniform" && size % 4 === 0;
    const nonce = world.ledger.accountOf(agent(name))?.nonces.bulk ?? 0;
    const id = world.nextAuctionId(name, nonce + (this.used.get(`${name}/bulk`) ?? 0));
    const isLeased = isSale && deliverMs === 0 && size % 3 > 0;
    return {
      format: { kind },
      direction,
      lot: {
        capability: "x",
        units,
        fromMs: isLeased || size % 11 === 0 ? world.timeMs + 2000 : null,
        toMs: isLeased || size % 5 === 0 ? world.timeMs + 3000 + size * (isLeased ? 8 : 1) : null,
      },
      reserve: isSale ? BigInt(size % 30) : BigInt(60 + (size % 100)),
      lockups: LOCKUPS,
      openMs: size % 6 === 0 ? world.timeMs + 600 : 0,
      commitMs: 500 + (size % 3) * 200,
      revealMs: 1200,
      bond: hides ? LOCKUPS.at(-1)! : size % 9 === 0 ? 33n : 0n,
      reserveHash: hides ? hiddenReserveHash(world.ledger.network, id, 35n, salt("reserve")) : null,
      standingWeight: !isSale && kind !== "uniform" && size % 2 === 0 ? 2000 : null,
      deliverMs,
      settleMs,
      value:
        isSale && kind === "uniform" && deliverMs > 0 ? BigInt(units) * (50n + BigInt(size % 250)) : null,
    };
  }

  private commit(one: Wish): Operation | null {
    const auction = this.auction(one, "open");
    if (auction === null)
      return one.care > 0
        ? null
        : this.signed(NAMES[one.from]!, this.world.commit(salt("none"), "ann", 1n, 40n));
    const { terms, creator, id } = auction;
    const first = NAMES[one.from]!;
    const name = one.care > 1 && first === nameOf(creator) ? NAMES[(one.from + 1) % NAMES.length]! : first;
    const lockup = one.care === 0 ? 41n : LOCKUPS[one.size % 3]!;
    const isByUnits = terms.format.kind === "uniform";
    const units = isByUnits ? 1 + (one.size % terms.lot.units) : null;
    const most = units === null ? lockup : lockup / BigInt(units);
    const bid = { amount: 1n + (most * BigInt(one.size % 97)) / 97n, units };
    const body = this.world.commit(id, name, bid, lockup);
    this.bids.set(toHex(body.commitment), bid);
    return this.signed(name, body);
  }

  private reveal(one: Wish): Operation | null {
    const auction = this.auction(one, "reveal");
    if (auction === null) return null;
    const bids = commitsOf(this.world.ledger, auction.id);
    const hidden = one.care < 2 ? bids : bids.filter(({ opening }) => opening === null);
    const commit = hidden[one.size % Math.max(1, hidden.length)];
    if (commit === undefined) return null;
    const bid = this.bids.get(toHex(commit.commitment))!;
    return this.world.reveal(
      auction.id,
      nameOf(commit.bidder),
      one.care === 1 ? { ...bid, amount: 7n } : bid,
    );
  }

  private openBudget({ from, to, which, size, care }: Wish): Operation {
    const { world } = this;
    const child = agent(NAMES[to]!);
    const limit = (i: number) => LIMITS[(which + i) % LIMITS.length]!;
    const untilMs = world.timeMs + [900, 5000, 30_000, 30_000, 30_000][size % 5]!;
    const total = size % 3 === 0 ? null : limit(2);
    const nth = care === 0 ? size % 3 : (world.ledger.accountOf(child)?.budgets ?? 0);
    const terms = { perAuction: limit(0), perPeriod: limit(1), total, untilMs };
    return this.signed(NAMES[from]!, { kind: "openBudget", child, terms, nth, consent: new Uint8Array(64) });
  }

  private closeBudget({ from, to, which, care }: Wish): Operation {
    const budgets = [...this.world.ledger.table(BUDGETS).values()];
    const budget = budgets[which % Math.max(1, budgets.length)];
    const [child, who] =
      budget === undefined || care === 0
        ? [agent(NAMES[to]!), NAMES[from]!]
        : [budget.child, nameOf(budget.owner)];
    return this.signed(who, { kind: "closeBudget", child });
  }

  /** Something said of a lease: by its owner or somebody near to it, or with no care by anybody. */
  private onLease({ kind, from, to, which, size, care }: Wish): Operation | null {
    const { ledger, timeMs } = this.world;
    const leases = [...ledger.table(AUCTIONS).keys()].flatMap((id) => leasesOf(ledger, id));
    const lease = leases[which % Math.max(1, leases.length)];
    if (lease === undefined) return null;
    const { auction, owner, lot, row } = lease;
    const others = [...row.deputies, holderOf(row).agent, owner];
    const who = care === 0 ? NAMES[from]! : nameOf(others[size % others.length]!);
    if (kind === "usage") {
      const part = Math.floor(Number(wonIn(lease)) / (1 + (size % 4)));
      return this.signed(who, { kind, auction, owner, used: part, lent: size % 2 });
    }
    const deputies = nameOf(owner) === who && size % 3 > 0 ? [agent(NAMES[to]!)] : null;
    const untilMs = Math.min(lot.toMs, timeMs + 100 + size);
    return this.signed(who, { kind: "hold", auction, owner, untilMs, deputies });
  }

  private operationOf(one: Wish): Operation | null {
    const { from, to, size, care } = one;
    const name = NAMES[from]!;
    switch (one.kind) {
      case "createAuction":
        return this.signed(name, offer(this.termsOf(one, name)));
      case "cancel": {
        const auction = this.auction(one, "scheduled", "open");
        if (auction === null) return null;
        return this.signed(care > 1 ? nameOf(auction.creator) : name, {
          kind: "cancel",
          auction: auction.id,
        });
      }
      case "commit":
        return this.commit(one);
      case "reveal":
        return this.reveal(one);
      case "openReserve": {
        const hides = [...this.world.ledger.table(AUCTIONS).values()].filter(
          ({ terms, phase }) => care === 0 || (terms.reserveHash !== null && phase.kind === "reveal"),
        );
        const auction = hides[one.which % Math.max(1, hides.length)]?.id;
        if (auction === undefined) return null;
        return this.proven({ kind: "openReserve", auction, reserve: 35n, salt: salt("reserve") });
      }
      case "deliver":
        return this.onTrade(one, "due", "performer", (trade) => ({
          kind: "deliver",
          trade,
          hash: salt("work"),
        }));
      case "accept":
        return this.onTrade(one, "delivered", "buyer", (trade) => ({ kind: "accept", trade }));
      case "fail":
        return this.onTrade(one, "due", "performer", (trade) => ({ kind: "fail", trade }));
      case "dispute":
        return this.onTrade(one, "delivered", "buyer", (trade, of) => {
          const least = leastBondFor(of?.price ?? 0n, this.world.ledger.params);
          return {
            kind: "dispute",
            trade,
            evidence: salt("bad"),
            bond: least + BigInt(size % 9) - (care < 2 ? 5n : 0n),
          };
        });
      case "verdict": {
        const trade = this.trade(one, "disputed");
        if (trade === null && care + one.which > 0) return null;
        const who = care === 1 ? name : SEATS[(from + to) % SEATS.length]!;
        // The seats mostly see one thing, each of another extent.
        const isUpheld = ((trade?.id[0] ?? 0) % 2 === 0) !== (size % 7 === 0);
        return this.signed(who, {
          kind: "verdict",
          trade: trade?.id ?? salt("no trade"),
          share: isUpheld ? 1 + size * 10 : null,
        });
      }
      case "bond":
        return this.signed(name, {
          kind: "bond",
          amount: care === 0 ? 10n ** 9n * BigInt(size % 2) : BigInt(1 + size),
        });
      case "unbond":
        return this.signed(name, {
          kind: "unbond",
          amount: care === 0 ? 10n ** 9n * BigInt(size % 2) : BigInt(1 + (size % 200)),
        });
      case "transfer":
        return this.signed(name, { kind: "transfer", to: agent(NAMES[to]!), amount: BigInt(size) });
      case "grant":
        return this.signed(care === 0 ? name : "faucet", {
          kind: "grant",
          to: agent(NAMES[to]!),
          free: BigInt(size),
          stake: BigInt((size % 4) * 100),
        });
      case "evidence":
        return this.proven({
          kind: "evidence",
          evidence: Uint8Array.of(care === 0 ? 255 : FIRST_CONVICTION + (size % FAULTS)),
        });
      case "openBudget":
        return this.openBudget(one);
      case "closeBudget":
        return this.closeBudget(one);
      case "hold":
      case "usage":
        return this.onLease(one);
    }
  }
}
