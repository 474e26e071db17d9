// The law of budgets: whatever is sent in whatever order, a naive oracle that keeps a line for each movement says the same.
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS, BUDGETS, type BudgetTerms, OUTLAYS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  auctionOf,
  auctionOfOperation,
  ceilingOf,
  commitsOf,
  depositOf,
  type EntryOutcome,
  isEnded,
  laneOf,
  type Operation,
  type OperationBody,
  type Receipt,
} from "../../src/market/index.js";
import { expectSame } from "../same.js";
import { agent, audit, offer, salt, World } from "./world.js";

const FEE = 10n;
const BURN = 7n;
const PERIOD_MS = 2500;
const NAMES = ["root", "kid", "pip", "tot", "sue"] as const;
const NAME_OF = new Map(NAMES.map((name) => [toHex(agent(name)), name as string]));
const nameOf = (id: Uint8Array): string => NAME_OF.get(toHex(id))!;
const SIG = new Uint8Array(64);
const MONEY_CODES = ["FUNDS_TOO_LOW", "LOCKABLE_TOO_LOW", "BUDGET_EXCEEDED", "BUDGET_ENDED"];

/** What one movement was to one level. */
interface Line {
  readonly level: string;
  readonly auction: string | null;
  /** the period in which it was drawn */
  readonly period: number;
  readonly drawn: bigint;
  readonly back: bigint;
  /** what is held more by it */
  readonly held: bigint;
}

interface Given {
  readonly owner: string;
  readonly terms: BudgetTerms;
  isOpen: boolean;
  /** lines before do not count: of its period, and of what is spent */
  readonly began: number;
  readonly renewed: number;
  /** what was held when it was renewed */
  readonly start: bigint;
}

/** What an agent has in an auction, and whose it is. */
interface Position {
  readonly levels: readonly string[];
  readonly payer: string;
  readonly period: number;
}

class Oracle {
  readonly free = new Map<string, bigint>();
  /** by whose funds: what locks hold of them */
  readonly locked = new Map<string, bigint>();
  readonly budgets = new Map<string, Given>();
  private readonly lines: Line[] = [];
  private readonly positions = new Map<string, Position>();
  readonly alive = new Map<string, Auction>();

  above(name: string): string[] {
    const levels: string[] = [];
    for (let one = name; this.budgets.has(one); one = this.budgets.get(one)!.owner) levels.push(one);
    return levels;
  }

  payer(name: string, timeMs: number, period: number): Position & { readonly hasEnded: boolean } {
    const levels = this.above(name);
    const isLive = levels.every((one) => {
      const { isOpen, terms } = this.budgets.get(one)!;
      return isOpen && timeMs <= terms.untilMs;
    });
    return levels.length > 0 && isLive
      ? { levels, payer: this.budgets.get(levels.at(-1)!)!.owner, period, hasEnded: false }
      : { levels: [], payer: name, period, hasEnded: levels.length > 0 };
  }

  private sum(level: string, of: (line: Line, i: number) => bigint): bigint {
    return this.lines.reduce((sum, line, i) => (line.level === level ? sum + of(line, i) : sum), 0n);
  }
  held = (level: string): bigint => this.sum(level, ({ held }) => held);
  inPeriod = (level: string, period: number): bigint =>
    this.sum(level, (line, i) =>
      i >= this.budgets.get(level)!.began && line.period === period ? line.drawn - line.back : 0n,
    );
  spent(level: string): bigint {
    const { renewed, start } = this.budgets.get(level)!;
    return start + this.sum(level, ({ drawn, back }, i) => (i >= renewed ? drawn - back : 0n));
  }
  outlay = (level: string, auction: string): bigint =>
    this.sum(level, (line) => (line.auction === auction ? line.drawn - line.back : 0n));

  pay(name: string, amount: bigint): void {
    this.free.set(name, this.free.get(name)! + amount);
  }

  lock(whose: Position, amount: bigint): void {
    this.locked.set(whose.payer, (this.locked.get(whose.payer) ?? 0n) + amount);
  }

  private line({ levels, period }: Position, auction: string | null, part: Partial<Line>): void {
    for (const level of levels) {
      this.lines.push({ level, auction, period, drawn: 0n, back: 0n, held: 0n, ...part });
    }
  }

