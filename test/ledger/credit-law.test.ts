// The law of credit: whatever is locked, spent, returned, withdrawn, slashed and rated in whatever order, by an owner and those
// who spend by its budgets, a naive oracle with a line for each lock says the same.
import fc from "fast-check";
import { expect, it } from "vitest";
import { least } from "../../src/base/index.js";
import {
  ACCOUNTS,
  BUDGETS,
  beginUnbonding,
  burnLock,
  conservation,
  creditStake,
  debit,
  drawFault,
  endUnbonding,
  freeStake,
  lienAmount,
  lockOf,
  lowerLien,
  lowerLock,
  releaseLock,
  setAside,
  spendLock,
  takeForGood,
  takeLien,
} from "../../src/ledger/index.js";
import { burn } from "../../src/ledger/money.js";
import { createLedger, STANDINGS } from "../../src/market/index.js";
import { takePenalty } from "../../src/market/justice/take.js";
import { payerMultiplierBp } from "../../src/market/standing/credit.js";
import { agent, FUNDS, genesisFor, START_MS, salt } from "../market/world.js";

const AGENTS = ["ann", "kid", "pip", "bob"] as const;
type Name = (typeof AGENTS)[number];
/** Pip spends of kid's budget, and kid of ann's. */
const OWNER: Partial<Record<Name, Name>> = { kid: "ann", pip: "kid" };
const AUCTIONS = [salt("one"), salt("two"), salt("three")];
const LIEN = salt("a lien");
const GENESIS = genesisFor({ names: AGENTS });
const WIDE = { perAuction: FUNDS, perPeriod: FUNDS, total: null, untilMs: START_MS + 1_000_000 };

interface Owned {
  free: bigint;
  stake: bigint;
  lien: bigint;
  debt: bigint;
  unbonding: bigint;
  score: number;
  weight: number;
}

interface Line {
  readonly payer: Name;
  free: bigint;
  stake: bigint;
}

/** The ladder of the specification, once more. */
const tenths = ({ score, weight }: Owned): bigint => {
  if (weight < 20_000) return 8n;
  if (score > 9500) return 30n;
  if (score > 9000) return 20n;
  if (score > 8000) return 15n;
  return score > 6000 ? 10n : 8n;
};

class Oracle {
  readonly owned = new Map<Name, Owned>();
  readonly lines = new Map<string, Line>();
  readonly open = new Set<Name>(["kid", "pip"]);

  constructor() {
    for (const name of AGENTS) {
      this.owned.set(name, {
        free: 1000n,
        stake: 500n,
        lien: 0n,
        debt: 0n,
        unbonding: 0n,
        score: 5000,
        weight: 0,
      });
    }
  }

  payer(name: Name): Name {
    let top = name;
    for (let one = name; OWNER[one] !== undefined; one = OWNER[one]!) {
      if (!this.open.has(one)) return name;
      top = OWNER[one]!;
    }
    return top;
  }

  locked(payer: Name): { free: bigint; stake: bigint } {
    const sum = { free: 0n, stake: 0n };
    for (const line of this.lines.values()) {
      if (line.payer !== payer) continue;
      sum.free += line.free;
      sum.stake += line.stake;
    }
    return sum;
  }

  /** What becomes of a lock: a code, or its two parts. @param before what it replaces, which returns if it is the payer's */
  lock(
    name: Name,
    sum: bigint,
    fee: bigint,
    before: Line | undefined,
  ): string | { free: bigint; stake: bigint } {
    const payer = this.payer(name);
    const { free, stake, lien, debt, ...rated } = this.owned.get(payer)!;
    if (free < fee) return "unpaid";
    const isSame = before !== undefined && before.payer === payer;
    const back = isSame ? before : { free: 0n, stake: 0n };
    const held = this.locked(payer);
    const own = free + held.free;
    const most = tenths({ free, stake, lien, debt, ...rated });
    const there = free - fee + back.free;
    const again = back.free + (debt === 0n ? back.stake : 0n);
    if (sum <= again) return { free: sum < there ? sum : there, stake: sum < there ? 0n : sum - there };
    if (most <= 10n) {
      if (sum > there) return "FUNDS_TOO_LOW";
      if (10n * (held.free + held.stake - back.free - back.stake + sum) > most * own)
        return "LOCKABLE_TOO_LOW";
      return { free: sum, stake: 0n };
    }
    const lent = sum > there ? sum - there : 0n;
    const free_ = debt === 0n ? stake - lien + back.stake : 0n;
    if (lent > free_ || (lent > 0n && 10n * (held.stake - back.stake + lent) > (most - 10n) * own))
      return "LOCKABLE_TOO_LOW";
    return { free: sum - lent, stake: lent };
  }

