// The checkers of a finite run: each holds on an honest history, and catches what is planted against it.
import { describe, expect, test } from "vitest";
import { amount, encode } from "../../src/base/index.js";
import { encodeOperation } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import type { AccountBook } from "../../testnet/lab/checks/books.js";
import type { LAWS } from "../../testnet/lab/checks/laws.js";
import type { LoggedEntry } from "../../testnet/lab/checks/windows.js";
import { checksOf, forks } from "../../testnet/watch/checks.js";
import type { PeerTestimony, Testimony } from "../../testnet/watch/testimony.js";
import {
  AT,
  auction,
  BOND,
  commitOf,
  DEPOSIT,
  type Ending,
  historyOf,
  idHexOf,
  idOf,
  keyOf,
  LOCKUP,
  RESERVE,
  revealOf,
  type Story,
  tieWinner,
  withPeer,
} from "./history.js";

const STORY: Story = { bids: { ada: 31_400_001n, bob: 27_100_003n, eve: 19_000_007n } };
const ENDING: Ending = { winner: "ada", price: 27_100_003n, burned: 0n };
const checkOf = (name: string) => (testimony: Testimony) =>
  checksOf(testimony).find((check) => check.name === name)!;
const checkConservation = checkOf("conservation");
const checkFunds = checkOf("funds");
const checkLive = checkOf("live");
const checkOutcome = checkOf("outcome");
const checkSecrecy = checkOf("secrecy");
const checkSlashing = checkOf("slashing");
const checkStateRoot = checkOf("state-root");
const checkTranscript = checkOf("transcript");
const honest = () => historyOf(STORY, ENDING);

const mapNotices = (peer: PeerTestimony, change: (notice: Notice) => Notice): PeerTestimony => ({
  ...peer,
  sightings: peer.sightings.map(({ order, notice }) => ({ order, notice: change(notice) })),
});

