// Every comparison of the ledger on which peers must agree: one below its boundary, at it, one above it.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS, burn, periodOf, TOTALS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  auctionOf,
  type EvidenceType,
  executeEntry,
  type ProvenFault,
  selfProving,
} from "../../src/market/index.js";
import { agent, FEE, FUNDS, offer, START_MS, World } from "../market/world.js";

type Row = readonly [beyond: -1 | 0 | 1, code: string | null];
const HOUR_MS = 3_600_000;
const pay = (amount = 1n) => ({ kind: "transfer", to: agent("bob"), amount }) as const;
const world = () => new World({ names: ["ann", "bob"], allowance: 100n });

/** What becomes of a transfer of ann's, in an entry 50 ms later, with another authority than usual. */
function code(authority: { readonly fee?: bigint; readonly validUntilMs?: number; readonly nonce?: number }) {
  const w = world();
  const op = w.op("ann", pay());
  return w.entry([{ ...op, authority: { ...op.authority!, ...authority } }]).receipts[0]!.code;
}

/** Leaves an account with so much, the rest burned. */
function leave(w: World, name: string, free: bigint): void {
  const account = w.ledger.accountOf(agent(name))!;
  burn(w.ledger, account.free - free);
  w.ledger.change(ACCOUNTS, account.id, (one) => {
    one.free = free;
  });
}

describe("an operation's face", () => {
  const at = world().next().timeMs;
  it.each<Row>([
    [-1, "EXPIRED"],
    [0, null],
    [1, null],
  ])("valid until the entry's time %d: %s", (beyond, expected) => {
    expect(code({ validUntilMs: at + beyond })).toBe(expected);
  });

  it.each<Row>([
    [-1, null],
    [0, null],
    [1, "VALID_TOO_LONG"],
  ])("valid until the longest validity %d: %s", (beyond, expected) => {
    expect(code({ validUntilMs: at + HOUR_MS + beyond })).toBe(expected);
  });

  it.each<Row>([
    [-1, "FEE_BELOW_MINIMUM"],
    [0, null],
    [1, null],
  ])("a fee of the least %d: %s", (beyond, expected) => {
    expect(code({ fee: FEE + BigInt(beyond) })).toBe(expected);
  });
});

describe("a sender", () => {
  it.each<Row>([
    [-1, "NONCE_NOT_NEXT"],
    [0, null],
    [1, "NONCE_NOT_NEXT"],
  ])("with a nonce of the next %d: %s", (beyond, expected) => {
    const w = world();
    w.entry([w.op("ann", pay())]);
    expect(w.entry([w.op("ann", pay(), beyond)]).receipts[0]!.code).toBe(expected);
  });

  it.each<Row>([
    [-1, "FUNDS_TOO_LOW"],
    [0, null],
    [1, null],
  ])("with funds of amount and fee %d: %s", (beyond, expected) => {
    const w = world();
    leave(w, "ann", FEE + 1n + BigInt(beyond));
    expect(w.entry([w.op("ann", pay())]).receipts[0]!.code).toBe(expected);
  });

  it.each([
    [0, FEE],
    [1, FEE + 1n],
  ] as const)("whose operation fails pays a fee of its whole funds, and %d less", (kept, free) => {
    const w = world();
    leave(w, "ann", free);
    const { burned } = w.ledger.one(TOTALS);
    expect(w.entry([w.op("ann", pay(FUNDS))]).receipts[0]).toMatchObject({ code: "FUNDS_TOO_LOW" });
    expect(w.free("ann")).toBe(BigInt(kept));
    expect(w.ledger.one(TOTALS).burned).toBe(burned + FEE);
  });
});

describe("a movement of money", () => {
  it.each([
    [0n, "AMOUNT_ZERO"],
    [1n, null],
  ] as const)("of %d: %s", (amount, expected) => {
    const w = world();
    expect(w.entry([w.op("ann", pay(amount))]).receipts[0]!.code).toBe(expected);
  });

  it.each<Row>([
    [-1, null],
    [0, null],
    [1, "ALLOWANCE_EXCEEDED"],
  ])("by a granter, of its allowance %d: %s", (beyond, expected) => {
    const w = world();
    const grant = { kind: "grant", to: agent("bob"), free: 60n, stake: 40n + BigInt(beyond) } as const;
    expect(w.entry([w.op("faucet", grant)]).receipts[0]!.code).toBe(expected);
  });
});

