// Vectors of the state: genesis and names, the bytes of every kind of row, and the tree with its proofs.
import { describe, expect, it } from "vitest";
import {
  type Bytes,
  type Codec,
  concatBytes,
  decode,
  encode,
  fromHex,
  toHex,
  utf8,
} from "../../src/base/index.js";
import { merkleRoot, RECOVERY_BYTES, taggedHash } from "../../src/crypto/index.js";
import { accountRow } from "../../src/ledger/account.js";
import {
  ACCOUNTS,
  BUDGETS,
  CLOCK,
  chainOf,
  encodeGenesis,
  type Genesis,
  keyText,
  LOCAL_TESTNET_PARAMS,
  MAX_ROW_BYTES,
  marketOf,
  OUTLAYS,
  PUBLIC_PARAMS,
  proveRow,
  StateTree,
  TOTALS,
  verifyRowProof,
} from "../../src/ledger/index.js";
import { rowProof } from "../../src/ledger/row-proof.js";
import { BRANCHES, branchHash, bucketOf, LEVELS, rowHash } from "../../src/ledger/state-tree.js";
import {
  type AuctionRow,
  auctionIdOf,
  auctionKey,
  auctionRow,
  CONGESTION,
  commitKey,
  commitRow,
  GRANTERS,
  LEASES,
  type Phase,
  SLASHES,
  type Slash,
  STANDINGS,
  STATE_FORMS,
  slashKey,
  TALLIES,
  TRADES,
  tradeKey,
} from "../../src/market/index.js";
import { vectors } from "../vectors.js";

const hex = (text: string): Bytes => fromHex(text)!;
const some = (name: string): Bytes => taggedHash("key", utf8(name));

const GENESIS: Genesis = {
  v: 1,
  name: "vectors",
  timeMs: 1_700_000_000_000,
  params: LOCAL_TESTNET_PARAMS,
  seats: [{ key: some("a seat"), agent: some("its agent"), bond: 100_000_000n }],
  accounts: [{ agent: some("an account"), free: 800_000_000n, stake: 200_000_000n }],
  granters: [{ agent: some("an account"), allowance: 1_000_000n }],
};
const network = { chain: chainOf(GENESIS), market: marketOf("main") };
const auction = auctionIdOf(network, some("an account"), 3);

const watch = { openedAt: 7, openedMs: 1_700_000_001_000, epoch: 0, leaders: [0, 2, 3], outagesMs: 9000 };
const end = { endedAt: 19, endedMs: 1_700_000_004_000, burned: 1_000_000n, dueMs: 1_700_000_003_900 };
const PHASES: readonly Phase[] = [
  { kind: "scheduled" },
  { kind: "open", ...watch, closeMs: 1_700_000_002_000, extensions: 2 },
  { kind: "reveal", ...watch, leaders: [], closeMs: null, plannedMs: 1_700_000_000_990 },
  { kind: "reveal", ...watch, closeMs: 1_700_000_003_900, plannedMs: 1_700_000_000_990 },
  { kind: "done", ...end, clearingPrice: 2_500_000n },
  { kind: "unsold", ...end },
  { kind: "void", ...end },
];

const auctionIn = (phase: Phase): AuctionRow => ({
  creator: some("an account"),
  terms: {
    format: { kind: "vickrey" },
    direction: "sell",
    lot: { capability: "gpu.a100", units: 8, fromMs: 1_700_003_600_000, toMs: 1_700_007_200_000 },
    reserve: 10n,
    lockups: [1_000_000n, 5_000_000n],
    openMs: 0,
    commitMs: 1000,
    revealMs: 1200,
    bond: 5_000_000n,
    reserveHash: some("hidden"),
    standingWeight: null,
    deliverMs: 0,
    settleMs: 0,
    value: null,
  },
  createdAt: 6,
  createdMs: 1_700_000_000_900,
  spentMs: 80_000,
  commits: 3,
  reveals: 2,
  openedReserve: phase.kind === "done" ? 2_000_000n : null,
  phase,
});

