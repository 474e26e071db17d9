// A small honest history for the checkers' tests: one auction, three bidders, two peers, signed for real.
import { agentKey } from "../../node/crypto/signer.js";
import { type Bytes, compareBytes, encode, type Hash, type Hex, toHex, utf8 } from "../../src/base/index.js";
import { type AgentKey, commitmentOf, taggedHash } from "../../src/crypto/index.js";
import {
  auctionIdOf,
  bid,
  encodeOperation,
  type Operation,
  type OperationBody,
  operationId,
  selfProving,
  signOperation,
} from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import type { AccountBook } from "../../testnet/lab/checks/books.js";
import { NO_BUDGETS } from "../../testnet/lab/checks/budget-books.js";
import type { Account, PeerTestimony, Sighting, Testimony } from "../../testnet/watch/testimony.js";
import { saleTo } from "../worlds/sale.js";

export const network = {
  chain: taggedHash("genesis", utf8("test")),
  market: taggedHash("market", utf8("main")),
};
export const FEE = 1000n;
export const LOCKUP = 50_000_000n;
export const RESERVE = 10_000_000n;
export const DEPOSIT = 100_000n;
export const BOND = 50_000_001n;
const FUNDS = 1_000_000_000n;
export const UNBOND_MS = 900_000;
const COMMIT_MS = 150;
/** Of the auction; the story is over sooner where everything was shown. */
const REVEAL_MS = 1_200;
/** Of what stands where in the log. The others are empty: F+1 = 2 leaders past each close, and who know REVEAL, at 6 and 7. */
export const AT = { creation: 1, commits: 2, close: 5, reveals: 6, end: 10 };
/** Ledger times: the window of REVEAL, which began at 500, closes at 1,700. */
const UNTIL_KNOWN_MS = [100, 200, 260, 280, 300, 400, 500];
const SHOWN_MS = [...UNTIL_KNOWN_MS, 520, 540, 600];
const WAITED_MS = [...UNTIL_KNOWN_MS, 1_700, 1_750, 1_800];

export const keyOf = (name: string): AgentKey => agentKey(taggedHash("key", utf8(name)));
/** Owners of the seats. */
export const SEATS = ["una", "dos", "tri", "qua"];
export const idOf = (name: string): Hex => toHex(keyOf(name).publicKey);
export const auction: Hash = auctionIdOf(network, keyOf("seller").publicKey, 0);
export const saltFor = (name: string): Bytes => taggedHash("key", utf8(`salt of ${name}`));

export const signed = (name: string, nonce: number, body: OperationBody): Operation =>
  signOperation(network, { nonce, fee: FEE, validUntilMs: 1_000_000 }, body, keyOf(name));

const creationOf = ({ lapsesMs, hidden, delivery }: Story): Operation =>
  signed("seller", 0, {
    kind: "createAuction",
    format: { kind: "vickrey" },
    direction: "sell",
    lot: { capability: "gpu.a100", units: 2, fromMs: null, toMs: lapsesMs ?? null },
    reserve: RESERVE,
    lockups: [LOCKUP],
    openMs: 0,
    commitMs: COMMIT_MS,
    revealMs: REVEAL_MS,
    bond: hidden === undefined ? 0n : BOND,
    reserveHash: hidden === undefined ? null : saltFor("seller"),
    standingWeight: null,
    deliverMs: delivery?.deliverMs ?? 0,
    settleMs: delivery?.settleMs ?? 0,
    value: null,
  });

const openReserveOf = (reserve: bigint): Operation =>
  selfProving(network, { kind: "openReserve", auction, reserve, salt: saltFor("seller") });

export function commitOf(name: string, amount: bigint, nonce = 0): Operation {
  const bidder = keyOf(name).publicKey;
  const commitment = commitmentOf(
    { ...network, auction },
    bidder,
    encode(bid, { amount, units: null }),
    saltFor(name),
  );
  return signed(name, nonce, {
    kind: "commit",
    auction,
    commitment,
    lockup: LOCKUP,
    recovery: new Uint8Array(96).fill(7),
  });
}

export const revealOf = (name: string, amount: bigint): Operation =>
  selfProving(network, {
    kind: "reveal",
    auction,
    bidder: keyOf(name).publicKey,
    bid: { amount, units: null },
    salt: saltFor(name),
  });

/** What happened: bids by bidder, and who never opened. */
export interface Story {
  readonly bids: Readonly<Record<string, bigint>>;
  readonly withheld?: readonly string[];
  /** the seller's hidden reserve, and whether it is opened */
  readonly hidden?: { readonly reserve: bigint; readonly isOpened: boolean };
  /** ledger time at which the lot lapses; absent: it does not */
  readonly lapsesMs?: number;
  /** ledger time of the settlement; absent: as soon as it may be */
  readonly settledMs?: number;
  /** absent: the outcome pays */
  readonly delivery?: { readonly deliverMs: number; readonly settleMs: number };
}