  draw(whose: Position, auction: string | null, amount: bigint, isHeld: boolean): void {
    this.pay(whose.payer, -amount);
    this.line(whose, auction, { drawn: amount, held: isHeld ? amount : 0n });
  }

  back(whose: Position, auction: string, amount: bigint): void {
    this.pay(whose.payer, amount);
    this.line(whose, auction, { back: amount, held: -amount });
  }

  gone = (whose: Position, amount: bigint): void => this.line(whose, null, { held: -amount });

  position = (auction: string, name: string): Position => this.positions.get(`${auction}/${name}`)!;
  place(auction: string, name: string, position: Position): void {
    this.positions.set(`${auction}/${name}`, position);
  }

  /** What an operation asks for does not fit: by which code. */
  fault(
    name: string,
    [timeMs, period]: readonly [number, number],
    ask: {
      fee: bigint;
      taken?: bigint;
      locks?: bigint;
      own?: bigint;
      auction: string | null;
      earlier?: [Position, bigint] | null;
    },
  ): string | null {
    const { fee, own = 0n, locks = 0n, auction, earlier = null } = ask;
    const taken = (ask.taken ?? 0n) + locks;
    const who = this.payer(name, timeMs, period);
    const isSame = earlier !== null && earlier[0].levels.length > 0 === who.levels.length > 0;
    const back = isSame ? earlier[1] : 0n;
    if (who.levels.length === 0) {
      const short =
        fee + taken + own - back > this.free.get(name)! ? "FUNDS_TOO_LOW" : this.unlockable(who, locks, back);
      return short !== null && who.hasEnded ? "BUDGET_ENDED" : short;
    }
    for (const level of who.levels) {
      const { terms } = this.budgets.get(level)!;
      const exceeds = (counted: bigint, needed: bigint, most: bigint) =>
        needed > 0n && counted + needed > most;
      const backInPeriod = isSame && earlier[0].period === period ? back : 0n;
      if (exceeds(this.inPeriod(level, period), fee + taken - backInPeriod, terms.perPeriod))
        return "BUDGET_EXCEEDED";
      if (terms.total !== null && exceeds(this.spent(level), fee + taken - back, terms.total))
        return "BUDGET_EXCEEDED";
      if (auction !== null && exceeds(this.outlay(level, auction), fee + taken - back, terms.perAuction))
        return "BUDGET_EXCEEDED";
    }
    if (fee + taken - back > this.free.get(who.payer)!) return "FUNDS_TOO_LOW";
    const short = this.unlockable(who, locks, back);
    if (short !== null) return short;
    return own > this.free.get(name)! ? "FUNDS_TOO_LOW" : null;
  }

  /** Nobody was rated: four fifths of what a payer owns may be locked, wherever in its tree. */
  private unlockable({ payer }: Position, locks: bigint, back: bigint): string | null {
    const locked = this.locked.get(payer) ?? 0n;
    const own = this.free.get(payer)! + locked;
    return locks > back && 10n * (locked - back + locks) > 8n * own ? "LOCKABLE_TOO_LOW" : null;
  }

  open(owner: string, child: string, terms: BudgetTerms): void {
    const before = this.budgets.get(child);
    const now = this.lines.length;
    const [began, start] = before === undefined ? [now, 0n] : [before.began, this.held(child)];
    this.budgets.set(child, { owner, terms, isOpen: true, began, renewed: now, start });
  }

  drop(): void {
    for (const [child, { isOpen }] of this.budgets) {
      if (isOpen || this.held(child) !== 0n) continue;
      if ([...this.budgets.values()].some(({ owner }) => owner === child)) continue;
      this.budgets.delete(child);
      this.drop();
      return;
    }
  }

  expire(timeMs: number): void {
    for (const given of this.budgets.values()) if (given.terms.untilMs < timeMs) given.isOpen = false;
    this.drop();
  }
}

/** A world in which everything is scarce, and the oracle beside it. */
class Judged {
  readonly world = new World({
    names: NAMES,
    params: {
      minFee: FEE,
      auctionDeposit: 20n,
      auctionDepositPerHour: 0n,
      budgetBurn: BURN,
      periodMs: PERIOD_MS,
      retainMs: 1500,
    },
  });
  readonly oracle = new Oracle();

