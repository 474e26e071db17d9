// Proofs of ends: each row is proven once, when it can be used, and what waits costs nothing for each height.
import { afterEach, describe, expect, it, vi } from "vitest";
import { encode, fits, toHex, u32be } from "../../../src/base/index.js";
import { RECOVERY_BYTES, taggedHash } from "../../../src/crypto/index.js";
import { ACCOUNTS, commitRows, type Ledger, TreePast, verifyRowProof } from "../../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  type AuctionTerms,
  createLedger,
  forgetAuction,
  newAuction,
  putCommit,
} from "../../../src/market/index.js";
import {
  MAX_LAG,
  PROOFS_PER_ENTRY,
  type Witness,
  WitnessStand,
  witness,
} from "../../../src/peer/proof/witness.js";
import { FUNDS, genesisOf, idOf, LOT } from "../cluster.js";

const TERMS: AuctionTerms = {
  format: { kind: "vickrey" },
  direction: "sell",
  lot: LOT,
  reserve: 0n,
  lockups: [10n],
  openMs: 0,
  commitMs: 1000,
  revealMs: 1000,
  bond: 0n,
  reserveHash: null,
  standingWeight: null,
  deliverMs: 0,
  settleMs: 0,
  value: null,
};

/** A peer's ledger and stand; entries that only move one account's money. */
class Bench {
  readonly ledger: Ledger = createLedger(genesisOf(1, ["sue"]));
  readonly stand = new WitnessStand();
  height = 0;
  readonly roots: Uint8Array[] = [];
  private made = 0;

  constructor() {
    this.entry([], 0);
  }

  /** An auction that ends in the next entry. */
  end(commits: number): Auction {
    const { ledger } = this;
    const at = { height: this.height + 1, timeMs: ledger.genesis.timeMs + 1 };
    const made = newAuction(ledger.network, idOf("sue"), this.made++, TERMS, at, ledger.clock);
    const ended = { endedAt: at.height, endedMs: at.timeMs, dueMs: at.timeMs };
    const auction: Auction = { ...made, phase: { kind: "unsold", ...ended, burned: 0n } };
    ledger.put(AUCTIONS, auction.id, auction);
    for (let i = 0; i < commits; i++) {
      const bidder = taggedHash("key", auction.id, u32be(i));
      const sealed = { commitment: bidder, lockup: 10n, recovery: new Uint8Array(RECOVERY_BYTES) };
      putCommit(ledger, auction.id, {
        bidder,
        ...sealed,
        committedAt: 1,
        opening: null,
        award: null,
        standing: null,
      });
    }
    return auction;
  }

  /** @param attests the height whose root the entry's header names; null: one that is not this peer's */
  entry(ended: readonly Auction[], attests: number | null): readonly Witness[] {
    this.height++;
    this.ledger.change(ACCOUNTS, idOf("sue"), (account) => {
      account.free = FUNDS - BigInt(this.height);
    });
    const { root, overwritten } = commitRows(this.ledger);
    this.roots[this.height] = root;
    for (const one of ended) this.stand.call(one);
    this.stand.record(this.ledger.tree, this.height, overwritten);
    this.stand.attest({
      height: this.height,
      execHeight: attests ?? this.height - 1,
      execRoot: attests === null ? new Uint8Array(32) : (this.roots[attests] ?? new Uint8Array(32)),
    });
    return this.stand.prove(this.ledger);
  }
}

const holds = ({ root, rows }: Witness): boolean =>
  rows.every(({ key, value, proof }) => verifyRowProof(root, key, value, proof));

afterEach(() => vi.restoreAllMocks());

describe("ended auctions", () => {
  it("are proven row by row once, however many there are and however long nobody attests them", () => {
    const proven = vi.spyOn(TreePast.prototype, "prove");
    const bench = new Bench();
    const sizes = [...Array.from({ length: 60 }, () => 60), 4095, 0, 700];
    const auctions = sizes.map((commits) => bench.end(commits));
    const rows = sizes.reduce((sum, commits) => sum + commits + 1, 0);
    bench.entry(auctions, 1);
    for (let i = 0; i < 40; i++) bench.entry([], null);
    expect(proven).not.toHaveBeenCalled();
    expect(bench.stand.heights().length).toBe(MAX_LAG);

    const witnesses: Witness[] = [];
    for (let entries = 0; bench.stand.auctions().length > 0; entries++) {
      proven.mockClear();
      witnesses.push(...bench.entry([], bench.height - 2));
      expect(proven.mock.calls.length).toBeLessThanOrEqual(PROOFS_PER_ENTRY);
      expect(bench.stand.heights().length).toBeLessThanOrEqual(2 * MAX_LAG);
      expect(entries).toBeLessThan(rows / PROOFS_PER_ENTRY + 1);
    }
    expect(witnesses.map((one) => toHex(one.auction))).toEqual(auctions.map((one) => toHex(one.id)));
    expect(witnesses.map((one) => one.rows.length)).toEqual(sizes.map((commits) => commits + 1));
    expect(witnesses.filter((one) => !holds(one))).toEqual([]);
    bench.entry([], null);
    expect(bench.stand.heights()).toEqual([]);
  });

  it("are proven against a state in which they have ended, though leaders skip heights", () => {
    const bench = new Bench();
    const auction = bench.end(3);
    expect(bench.entry([auction], 1)).toEqual([]);
    const end = bench.height;
    expect(bench.entry([], end - 1)).toEqual([]);
    expect(bench.entry([], null)).toEqual([]);
    const [witness] = bench.entry([], end + 1);
    expect(witness).toMatchObject({ execHeight: end + 1, attestedAt: end + 3, root: bench.roots[end + 1] });
    expect(holds(witness!)).toBe(true);
  });

  it("are proven against the last of the kept heights, and not against one before", () => {
    for (const [lag, complete] of [
      [MAX_LAG - 1, 1],
      [MAX_LAG, 0],
    ] as const) {
      const bench = new Bench();
      bench.entry([bench.end(1)], 1);
      for (let i = 1; i < MAX_LAG + 4; i++) bench.entry([], null);
      expect(bench.entry([], bench.height + 1 - lag)).toHaveLength(complete);
    }
  });

  it("that are forgotten are proven no more, in the middle of the work too", () => {
    const bench = new Bench();
    const [large, small] = [bench.end(4095), bench.end(2)];
    bench.entry([large, small], 1);
    expect(bench.entry([], bench.height)).toEqual([]);
    bench.stand.dismiss(toHex(large.id));
    forgetAuction(bench.ledger, large);
    const done = bench.entry([], bench.height);
    expect(done.map((one) => toHex(one.auction))).toEqual([toHex(small.id)]);
  });

  it.each([
    [4095, true],
    [4096, true],
    [4097, false],
  ] as const)("of %i rows can be written: %s", (rows, can) => {
    const bench = new Bench();
    const auction = bench.end(0);
    bench.entry([auction], 1);
    const [one] = bench.entry([], bench.height);
    expect(fits(witness, { ...one!, rows: Array.from({ length: rows }, () => one!.rows[0]!) })).toBe(can);
    expect(encode(witness, one!).length).toBeGreaterThan(0);
  });
});