describe("an honest history passes", () => {
  const histories: Record<string, [Story, Ending]> = {
    "three bids": [STORY, ENDING],
    "a lone bidder pays the reserve": [
      { bids: { ada: 31_400_001n } },
      { winner: "ada", price: RESERVE, burned: 0n },
    ],
    "bids under the reserve never win": [
      { bids: { ada: RESERVE - 1n } },
      { winner: null, price: 0n, burned: 0n },
    ],
    "a second bid under the reserve sets no price": [
      { bids: { ada: 31_400_001n, bob: RESERVE - 1n } },
      { winner: "ada", price: RESERVE, burned: 0n },
    ],
    "a withheld bid burns and sets no price": [
      { ...STORY, withheld: ["ada"] },
      { winner: "bob", price: 19_000_007n, burned: LOCKUP },
    ],
    "a tie goes by the tie key": [
      { bids: { ada: 31_400_001n, bob: 31_400_001n } },
      { winner: tieWinner(["ada", "bob"]), price: 31_400_001n, burned: 0n },
    ],
    "a hidden reserve rules if it was opened": [
      { ...STORY, hidden: { reserve: 30_000_000n, isOpened: true } },
      { winner: "ada", price: 30_000_000n, burned: 0n },
    ],
    "a hidden reserve that was not opened burns the seller's bond": [
      { ...STORY, hidden: { reserve: 30_000_000n, isOpened: false } },
      { ...ENDING, burned: BOND },
    ],
    "a lot that has lapsed when REVEAL ends is not sold, and its deposit burns": [
      { ...STORY, lapsesMs: 600 },
      { winner: null, price: 0n, burned: DEPOSIT, isVoid: true },
    ],
    // Two leaders know at 500 that bidding has closed: the window lasts to 1,700.
    "a lot that lapses after its window has closed is sold, however late that is settled": [
      { ...STORY, withheld: ["eve"], lapsesMs: 1_701, settledMs: 2_400 },
      { ...ENDING, burned: LOCKUP },
    ],
    "a lot that lapses with its window is not": [
      { ...STORY, withheld: ["eve"], lapsesMs: 1_700, settledMs: 2_400 },
      { winner: null, price: 0n, burned: LOCKUP + DEPOSIT, isVoid: true },
    ],
    "without a valid bid nothing is void": [
      { bids: { ada: RESERVE - 1n }, lapsesMs: 600 },
      { winner: null, price: 0n, burned: 0n },
    ],
  };
  test.each(Object.entries(histories))("%s", (_name, [story, ending]) => {
    // A transcript needs a quorum that signed: its checker is tested on a network.
    const checks = checksOf(historyOf(story, ending)).filter(({ name }) => name !== "transcript");
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe("state-root", () => {
  test("one peer with another state at a height is found", () => {
    const split = withPeer(honest(), 1, (peer) => ({
      ...peer,
      roots: new Map([...peer.roots, [3, "other"]]),
    }));
    expect(checkStateRoot(split)).toMatchObject({
      name: "state-root",
      ok: false,
      detail: expect.stringMatching("3"),
    });
  });
  test("two entries at one height are a fork", () => {
    const forked = withPeer(honest(), 1, (peer) => ({
      ...peer,
      entries: new Map([...peer.entries, [4, "other"]]),
    }));
    expect(checkStateRoot(forked).ok).toBe(false);
    expect(forks(forked.peers).size).toBe(1);
  });
  test("peers that were never at one height have not agreed", () => {
    const apart = withPeer(honest(), 1, (peer) => ({ ...peer, roots: new Map([[11, "root-11"]]) }));
    expect(checkStateRoot(apart).ok).toBe(false);
  });
});

describe("conservation", () => {
  test("one micro-credit too many is found", () => {
    const richer = withPeer(honest(), 0, (peer) => ({
      ...peer,
      books: [{ ...peer.books[0]!, minted: peer.books[0]!.minted - 1n }],
    }));
    expect(checkConservation(richer).ok).toBe(false);
  });
  test("sums that hold by a negative amount are found", () => {
    const bent = withPeer(honest(), 0, (peer) => ({
      ...peer,
      books: [
        {
          height: 5,
          minted: 5n,
          holdings: [
            { what: "a", amount: -5n },
            { what: "b", amount: 10n },
          ],
        },
      ],
    }));
    expect(checkConservation(bent).ok).toBe(false);
  });
  test("a peer without books is not taken on trust", () => {
    expect(checkConservation(withPeer(honest(), 0, (peer) => ({ ...peer, books: [] }))).ok).toBe(false);
  });
});

describe("outcome", () => {
  const wrongEndings: Record<string, Ending> = {
    "another winner": { ...ENDING, winner: "bob" },
    "another price": { ...ENDING, price: ENDING.price + 1n },
    "a burn that nobody owes": { ...ENDING, burned: 1n },
    "no winner": { ...ENDING, winner: null },
  };
  test.each(Object.entries(wrongEndings))("%s, announced by all, is found", (_name, ending) => {
    expect(checkOutcome(historyOf(STORY, ending))).toMatchObject({ name: "outcome", ok: false });
  });
  test("a sale of what had lapsed is found, and a lapse that is none, and a deposit that did not burn", () => {
    const lapsed = { ...STORY, lapsesMs: 600 };
    const called: Ending = { winner: null, price: 0n, burned: DEPOSIT, isVoid: true };
    expect(checkOutcome(historyOf(lapsed, ENDING)).ok).toBe(false);
    expect(checkOutcome(historyOf({ ...STORY, lapsesMs: 601 }, called)).ok).toBe(false);
    expect(checkOutcome(historyOf(lapsed, { ...called, burned: 0n })).ok).toBe(false);
    expect(checkOutcome(historyOf(lapsed, { ...called, isVoid: false })).ok).toBe(false);
  });
  test("one peer that announces otherwise is found", () => {
    const lied = withPeer(honest(), 1, (peer) =>
      mapNotices(peer, (notice) =>
        notice.kind === "auctionSettled" ? { ...notice, clearingPrice: 1n } : notice,
      ),
    );
    expect(checkOutcome(lied)).toMatchObject({ ok: false, detail: expect.stringMatching("peer-1") });
  });
  test("one peer that announces nothing is found", () => {
    const silent = withPeer(honest(), 1, (peer) => ({
      ...peer,
      sightings: peer.sightings.filter(({ notice }) => notice.kind !== "auctionSettled"),
    }));
    expect(checkOutcome(silent).ok).toBe(false);
  });
  test("a reveal that opens another's commitment counts for nothing", () => {
    const testimony = honest();
    const stolen = encodeOperation(revealOf("bob", 49_000_000n));
    const log = testimony.log.map((entry) =>
      entry.height === AT.reveals ? { ...entry, ops: [...entry.ops, stolen] } : entry,
    );
    expect(checkOutcome({ ...testimony, log }).ok).toBe(true);
  });
  test("a bidder's last commit is the one that must be opened", () => {
    const testimony = honest();
    const other = encodeOperation(commitOf("ada", 49_000_000n, 1));
    const withOther = (place: (ops: readonly Uint8Array[]) => readonly Uint8Array[]) => ({
      ...testimony,
      log: testimony.log.map((entry) => (entry.height === 2 ? { ...entry, ops: place(entry.ops) } : entry)),
    });
    expect(checkOutcome(withOther((ops) => [other, ...ops])).ok).toBe(true);
    expect(checkOutcome(withOther((ops) => [...ops, other])).ok).toBe(false);
  });
  test("a reveal that was refused reveals nothing", () => {
    const operation = Buffer.from(idHexOf(revealOf("bob", STORY.bids.bob!)), "hex");
    const notice: Notice = { kind: "operationRefused", height: AT.reveals, operation, code: "ANY" };
    const refused = withPeer(honest(), 0, (peer) => ({
      ...peer,
      sightings: [...peer.sightings, { order: 99, notice }],
    }));
    expect(checkOutcome(refused)).toMatchObject({ ok: false, detail: expect.stringMatching("by the log") });
  });
  test("a commit after the close, and a reveal after the end, count for nothing", () => {
    const testimony = honest();
    const late = encodeOperation(commitOf("ada", 49_000_000n, 1));
    const log = testimony.log.map((entry) => {
      if (entry.height === AT.close) return { ...entry, ops: [late] };
      return entry.height === AT.end
        ? { ...entry, ops: [encodeOperation(revealOf("ada", 49_000_000n))] }
        : entry;
    });
    expect(checkOutcome({ ...testimony, log }).ok).toBe(true);
  });
});

describe("secrecy", () => {
  const early = (notice: Notice): ReturnType<typeof checkSecrecy> =>
    checkSecrecy(
      withPeer(honest(), 1, (peer) => ({ ...peer, sightings: [{ order: 0, notice }, ...peer.sightings] })),
    );
  test("a bid shown before the close is found", () => {
    const shown: Notice = {
      kind: "bidRevealed",
      height: 2,
      timeMs: 200,
      auction,
      bidder: keyOf("ada").publicKey,
      amount: STORY.bids.ada!,
      units: null,
    };
    expect(early(shown)).toMatchObject({ name: "secrecy", ok: false });
  });
  test("an amount that hides in another notice is found", () => {
    const hidden: Notice = {
      kind: "bidCommitted",
      height: 2,
      timeMs: 200,
      auction,
      bidder: keyOf("ada").publicKey,
      lockup: STORY.bids.ada!,
      commitment: auction,
    };
    expect(early(hidden).ok).toBe(false);
  });
  const overhearing = (order: number, operation: ReturnType<typeof revealOf>) =>
    checkSecrecy(
      withPeer(honest(), 0, (peer) => ({
        ...peer,
        overheard: [...peer.overheard, { order, bytes: encodeOperation(operation) }],
      })),
    );
  test("a reveal on the wire before the close is found", () => {
    expect(overhearing(2, revealOf("ada", STORY.bids.ada!)).ok).toBe(false);
  });
  test("a reveal on the wire after the close is lawful", () => {
    expect(overhearing(1000, revealOf("ada", STORY.bids.ada!)).ok).toBe(true);
  });
  test("an amount inside a commit's own bytes is found", () => {
    const commit = commitOf("ada", STORY.bids.ada!);
    const { body } = commit;
    if (body.kind !== "commit") throw new Error("a commit");
    const recovery = body.recovery.slice();
    recovery.set(encode(amount, STORY.bids.ada!), 10);
    const telling = { ...commit, body: { ...body, recovery } };
    expect(overhearing(2, telling).ok).toBe(false);
  });
  test("an entry that opens a bid before the close is found", () => {
    const testimony = honest();
    const reveal = encodeOperation(revealOf("ada", STORY.bids.ada!));
    const log = testimony.log.map((entry) =>
      entry.height === 2 ? { ...entry, ops: [...entry.ops, reveal] } : entry,
    );
    expect(checkSecrecy({ ...testimony, log }).ok).toBe(false);
  });
});

describe("transcript", () => {
  test("a settled auction without one is found", () => {
    expect(checkTranscript(honest())).toMatchObject({ name: "transcript", ok: false });
  });
});

describe("live", () => {
  test("an auction that one peer never saw end is found", () => {
    const stuck = withPeer(honest(), 1, (peer) => ({
      ...peer,
      sightings: peer.sightings.filter(({ notice }) => notice.kind !== "auctionSettled"),
    }));
    expect(checkLive(stuck)).toMatchObject({
      name: "live",
      ok: false,
      detail: expect.stringMatching("peer-1"),
    });
  });
});

describe("slashing", () => {
  const slash = (agent: string): Notice => ({
    kind: "slashed",
    height: 4,
    slash: keyOf(agent).publicKey,
    agent: keyOf(agent).publicKey,
    amount: 1n,
    evidence: "E1",
  });
  const told = (agent: string) =>
    checkSlashing(
      withPeer(honest(), 0, (peer) => ({
        ...peer,
        sightings: [...peer.sightings, { order: 99, notice: slash(agent) }],
      })),
    );
  test("a slash of an honest agent is found", () => {
    expect(told("owner")).toMatchObject({ name: "slashing", ok: false });
  });
  test("a slash of a faulty one is lawful", () => {
    expect(told("mallory").ok).toBe(true);
  });
  test("stake that vanishes without a word is found", () => {
    const thinner = withPeer(honest(), 1, (peer) => ({
      ...peer,
      accounts: peer.accounts.map((account) =>
        account.agent === idOf("owner") ? { ...account, stake: account.stake - 1n } : account,
      ),
    }));
    expect(checkSlashing(thinner).ok).toBe(false);
  });
});

describe("funds", () => {
  test("an account that is off by one micro-credit is found", () => {
    const off = withPeer(honest(), 1, (peer) => ({
      ...peer,
      accounts: peer.accounts.map((account, i) =>
        i === 0 ? { ...account, free: account.free + 1n } : account,
      ),
    }));
    expect(checkFunds(off)).toMatchObject({
      name: "funds",
      ok: false,
      detail: expect.stringMatching(/at height 10 \w+ has/),
    });
  });
  test("an account from nowhere is found", () => {
    const crowded = withPeer(honest(), 0, (peer) => ({
      ...peer,
      accounts: [...peer.accounts, { ...peer.accounts[0]!, agent: "ab", free: 1n }],
    }));
    expect(checkFunds(crowded).ok).toBe(false);
  });
  test("a refused operation costs its fee, one that was passed over costs nothing", () => {
    const testimony = honest();
    const extra = commitOf("ada", 1_000_000n, 5);
    const log = testimony.log.map((entry) =>
      entry.height === 2 ? { ...entry, ops: [...entry.ops, encodeOperation(extra)] } : entry,
    );
    const holdsIf = (kind: "operationRefused" | "operationPassedOver") => {
      const operation = Buffer.from(idHexOf(extra), "hex");
      const notice: Notice = { kind, height: 2, operation, code: "ANY" };
      const told = withPeer({ ...testimony, log }, 0, (peer) => ({
        ...peer,
        sightings: [...peer.sightings, { order: 9, notice }],
      }));
      return checkFunds(told).ok;
    };
    expect(holdsIf("operationPassedOver")).toBe(true);
    expect(holdsIf("operationRefused")).toBe(false);
  });
});

describe("the laws of a log", () => {
  const logged = (change: (entry: LoggedEntry) => Partial<LoggedEntry>): Testimony => {
    const testimony = honest();
    return { ...testimony, log: testimony.log.map((entry) => ({ ...entry, ...change(entry) })) };
  };
  const holding = (name: string, books: Partial<AccountBook>): Testimony =>
    withPeer(honest(), 1, (peer) => ({
      ...peer,
      accounts: peer.accounts.map((one) => (one.agent === idOf(name) ? { ...one, ...books } : one)),
    }));
  const BUDGET = {
    ...{ child: idOf("ada"), owner: idOf("bob"), isOpen: true, period: 0, inPeriod: 0n, spent: 0n, held: 0n },
    terms: { perAuction: 1n, perPeriod: 1n, total: null, untilMs: 1 },
  };
  const unpaid = Array.from({ length: 17 }, (_, i) => commitOf("ada", 1n, i + 1));
  const [idle, close] = [AT.close - 1, AT.close];
  const falsehoods: Readonly<Record<keyof typeof LAWS, readonly [() => Testimony, RegExp]>> = {
    once: [
      () =>
        logged(({ height, ops }) =>
          height === idle ? { ops: [encodeOperation(commitOf("ada", 31_400_001n))] } : { ops },
        ),
      /took effect at heights 2 and 4/,
    ],
    led: [() => logged(() => ({ leader: 0 })), /left OPEN after 1 of 2 leaders/],
    outage: [
      () =>
        logged(({ height, timeMs }) =>
          height > 2 && height <= close ? { timeMs: 200 + height } : { timeMs },
        ),
      /left OPEN 45 ms too early/,
    ],
    deposit: [() => holding("seller", { deposits: DEPOSIT - 1n }), /has 99999 in deposits/],
    room: [
      () => ({ ...honest(), params: { ...honest().params, revealCapacity: 2 } }),
      /3 reveals are to come in a slot for 2/,
    ],
    nonce: [
      () => holding("ada", { nonces: { critical: 2, bulk: 0 } }),
      /used 2 critical nonces; the log uses 1/,
    ],
    unbonding: [
      () => holding("ada", { unbonding: [{ amount: 5n, releaseMs: 900_200 }] }),
      /holds 5 until 900200, which it did not withdraw or which is free/,
    ],
    funds: [() => holding("ada", { stake: 1n }), /and the log leaves it/],
    "trade-money": [
      () =>
        withPeer(honest(), 1, (peer) => ({
          ...peer,
          trades: [
            {
              ...{ id: "ab", performer: idOf("seller"), buyer: idOf("ada"), price: 5n, lien: 0n },
              ...{ dispute: null, ending: null },
            },
          ],
        })),
      /trade ab: the log knows nothing of it/,
    ],
    liens: [
      () => holding("ada", { liens: [{ id: "ab", kind: "trade", amount: 5n }] }),
      /has 5 under a lien for auction ab, and the log puts 0 there/,
    ],
    budgets: [
      () =>
        withPeer(honest(), 1, (peer) => ({
          ...peer,
          budgets: { ...peer.budgets, levels: [BUDGET] },
        })),
      /has a budget, of which the log knows nothing/,
    ],
    paid: [
      () =>
        withPeer(
          logged(({ height, ops }) => (height === idle ? { ops: unpaid.map(encodeOperation) } : { ops })),
          0,
          (peer) => ({
            ...peer,
            sightings: [
              ...peer.sightings,
              ...unpaid.map((operation, i) => ({
                order: 99 + i,
                notice: {
                  kind: "operationPassedOver",
                  height: idle,
                  operation: Buffer.from(idHexOf(operation), "hex"),
                  code: "ANY",
                } as const,
              })),
            ],
          }),
        ),
      /nobody paid for 17 operations/,
    ],
  };
  test.each(Object.entries(falsehoods))(
    "%s finds what is planted against it",
    (name, [testimony, detail]) => {
      expect(checkOf(name)(honest())).toMatchObject({ name, ok: true });
      expect(checkOf(name)(testimony())).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
    },
  );
  test("a peer that has executed more than the log that was read is left out, and no other", () => {
    const ahead = withPeer(honest(), 0, (peer) => ({ ...peer, height: AT.end + 1 }));
    const short = withPeer(ahead, 1, (peer) => ({
      ...peer,
      accounts: peer.accounts.map((one) => ({ ...one, deposits: 0n })),
    }));
    expect(checkOf("deposit")(ahead).ok).toBe(true);
    expect(checkOf("deposit")(short).ok).toBe(false);
  });
});