  constructor() {
    const { ledger } = this.world;
    for (const name of NAMES) {
      const left = name === "root" ? 4000n : name === "sue" ? 10_000n : 300n;
      const rest = this.world.free(name) - left;
      ledger.change(ACCOUNTS, agent(name), (account) => {
        account.free -= rest;
      });
      ledger.change(ACCOUNTS, agent("faucet"), (account) => {
        account.free += rest;
      });
      this.oracle.free.set(name, left);
    }
  }

  /** @param isLast its rows are written, and those of all before */
  entry(ops: readonly Operation[], afterMs: number, isLast: boolean): void {
    const { world, oracle } = this;
    const outcome = world.entry(ops, { afterMs, isAudited: false, isCommitted: isLast });
    this.settle(outcome);
    for (const [i, op] of ops.entries()) {
      if (op.authority !== null) this.signed(op, outcome.receipts[i]!);
      oracle.drop();
    }
    oracle.expire(world.timeMs);
    this.forget(outcome);
    oracle.drop();
    this.compare();
  }

  private get now(): readonly [number, number] {
    const { timeMs, genesis } = this.world;
    return [timeMs, Math.floor((timeMs - genesis.timeMs) / PERIOD_MS)];
  }

  private settle({ settlements }: EntryOutcome): void {
    const { oracle } = this;
    for (const { auction, creator, shares, bondBurned, depositBurned } of settlements) {
      const id = toHex(auction);
      const { terms } = oracle.alive.get(id)!;
      const seller = oracle.position(id, nameOf(creator));
      let ceiling = ceilingOf(terms);
      for (const { bidder, paid, received, returned, burned } of shares) {
        const whose = oracle.position(id, nameOf(bidder));
        oracle.gone(whose, paid + burned);
        oracle.lock(whose, -(paid + burned + returned));
        oracle.lock(seller, -received);
        oracle.pay(seller.payer, paid);
        oracle.gone(seller, received);
        oracle.pay(whose.payer, received);
        ceiling -= received;
        oracle.back(whose, id, returned);
      }
      oracle.back(seller, id, ceiling);
      oracle.lock(seller, -(ceiling + terms.bond));
      oracle.gone(seller, bondBurned + depositBurned);
      if (bondBurned === 0n) oracle.back(seller, id, terms.bond);
      oracle.drop();
    }
  }

  private forget({ forgotten }: EntryOutcome): void {
    for (const id of forgotten) {
      const auction = this.oracle.alive.get(id);
      if (auction === undefined) continue;
      if (auction.phase.kind !== "void") this.giveDepositBack(id, auction);
      this.oracle.alive.delete(id);
    }
  }

  private giveDepositBack(id: string, { creator, terms, createdMs }: Auction): void {
    const deposit = depositOf(terms, createdMs, this.world.ledger.params);
    this.oracle.back(this.oracle.position(id, nameOf(creator)), id, deposit);
  }

  /** What an operation asked for, what became of it, and what follows. */
  private signed({ authority, body, ...op }: Operation, receipt: Receipt): void {
    const { oracle, now } = this;
    const { from, fee } = authority!;
    const who = nameOf(from);
    const about = auctionOfOperation(op, { ...op, authority, body });
    const id = about === null ? null : toHex(about);
    const known = id !== null && oracle.alive.has(id) ? id : null;
    const unpaid = oracle.fault(who, now, { fee, auction: known });
    // What follows an operation of its lane that was passed over waits for its turn.
    if (receipt.code === "NONCE_NOT_NEXT") return;
    if (receipt.status === "ignored") {
      expectSame([body.kind, receipt.code], [body.kind, unpaid]);
      return;
    }
    expectSame([body.kind, unpaid], [body.kind, null]);
    const fault = this.faultOf(who, fee, body, id);
    if (receipt.status === "applied" || MONEY_CODES.includes(receipt.code)) {
      expectSame([body.kind, who, receipt.code], [body.kind, who, fault]);
    }
    const payer = oracle.payer(who, ...now);
    const isMade = receipt.status === "applied" && body.kind === "createAuction";
    oracle.draw(payer, isMade ? id : known, fee, false);
    if (receipt.status === "applied") this.applied(who, payer, body, id);
  }