const commit = {
  commitment: some("commitment"),
  lockup: 5_000_000n,
  recovery: new Uint8Array(RECOVERY_BYTES).fill(7),
  committedAt: 9,
};
const convicted: Slash = {
  type: "E5",
  agent: some("its agent"),
  key: some("a seat"),
  epoch: 0,
  term: 12,
  height: 14,
  timeMs: 1_700_000_002_000,
  due: 500_000_000n,
  taken: 100_000_000n,
};

interface NamedRow {
  readonly kind: string;
  readonly key: string;
  readonly row: unknown;
  readonly bytes: Bytes;
}
const named = <T>(kind: string, key: string, codec: Codec<T>, row: T): NamedRow => ({
  kind,
  key,
  row,
  bytes: encode(codec, row),
});

const NO_DEEDS = {
  slashes: 0,
  ...{ delivered: null, failure: null, timeout: null, misdelivery: null, unrevealed: null },
};
const trade = {
  auction,
  performer: some("a seller"),
  buyer: some("a bidder"),
  capability: "gpu.a100",
  units: 2,
  price: 300n,
  lien: 450n,
  fence: 9,
  settleMs: 5000,
  outagesMs: 0,
};

const dispute = {
  evidence: some("evidence"),
  bond: 1_000_000n,
  votes: [
    { seat: 3, share: null },
    { seat: 0, share: 1000 },
  ],
};

