// A trade's violation: what it takes from whom, and what is remembered of it (spec/standing#violations, spec/standing#taking).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_AMOUNT, toHex } from "../../src/base/index.js";
import {
  ACCOUNTS,
  type Account,
  commitRows,
  conservation,
  holdings,
  type Ledger,
  TOTALS,
  untouchedRows,
} from "../../src/ledger/index.js";
import {
  chargeViolation,
  createLedger,
  historyOf,
  lienLeft,
  type Penalty,
  recordDeed,
  STANDINGS,
  VIOLATIONS,
  type Violation,
} from "../../src/market/index.js";
import { expectSame } from "../same.js";
import { agent, audit, genesisFor, START_MS } from "./world.js";

const ANN = agent("ann");
const AUCTION = agent("an auction");
const OTHER = agent("another obligation");
const GENESIS = genesisFor({ names: ["ann"] });
const { periodMs } = GENESIS.params;

/** What answers for a trade. */
interface Cover {
  /** the trade's part of its auction's lien */
  readonly part: bigint;
  /** other trades' parts of that lien */
  readonly parts: bigint;
  readonly free: bigint;
  readonly unbonding: readonly bigint[];
  readonly debt: bigint;
}
const ELSEWHERE = 77n;

/** Gives ann, or another, this stake and no other; what it differs by is minted. */
function endow(ledger: Ledger, { part, parts, free, unbonding, debt }: Cover, id = ANN): Account {
  const before = holdings(ledger.accountOf(id)!);
  ledger.change(ACCOUNTS, id, (ann) => {
    ann.stake = part + parts + ELSEWHERE + free;
    ann.liens.clear();
    if (part + parts > 0n) ann.liens.set(toHex(AUCTION), { kind: "trade", amount: part + parts });
    ann.liens.set(toHex(OTHER), { kind: "trade", amount: ELSEWHERE });
    ann.unbonding = unbonding.map((amount, i) => ({ amount, releaseMs: i }));
    ann.slashDebt = debt;
  });
  const account = ledger.accountOf(id)!;
  ledger.changeOne(TOTALS, (totals) => {
    totals.minted += holdings(account) - before;
  });
  return account;
}

const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, one) => sum + one, 0n);

/** All that a violation may change, in plain numbers. */
const shown = (ledger: Ledger) => {
  const ann = ledger.accountOf(ANN)!;
  const { burned, insurance } = ledger.one(TOTALS);
  return {
    stake: ann.stake,
    lien: ann.liens.get(toHex(AUCTION))?.amount ?? 0n,
    elsewhere: ann.liens.get(toHex(OTHER))?.amount,
    unbonding: ann.unbonding.map(({ amount }) => amount),
    debt: ann.slashDebt,
    burned,
    insurance,
  };
};

const TABLE = { failure: [10n, 1n, 3], timeout: [25n, 2n, 1], misdelivery: [50n, 2n, 0] } as const;

/** The same once more, from the specification alone, in the dullest way: it remembers everything, and counts anew. */
class Oracle {
  private readonly past: { readonly period: number; readonly took: boolean }[] = [];

  due(condition: Violation, base: bigint, share: number, period: number) {
    const recent = this.past.filter((one) => period - one.period <= 30);
    const [percent, severity, grace] = TABLE[condition];
    const slashes = recent.filter(({ took }) => took).length;
    const repeat = slashes >= 4 ? 5 : slashes + 1;
    const isWarning = recent.length < grace;
    let due = isWarning ? 0n : ((base * percent) / 100n) * severity * BigInt(repeat);
    due = (due * BigInt(share)) / 10_000n;
    if (due > MAX_AMOUNT) due = MAX_AMOUNT;
    return { violations: recent.length, slashes, repeat, isWarning, due };
  }

  /** Whether something happened just so many periods ago. */
  isOld = (period: number, age: number): boolean => this.past.some((one) => period - one.period === age);

  /** Takes micro-credits from one place after the other. */
  take({ part, free, unbonding }: Cover, due: bigint) {
    let open = due;
    const left = [part, free, ...unbonding].map((place) => {
      const taken = place > open ? open : place;
      open -= taken;
      return place - taken;
    });
    return { lien: left[0]!, free: left[1]!, unbonding: left.slice(2).filter((one) => one > 0n), open };
  }

  remember(period: number, took: boolean): void {
    this.past.push({ period, took });
  }
}