  private faultOf(who: string, fee: bigint, body: OperationBody, id: string | null): string | null {
    const { oracle, now, world } = this;
    if (body.kind === "commit") {
      const earlier = this.locked.get(`${id}/${who}`);
      const before =
        earlier === undefined ? null : ([oracle.position(id!, who), earlier] as [Position, bigint]);
      return oracle.fault(who, now, { fee, locks: body.lockup, auction: id, earlier: before });
    }
    if (body.kind === "createAuction") {
      const taken = depositOf(body, world.timeMs, world.ledger.params);
      return oracle.fault(who, now, { fee, taken, locks: body.bond + ceilingOf(body), auction: id });
    }
    if (body.kind === "transfer") return oracle.fault(who, now, { fee, own: body.amount, auction: null });
    if (body.kind === "closeBudget")
      return oracle.budgets.get(nameOf(body.child))?.isOpen ? null : "BUDGET_ENDED";
    if (body.kind !== "openBudget") return null;
    const hasEnded = oracle.above(who).length > 0 && oracle.payer(who, ...now).levels.length === 0;
    return hasEnded ? "BUDGET_ENDED" : oracle.fault(who, now, { fee, taken: BURN, auction: null });
  }

  /** by auction and bidder: what its bid holds */
  private readonly locked = new Map<string, bigint>();

  private applied(who: string, payer: Position, body: OperationBody, id: string | null): void {
    const { oracle, world } = this;
    if (body.kind === "commit") {
      const key = `${id}/${who}`;
      const earlier = this.locked.get(key);
      if (earlier !== undefined) {
        const before = oracle.position(id!, who);
        oracle.back(before, id!, earlier);
        oracle.lock(before, -earlier);
      }
      // What came back may have ended who pays.
      const now = oracle.payer(who, ...this.now);
      oracle.place(id!, who, now);
      oracle.draw(now, id, body.lockup, true);
      oracle.lock(now, body.lockup);
      this.locked.set(key, body.lockup);
    } else if (body.kind === "createAuction") {
      oracle.place(id!, who, payer);
      const taken = depositOf(body, world.timeMs, world.ledger.params) + body.bond + ceilingOf(body);
      oracle.draw(payer, id, taken, true);
      oracle.lock(payer, body.bond + ceilingOf(body));
      const made = auctionOf(world.ledger, id!);
      const bare = { creator: agent(who), terms: body, createdMs: world.timeMs, phase: { kind: "open" } };
      oracle.alive.set(id!, made ?? (bare as unknown as Auction));
    } else if (body.kind === "cancel") {
      const auction = oracle.alive.get(id!)!;
      const seller = oracle.position(id!, who);
      const locks = auction.terms.bond + ceilingOf(auction.terms);
      oracle.back(seller, id!, locks);
      oracle.lock(seller, -locks);
      this.giveDepositBack(id!, auction);
      oracle.alive.delete(id!);
    } else if (body.kind === "transfer") {
      oracle.pay(who, -body.amount);
      oracle.pay(nameOf(body.to), body.amount);
    } else if (body.kind === "openBudget") {
      oracle.draw(payer, null, BURN, false);
      oracle.open(who, nameOf(body.child), body.terms);
    } else if (body.kind === "closeBudget") {
      oracle.budgets.get(nameOf(body.child))!.isOpen = false;
    }
  }

  private compare(): void {
    const { world, oracle, now } = this;
    const rows = world.ledger.table(BUDGETS).sorted();
    const theirs = rows.map(({ child, owner, terms, state, period, inPeriod, spent, held }) => {
      const counted = period === now[1] ? inPeriod : 0n;
      return [nameOf(child), { owner: nameOf(owner), terms, state, counted, spent, held }] as const;
    });
    const ours = [...oracle.budgets].map(([child, { owner, terms, isOpen }]) => {
      const counted = oracle.inPeriod(child, now[1]);
      const [spent, held] = [oracle.spent(child), oracle.held(child)];
      return [child, { owner, terms, state: isOpen ? "open" : "closed", counted, spent, held }] as const;
    });
    expectSame(new Map(theirs), new Map(ours));
    expectSame(
      Object.fromEntries(NAMES.map((name) => [name, world.free(name)])),
      Object.fromEntries(oracle.free),
    );
    for (const name of NAMES) {
      const { locked } = world.ledger.accountOf(agent(name))!;
      expectSame(locked, { fromFree: oracle.locked.get(name) ?? 0n, fromStake: 0n });
    }
    for (const path of world.ledger.table(OUTLAYS).keys()) {
      const [auction, child] = path.split("/") as [string, string];
      expectSame(oracle.alive.has(auction), true);
      const { amount } = world.ledger.get(OUTLAYS, path)!;
      expectSame(amount, oracle.outlay(NAME_OF.get(child)!, auction));
    }
  }
}