  toStake(name: Name, sum: bigint): void {
    const one = this.owned.get(name)!;
    const paid = sum < one.debt ? sum : one.debt;
    one.debt -= paid;
    one.stake += sum - paid;
  }

  /** Takes so much out of a line, own funds first, and gives it to whom it came from, or to nobody. */
  take(key: string, sum: bigint, first: "free" | "stake", returns: boolean): void {
    const line = this.lines.get(key)!;
    const parts = { free: 0n, stake: 0n };
    const second = first === "free" ? "stake" : "free";
    parts[first] = line[first] < sum ? line[first] : sum;
    parts[second] = sum - parts[first];
    line.free -= parts.free;
    line.stake -= parts.stake;
    if (!returns) return;
    this.owned.get(line.payer)!.free += parts.free;
    this.toStake(line.payer, parts.stake);
  }
}

const step = fc.record({
  kind: fc.constantFrom(
    ...(["lock", "lock", "lock", "lock", "lower", "spend", "burn", "release"] as const),
    ...(["bond", "unbond", "free", "slash", "lien", "rate", "rate", "rate", "toggle"] as const),
  ),
  who: fc.constantFrom(...AGENTS, ...(["ann", "ann", "ann"] as const)),
  auction: fc.nat(AUCTIONS.length - 1),
  size: fc.oneof(fc.constantFrom(0n, 1n), fc.bigInt(0n, 700n), fc.bigInt(900n, 1500n), fc.bigInt(0n, 4000n)),
  fee: fc.bigInt(0n, 5n),
  score: fc.constantFrom(5000, 6000, 6001, 8000, 8001, 9000, 9001, 9500, 9501, 10_000),
  weight: fc.constantFrom(19_999, 20_000, 20_000, 20_000, 50_000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Judged {
  readonly ledger = createLedger(GENESIS);
  readonly oracle = new Oracle();
  releaseMs = START_MS;

  constructor() {
    for (const name of AGENTS) {
      this.ledger.change(ACCOUNTS, agent(name), (one) => {
        one.free = 1000n;
        one.stake = 500n;
      });
    }
    burn(this.ledger, BigInt(AGENTS.length) * (FUNDS - 1500n));
    for (const name of ["kid", "pip"] as const) this.give(name);
    this.rate("ann", { score: 9501, weight: 20_000 });
    this.rate("bob", { score: 8001, weight: 20_000 });
  }

  private give(name: Name): void {
    const counted = { state: "open" as const, period: 0, inPeriod: 0n, spent: 0n, held: 0n };
    this.ledger.put(BUDGETS, agent(name), {
      child: agent(name),
      owner: agent(OWNER[name]!),
      terms: WIDE,
      ...counted,
    });
  }

  private rate(name: Name, { score, weight }: Pick<Owned, "score" | "weight">): void {
    this.ledger.put(STANDINGS, agent(name), { score, weight, blocked: "no", recent: [] });
    Object.assign(this.oracle.owned.get(name)!, { score, weight });
  }

  of = (name: Name) => this.ledger.accountOf(agent(name))!;

  take(one: Step): string {
    const { ledger, oracle } = this;
    const { who, size } = one;
    const id = AUCTIONS[one.auction]!;
    const name = { id, reason: "bid" } as const;
    const key = `${who}/${one.auction}`;
    const account = this.of(who);
    const own = oracle.owned.get(who)!;
    const line = oracle.lines.get(key);
    const held = line === undefined ? 0n : line.free + line.stake;
    switch (one.kind) {
      case "lock":
        return this.lock(one, name, key);
      case "lower": {
        if (line === undefined || size > held) return "nothing";
        lowerLock(ledger, account, name, size);
        oracle.take(key, held - size, "stake", true);
        if (size === 0n) oracle.lines.delete(key);
        return "lowered";
      }
      case "spend": {
        if (line === undefined || size > held) return "nothing";
        spendLock(ledger, account, name, size, this.of("bob"));
        oracle.take(key, size, "free", false);
        oracle.owned.get("bob")!.free += size;
        return "spent";
      }
      case "burn": {
        if (line === undefined) return "nothing";
        burnLock(ledger, account, name);
        oracle.take(key, held, "free", false);
        oracle.lines.delete(key);
        return "burned";
      }
      case "release": {
        if (line === undefined) return "nothing";
        releaseLock(ledger, account, name);
        oracle.take(key, held, "stake", true);
        oracle.lines.delete(key);
        return "released";
      }
      case "bond": {
        if (size > own.free) return "nothing";
        debit(ledger, account, size);
        creditStake(ledger, account, size);
        own.free -= size;
        oracle.toStake(who, size);
        return "bonded";
      }
      case "unbond": {
        if (own.debt > 0n || size > own.stake - own.lien || size === 0n || account.unbonding.length > 20)
          return "nothing";
        beginUnbonding(ledger, account, size, ++this.releaseMs);
        own.stake -= size;
        own.unbonding += size;
        return "withdrawn";
      }
      case "free": {
        endUnbonding(ledger, account, this.releaseMs);
        own.free += own.unbonding;
        own.unbonding = 0n;
        return "freed";
      }
      case "slash": {
        takePenalty(ledger, account, size, { id: "00", most: 0n });
        let open = size;
        const reach = (there: bigint): bigint => {
          const taken = there < open ? there : open;
          open -= taken;
          return taken;
        };
        own.stake -= reach(own.stake - own.lien);
        own.unbonding -= reach(own.unbonding);
        own.debt += open;
        return own.debt > 0n ? "owed" : "slashed";
      }
      case "lien": {
        const amount = least(size, freeStake(account));
        if (own.lien > 0n) lowerLien(ledger, account, LIEN, 0n);
        else if (amount > 0n) takeLien(ledger, account, LIEN, { kind: "trade", amount });
        own.lien = own.lien > 0n ? 0n : amount;
        return "bound";
      }
      case "rate": {
        this.rate(who, one);
        return "rated";
      }
      case "toggle":
        return this.toggle(who);
    }
  }

  private lock({ who, size, fee }: Step, name: { id: Uint8Array; reason: "bid" }, key: string): string {
    const { ledger, oracle } = this;
    const account = this.of(who);
    const before = oracle.lines.get(key);
    const foreseen = oracle.lock(who, size, fee, before);
    if (foreseen === "unpaid" || size === 0n) return "nothing";
    const timeMs = START_MS + 10;
    const locks = { amount: size, multiplierBp: payerMultiplierBp(ledger, agent(who), timeMs), lien: 0n };
    const draw = { fee, taken: 0n, locks, own: 0n, auction: name.id, replaces: name };
    const fault = drawFault(ledger, agent(who), timeMs, draw);
    const hasEnded = oracle.payer(who) === who && ledger.get(BUDGETS, agent(who)) !== null;
    const code = typeof foreseen !== "string" ? null : hasEnded ? "BUDGET_ENDED" : foreseen;
    expect(fault?.code ?? null).toBe(code);
    if (typeof foreseen === "string") {
      if (fault!.detail.lockable !== undefined) expect(this.isTrueOf(one(fault), draw, who)).toBe(true);
      return foreseen;
    }
    takeForGood(ledger, agent(who), fee, { timeMs, auction: name.id });
    burn(ledger, fee);
    oracle.owned.get(oracle.payer(who))!.free -= fee;
    if (before !== undefined) {
      releaseLock(ledger, account, name);
      oracle.take(key, before.free + before.stake, "stake", true);
      oracle.lines.delete(key);
      this.dropped();
    }
    // What came back may have ended who pays: then its own funds do, as far as they cover it.
    const payer = oracle.payer(who);
    setAside(ledger, account, name, size, timeMs);
    oracle.lines.set(key, { payer, ...foreseen });
    oracle.owned.get(payer)!.free -= foreseen.free;
    oracle.owned.get(payer)!.stake -= foreseen.stake;
    return foreseen.stake > 0n ? "lent" : "locked";
  }

  /** So much as a refusal says can be locked, and not a micro-credit more. */
  private isTrueOf(lockable: bigint, draw: Parameters<typeof drawFault>[3], who: Name): boolean {
    const asked = (amount: bigint) =>
      drawFault(this.ledger, agent(who), START_MS + 10, { ...draw, locks: { ...draw.locks!, amount } });
    return (lockable === 0n || asked(lockable) === null) && asked(lockable + 1n) !== null;
  }

  /** A budget that is closed goes once nothing is held by it; the oracle takes it for closed. */
  private dropped(): void {
    for (const name of ["kid", "pip"] as const) {
      if (this.ledger.get(BUDGETS, agent(name)) === null) this.oracle.open.delete(name);
    }
  }

  private toggle(who: Name): string {
    const { ledger, oracle } = this;
    if (OWNER[who] === undefined) return "nothing";
    const row = ledger.get(BUDGETS, agent(who));
    // A tree grows downwards.
    const isAllowed =
      who === "pip"
        ? ledger.get(BUDGETS, agent("kid")) !== null
        : row !== null || ledger.get(BUDGETS, agent("pip")) === null;
    if (!isAllowed) return "nothing";
    if (row === null) this.give(who);
    else
      ledger.change(BUDGETS, agent(who), (budget) => {
        budget.state = row.state === "open" ? "closed" : "open";
      });
    if (!oracle.open.delete(who)) oracle.open.add(who);
    return "toggled";
  }

  /** Everything of everyone as text: theirs, and the oracle's. */
  compare(): void {
    const { ledger, oracle } = this;
    const [theirs, ours]: [string[], string[]] = [[], []];
    for (const name of AGENTS) {
      const account = this.of(name);
      const { free, stake, lien, debt, unbonding } = oracle.owned.get(name)!;
      const sum = account.unbonding.reduce((total, part) => total + part.amount, 0n);
      const { fromFree, fromStake } = account.locked;
      const parts = [account.free, account.stake, lienAmount(account, LIEN), account.slashDebt, sum];
      theirs.push([name, ...parts, fromFree, fromStake].join(" "));
      const locked = oracle.locked(name);
      ours.push([name, free, stake, lien, debt, unbonding, locked.free, locked.stake].join(" "));
      for (const [i, id] of AUCTIONS.entries()) {
        const lock = lockOf(account, { id, reason: "bid" });
        const line = oracle.lines.get(`${name}/${i}`);
        theirs.push(lock === null ? "none" : `${lock.fromFree} ${lock.fromStake}`);
        ours.push(line === undefined ? "none" : `${line.free} ${line.stake}`);
      }
    }
    const text = theirs.join("; ");
    if (text !== ours.join("; ")) expect(theirs).toEqual(ours);
    expect(text).not.toContain("-");
    expect(conservation(ledger).holds).toBe(true);
  }
}

const one = (fault: ReturnType<typeof drawFault>): bigint => BigInt(fault!.detail.lockable!);

/** What the stories came by: a law that nothing tries says nothing. */
const seen = new Map<string, number>();

it("holds of every story", () => {
  /** Of some 17 steps each, every one of which is a case. */
  const numRuns = 700;
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 30 }), (story) => {
      const judged = new Judged();
      for (const one of story) {
        const what = judged.take(one);
        seen.set(what, (seen.get(what) ?? 0) + 1);
        judged.compare();
      }
    }),
    { numRuns },
  );
  for (const what of [
    "lent",
    "locked",
    "FUNDS_TOO_LOW",
    "LOCKABLE_TOO_LOW",
    "owed",
    "withdrawn",
    "toggled",
  ]) {
    expect([what, (seen.get(what) ?? 0) > numRuns / 20]).toEqual([what, true]);
  }
});