const ROWS: readonly NamedRow[] = [
  named("totals", "totals", TOTALS.codec, { minted: 900_000_000n, burned: 51_000n, insurance: 50_000n }),
  named("congestion", "congestion", CONGESTION.codec, { fullRun: 3, revealsFullAt: 41 }),
  named("clock", "clock", CLOCK.codec, { outagesMs: 9000, spentToMs: 1_700_000_090_000 }),
  named("granter", keyText(GRANTERS, some("an account")), GRANTERS.codec, { remaining: 999_999n }),
  named("account", keyText(ACCOUNTS, some("an account")), accountRow, {
    free: 800_000_000n,
    criticalNonce: 4,
    bulkNonce: 9,
    locks: [
      { id: auction, reason: "bid" as const, fromFree: 5_000_000n, fromStake: 0n },
      { id: auction, reason: "bond" as const, fromFree: 4_000_000n, fromStake: 0n },
      { id: auction, reason: "ceiling" as const, fromFree: 3_000_000n, fromStake: 2_000_000n },
    ],
    stake: 100_000_000n,
    liens: [{ id: some("a seat"), kind: "seat" as const, amount: 100_000_000n }],
    unbonding: [{ amount: 7n, releaseMs: 1_700_000_900_000 }],
    slashDebt: 1n,
    jailedUntilMs: 0,
    deposits: 100_000n,
    budgets: 2,
    lockedFromFree: 12_000_000n,
    lockedFromStake: 2_000_000n,
  }),
  ...PHASES.map((phase) =>
    named(`auction, ${phase.kind}`, auctionKey(auction), auctionRow, auctionIn(phase)),
  ),
  named("commit", commitKey(auction, some("a bidder")), commitRow, {
    ...commit,
    opening: null,
    award: null,
    standing: null,
  }),
  named("commit, opened", commitKey(auction, some("another bidder")), commitRow, {
    ...commit,
    opening: { bid: { amount: 3_000_000n, units: null }, salt: some("salt") },
    award: null,
    standing: null,
  }),
  named("commit, of a purchase that weighs standing", commitKey(auction, some("a third bidder")), commitRow, {
    ...commit,
    opening: { bid: { amount: 3_000_000n, units: null }, salt: some("salt") },
    award: { units: 8, pays: 0n, receives: 4_000_000n },
    standing: 5_000,
  }),
  named("budget", keyText(BUDGETS, some("a child")), BUDGETS.codec, {
    owner: some("an account"),
    terms: { perAuction: 5_000_000n, perPeriod: 20_000_000n, total: null, untilMs: 1_700_000_000_000 },
    state: "closed",
    period: 7,
    inPeriod: 3_000_000n,
    spent: 9_000_000n,
    held: 2_000_000n,
  }),
  named("outlay", keyText(OUTLAYS, [auction, some("a child")]), OUTLAYS.codec, {
    amount: 2_001_000n,
    backedIn: 7,
  }),
  named("trade, delivered", tradeKey(some("a trade")), TRADES.codec, {
    ...trade,
    state: { kind: "delivered", hash: some("work"), deliveredMs: 20_000, acceptByMs: 25_000 },
  }),
  named("trade, paid", tradeKey(some("another trade")), TRADES.codec, {
    ...trade,
    state: {
      kind: "ended",
      cause: "accepted",
      endedAt: 12,
      endedMs: 21_000,
      hash: some("work"),
      received: 298n,
      fee: 2n,
      returned: 0n,
      penalty: null,
      dispute: null,
    },
  }),
  named("trade, disputed", tradeKey(some("a disputed trade")), TRADES.codec, {
    ...trade,
    state: { kind: "disputed", hash: some("work"), verdictByMs: 31_000, dispute },
  }),
  named("trade, upheld in part", tradeKey(some("a judged trade")), TRADES.codec, {
    ...trade,
    state: {
      kind: "ended",
      cause: "upheld",
      endedAt: 14,
      endedMs: 22_000,
      hash: some("work"),
      received: 223n,
      fee: 2n,
      returned: 75n,
      penalty: {
        condition: "misdelivery",
        base: 450n,
        penaltyBp: 5000,
        severity: 2,
        grace: 0,
        violations: 1,
        repeat: 2,
        shareBp: 2500,
        isWarning: "no",
        due: 225n,
        taken: 225n,
      },
      dispute: { ...dispute, votes: [...dispute.votes, { seat: 1, share: 2500 }, { seat: 2, share: 9000 }] },
    },
  }),
  named("trades, of an auction", keyText(TALLIES, auction), TALLIES.codec, { open: 1, endedMs: 21_000 }),
  named("lease, held by its owner", keyText(LEASES, [auction, some("a bidder")]), LEASES.codec, {
    holders: [{ agent: some("a bidder"), fence: 19, usage: null }],
    now: 0,
    untilMs: 1_700_003_602_000,
    deputies: [some("a third bidder")],
  }),
  named("lease, taken over", keyText(LEASES, [auction, some("another bidder")]), LEASES.codec, {
    holders: [
      { agent: some("another bidder"), fence: 19, usage: { used: 7_200_000, lent: 1 } },
      { agent: some("a deputy"), fence: 23, usage: null },
    ],
    now: 1,
    untilMs: 1_700_007_200_000,
    deputies: [],
  }),
  named("slash, class A", slashKey(convicted), SLASHES.codec, convicted),
  named("slash, class B", slashKey({ ...convicted, type: "E6" }), SLASHES.codec, {
    ...convicted,
    type: "E6",
    due: 25_000_000n,
  }),
  named("standing, of a newcomer with deeds", keyText(STANDINGS, some("a seller")), STANDINGS.codec, {
    score: 5_000,
    weight: 0,
    blocked: "no",
    recent: [
      { ...NO_DEEDS, period: 3, delivered: { count: 2, weight: 1_300 } },
      {
        ...NO_DEEDS,
        period: 33,
        slashes: 1,
        failure: { count: 1, weight: 0 },
        timeout: { count: 1, weight: 1_000 },
      },
    ],
  }),
  named("standing, blocked", keyText(STANDINGS, some("a seller")), STANDINGS.codec, {
    score: 2_999,
    weight: 41_000,
    blocked: "yes",
    recent: [],
  }),
];

/** Row i has the key `k/<i>` and one byte, i mod 256; so many that some share a bucket. */
const SMALL_ROWS = 300;
const smallRow = (i: number) => ({ key: `k/${i}`, value: Uint8Array.of(i % 256) });

function treeOf(count: number): StateTree {
  const tree = new StateTree();
  for (let i = 0; i < count; i++) {
    const { key, value } = smallRow(i);
    tree.set(key, value);
  }
  return tree;
}