const LIMITS = [30n, 120n, 400n, 1500n, 5000n];
const wish = fc.record({
  kind: fc.constantFrom(
    ...(["open", "open", "open", "close", "commit", "commit", "commit", "commit"] as const),
    ...(["create", "create", "cancel", "reveal", "reveal", "transfer"] as const),
  ),
  from: fc.nat(NAMES.length - 1),
  to: fc.nat(NAMES.length - 1),
  size: fc.nat(4),
  limits: fc.tuple(fc.nat(4), fc.nat(4), fc.option(fc.nat(4))),
  lastsMs: fc.constantFrom(0, 400, 3000, 100_000, 100_000),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;
const stories = fc.array(
  fc.record({
    wishes: fc.array(wish, { minLength: 1, maxLength: 6 }),
    afterMs: fc.constantFrom(50, 50, 300, 700, 1300, 2600),
  }),
  { minLength: 4, maxLength: 14 },
);

function operationOf(judged: Judged, one: Wish, used: Map<string, number>): Operation | null {
  const { world } = judged;
  const [from, to] = [NAMES[one.from]!, NAMES[one.to]!];
  const live = world.ledger
    .table(AUCTIONS)
    .sorted()
    .filter(({ phase }) => !isEnded(phase));
  const auction = live[one.size % Math.max(1, live.length)];
  const signed = (body: OperationBody, ahead = 0): Operation => {
    const lane = `${from}/${laneOf(body.kind)}`;
    const nth = used.get(lane) ?? 0;
    used.set(lane, nth + 1 + ahead);
    return world.op(from, body, nth, FEE);
  };
  switch (one.kind) {
    case "open": {
      const [a, b, c] = one.limits;
      const total = c === null ? null : LIMITS[c]!;
      const untilMs = world.timeMs + one.lastsMs;
      const terms = { perAuction: LIMITS[a]!, perPeriod: LIMITS[b]!, total, untilMs };
      const nth = world.ledger.accountOf(agent(to))!.budgets;
      return signed({ kind: "openBudget", child: agent(to), terms, nth, consent: SIG });
    }
    case "close":
      return signed({ kind: "closeBudget", child: agent(to) });
    case "create": {
      const isPurchase = one.to === 1;
      const part = isPurchase ? { direction: "buy" as const, reserve: 60n } : { reserve: 5n };
      const hides = !isPurchase && one.to === 2 ? { bond: 200n, reserveHash: salt("hidden") } : {};
      const lockups = [20n, 80n, 200n];
      return signed(offer({ ...part, ...hides, lockups, commitMs: 500 + 300 * one.size, revealMs: 1200 }));
    }
    case "cancel":
      return signed({ kind: "cancel", auction: auction?.id ?? salt("none") });
    case "commit":
      return signed(world.commit(auction?.id ?? salt("none"), from, 5n, [20n, 80n, 200n][one.to % 3]!));
    case "reveal": {
      const bids = live.flatMap(({ id }) => commitsOf(world.ledger, id));
      const bid = bids[one.size % Math.max(1, bids.length)];
      const its = live.find(({ id }) => bid !== undefined && commitsOf(world.ledger, id).includes(bid));
      return its === undefined ? null : world.reveal(its.id, nameOf(bid!.bidder), 5n);
    }
    case "transfer":
      return signed({ kind: "transfer", to: agent(to), amount: LIMITS[one.size]! });
  }
}

/** What the stories came by: a law that nothing tries says nothing. */
const seen = new Map<string, number>();

it("holds of every story", () => {
  const numRuns = Number(process.env.BUDGET_RUNS ?? 10_000);
  fc.assert(
    fc.property(stories, (story) => {
      const judged = new Judged();
      for (const [nth, { wishes, afterMs }] of story.entries()) {
        const used = new Map<string, number>();
        const ops = wishes.flatMap((one) => operationOf(judged, one, used) ?? []);
        judged.entry(ops, afterMs, nth === story.length - 1);
      }
      audit(judged.world.ledger);
      for (const { held } of judged.world.ledger.table(BUDGETS).values()) {
        if (held > 0n) seen.set("held", (seen.get("held") ?? 0) + 1);
      }
    }),
    { numRuns },
  );
  expect(seen.get("held") ?? 0).toBeGreaterThan(numRuns / 50);
});
