// What the ledger can write, the API can say: every value that decodes has a view that passes its schema.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventOf } from "../../../node/api/index.js";
import * as auctions from "../../../node/api/views/auction.js";
import * as ledgers from "../../../node/api/views/ledger.js";
import { slashesBelow, slashView as viewOfSlash } from "../../../node/api/views/slash.js";
import {
  apiEvent,
  auctionView,
  bidView,
  capabilityText,
  logEntryView,
  slashView,
  walletView,
} from "../../../node/contract/index.js";
import { type Bytes, encode, fits } from "../../../src/base/index.js";
import {
  ACCOUNTS,
  type AccountRow,
  accountRow,
  keyText,
  type Ledger,
  lockKey,
  type RowKey,
} from "../../../src/ledger/index.js";
import {
  type AuctionRow,
  type AuctionTerms,
  auctionKey,
  auctionOf,
  auctionRow,
  auctionTerms,
  type CommitRow,
  capability,
  commitKey,
  commitRow,
  DIRECTIONS,
  type Lot,
  lot,
  RECOVERY_BYTES,
  restoreLedger,
  SLASHES,
  type Slash,
  slashKey,
} from "../../../src/market/index.js";
import type { Notice, Peer } from "../../../src/peer/index.js";
import { type Header, header } from "../../../src/quorum/index.js";
import { genesisFor } from "../../market/world.js";
import { saleTo } from "../../worlds/sale.js";

const MAX = Number.MAX_SAFE_INTEGER;
const uint = (max = MAX, min = 0) =>
  fc.oneof(
    fc.constantFrom(min, max),
    fc.integer({ min, max: Math.min(max, 2 ** 41) }),
    fc.maxSafeNat().map((n) => Math.min(Math.max(n, min), max)),
  );
const amount = uint().map(BigInt);
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }) as fc.Arbitrary<Bytes>;
const hash = bytes(32);
const PARAMS = { disputeSplitBp: 5000 };
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const text = fc.string({ maxLength: 64, unit: "grapheme-ascii" });

/** Whatever the codec takes, and much that it does not: those are filtered. */
const lots: fc.Arbitrary<Lot> = fc
  .record({
    capability: fc.oneof(
      text,
      text.map((one) => one.toLowerCase().replaceAll(" ", "")),
    ),
    units: uint(MAX, 1),
    fromMs: optional(uint()),
    toMs: optional(uint()),
  })
  .filter((one) => fits(lot, one));

const lockups = fc
  .uniqueArray(uint(MAX, 1), { minLength: 1, maxLength: 8 })
  .map((all) => all.sort((a, b) => a - b).map(BigInt));

const terms: fc.Arbitrary<AuctionTerms> = fc
  .record({
    format: fc.constant({ kind: "vickrey" as const }),
    direction: fc.constantFrom(...DIRECTIONS),
    lot: lots,
    reserve: amount,
    lockups,
    openMs: uint(),
    commitMs: uint(MAX, 1),
    revealMs: uint(MAX, 1),
    bond: amount,
    reserveHash: optional(hash),
    standingWeight: optional(uint(10_000, 1)),
    deliverMs: fc.constant(0),
    settleMs: fc.constant(0),
    value: fc.constant(null),
  })
  .filter((one) => fits(auctionTerms, one));

const watch = {
  openedAt: uint(),
  openedMs: uint(),
  epoch: uint(),
  leaders: fc.constant([]),
  outagesMs: uint(),
};
const ended = { endedAt: uint(), endedMs: uint(), dueMs: uint() };
const kind = <K extends string>(one: K) => ({ kind: fc.constant(one) });
const phases: fc.Arbitrary<AuctionRow["phase"]> = fc.oneof(
  fc.record(kind("scheduled")),
  fc.record({ ...kind("open"), ...watch, closeMs: uint(), extensions: uint(8) }),
  fc.record({ ...kind("reveal"), ...watch, closeMs: optional(uint()), plannedMs: uint() }),
  fc.record({ ...kind("done"), ...ended, clearingPrice: amount, burned: amount }),
  fc.record({ ...kind("unsold"), ...ended, burned: amount }),
  fc.record({ ...kind("void"), ...ended, burned: amount }),
);
const auctionRows: fc.Arbitrary<AuctionRow> = fc.record({
  creator: hash,
  terms,
  createdAt: uint(),
  createdMs: uint(),
  spentMs: uint(),
  commits: uint(),
  reveals: uint(),
  openedReserve: optional(amount),
  phase: phases,
});
const commitRows: fc.Arbitrary<CommitRow> = fc.record({
  commitment: hash,
  lockup: amount,
  recovery: bytes(RECOVERY_BYTES),
  committedAt: uint(),
  opening: optional(fc.record({ bid: fc.record({ amount, units: optional(uint(MAX, 1)) }), salt: hash })),
  award: optional(fc.record({ units: uint(MAX, 1), pays: amount, receives: amount })),
  standing: optional(uint(10_000)),
});
const liens = fc.uniqueArray(
  fc.record({
    id: hash,
    kind: fc.constantFrom("seat" as const, "trade" as const, "event" as const),
    amount: fc.bigInt(0n, BigInt(Math.floor(MAX / 4))),
  }),
  { maxLength: 3, selector: ({ id }) => id.join() },
);
/** Liens are parts of stake. */
const withinStake = (row: AccountRow): AccountRow => {
  const bound = row.liens.reduce((sum, lien) => sum + lien.amount, 0n);
  return { ...row, stake: bound > row.stake ? bound : row.stake };
};
const anyAccountRow: fc.Arbitrary<AccountRow> = fc.record({
  free: amount,
  criticalNonce: uint(),
  bulkNonce: uint(),
  locks: fc.uniqueArray(
    fc.record({
      id: hash,
      reason: fc.constantFrom("bid" as const, "bond" as const, "ceiling" as const),
      fromFree: amount,
      fromStake: amount,
    }),
    { maxLength: 3, selector: lockKey },
  ),
  stake: amount,
  liens,
  unbonding: fc.array(fc.record({ amount, releaseMs: uint() }), { maxLength: 3 }),
  slashDebt: amount,
  jailedUntilMs: uint(),
  deposits: amount,
  budgets: fc.nat(),
  lockedFromFree: amount,
  lockedFromStake: amount,
});
const accountRows = anyAccountRow.map(withinStake);