describe("a period", () => {
  it.each([
    [0, 0],
    [59_999, 0],
    [60_000, 1],
    [60_001, 1],
    [31 * 60_000 - 1, 30],
    [31 * 60_000, 31],
  ])("%d ms after genesis is the one numbered %d", (sinceMs, period) => {
    const { ledger } = new World({ params: { periodMs: 60_000 } });
    expect(periodOf(ledger, START_MS + sinceMs)).toBe(period);
  });
});

describe("a conviction", () => {
  const convict = (w: World, fault: ProvenFault, afterMs = 50) => {
    const at = { ...w.next({ afterMs }), judgeEvidence: () => fault };
    return executeEntry(w.ledger, at, [
      selfProving(w.ledger.network, { kind: "evidence", evidence: new Uint8Array(1) }),
    ]).receipts[0]!;
  };
  const fault = (w: World, type: EvidenceType, term: number): ProvenFault => {
    const { agent: who, key } = w.genesis.seats[0]!;
    return { type, agent: who, key, epoch: 0, term };
  };

  it.each([
    [-1, "jail is on: nothing follows", false],
    [0, "jail is over: it begins anew", true],
    [1, "jail is over: it begins anew", true],
  ] as const)("that can take nothing, at the end of jail %d ms: %s", (beyondMs, _, follows) => {
    const w = new World();
    convict(w, fault(w, "E1", 1));
    const account = w.ledger.accountOf(w.genesis.seats[0]!.agent)!;
    const untilMs = account.jailedUntilMs;
    convict(w, fault(w, "E1", 2), untilMs + beyondMs - w.timeMs);
    expect(account.jailedUntilMs > untilMs).toBe(follows);
  });

  it.each([
    [0n, "NOTHING_TO_SLASH"],
    [3n, "NOTHING_TO_SLASH"],
    [4n, null],
  ] as const)("of class B with a bond of %d, a quarter of which is due: %s", (bond, expected) => {
    const w = new World();
    const { agent: who, key } = w.genesis.seats[0]!;
    w.ledger.change(ACCOUNTS, who, (one) => {
      one.stake = bond;
      one.liens.set(toHex(key), { kind: "seat", amount: bond });
    });
    expect(convict(w, fault(w, "E6", 1)).code).toBe(expected);
  });
});

describe("the ledger's order", () => {
  it("of forgetting is by end and then by id, for a running peer as for a restored one", () => {
    const w = new World({ names: ["ann"], seats: 1, params: { retainMs: 1000 } });
    w.entry(Array.from({ length: 40 }, (_, i) => w.op("ann", offer(), i)));
    const { ended } = w.ledger.table(AUCTIONS).index;
    while (ended.size < 40) w.entry();
    const ids = [...w.ledger.table(AUCTIONS).keys()].sort();
    expect(
      w.ledger
        .table(AUCTIONS)
        .index.ended.sorted()
        .map(({ id }) => id),
    ).toEqual(ids);
    expect(w.entry([], { afterMs: 1000 }).forgotten).toEqual(ids.slice(0, 32));
  });

  it.each([
    [-1, 0],
    [0, 1],
    [1, 1],
  ] as const)("of forgetting begins at the end of retention %d ms: %d forgotten", (beyondMs, count) => {
    const w = new World({ names: ["ann"], seats: 1, params: { retainMs: 1000 } });
    const id = w.create("ann");
    w.until(id, "unsold");
    const { endedMs } = auctionOf(w.ledger, id)!.phase as { endedMs: number };
    expect(w.entry([], { afterMs: endedMs + 1000 + beyondMs - w.timeMs }).forgotten).toHaveLength(count);
  });
});