const step = fc.record({
  condition: fc.constantFrom(...VIOLATIONS),
  share: fc.constantFrom(1, 4_999, 5_000, 9_999, 10_000, 10_000),
  periods: fc.constantFrom(0, 0, 0, 1, 1, 5, 29, 30, 31),
  part: fc.oneof(
    fc.constantFrom(0n, 1n, 3n, 4n, 5n, 10n, 1_000_001n),
    fc.bigInt({ min: 0n, max: 10n ** 10n }),
  ),
  parts: fc.constantFrom(0n, 1n, 5_000n),
  /** which place is the last that what is due reaches, and by how much it is more or less than that */
  last: fc.constantFrom("lien", "free", "unbonding", "nothing"),
  beyond: fc.constantFrom(-1n, 0n, 1n),
  debt: fc.constantFrom(0n, 0n, 9n, MAX_AMOUNT - 1n),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Stake that what is due uses up at some place, all but one micro-credit, or with one left over. */
function coverOf({ part, parts, last, beyond, debt }: Step, due: bigint): Cover {
  const rest = due > part ? due - part : 0n;
  const atLeast0 = (sum: bigint) => (sum > 0n ? sum : 0n);
  const cover = { part, parts, free: 0n, unbonding: [], debt };
  switch (last) {
    case "free":
      return { ...cover, free: atLeast0(rest + beyond) };
    case "unbonding": {
      const [free, first] = [rest / 3n, rest / 3n];
      const unbonding = [first, atLeast0(rest - free - first + beyond)].filter((one) => one > 0n);
      return { ...cover, free, unbonding };
    }
    case "lien":
      return { ...cover, free: 1_000n, unbonding: [2_000n] };
    default:
      return cover;
  }
}

describe("a trade's violation", () => {
  it("costs, takes and leaves what a naive reading of the rules says, whatever came before and whatever covers it", () => {
    const met = new Map<string, number>();
    const tell = (what: string): unknown => met.set(what, (met.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 9 }), (steps) => {
        const ledger = createLedger(GENESIS);
        const oracle = new Oracle();
        let period = 0;
        for (const one of steps) {
          period += one.periods;
          const { condition, part } = one;
          const share = condition === "misdelivery" ? one.share : 10_000;
          const wanted = oracle.due(condition, part, share, period);
          const cover = coverOf(one, wanted.due);
          endow(ledger, cover);
          const before = shown(ledger);
          const at = { timeMs: START_MS + period * periodMs + (one.periods % 2 === 0 ? 0 : periodMs - 1) };
          const violation = {
            agent: ANN,
            condition,
            auction: AUCTION,
            lien: part,
            price: 5n,
            shareBp: share,
          };
          const penalty = chargeViolation(ledger, violation, at);

          const { lien, free, unbonding, open } = oracle.take(cover, wanted.due);
          const taken = wanted.due - open;
          const debt = cover.debt + open > MAX_AMOUNT ? MAX_AMOUNT : cover.debt + open;
          const { isWarning, slashes: _, ...numbers } = wanted;
          expect(penalty).toMatchObject({ ...numbers, condition, base: part, shareBp: share, taken });
          expectSame([penalty.isWarning, lienLeft(penalty)], [isWarning ? "yes" : "no", lien]);
          expectSame(penalty.taking, {
            lien: part - lien,
            freeStake: cover.free - free,
            unbonding: sumOf(cover.unbonding) - sumOf(unbonding),
          });
          expectSame(shown(ledger), {
            stake: lien + cover.parts + ELSEWHERE + free,
            lien: lien + cover.parts,
            elsewhere: ELSEWHERE,
            unbonding,
            debt,
            burned: before.burned + (taken + 1n) / 2n,
            insurance: before.insurance + taken / 2n,
          });
          expect(conservation(ledger).holds).toBe(true);
          oracle.remember(period, taken > 0n);
          tell(isWarning ? "a warning" : taken > 0n ? `repeat ${wanted.repeat}` : "nothing taken");
          if (open === 1n) tell("a micro-credit short");
          if (open === 0n && taken > part) tell("covered beyond the lien");
          if (wanted.due > part) tell(`${one.last}, ${one.beyond}`);
          const grace = TABLE[condition][2];
          if (grace > 0 && wanted.violations === grace - 1) tell(`the last ${condition} that is forgiven`);
          if (wanted.violations === grace) tell(`the first ${condition} that is not`);
          if (wanted.slashes > 4) tell("a sixth slash");
          for (const age of [30, 31]) if (oracle.isOld(period, age)) tell(`a violation ${age} periods ago`);
        }
      }),
      { numRuns: 10_000 },
    );
    const repeats = [1, 2, 3, 4, 5].map((repeat) => `repeat ${repeat}`);
    const covers = ["free", "unbonding"].flatMap((last) => [-1n, 0n, 1n].map((more) => `${last}, ${more}`));
    const graces = VIOLATIONS.map((one) => `the first ${one} that is not`);
    for (const what of [
      ...[...repeats, "a sixth slash", ...covers, ...graces],
      ...["the last failure that is forgiven", "the last timeout that is forgiven"],
      ...["a violation 30 periods ago", "a violation 31 periods ago"],
      ...["a warning", "nothing taken", "a micro-credit short", "covered beyond the lien"],
    ])
      expect(met.get(what) ?? 0, what).toBeGreaterThan(100);
  });

  const COVER: Cover = { part: 100n, parts: 50n, free: 0n, unbonding: [], debt: 0n };
  const charge = (ledger: Ledger, condition: Violation, lien = 100n): Penalty =>
    chargeViolation(
      ledger,
      { agent: ANN, condition, auction: AUCTION, lien, price: 5n },
      { timeMs: START_MS },
    );

  it("takes its own part of the lien alone: what another trade has there is not touched", () => {
    const ledger = createLedger(GENESIS);
    endow(ledger, { ...COVER, parts: 1n });
    expect(charge(ledger, "misdelivery")).toMatchObject({ due: 100n, taken: 100n });
    expect(shown(ledger)).toMatchObject({ stake: 1n + ELSEWHERE, lien: 1n, debt: 0n });
  });

  it("takes the lien away with its last micro-credit, so that it needs no place in the row", () => {
    const ledger = createLedger(GENESIS);
    const ann = endow(ledger, { ...COVER, parts: 0n });
    charge(ledger, "misdelivery");
    expect([...ann.liens.keys()]).toEqual([toHex(OTHER)]);
  });

  it("counts without anything at stake, and makes the next no dearer by itself", () => {
    const ledger = createLedger(GENESIS);
    endow(ledger, { ...COVER, part: 0n, parts: 0n });
    for (const condition of VIOLATIONS)
      expect(charge(ledger, condition, 0n)).toMatchObject({ due: 0n, taken: 0n });
    expect(historyOf(ledger, ANN, START_MS)).toEqual({ violations: 3, slashes: 0 });
    endow(ledger, COVER);
    expect(charge(ledger, "failure")).toMatchObject({
      violations: 3,
      repeat: 1,
      isWarning: "no",
      taken: 10n,
    });
  });

  it("answers with a lien of its own kind, of which the part is a part", () => {
    const ledger = createLedger(GENESIS);
    endow(ledger, { ...COVER, parts: 0n });
    expect(() => charge(ledger, "misdelivery", 101n)).toThrow("a trade's part is of a lien for trades");
    ledger.change(
      ACCOUNTS,
      ANN,
      ({ liens }) => void liens.set(toHex(AUCTION), { kind: "event", amount: 100n }),
    );
    expect(() => charge(ledger, "misdelivery")).toThrow("a trade's part is of a lien for trades");
  });

  it("takes no less of who is silent than of who concedes, nor than that of who is proven wrong, whatever covers it", () => {
    const people = ["ann", "bob", "cat"].map(agent);
    const ledger = createLedger(genesisFor({ names: ["ann", "bob", "cat"] }));
    const at = { timeMs: START_MS };
    let strictly = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 9 }), step, (past, last) => {
        // What each loses by its last trade, all three with one history, and with the same behind them.
        const losses = VIOLATIONS.map((condition, i) => {
          const id = people[i]!;
          if (ledger.table(STANDINGS).has(id)) ledger.table(STANDINGS).delete(id);
          for (const one of past) recordDeed(ledger, id, one.condition, 5n, at, one.part > 4n ? 1 : 0);
          const before = endow(ledger, coverOf({ ...last, debt: 9n }, last.part / 2n), id);
          const owned = holdings(before) - before.slashDebt;
          const trade = { agent: id, condition, auction: AUCTION, lien: last.part, price: 5n };
          const { isWarning } = chargeViolation(ledger, trade, at);
          const after = ledger.accountOf(id)!;
          return { loss: owned - (holdings(after) - after.slashDebt), isWarning };
        });
        for (const [i, worse] of losses.entries()) {
          if (i === 0) continue;
          const milder = losses[i - 1]!;
          expectSame(milder.loss <= worse.loss, true);
          if (worse.isWarning === "yes" || last.part < 4n) continue;
          expectSame(milder.loss < worse.loss, true);
          strictly++;
        }
      }),
      { numRuns: 10_000 },
    );
    expect(strictly).toBeGreaterThan(5000);
  });

  it("writes each row that it changes", () => {
    const ledger = createLedger(GENESIS);
    commitRows(ledger);
    endow(ledger, { ...COVER, free: 1_000n });
    for (const condition of VIOLATIONS) charge(ledger, condition, 50n);
    commitRows(ledger);
    expect(untouchedRows(ledger)).toEqual([]);
    audit(ledger);
  });
});
