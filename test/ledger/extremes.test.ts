// At the edges of every amount and list: what `check` passes, `commitRows` encodes, and what it encodes reads back.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_AMOUNT, toHex } from "../../src/base/index.js";
import {
  ACCOUNTS,
  type Account,
  BASIS_POINTS,
  commitRows,
  type Draft,
  type Genesis,
  genesisFault,
  LOCAL_TESTNET_PARAMS,
  type LockName,
  lockKey,
  MAX_LIENS,
  MAX_LOCKS,
  MAX_ROW_BYTES,
  MAX_UNBONDING,
} from "../../src/ledger/index.js";
import {
  createLedger,
  executeEntry,
  type ProvenFault,
  restoreLedger,
  selfProving,
} from "../../src/market/index.js";
import { agent, genesisFor, offer, START_MS, salt, slashesIn, World } from "../market/world.js";

/** The greatest bond whose slashing is an amount: severity 5, repeated 5 times. */
const MAX_BOND = MAX_AMOUNT / 25n;

const withBond = (bond: bigint): Genesis => {
  const sound = genesisFor({ seats: 4 });
  return { ...sound, accounts: [], granters: [], seats: sound.seats.map((seat) => ({ ...seat, bond })) };
};

const TYPES = ["E1", "E2", "E3", "E4", "E5", "E6"] as const;
const faults = fc.array(
  fc.record({
    type: fc.constantFrom(...TYPES),
    seat: fc.nat(3),
    epoch: fc.constantFrom(0, 1, 29, 30, 31, 60, 61),
    term: fc.nat(40),
  }),
  { minLength: 1, maxLength: 12 },
);

const convict = ({ network }: Pick<World["ledger"], "network">) =>
  selfProving(network, { kind: "evidence", evidence: new Uint8Array(1) });

