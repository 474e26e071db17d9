// The mempool against a naive model of it, its fairness when it is full, and what a look at it costs.
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/base/index.js";
import { leafHash } from "../../src/crypto/index.js";
import {
  encodeOperation,
  laneOf,
  type Operation,
  type OperationBody,
  operationId,
  selfProving,
} from "../../src/market/index.js";
import { Includable, select } from "../../src/peer/includable.js";
import { Mempool } from "../../src/peer/mempool.js";
import { SHELF_LIMITS, shelfLimitsOf } from "../../src/peer/shelves.js";
import { MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES } from "../../src/quorum/index.js";
import { Cluster, FEE, idOf, START_MS } from "./cluster.js";

const network = new Cluster({ agents: [[]] }).host(0).live.ledger.network;
const auction = new Uint8Array(32).fill(7);

const BODIES: readonly OperationBody[] = [
  { kind: "transfer", to: new Uint8Array(32).fill(1), amount: 5n },
  { kind: "cancel", auction },
  { kind: "commit", auction, commitment: auction, lockup: 5n, recovery: new Uint8Array(96) },
];

/** A signed operation; nobody here verifies signatures. */
const signed = (account: number, nonce: number, body: OperationBody = BODIES[0]!, salt = 0): Operation => ({
  v: 1,
  ...network,
  authority: { from: accountOf(account), nonce, fee: FEE + BigInt(salt), validUntilMs: START_MS + 60_000 },
  body,
  sig: new Uint8Array(64).fill(salt & 0xff),
});
const accountOf = (account: number): Uint8Array => {
  const id = new Uint8Array(32).fill(9);
  id[0] = account & 0xff;
  id[1] = account >> 8;
  return id;
};
const opening = (n: number): Operation =>
  selfProving(network, {
    kind: "reveal",
    auction,
    bidder: accountOf(n),
    bid: { amount: 5n, units: null },
    salt: auction,
  });

/** What two operations may not share. */
const slotOf = ({ authority, body }: Operation): string | null =>
  authority === null ? null : `${toHex(authority.from)}/${laneOf(body.kind)}/${authority.nonce}`;

const keyOf = (op: Operation): string => toHex(leafHash(encodeOperation(op)));
const add = (mempool: Mempool, op: Operation, own = false) =>
  mempool.add(op, encodeOperation(op), START_MS, own);

