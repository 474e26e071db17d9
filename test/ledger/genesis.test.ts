// What a network may start from, and what it is called.
import { describe, expect, it } from "vitest";
import { compareBytes, MAX_AMOUNT, toHex } from "../../src/base/index.js";
import {
  chainOf,
  commitRows,
  decodeGenesis,
  encodeGenesis,
  type Genesis,
  genesisFault,
  genesisMint,
  LOCAL_TESTNET_PARAMS,
  marketOf,
  PUBLIC_PARAMS,
} from "../../src/ledger/index.js";
import { createLedger, restoreLedger } from "../../src/market/index.js";
import { agent, BOND, genesisFor } from "../market/world.js";

const sound = genesisFor({ seats: 4, names: ["ann", "bob"], allowance: 10n });
const codeOf = (change: Partial<Genesis>) => genesisFault({ ...sound, ...change })?.code ?? null;
const params = (change: Partial<Genesis["params"]>) => ({ params: { ...sound.params, ...change } });

describe("genesis", () => {
  it("reads back from its own bytes, and its chain is a hash of them", () => {
    const decoded = decodeGenesis(encodeGenesis(sound));
    if (!decoded.ok) throw new Error(decoded.error.message);
    expect(toHex(chainOf(decoded.value))).toBe(toHex(chainOf(sound)));
    expect(toHex(chainOf({ ...sound, name: "worle" }))).not.toBe(toHex(chainOf(sound)));
  });

  it("says where unreadable bytes stop to make sense", () => {
    const bytes = encodeGenesis(sound);
    const decoded = decodeGenesis(bytes.slice(0, -1));
    expect(decoded).toMatchObject({ ok: false, error: { code: "GENESIS_UNREADABLE" } });
  });

  it("takes the parameters of both kinds of network", () => {
    expect(codeOf({ params: LOCAL_TESTNET_PARAMS })).toBeNull();
    expect(codeOf({ params: PUBLIC_PARAMS })).toBeNull();
    // A slot of 30 s has 37 entries of 2·400 ms; the lanes of 8 entries take 8,000 reveals.
    for (const change of [{ revealCapacity: 2048 }, { revealCapacity: 37_000 }, { revealSlotMs: 6400 }]) {
      expect(codeOf(params(change))).toBeNull();
    }
  });

  it("takes parameters and money that are just within their bounds", () => {
    const { minRevealMs, minCommitMs, idleMs, deltaMs, minFee } = sound.params;
    const least = 5 * deltaMs;
    const slow = {
      minRevealMs: least,
      defaultRevealMs: least,
      maxRevealMs: least,
      minDeliverMs: least,
      minSettleMs: least,
      verdictMs: least,
    };
    for (const change of [
      { minRevealMs: 1100 },
      { defaultRevealMs: minRevealMs, maxRevealMs: minRevealMs },
      { defaultCommitMs: minCommitMs, maxCommitMs: minCommitMs },
      { batchMs: idleMs },
      { precisionMs: deltaMs, ...slow },
      { maxValidityMs: 10 * deltaMs },
      { auctionDeposit: minFee },
      { leastDisputeBond: minFee },
      { periodMs: 2101 },
      { ratingCap: 1n },
    ]) {
      expect([change, codeOf(params(change))]).toEqual([change, null]);
    }
    const [granter] = sound.granters;
    const granting = (allowance: bigint) => codeOf({ granters: [{ ...granter!, allowance }] });
    const rest = MAX_AMOUNT - genesisMint(sound);
    expect([granting(rest), granting(rest + 1n)]).toEqual([null, "MINT_OVERFLOWS"]);
  });

  it.each([
    ["PARAMS_INCONSISTENT", params({ minRevealMs: 1099 })],
    ["PARAMS_INCONSISTENT", params({ defaultRevealMs: 1199 })],
    ["PARAMS_INCONSISTENT", params({ defaultCommitMs: 499 })],
    ["PARAMS_INCONSISTENT", params({ batchMs: 201 })],
    ["PARAMS_INCONSISTENT", params({ precisionMs: 401 })],
    ["PARAMS_INCONSISTENT", params({ maxValidityMs: 3999 })],
    ["PARAMS_INCONSISTENT", params({ periodMs: 2100 })],
    ["PARAMS_INCONSISTENT", params({ ratingCap: 0n })],
    ["PARAMS_INCONSISTENT", params({ revealCapacity: 8 * 256 - 1 })],
    ["PARAMS_INCONSISTENT", params({ revealCapacity: 37_001 })],
    ["PARAMS_INCONSISTENT", params({ revealSlotMs: 6399 })],
    ["PARAMS_INCONSISTENT", params({ verdictMs: 1099 })],
    ["PARAMS_INCONSISTENT", params({ leastDisputeBond: 999n })],
    ["NOT_BYZANTINE_SAFE", { ...params({ requireByzantine: "yes" }), seats: sound.seats.slice(0, 3) }],
    ["SEATS_UNSORTED", { seats: [...sound.seats].reverse() }],
    ["SEATS_UNSORTED", { seats: [sound.seats[0]!, sound.seats[0]!] }],
    ["SEAT_AGENT_REPEATED", { seats: sound.seats.map((seat) => ({ ...seat, agent: agent("one") })) }],
    ["BOND_TOO_SMALL", { seats: sound.seats.map((seat) => ({ ...seat, bond: BOND - 1n })) }],
    ["BOND_TOO_LARGE", { seats: sound.seats.map((seat) => ({ ...seat, bond: MAX_AMOUNT / 25n + 1n })) }],
    ["TIME_OUT_OF_RANGE", { timeMs: Date.UTC(10_000, 0) }],
    ["ACCOUNTS_UNSORTED", { accounts: [...sound.accounts].reverse() }],
    ["GRANTERS_UNSORTED", { granters: [sound.granters[0]!, sound.granters[0]!] }],
    ["GRANTER_WITHOUT_ACCOUNT", { granters: [{ agent: agent("stranger"), allowance: 1n }] }],
    [
      "KEY_SMALL_ORDER",
      { accounts: [{ agent: new Uint8Array(32), free: 1n, stake: 0n }, ...sound.accounts] },
    ],
    ["MINT_OVERFLOWS", { granters: [{ ...sound.granters[0]!, allowance: MAX_AMOUNT }] }],
  ] as const)("%s is refused, with a sentence that says why", (code, change) => {
    expect(codeOf(change)).toBe(code);
    expect(genesisFault({ ...sound, ...change })!.message.length).toBeGreaterThan(20);
  });

  it("may begin until the last millisecond of the year 9999", () => {
    expect(codeOf({ timeMs: Date.UTC(10_000, 0) - 1 })).toBeNull();
  });

  it("runs with fewer than four seats where that is not forbidden", () => {
    for (const seats of [1, 2, 3]) expect(codeOf({ seats: sound.seats.slice(0, seats) })).toBeNull();
  });

  it("gives each seat its bond as a lien on stake", () => {
    const ledger = createLedger(sound);
    const account = ledger.accountOf(agent("seat 2"))!;
    expect(account).toMatchObject({ free: 0n, stake: BOND });
    expect([...account.liens]).toEqual([[toHex(agent("seat key 2")), { kind: "seat", amount: BOND }]]);
  });

  it("gives one root, and its rows restore it", () => {
    const ledger = createLedger(sound);
    const { writes, root } = commitRows(ledger);
    expect(commitRows(createLedger(sound)).root).toEqual(root);
    const rows = writes.map(([key, value]) => [key, value!] as const);
    expect(restoreLedger(sound, [...rows].reverse(), root).ok).toBe(true);
    expect([...rows].map(([key]) => key)).toEqual(rows.map(([key]) => key).sort());
  });

  it("a damaged, unknown or missing row is found out", () => {
    const ledger = createLedger(sound);
    const { writes, root } = commitRows(ledger);
    const rows = writes.map(([key, value]) => [key, value!] as const);
    const restore = (changed: Iterable<readonly [string, Uint8Array]>) => restoreLedger(sound, changed, root);
    const first = rows[0]!;
    expect(restore([[first[0], first[1].slice(0, -1)], ...rows.slice(1)])).toMatchObject({
      ok: false,
      error: { key: first[0], reason: expect.stringContaining("TRUNCATED") },
    });
    expect(restore([["account/xyz", first[1]], ...rows]).ok).toBe(false);
    expect(restore([["constructor", first[1]], ...rows]).ok).toBe(false);
    expect(restore(rows.slice(1)).ok).toBe(false);
  });

  it("an unknown key has no row", () => {
    expect(createLedger(sound).valueOf(`account/${toHex(agent("nobody"))}`)).toBeNull();
  });

  it("markets differ by name", () => {
    expect(compareBytes(marketOf("main"), marketOf("other"))).not.toBe(0);
  });
});