/** How the story ends; the tests spell it out, so that no checker's arithmetic judges itself. */
export interface Ending {
  readonly winner: string | null;
  readonly price: bigint;
  readonly burned: bigint;
  readonly isVoid?: boolean;
}

/** Ledger time of an entry of the story. */
function timeOf(height: number, { withheld = [], hidden, settledMs }: Story): number {
  if (height === AT.end && settledMs !== undefined) return settledMs;
  const isShown = withheld.length === 0 && hidden?.isOpened !== false;
  return (isShown ? SHOWN_MS : WAITED_MS)[height - 1]!;
}

const HEIGHTS = SHOWN_MS.map((_, i) => i + 1);

const PEERS = ["peer-0", "peer-1"];

export function historyOf(story: Story, ending: Ending): Testimony {
  const bidders = Object.keys(story.bids);
  const open = bidders.filter((name) => !(story.withheld ?? []).includes(name));
  const commits = bidders.map((name) => commitOf(name, story.bids[name]!));
  const reveals = open.map((name) => revealOf(name, story.bids[name]!));
  const operations = new Map([
    [AT.creation, [creationOf(story)]],
    [AT.commits, commits],
    [AT.reveals, story.hidden?.isOpened ? [...reveals, openReserveOf(story.hidden.reserve)] : reveals],
  ]);
  const opening = ["seller", ...bidders].map(
    (name): Account => ({ agent: idOf(name), free: FUNDS, locked: 0n, stake: 0n, unbonding: [] }),
  );
  const owner: Account = { agent: idOf("owner"), free: 0n, locked: 0n, stake: 100_000_000n, unbonding: [] };
  const notices: readonly (readonly [Notice, readonly Operation[]])[] = storyNotices(story, open, ending);
  return {
    network,
    pace: { genesisMs: 0, outageMs: 2_000, tolerance: 1 },
    params: {
      ...{ auctionDeposit: DEPOSIT, auctionDepositPerHour: 0n, retainMs: 1_000_000, unbondMs: UNBOND_MS },
      ...{ revealCapacity: 1_000, revealSlotMs: 30_000, minFee: FEE },
      ...{ lienBp: 15_000, tradeFeeBp: 50, periodMs: 60_000, budgetBurn: 100_000n },
      ...{ verdictMs: 400, disputeSplitBp: 5_000, leastDisputeBond: 1_000_000n, disputeBondBp: 500 },
      seats: SEATS.map(idOf),
    },
    peers: PEERS.map((name, index) =>
      peerOf(name, index, notices, accountsAfter(opening, story, ending, owner)),
    ),
    log: HEIGHTS.map((height) => ({
      height,
      timeMs: timeOf(height, story),
      leader: height % 4,
      execHeight: height - 1,
      ops: (operations.get(height) ?? []).map(encodeOperation),
    })),
    transcripts: [],
    secrets: bidders.map((name) => ({
      auction: toHex(auction),
      bidder: idOf(name),
      amount: story.bids[name]!,
    })),
    opening: [...opening, owner],
    honest: new Set(["seller", "owner", ...bidders].map(idOf)),
  };
}

/** The notices in order, each with the operations that are gossiped just before it. */
function storyNotices(story: Story, open: readonly string[], ending: Ending): [Notice, Operation[]][] {
  const at = (height: number) => ({ height, timeMs: timeOf(height, story), auction });
  const names = Object.keys(story.bids);
  return [
    [
      {
        kind: "auctionOpened",
        ...at(AT.creation),
        creator: keyOf("seller").publicKey,
        format: "vickrey",
        direction: "sell",
        lot: { capability: "gpu.a100", units: 2, fromMs: null, toMs: story.lapsesMs ?? null },
        reserve: RESERVE,
        hasHiddenReserve: story.hidden !== undefined,
        standingWeight: null,
        lockups: [LOCKUP],
        deliverMs: 0,
        settleMs: 0,
        opensMs: 100,
        closesMs: 250,
      },
      [creationOf(story)],
    ],
    [{ kind: "auctionPhase", ...at(AT.creation), phase: "open" }, []],
    ...names.map((name): [Notice, Operation[]] => [
      {
        kind: "bidCommitted",
        ...at(AT.commits),
        bidder: keyOf(name).publicKey,
        lockup: LOCKUP,
        commitment: auction,
      },
      [commitOf(name, story.bids[name]!)],
    ]),
    [{ kind: "auctionPhase", ...at(AT.close), phase: "reveal" }, []],
    ...open.map((name): [Notice, Operation[]] => [
      {
        kind: "bidRevealed",
        ...at(AT.reveals),
        bidder: keyOf(name).publicKey,
        amount: story.bids[name]!,
        units: null,
      },
      [revealOf(name, story.bids[name]!)],
    ]),
    [
      {
        kind: "auctionSettled",
        ...at(AT.end),
        outcome: ending.isVoid === true ? "void" : ending.winner === null ? "unsold" : "done",
        ...saleTo(ending.winner === null ? null : keyOf(ending.winner).publicKey, ending.price, 2),
        burned: ending.burned,
      },
      [],
    ],
  ];
}