const slashes: fc.Arbitrary<Slash> = fc.record({
  type: fc.constantFrom("E1" as const, "E6" as const),
  agent: hash,
  key: hash,
  epoch: uint(),
  term: uint(),
  height: uint(),
  timeMs: uint(),
  due: amount,
  taken: amount,
});

const genesis = genesisFor({});

/** The ledger that holds just these rows; they are encoded and decoded on the way. */
function ledgerOf(...rows: (readonly [RowKey, Bytes])[]): Ledger {
  const restored = restoreLedger(genesis, rows, null);
  if (!restored.ok) throw new Error(restored.error.reason);
  return restored.value;
}

const peerOf = (ledger: Ledger) =>
  ({ ledger, agents: new Map(), tip: { height: 7 }, electorate: { seatOf: () => null } }) as unknown as Peer;

const id = new Uint8Array(32).fill(7);

describe("what decodes can be shown", () => {
  test("an auction in any phase, its outcome and its bids", () => {
    fc.assert(
      fc.property(auctionRows, commitRows, hash, (row, commit, bidder) => {
        const ledger = ledgerOf(
          [auctionKey(id), encode(auctionRow, row)],
          [commitKey(id, bidder), encode(commitRow, commit)],
        );
        const auction = auctionOf(ledger, id)!;
        auctionView.parse(auctions.auctionView(auctions.shownAuction(ledger, auction)));
        for (const one of auctions.bidViews(ledger, auction)) bidView.parse(one);
      }),
      { numRuns: 500 },
    );
  });

  test("an account, a slash, an entry of the log", () => {
    fc.assert(
      fc.property(accountRows, slashes, hash, uint(), (row, one, agent, timeMs) => {
        const key = slashKey(one);
        const ledger = ledgerOf(
          [keyText(ACCOUNTS, agent), encode(accountRow, row)],
          [key, SLASHES.encode(one)],
        );
        const peer = peerOf(ledger);
        walletView.parse(ledgers.walletView(peer, ledger.accountOf(agent)!));
        for (const { row } of slashesBelow(peer, Number.MAX_SAFE_INTEGER))
          slashView.parse(viewOfSlash(peer, row));
        const head = { ...HEADER, timeMs };
        encode(header, head);
        logEntryView.parse(ledgers.logEntryView({ header: head, ops: [], cert: null, justification: [] }));
      }),
      { numRuns: 200 },
    );
  });

  test("what is told of an auction, as an event", () => {
    fc.assert(
      fc.property(terms, phases, uint(), uint(), amount, (one, phase, height, timeMs, sum) => {
        const at = { height, timeMs, auction: id };
        const { direction, lot, reserve, lockups, openMs: opensMs } = one;
        const format = one.format.kind;
        const opening = {
          format,
          direction,
          lot,
          reserve,
          lockups,
          opensMs,
          closesMs: timeMs,
          hasHiddenReserve: false,
          standingWeight: null,
          deliverMs: one.deliverMs,
          settleMs: one.settleMs,
        };
        const told: Notice[] = [
          { kind: "auctionOpened", ...at, creator: id, ...opening },
          { kind: "auctionPhase", ...at, phase: phase.kind },
          { kind: "bidCommitted", ...at, bidder: id, lockup: sum, commitment: id },
          { kind: "bidRevealed", ...at, bidder: id, amount: sum, units: 3 },
          { kind: "auctionSettled", ...at, outcome: "done", ...saleTo(id, sum), burned: sum },
        ];
        for (const notice of told) apiEvent.parse({ id: 1, ...eventOf(notice, timeMs, PARAMS) });
      }),
      { numRuns: 200 },
    );
  });
});

const HEADER: Header = {
  v: 1,
  chain: id,
  market: id,
  epoch: 0,
  setHash: id,
  term: 1,
  leader: 0,
  height: 1,
  parent: id,
  parentTerm: 0,
  timeMs: 0,
  opsRoot: id,
  opsCount: 0,
  opsBytes: 0,
  justifyHash: id,
  execHeight: 0,
  execRoot: id,
  kind: "normal",
  nextSetHash: null,
};

describe("what cannot be shown does not decode", () => {
  test("contract and ledger have one idea of a capability", () => {
    const texts = fc.oneof(
      text,
      text.map((one) => one.toLowerCase().replaceAll(" ", "")),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (one) => {
        expect(capabilityText.safeParse(one).success).toBe(fits(capability, one));
      }),
    );
  });

  const named = (capability: string) => fits(lot, { capability, units: 1, fromMs: null, toMs: null });
  test("a capability is 1 to 64 printable characters, without blanks or capital letters", () => {
    const refused = ["", " ", "gpu a100", "GPU.a100", "gpu\t", "größe", "\x7f", "g".repeat(65)];
    expect(refused.filter(named)).toEqual([]);
    expect(["g", "gpu.a100", "!@[`{~", "g".repeat(64)].filter((one) => !named(one))).toEqual([]);
  });

  test("the last time is the last moment of the year 9999", () => {
    const until = (toMs: number) => fits(lot, { capability: "g", units: 1, fromMs: null, toMs });
    const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
    expect([until(last), until(last + 1)]).toEqual([true, false]);
  });
});