/** The hash of an empty bucket, then of each node above that has nothing below, the root last. */
function emptyNodes(): readonly Bytes[] {
  const nodes = [merkleRoot([])];
  for (let level = 0; level < LEVELS; level++)
    nodes.push(branchHash(concatBytes(...Array<Bytes>(BRANCHES).fill(nodes.at(-1)!))));
  return nodes;
}

interface StateVectors {
  readonly rows: readonly { kind: string; key: string; bytes: string }[];
  readonly proofs: readonly { key: string; value: string; bytes: string; index: number; count: number }[];
  readonly empty: readonly string[];
  readonly smallRows: number;
  readonly roots: Readonly<Record<string, string>>;
}

const CODECS = new Map(STATE_FORMS.map(({ name, codec }) => [name, codec]));

describe("state.json", () => {
  const file = vectors<StateVectors>("state", () => {
    const whole = treeOf(SMALL_ROWS);
    const sharers = Array.from({ length: SMALL_ROWS }, (_, i) => smallRow(i).key).filter(
      (key) => whole.rowsOf(bucketOf(key)).length > 1,
    );
    return {
      about:
        "chain = H('genesis', bytes); market = H('market', name); auction = H('auction', chain ‖ market ‖ creator ‖ u64be nonce); hash of a row = H('row', u32be length of key ‖ key ‖ value); bucket = first 12 bits of H('key', key); a branch is H('node', its eight children joined); `empty`: an empty bucket, the nodes above it, the root of no rows. Small row i: key `k/<i>`, value the byte i mod 256; roots by the number of small rows; proofs against the root of all `smallRows`.",
      genesis: [GENESIS, { ...GENESIS, name: "public", params: PUBLIC_PARAMS, granters: [] }].map((one) => ({
        genesis: one,
        bytes: encodeGenesis(one),
        chain: chainOf(one),
      })),
      market: { name: "main", id: network.market },
      auctions: [0, 3, 2 ** 40].map((nonce) => {
        const creator = some("an account");
        return { ...network, creator, nonce, id: auctionIdOf(network, creator, nonce) };
      }),
      rows: ROWS.map(({ kind, key, row, bytes }) => ({
        kind,
        key,
        row,
        bytes,
        hash: rowHash(key, bytes),
        bucket: bucketOf(key),
      })),
      empty: emptyNodes(),
      branches: [Array.from({ length: BRANCHES }, (_, i) => some(`child ${i}`))].map((children) => ({
        children,
        hash: branchHash(concatBytes(...children)),
      })),
      smallRows: SMALL_ROWS,
      roots: Object.fromEntries([0, 1, 2, 50, SMALL_ROWS].map((count) => [count, treeOf(count).root()])),
      proofs: ["k/0", "k/299", ...sharers.slice(0, 2)].map((key) => {
        const proof = proveRow(whole, key)!;
        return {
          key,
          value: smallRow(Number(key.slice(2))).value,
          bucket: bucketOf(key),
          index: proof.path.index,
          count: proof.path.count,
          proof,
          bytes: encode(rowProof, proof),
        };
      }),
    };
  });

  it.each(file.rows.map((one) => [one.kind, one] as const))("a row of %s reads back", (kind, { bytes }) => {
    const codec = CODECS.get(kind.split(",")[0]!)!;
    const decoded = decode(codec, hex(bytes), MAX_ROW_BYTES);
    expect(decoded.ok && toHex(encode(codec, decoded.value))).toBe(bytes);
  });

  it("has the root of no rows where nothing stands", () => {
    expect(file.empty.at(-1)).toBe(file.roots[0]);
  });

  it("holds proofs that hold, one of a row alone in its bucket and two of a bucket that is shared", () => {
    const root = hex(file.roots[file.smallRows]!);
    for (const { key, value, bytes } of file.proofs) {
      const proof = decode(rowProof, hex(bytes), MAX_ROW_BYTES);
      expect(proof.ok && verifyRowProof(root, key, hex(value), proof.value)).toBe(true);
    }
    expect(file.proofs.some(({ count }) => count === 1)).toBe(true);
    expect(file.proofs.filter(({ count }) => count > 1).map(({ index }) => index)).toContain(1);
  });
});