function accountsAfter(
  opening: readonly Account[],
  story: Story,
  ending: Ending,
  owner: Account,
): readonly AccountBook[] {
  const accounts = opening.map((account): AccountBook => {
    const isSeller = account.agent === idOf("seller");
    let free = account.free - FEE;
    if (ending.winner !== null && account.agent === idOf(ending.winner)) free -= ending.price;
    if (isSeller) free += ending.price;
    if (isSeller) free -= DEPOSIT;
    if (isSeller && story.hidden?.isOpened === false) free -= BOND;
    if ((story.withheld ?? []).some((name) => idOf(name) === account.agent)) free -= LOCKUP;
    // What is not burned with a void lot is held for the auction's rows.
    const deposits = isSeller && ending.isVoid !== true ? DEPOSIT : 0n;
    const nonces = isSeller ? { critical: 0, bulk: 1 } : { critical: 1, bulk: 0 };
    return { ...account, liens: [], bonds: [], free, locked: deposits, deposits, slashDebt: 0n, nonces };
  });
  return [
    ...accounts,
    { ...owner, liens: [], bonds: [], deposits: 0n, slashDebt: 0n, nonces: { critical: 0, bulk: 0 } },
  ];
}

function peerOf(
  name: string,
  index: number,
  notices: readonly (readonly [Notice, readonly Operation[]])[],
  accounts: readonly AccountBook[],
): PeerTestimony {
  // Peers see the same in turns: event k of peer i has order 4k + 2i, gossip a moment before its notice.
  const sightings: Sighting[] = notices.map(([notice], k) => ({ order: 4 * k + 2 * index + 1, notice }));
  const holdings = accounts.map(({ agent, free, locked, stake }) => ({
    what: agent,
    amount: free + locked + stake,
  }));
  return {
    name,
    sightings,
    overheard: notices.flatMap(([, operations], k) =>
      operations.map((operation) => ({ order: 4 * k + 2 * index, bytes: encodeOperation(operation) })),
    ),
    roots: new Map(HEIGHTS.map((height) => [height, `root-${height}`])),
    entries: new Map(HEIGHTS.map((height) => [height, `entry-${height}`])),
    height: AT.end,
    accounts,
    trades: [],
    budgets: NO_BUDGETS,
    books: [{ height: AT.end, minted: holdings.reduce((sum, { amount }) => sum + amount, 0n), holdings }],
  };
}

/** The same testimony with one peer's changed. */
export const withPeer = (
  testimony: Testimony,
  index: number,
  change: (peer: PeerTestimony) => PeerTestimony,
): Testimony => ({
  ...testimony,
  peers: testimony.peers.map((peer, i) => (i === index ? change(peer) : peer)),
});

/** The same testimony with entries after the last, each at a ledger time with some operations. */
export const goingOn = (
  testimony: Testimony,
  ...entries: readonly { readonly timeMs: number; readonly ops?: readonly Operation[] }[]
): Testimony => ({
  ...testimony,
  peers: testimony.peers.map((peer) => ({ ...peer, height: peer.height + entries.length })),
  log: [
    ...testimony.log,
    ...entries.map(({ timeMs, ops = [] }, i) => {
      const height = AT.end + 1 + i;
      return { height, timeMs, leader: height % 4, execHeight: height - 1, ops: ops.map(encodeOperation) };
    }),
  ],
});

export const idHexOf = (operation: Operation): Hex => toHex(operationId(operation));

/** The tied bidder that spec/auctions#tie-key prefers. */
export function tieWinner(names: readonly string[]): string {
  const salts = names.map(saltFor).sort(compareBytes);
  const keyed = names.map((name) => ({
    name,
    key: taggedHash("tie", auction, ...salts, keyOf(name).publicKey),
  }));
  return keyed.sort((a, b) => compareBytes(a.key, b.key))[0]!.name;
}