describe("mempool", () => {
  it("counts what it holds as a plain list would, whatever comes and goes", () => {
    const operation = fc
      .tuple(
        fc.nat(3),
        fc.nat(6),
        fc.constantFrom(...BODIES),
        fc.constantFrom(0, 1, 249, 250, 600),
        fc.boolean(),
      )
      .map(([account, nonce, body, salt, proves]) =>
        proves ? opening(account) : signed(account, nonce, body, salt),
      );
    const action = fc.record({ operation, adds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const mempool = new Mempool();
        let model: Operation[] = [];
        for (const { operation: op, adds } of actions) {
          const isHeld = model.some((one) => toHex(operationId(one)) === toHex(operationId(op)));
          if (adds) {
            const rival = model.find((one) => slotOf(one) !== null && slotOf(one) === slotOf(op));
            const pays = rival === undefined || op.authority!.fee * 4n >= rival.authority!.fee * 5n;
            expect(add(mempool, op)).toBe(isHeld ? "known" : pays ? "added" : "underpriced");
            if (!isHeld && pays) model = [...model.filter((one) => one !== rival), op];
          } else {
            const removed = mempool.delete(keyOf(op));
            expect(removed !== null).toBe(model.some((one) => keyOf(one) === keyOf(op)));
            model = model.filter((one) => keyOf(one) !== keyOf(op));
          }
          expect([...mempool.values()].map((one) => one.key)).toEqual(model.map(keyOf));
          for (const place of [0, mempool.additions - 3, mempool.additions - 1, mempool.additions]) {
            const newer = [...mempool.values()].filter((one) => one.place > place);
            expect(mempool.since(place)).toEqual(newer);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("tells of what was added since, once each, also what went and came again", () => {
    const mempool = new Mempool();
    const [one, other] = [signed(1, 0), signed(2, 0)];
    add(mempool, one);
    mempool.delete(keyOf(one));
    add(mempool, other);
    add(mempool, one);
    const since = (additions: number) => mempool.since(additions).map(({ key }) => key);
    expect([0, 1, 2, 3].map(since)).toEqual([
      [keyOf(other), keyOf(one)],
      [keyOf(other), keyOf(one)],
      [keyOf(one)],
      [],
    ]);
  });

  it("holds no more of an account and lane than the nonce window, own or not", () => {
    const mempool = new Mempool();
    for (let nonce = 0; nonce < 64; nonce++) expect(add(mempool, signed(1, nonce))).toBe("added");
    expect([add(mempool, signed(1, 64)), add(mempool, signed(1, 65), true)]).toEqual(["full", "full"]);
    expect(add(mempool, signed(1, 0, BODIES[2]))).toBe("added");
    expect(mempool.freeNonce(toHex(accountOf(1)), "bulk", 0)).toBeNull();
  });

  it("when a lane is full the greediest accounts make room, and one's own operations always have it", () => {
    const mempool = new Mempool();
    const { operations } = SHELF_LIMITS.critical;
    for (let account = 0; account < operations / 64; account++) {
      for (let nonce = 0; nonce < 64; nonce++) add(mempool, signed(account, nonce, BODIES[2]));
    }
    expect(mempool.size).toBe(operations);
    for (let i = 0; i < 40; i++) expect(add(mempool, signed(500 + i, 0, BODIES[2]))).toBe("added");
    expect(mempool.size).toBe(operations);
    expect(add(mempool, signed(900, 0, BODIES[2]), true)).toBe("added");
    expect(mempool.size).toBe(operations + 1);
    for (let i = 0; i < 40; i++) expect(mempool.countOf(toHex(accountOf(500 + i)), "critical")).toBe(1);
    // What makes room is the highest nonce: the rest can still be included.
    expect(mempool.get(keyOf(signed(0, 0, BODIES[2])))).toBeDefined();
    expect(add(mempool, opening(3))).toBe("added");
    expect(add(mempool, signed(3, 64, BODIES[0]))).toBe("added");
  });

  it("evidence and openings have shelves of their own, and those are full at their limit", () => {
    const mempool = new Mempool();
    const evidence = (n: number) =>
      selfProving(network, { kind: "evidence", evidence: Uint8Array.of(n >> 8, n & 0xff) });
    for (let n = 0; n < SHELF_LIMITS.evidence.operations; n++)
      expect(add(mempool, evidence(n))).toBe("added");
    expect(add(mempool, evidence(5000))).toBe("full");
    for (let n = 0; n < SHELF_LIMITS.openings.operations; n++) expect(add(mempool, opening(n))).toBe("added");
    expect(add(mempool, opening(5000))).toBe("full");
    expect(add(mempool, opening(5000), true)).toBe("added");
    expect(add(mempool, signed(1, 0, BODIES[2]))).toBe("added");
  });

  it.each([
    [1000n, 1249n, "underpriced"],
    [1000n, 1250n, "added"],
    [1000n, 1251n, "added"],
    [1001n, 1251n, "underpriced"],
    [1001n, 1252n, "added"],
  ] as const)("a waiting fee of %s is replaced by one of %s: %s", (before, after, verdict) => {
    const mempool = new Mempool();
    const paying = (fee: bigint, body: OperationBody) => {
      const op = signed(1, 5, body);
      return { ...op, authority: { ...op.authority!, fee } };
    };
    const [first, second] = [paying(before, BODIES[0]!), paying(after, BODIES[1]!)];
    add(mempool, first, true);
    expect(add(mempool, second)).toBe(verdict);
    expect([...mempool.values()].map((one) => one.key)).toEqual([
      keyOf(verdict === "added" ? second : first),
    ]);
    expect(mempool.countOf(toHex(accountOf(1)), "bulk")).toBe(1);
    expect(add(mempool, paying(before, BODIES[2]!)), "another lane has other nonces").toBe("added");
    expect(add(mempool, first)).toBe(verdict === "added" ? "underpriced" : "known");
  });

  it("a replacement needs no more room than what it replaces leaves, and makes none at others' cost", () => {
    const mempool = new Mempool();
    const { operations } = SHELF_LIMITS.bulk;
    for (let n = 0; n < operations; n++) add(mempool, signed(n >> 6, n & 63));
    expect(add(mempool, signed(0, 0, BODIES[1], 249))).toBe("underpriced");
    expect(add(mempool, signed(0, 0, BODIES[1], 250))).toBe("added");
    expect(mempool.size).toBe(operations);
    for (let account = 0; account < operations >> 6; account++) {
      expect(mempool.countOf(toHex(accountOf(account)), "bulk")).toBe(64);
    }
  });

  it("bytes are bounded as well as operations", () => {
    const mempool = new Mempool();
    let bytes = 0;
    for (let n = 0; bytes <= SHELF_LIMITS.evidence.bytes; n++) {
      const value = new Uint8Array(8192).fill(n & 0xff);
      value[0] = n >> 8;
      const op = selfProving(network, { kind: "evidence", evidence: value });
      bytes += encodeOperation(op).length;
      if (add(mempool, op) === "full") break;
    }
    const held = [...mempool.values()].reduce((sum, one) => sum + one.size, 0);
    expect(held).toBeLessThanOrEqual(SHELF_LIMITS.evidence.bytes);
    expect(held).toBeGreaterThan(SHELF_LIMITS.evidence.bytes - 9000);
  });
});

describe("a shelf that is full to its limit", () => {
  const payment = (account: number) => signed(account, 0);
  const size = encodeOperation(payment(1)).length;
  const shelf = (operations: number, bytes: number) =>
    new Mempool(undefined, { ...SHELF_LIMITS, bulk: { operations, bytes } });

  it("takes what fits to the last byte, and not one byte more", () => {
    for (const [bytes, expected] of [
      [2 * size - 1, ["added", "full"]],
      [2 * size, ["added", "added"]],
      [2 * size + 1, ["added", "added"]],
    ] as const) {
      const mempool = shelf(10, bytes);
      expect([add(mempool, payment(1)), add(mempool, payment(2))]).toEqual(expected);
      expect(add(mempool, payment(3))).toBe("full");
    }
  });

  it("holds as many operations as its limit says", () => {
    const mempool = shelf(2, 1 << 20);
    expect([1, 2, 3].map((account) => add(mempool, payment(account)))).toEqual(["added", "added", "full"]);
  });

  it("gives up nothing for what would not fit even so", () => {
    const mempool = shelf(10, 2 * size);
    add(mempool, signed(1, 0));
    add(mempool, signed(1, 1));
    const larger = signed(2, 0, { kind: "transfer", to: accountOf(7), amount: 1n << 50n });
    expect(encodeOperation(larger).length).toBeGreaterThan(size);
    expect(add(mempool, larger)).toBe("full");
    expect(mempool.countOf(toHex(accountOf(1)), "bulk")).toBe(2);
    expect(mempool.takeDisplaced()).toEqual([]);
  });
});

describe("openings on a full shelf", () => {
  const inAuction = (fill: number, bidder: number): Operation =>
    selfProving(network, {
      kind: "reveal",
      auction: new Uint8Array(32).fill(fill),
      bidder: accountOf(bidder),
      bid: { amount: 5n, units: null },
      salt: auction,
    });
  /** Auction n closes at n seconds, but for 8 and 9, which close together. */
  const shelf = () =>
    new Mempool(
      {
        closesMs: (id) => 1000 * Math.min(Number.parseInt(id.slice(0, 2), 16), 8),
        convictionOf: () => null,
        nextNonce: () => 0,
      },
      { ...SHELF_LIMITS, openings: { operations: 3, bytes: 1 << 20 } },
    );

  it("make room for what closes sooner, the last to close first, and tell who went", () => {
    const mempool = shelf();
    for (const fill of [3, 5, 4]) expect(add(mempool, inAuction(fill, 1))).toBe("added");
    expect(add(mempool, inAuction(6, 1))).toBe("full");
    expect(add(mempool, inAuction(5, 2))).toBe("full");
    expect(add(mempool, inAuction(2, 1))).toBe("added");
    expect(mempool.takeDisplaced().map(({ key }) => key)).toEqual([keyOf(inAuction(5, 1))]);
    expect(mempool.takeDisplaced()).toEqual([]);
    expect(add(mempool, inAuction(5, 1))).toBe("full");
    expect(mempool.size).toBe(3);
  });

  it("of auctions that close together the one with more makes room, until their shares are equal", () => {
    const mempool = shelf();
    for (const bidder of [1, 2, 3]) add(mempool, inAuction(8, bidder));
    expect(add(mempool, inAuction(9, 1))).toBe("added");
    expect(mempool.takeDisplaced().map(({ key }) => key)).toEqual([keyOf(inAuction(8, 3))]);
    expect(add(mempool, inAuction(9, 2))).toBe("full");
    expect(add(mempool, inAuction(8, 3))).toBe("full");
  });

  it("are turned away without a look at all auctions, until the state moves", () => {
    const closes = new Map<string, number>();
    let asked = 0;
    const closesMs = (id: string): number => {
      asked++;
      return closes.get(id.slice(0, 2)) ?? 1000;
    };
    const mempool = new Mempool(
      { closesMs, convictionOf: () => null, nextNonce: () => 0 },
      { ...SHELF_LIMITS, openings: { operations: 100, bytes: 1 << 20 } },
    );
    for (let fill = 1; fill <= 100; fill++) expect(add(mempool, inAuction(fill, 1))).toBe("added");
    asked = 0;
    for (let fill = 101; fill <= 110; fill++) expect(add(mempool, inAuction(fill, 1))).toBe("full");
    expect(asked).toBeLessThanOrEqual(10);
    closes.set("07", 2000);
    mempool.follow();
    expect(add(mempool, inAuction(101, 1))).toBe("added");
    expect(mempool.takeDisplaced().map(({ key }) => key)).toEqual([keyOf(inAuction(7, 1))]);
    for (let fill = 1; fill <= 100; fill++) mempool.delete(keyOf(inAuction(fill, 1)));
    expect(mempool.size).toBe(1);
  });

  it("stay where they are one's own, also when others brought them first", () => {
    const mempool = shelf();
    for (const bidder of [1, 2, 3]) add(mempool, inAuction(7, bidder));
    for (const bidder of [1, 2, 3]) expect(add(mempool, inAuction(7, bidder), true)).toBe("known");
    expect(add(mempool, inAuction(1, 1))).toBe("full");
    expect(add(mempool, inAuction(1, 1), true)).toBe("added");
  });
});

describe("what could be included", () => {
  const names = ["ann", "bob", "eve"];

  it("followed step by step it is part of what a leader would pack, and all of it at a whole look", () => {
    const room = { timeMs: START_MS, maxOps: MAX_ENTRY_OPS, maxBytes: MAX_ENTRY_OPS_BYTES };
    const wish = fc.record({
      name: fc.constantFrom(...names, "nobody"),
      nonce: fc.nat(5),
      isExcluded: fc.boolean(),
      removes: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 30 }), (wishes) => {
        const cluster = new Cluster({ agents: [[]], funded: names });
        const { live: peer } = cluster.host(0);
        const excluded = new Set<string>();
        let known = new Includable(peer, excluded);
        for (const { name, nonce, isExcluded, removes } of wishes) {
          const op = { ...signed(0, nonce), authority: { ...signed(0, nonce).authority!, from: idOf(name) } };
          const mine = { ...op, ...peer.ledger.network };
          if (removes) peer.mempool.delete(keyOf(mine));
          else if (isExcluded && !peer.mempool.get(keyOf(mine))) excluded.add(keyOf(mine));
          if (!removes) add(peer.mempool, mine);
          if (!known.follows(peer, excluded)) known = new Includable(peer, excluded);
          const inFlight = [...peer.mempool.values()]
            .filter(({ key }) => excluded.has(key))
            .sort((a, b) => a.operation.authority!.nonce - b.operation.authority!.nonce)
            .map(({ bytes }) => bytes);
          const whole = select(peer, excluded, { ...room, inFlight });
          const keys = new Set(whole.map((one) => one.key));
          expect(known.waiting.every((one) => keys.has(one.key))).toBe(true);
          expect(known.waiting.length > 0).toBe(whole.length > 0);
          expect(known.bytes).toBe(known.waiting.reduce((sum, one) => sum + one.size, 0));
          const fresh = new Includable(peer, excluded);
          expect(new Set(fresh.waiting.map((one) => one.key))).toEqual(keys);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("an operation that comes costs a look at itself, not at all that waits", () => {
    const agents = Array.from({ length: 100 }, (_, i) => `agent ${i}`);
    const cluster = new Cluster({ agents: [[]], funded: agents });
    const { live: peer } = cluster.host(0);
    const accountReads = { count: 0 };
    const { accountOf: read } = peer.ledger;
    peer.ledger.accountOf = (agent) => {
      accountReads.count++;
      return read.call(peer.ledger, agent);
    };
    const excluded = new Set<string>();
    const known = new Includable(peer, excluded);
    const from = (name: string, nonce: number) => {
      const op = signed(0, nonce);
      return { ...op, ...peer.ledger.network, authority: { ...op.authority!, from: idOf(name) } };
    };
    const looked = vi.spyOn(peer.mempool, "values");
    const costs = agents.map((name) => {
      accountReads.count = 0;
      add(peer.mempool, from(name, 0));
      const walked = vi.spyOn(Map.prototype, "values");
      expect(known.follows(peer, excluded)).toBe(true);
      expect(walked).not.toHaveBeenCalled();
      walked.mockRestore();
      return accountReads.count;
    });
    expect(looked).not.toHaveBeenCalled();
    expect(known.waiting).toHaveLength(100);
    expect(new Set(costs).size).toBe(1);
  });
});

describe("a lane that is full", () => {
  it("costs who comes no look at all that waits: who makes room for it had no followers", () => {
    const { openings, evidence, critical } = SHELF_LIMITS;
    const bulk = { operations: 10, bytes: critical.bytes };
    const agents = ["greedy", ...Array.from({ length: 5 }, (_, i) => `agent ${i}`)];
    const { live } = new Cluster({ agents: [[]], funded: agents }).host(0);
    const peer = { ...live, mempool: new Mempool(undefined, { openings, evidence, critical, bulk }) };
    const excluded = new Set<string>();
    const from = (name: string, nonce: number) => {
      const op = signed(0, nonce);
      return { ...op, ...peer.ledger.network, authority: { ...op.authority!, from: idOf(name) } };
    };
    for (let nonce = 0; nonce < 2; nonce++) add(peer.mempool, from("greedy", nonce));
    for (let nonce = 3; nonce < 11; nonce++) add(peer.mempool, from("greedy", nonce));
    const known = new Includable(peer, excluded);
    expect(known.waiting).toHaveLength(2);
    for (const name of agents.slice(1)) {
      expect(add(peer.mempool, from(name, 0))).toBe("added");
      expect(known.follows(peer, excluded)).toBe(true);
      expect(new Set(known.waiting)).toEqual(new Set(new Includable(peer, excluded).waiting));
    }
    expect([peer.mempool.size, known.waiting.length]).toEqual([10, 7]);
  });
});

describe("the shelf of openings", () => {
  it.each([
    [2048, 4096],
    [2049, 4098],
    [8000, 16_000],
    [32_768, 65_536],
    [32_769, 65_536],
  ])("with room for %i reveals in a slot holds %i", (revealCapacity, operations) => {
    const limits = shelfLimitsOf({ revealCapacity });
    const { openings } = SHELF_LIMITS;
    expect(limits.openings.operations).toBe(operations);
    expect(limits.openings.bytes * openings.operations).toBe(operations * openings.bytes);
    expect({ ...limits, openings }).toEqual(SHELF_LIMITS);
  });
});