describe("a conviction", () => {
  it.each([MAX_BOND - 1n, MAX_BOND])("of a bond of %s is allowed by genesis", (bond) => {
    expect(genesisFault(withBond(bond))).toBeNull();
  });

  it("of a bond one above is not, and the message names the seat and the bound", () => {
    const fault = genesisFault(withBond(MAX_BOND + 1n));
    expect(fault?.code).toBe("BOND_TOO_LARGE");
    expect(fault?.message).toContain(String(MAX_BOND));
  });

  it("of any seats, bonds, debts and repeats leaves rows that encode and restore", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(MAX_BOND, MAX_BOND - 1n, MAX_AMOUNT / 4n, 100_000_000n, 100_000_001n),
        fc.constantFrom(0n, 1n, MAX_AMOUNT - 1n, MAX_AMOUNT),
        faults,
        (bond, debt, sequence) => {
          // Bonds that genesis refuses are tried too: a seat that comes by later is bounded by saturation alone.
          const genesis = withBond(bond);
          const ledger = createLedger(genesis);
          for (const { agent: who } of genesis.seats) {
            ledger.change(ACCOUNTS, who, (account) => {
              account.slashDebt = debt;
            });
          }
          commitRows(ledger);
          for (const [i, { type, seat, epoch, term }] of sequence.entries()) {
            const { key, agent: who } = genesis.seats[seat]!;
            const fault: ProvenFault = { type, agent: who, key, epoch, term };
            const at = { height: i + 1, timeMs: i + 2, parentTimeMs: i + 1, leader: 0, epoch, tolerance: 1 };
            const judged = { ...at, execHeight: i, parentExecHeight: i - 1, judgeEvidence: () => fault };
            executeEntry(ledger, judged, [convict(ledger)]);
            commitRows(ledger);
          }
          const rows = [...ledger.tree.keys()].map((key) => [key, ledger.valueOf(key)!] as const);
          expect(restoreLedger(genesis, rows, ledger.tree.root()).ok).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("counts as repeated within thirty periods of ledger time, the thirtieth included, whatever the epoch", () => {
    const { periodMs } = LOCAL_TESTNET_PARAMS;
    for (const [afterMs, factor] of [
      [30 * periodMs, 2n],
      [31 * periodMs - 1, 2n],
      [31 * periodMs, 1n],
    ] as const) {
      for (const epochs of [0, 1000]) {
        const world = new World();
        const { key, agent: who, bond } = world.genesis.seats[0]!;
        const dueOf = (epoch: number, height: number, sinceGenesisMs: number): bigint => {
          const fault: ProvenFault = { type: "E6", agent: who, key, epoch, term: height };
          const timeMs = START_MS + sinceGenesisMs;
          const at = { ...world.next(), height, timeMs, epoch, judgeEvidence: () => fault };
          return slashesIn(executeEntry(world.ledger, at, [convict(world.ledger)]))[0]!.due;
        };
        const quarter = (bond * 2500n) / BigInt(BASIS_POINTS);
        expect(dueOf(7, 1, 2 * periodMs)).toBe(quarter);
        const left = bond - quarter;
        const again = dueOf(7 + epochs, 2, 2 * periodMs + afterMs);
        expect(again, `${afterMs} ms later`).toBe(((left * 2500n) / 10_000n) * factor);
      }
    }
  });

  it("is repeated at most five times", () => {
    const world = new World();
    const { key, agent: who } = world.genesis.seats[0]!;
    const account = world.ledger.accountOf(who)!;
    const factors: bigint[] = [];
    for (let term = 1; term <= 7; term++) {
      const base = account.liens.get(toHex(key))!.amount;
      const fault: ProvenFault = { type: "E6", agent: who, key, epoch: 0, term };
      const at = { ...world.next(), height: term, judgeEvidence: () => fault };
      const { due } = slashesIn(executeEntry(world.ledger, at, [convict(world.ledger)]))[0]!;
      factors.push(due / (base / 4n));
      // What was taken comes back, so that the base stays what it was.
      world.ledger.change(ACCOUNTS, who, (one) => {
        one.stake = 100_000_000n;
        one.liens.set(toHex(key), { kind: "seat", amount: 100_000_000n });
      });
    }
    expect(factors).toEqual([1n, 2n, 3n, 4n, 5n, 5n, 5n]);
  });
});

describe("an account's row", () => {
  const id = (i: number) => toHex(salt(`part ${i}`));
  const lockName = (i: number): LockName => ({ id: salt(`part ${i}`), reason: "ceiling" });
  const fill = (account: Draft<Account>, locks: number, liens: number, parts: number): void => {
    for (let i = 0; i < locks; i++) {
      const lock = { ...lockName(i), fromFree: MAX_AMOUNT, fromStake: MAX_AMOUNT };
      account.locks.set(lockKey(lock), lock);
    }
    for (let i = 0; i < liens; i++) account.liens.set(id(i), { kind: "trade", amount: MAX_AMOUNT });
    account.unbonding = Array.from({ length: parts }, () => ({
      amount: MAX_AMOUNT,
      releaseMs: Number.MAX_SAFE_INTEGER,
    }));
    account.free = MAX_AMOUNT;
    account.locked = { fromFree: MAX_AMOUNT, fromStake: MAX_AMOUNT };
    account.slashDebt = MAX_AMOUNT;
    account.jailedUntilMs = Number.MAX_SAFE_INTEGER;
  };

  it("with as many parts as an account may have, each at its greatest, fits a row and reads back", () => {
    const world = new World({ names: ["ann"] });
    world.ledger.change(ACCOUNTS, agent("ann"), (ann) => fill(ann, MAX_LOCKS, MAX_LIENS, MAX_UNBONDING));
    const { writes, root } = commitRows(world.ledger);
    expect(writes[0]![1]!.length).toBeLessThanOrEqual(MAX_ROW_BYTES);
    const rows = [...world.ledger.tree.keys()].map((key) => [key, world.ledger.valueOf(key)!] as const);
    expect(restoreLedger(world.genesis, rows, root).ok).toBe(true);
  });

  it("at 256 locks takes no further one, for a bond as for a bid: no row outgrows its codec", () => {
    const world = new World({ names: ["ann", "sue"] });
    const [last, beyond] = [world.create("sue"), world.create("sue")];
    const ann = world.ledger.accountOf(agent("ann"))!;
    world.ledger.change(ACCOUNTS, ann.id, (one) => {
      for (let i = 0; i < MAX_LOCKS - 1; i++) {
        one.locks.set(lockKey(lockName(i)), { ...lockName(i), fromFree: 1n, fromStake: 0n });
      }
      one.free -= BigInt(MAX_LOCKS - 1);
      one.locked = { fromFree: BigInt(MAX_LOCKS - 1), fromStake: 0n };
    });
    const code = (body: Parameters<World["op"]>[1]) => world.entry([world.op("ann", body)]).receipts[0]!.code;
    expect(code(world.commit(last, "ann", 20n, 1000n))).toBeNull();
    expect(ann.locks.size).toBe(MAX_LOCKS);
    expect(code(world.commit(beyond, "ann", 20n, 1000n))).toBe("TOO_MANY_LOCKS");
    expect(code(offer({ bond: 1n }))).toBe("TOO_MANY_LOCKS");
    expect(code(offer())).toBeNull();
  });
});
