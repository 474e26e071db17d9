// What a leader includes: the critical lane's half, everyone's share, nonces in order, reveals before all.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TOTALS } from "../../src/ledger/index.js";
import {
  judgeAdmission,
  laneOf,
  type Operation,
  type OperationBody,
  packEntry,
  STANDINGS,
  selfProving,
} from "../../src/market/index.js";
import {
  agent,
  convictions,
  DEPOSIT,
  FEE,
  FUNDS,
  judgeEvidence,
  offer,
  RATED,
  salt,
  World,
} from "./world.js";

const candidate = (operation: Operation, size = 300) => ({ operation, size });
const transfer = { kind: "transfer", to: agent("bob"), amount: 1n } as const;

function pack(
  world: World,
  ops: readonly Operation[],
  more: {
    maxOps?: number;
    maxBytes?: number;
    maxBulk?: number;
    inFlight?: readonly Operation[];
    size?: number;
  } = {},
) {
  const { maxOps = 2000, maxBytes = 1 << 20, maxBulk, inFlight = [], size = 300 } = more;
  const limits = {
    timeMs: world.timeMs + 1,
    executedMs: world.timeMs,
    maxOps,
    maxBytes,
    ...(maxBulk === undefined ? {} : { maxBulk }),
    inFlight,
    judgeEvidence,
  };
  return packEntry(
    ops.map((op) => candidate(op, size)),
    world.ledger,
    limits,
  ).map((one) => one.operation);
}

const names = Array.from({ length: 20 }, (_, i) => `a${i}`);

describe("an entry", () => {
  it("keeps half for the critical lane, and gives either lane what the other leaves", () => {
    const world = new World({ names: [...names, "bob", "sue"] });
    const id = world.create("sue");
    world.entry();
    const transfers = names.map((name) => world.op(name, transfer));
    const commits = names.map((name) => world.op(name, world.commit(id, name, 5n, 1000n)));
    const lanes = (ops: readonly Operation[]) => {
      const critical = ops.filter((op) => laneOf(op.body.kind) === "critical").length;
      return [critical, ops.length - critical];
    };
    expect(lanes(pack(world, [...transfers, ...commits], { maxOps: 10 }))).toEqual([5, 5]);
    expect(lanes(pack(world, [...transfers, ...commits.slice(0, 2)], { maxOps: 10 }))).toEqual([2, 5 + 3]);
    expect(lanes(pack(world, [...transfers.slice(0, 1), ...commits], { maxOps: 10 }))).toEqual([9, 1]);
    expect(lanes(pack(world, [...transfers, ...commits], { maxBytes: 3000 }))).toEqual([5, 5]);
    const all = [...transfers, ...commits];
    expect(lanes(pack(world, all, { maxBulk: 3 })), "no bound of the bulk lane holds commits back").toEqual([
      20, 3,
    ]);
    expect(lanes(pack(world, all, { maxOps: 10, maxBulk: 6 }))).toEqual([5, 5]);
    expect(pack(world, transfers, { maxBulk: 3 }), "the first of them").toEqual(
      pack(world, transfers).slice(0, 3),
    );
  });

  it("has at most a sixteenth of a lane for one account", () => {
    const world = new World({ names: ["rich", "bob", "ann"] });
    const flood = Array.from({ length: 50 }, (_, i) => world.op("rich", transfer, i));
    const packed = pack(world, [...flood, world.op("ann", transfer)], { maxOps: 320 });
    expect(packed.filter((op) => op.authority!.from.join() === agent("rich").join())).toHaveLength(10);
    expect(packed).toHaveLength(11);
  });

  it("takes an account's operations in the order of their nonces, none after a gap, one for each nonce", () => {
    const world = new World({ names: ["ann", "bob"] });
    const ops = [3, 1, 0, 5, 1].map((ahead) => world.op("ann", transfer, ahead));
    expect(pack(world, ops).map((op) => op.authority!.nonce)).toEqual([0, 1]);
    const inFlight = [0, 1, 2].map((ahead) => world.op("ann", transfer, ahead));
    expect(pack(world, ops, { inFlight }).map((op) => op.authority!.nonce)).toEqual([3]);
  });

  it("prefers higher classes of fees, and within a class who was seen first", () => {
    const world = new World({ names: ["a0", "a1", "a2", "bob"] });
    const [low, slightlyMore, high] = [
      world.op("a0", transfer, 0, FEE),
      world.op("a1", transfer, 0, FEE + 1n),
      world.op("a2", transfer, 0, FEE * 2n),
    ] as const;
    expect(pack(world, [low, slightlyMore, high])).toEqual([high, low, slightlyMore]);
  });

  it("begins with the reveals of live commits, by the close of their window, one each and outside the shares", () => {
    const world = new World({ names: [...names, "sue"] });
    const first = world.create("sue");
    const second = world.create("sue", { commitMs: 1300 });
    world.entry();
    world.entry(names.slice(0, 10).map((name) => world.op(name, world.commit(first, name, 50n, 1000n))));
    world.entry(names.slice(0, 10).map((name) => world.op(name, world.commit(second, name, 50n, 1000n))));
    world.until(second, "reveal");
    const reveals = [second, first].flatMap((id) =>
      names.slice(0, 10).map((name) => world.reveal(id, name, 50n)),
    );
    const other = world.op("a11", world.commit(first, "a11", 5n, 1000n));
    const packed = pack(world, [other, ...reveals, ...reveals, world.reveal(first, "a12", 5n)], {
      maxOps: 200,
    });
    expect(packed).toEqual([...reveals.slice(10), ...reveals.slice(0, 10), other]);
  });

  /** Reveals of an auction that runs with such a window, by all names, and a commit of somebody else's. */
  function beside(revealMs: number, isRunning: boolean) {
    const world = new World({ names: [...names, "sue", "dan", "ann"] });
    const own = world.create("sue", { revealMs });
    const id = world.create("dan", { commitMs: 600_000 });
    world.entry(names.map((name) => world.op(name, world.commit(own, name, 50n, 1000n))));
    world.until(own, "reveal");
    if (isRunning) for (let i = 0; i < 3; i++) world.entry();
    const reveals = names.map((name) => world.reveal(own, name, 50n));
    return { world, reveals, commit: world.op("ann", world.commit(id, "ann", 5n, 1000n)) };
  }

  it.each([
    [30_000, false, true],
    [30_001, false, false],
    [30_000, true, true],
    [31_000, true, false],
  ])(
    "a reveal of a window of %i ms, running: %s, stands before commits: %s",
    (revealMs, isRunning, isDue) => {
      const { world, reveals, commit } = beside(revealMs, isRunning);
      const packed = pack(world, [commit, ...reveals]);
      expect(packed).toEqual(isDue ? [...reveals, commit] : [commit, ...reveals]);
    },
  );

  it("reveals that are not due yet take what commits leave, and no place of theirs", () => {
    const { world, reveals, commit } = beside(60_000, true);
    expect(pack(world, [...reveals, commit], { maxOps: 4 })).toEqual([commit, ...reveals.slice(0, 3)]);
  });

  it("reveals that are due leave one place in twenty of the critical half to commits, and fill the rest after them", () => {
    const { world, reveals, commit } = beside(1200, true);
    const transfers = names.map((name) => world.op(name, transfer));
    const packed = pack(world, [commit, ...transfers, ...reveals], { maxOps: 40 });
    expect(packed).toEqual([...reveals.slice(0, 19), commit, ...transfers]);
    expect(pack(world, [commit, ...reveals], { maxOps: 40 })).toEqual([
      ...reveals.slice(0, 19),
      commit,
      ...reveals.slice(19),
    ]);
  });

  it("leaves out what would only fail: early and wrong openings, used evidence, who cannot pay, early commits", () => {
    const world = new World({ names: ["ann", "sue"] });
    const id = world.create("sue", { openMs: world.timeMs + 60_000 });
    const { network } = world.ledger;
    const index =
      convictions.push({ type: "E1", agent: agent("seat 1"), key: agent("seat key 1"), epoch: 0, term: 1 }) -
      1;
    const evidence = selfProving(network, { kind: "evidence", evidence: Uint8Array.of(index) });
    const useless = [
      world.reveal(id, "ann", 5n),
      selfProving(network, { kind: "openReserve", auction: id, reserve: 1n, salt: salt("r") }),
      world.op("ann", world.commit(id, "ann", 5n, 1000n)),
      world.op("ann", transfer, 0, FUNDS + 1n),
      world.op("stranger", transfer),
    ];
    expect(pack(world, [...useless, evidence, evidence])).toEqual([evidence]);
    world.entry([evidence]);
    expect(pack(world, [evidence])).toEqual([]);
  });

  it("never exceeds its limits, and nothing it has is ignored when it executes", () => {
    const wishes = fc.array(
      fc.record({ name: fc.constantFrom(...names), ahead: fc.nat(4), fee: fc.constantFrom(1n, 2n, 5n) }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 40 }), (list, maxOps) => {
        const world = new World({ names: [...names, "bob"] });
        const ops = list.map(({ name, ahead, fee }) => world.op(name, transfer, ahead, FEE * fee));
        const packed = pack(world, ops, { maxOps, maxBytes: 5000 });
        expect(packed.length).toBeLessThanOrEqual(Math.min(maxOps, Math.floor(5000 / 300)));
        expect(world.entry(packed).receipts.every((one) => one.status === "applied")).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the price that orders is the price that is paid", () => {
  const SUM = 1_000_000n;

  /** A world whose named accounts have just `SUM` free. */
  function poor(...who: string[]): World {
    const world = new World({ names: [...who, "bob", "sue", "honest"] });
    for (const name of who) {
      const amount = FUNDS - SUM - FEE;
      world.entry([world.op(name, { kind: "transfer", to: agent("bob"), amount })]);
      expect(world.free(name)).toBe(SUM);
    }
    return world;
  }
  const noncesOf = (ops: readonly Operation[]) => ops.map((op) => op.authority!.nonce);
  const gift = (amount: bigint) => ({ kind: "transfer", to: agent("bob"), amount }) as const;

  it("an account's operations count as far as its funds cover the sum of their fees", () => {
    const world = poor("eve");
    const flood = Array.from({ length: 40 }, (_, i) => world.op("eve", gift(0n), i, SUM / 4n));
    const packed = pack(world, flood);
    expect(packed).toHaveLength(4);
    world.entry(packed);
    expect(world.free("eve")).toBe(0n);
  });

  it.each([
    [-1n, 1],
    [0n, 2],
    [1n, 2],
  ])("at the boundary: two operations with %s more than they take", (more, count) => {
    const world = poor("eve");
    const ops = [0, 1].map((i) => world.op("eve", gift(SUM / 2n - FEE - (i === 1 ? more : 0n)), i));
    const packed = pack(world, ops);
    expect(packed).toHaveLength(count);
    expect(world.entry(packed).receipts.every(({ status }) => status === "applied")).toBe(true);
  });

  it("what an earlier operation takes is counted beside its fee: payments, lockups, bonds and deposits", () => {
    const takes: readonly ((world: World, id: Uint8Array) => OperationBody)[] = [
      () => gift(SUM - 3n * FEE),
      (world, id) => world.commit(id, "eve", 5n, SUM - 3n * FEE),
      () => offer({ bond: SUM - 3n * FEE - DEPOSIT }),
    ];
    for (const body of takes) {
      const world = poor("eve");
      world.ledger.put(STANDINGS, agent("eve"), RATED);
      const id = world.create("sue", { lockups: [SUM - 3n * FEE] });
      world.entry();
      const first = world.op("eve", body(world, id));
      const isCommit = first.body.kind === "commit";
      const after = [0, 1, 2, 3].map((i) =>
        isCommit ? world.op("eve", gift(0n), i) : world.op("eve", gift(0n), i + 1),
      );
      const packed = pack(world, [first, ...after]);
      expect(packed).toHaveLength(3);
      world.entry(packed);
      expect(world.free("eve")).toBe(0n);
    }
  });

  it("a commit that replaces another counts only what it locks beyond that", () => {
    const world = poor("eve");
    world.ledger.put(STANDINGS, agent("eve"), RATED);
    const id = world.create("sue", { lockups: [SUM - 2n * FEE] });
    world.entry();
    const commits = [0, 1].map((i) =>
      world.op("eve", world.commit(id, "eve", 5n, SUM - 2n * FEE, `${i}`), i),
    );
    const packed = pack(world, commits);
    expect(packed).toEqual(commits);
    expect(world.entry(packed).receipts.map(({ status }) => status)).toEqual(["applied", "applied"]);
  });

  it("operations in flight are paid first", () => {
    const world = poor("eve");
    const inFlight = [world.op("eve", gift(SUM - 2n * FEE), 0)];
    const later = [1, 2].map((i) => world.op("eve", gift(0n), i));
    expect(pack(world, later, { inFlight })).toEqual([later[0]]);
  });

  it("what will fail for want of funds stands alone and pays its fee, and does not wait for ever", () => {
    const world = poor("eve");
    const ops = [0, 1, 2].map((i) => world.op("eve", gift(SUM), i));
    for (let nonce = 0; nonce < 3; nonce++) {
      const packed = pack(world, ops);
      expect(noncesOf(packed)).toEqual([nonce + 1]);
      expect(world.entry(packed).receipts).toMatchObject([{ status: "refused", code: "FUNDS_TOO_LOW" }]);
    }
    expect(world.free("eve")).toBe(SUM - 3n * FEE);
  });

  it("whatever poor accounts declare, nothing that is packed fails to pay what it declared", () => {
    const who = ["a0", "a1", "a2"];
    const wish = fc.record({
      name: fc.constantFrom(...who),
      kind: fc.constantFrom("transfer", "commit", "bond"),
      fee: fc.constantFrom(1n, 2n, 200n, 500n, 998n),
      amount: fc.constantFrom(0n, 1n, SUM / 3n, SUM - 2000n, SUM),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 24 }), fc.integer({ min: 1, max: 12 }), (wishes, maxOps) => {
        const world = poor(...who);
        const ids = [0, 1].map(() => world.create("sue", { lockups: [1000n, SUM / 3n, SUM - 2000n] }));
        world.entry();
        const nonces = new Map<string, number>();
        const ops = wishes.map(({ name, kind, fee, amount }, i) => {
          const lockup = amount < 1000n ? 1000n : amount === SUM ? SUM - 2000n : amount;
          const body: OperationBody =
            kind === "transfer"
              ? gift(amount)
              : kind === "commit"
                ? world.commit(ids[i % 2]!, name, 5n, lockup, `${i}`)
                : offer({ bond: amount });
          const slot = `${name}/${laneOf(body.kind)}`;
          const ahead = nonces.get(slot) ?? 0;
          nonces.set(slot, ahead + 1);
          return world.op(name, body, ahead, FEE * fee);
        });
        for (let waiting = ops; ; ) {
          const packed = pack(world, waiting, { maxOps });
          const before = world.ledger.one(TOTALS).burned;
          const { receipts } = world.entry(packed);
          expect(receipts.map(({ status }) => status)).not.toContain("ignored");
          const declared = packed.reduce((sum, op) => sum + op.authority!.fee, 0n);
          expect(world.ledger.one(TOTALS).burned - before).toBe(declared);
          if (packed.length === 0) break;
          waiting = waiting.filter((op) => !packed.includes(op));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("evidence in an entry", () => {
  it("takes at most 16 operations and 64 KiB, and none of the half that is for commits and reveals", () => {
    const world = new World({ names: [...names, "sue", "bob"] });
    const { network } = world.ledger;
    const evidence = Array.from({ length: 40 }, (_, term) => {
      const key = agent(`seat key ${term % 4}`);
      const fault = { type: "E6", agent: agent(`seat ${term % 4}`), key, epoch: 0, term } as const;
      const index = convictions.push(fault) - 1;
      return selfProving(network, { kind: "evidence", evidence: Uint8Array.of(index) });
    });
    const id = world.create("sue");
    world.entry();
    const commits = names.map((name) => world.op(name, world.commit(id, name, 5n, 1000n)));
    const transfers = names.map((name) => world.op(name, transfer));
    const packWith = (size: number, maxOps: number, maxBytes = 1 << 20) => {
      const all = [
        ...evidence.map((op) => candidate(op, size)),
        ...[...commits, ...transfers].map((op) => candidate(op)),
      ];
      const limits = {
        timeMs: world.timeMs + 1,
        executedMs: world.timeMs,
        maxOps,
        maxBytes,
        inFlight: [],
        judgeEvidence,
      };
      const packed = packEntry(all, world.ledger, limits).map((one) => one.operation.body.kind);
      return ["commit", "evidence", "transfer"].map((kind) => packed.filter((one) => one === kind).length);
    };
    expect(packWith(300, 2000)).toEqual([20, 16, 20]);
    expect(packWith(32 * 1024, 2000)).toEqual([20, 2, 20]);
    expect(packWith(32 * 1024 + 1, 2000)).toEqual([20, 1, 20]);
    expect(packWith(56 * 1024, 2000)).toEqual([20, 1, 20]);
    // A full half of commits, and beyond it evidence before the bulk lane: neither starves the other.
    expect(packWith(300, 40)).toEqual([20, 16, 4]);
    expect(packWith(5000, 2000, 12_000)).toEqual([20, 1, 3]);
  });
});

describe("admission", () => {
  const world = new World({ names: ["ann", "bob", "sue"] });
  const judge = (op: Operation) => {
    const verdict = judgeAdmission(world.ledger, op, world.timeMs);
    return verdict.kind === "accept" ? "accept" : `${verdict.kind} ${verdict.rejection.code}`;
  };
  const op = world.op("ann", transfer);

  it("accepts what is within the nonce window and can pay", () => {
    expect(judge(op)).toBe("accept");
    expect(judge(world.op("ann", transfer, 63))).toBe("accept");
  });

  it("blames the relayer only for what it could have seen itself", () => {
    expect(judge({ ...op, chain: salt("other") })).toBe("refuse WRONG_CHAIN");
    expect(judge({ ...op, market: salt("other") })).toBe("refuse WRONG_MARKET");
    expect(judge(world.op("ann", transfer, 0, FEE - 1n))).toBe("refuse FEE_BELOW_MINIMUM");
    expect(judge({ ...op, authority: { ...op.authority!, validUntilMs: 1 } })).toBe("ignore EXPIRED");
  });

  it("keeps for later what may only be ahead of this peer's state", () => {
    expect(judge(world.op("stranger", transfer))).toBe("later ACCOUNT_UNKNOWN");
    expect(judge(world.op("ann", transfer, 64))).toBe("later NONCE_NOT_NEXT");
    expect(judge(world.op("ann", transfer, 0, FUNDS + 1n))).toBe("later FUNDS_TOO_LOW");
    expect(judge(world.reveal(salt("unknown"), "ann", 5n))).toBe("later AUCTION_UNKNOWN");
  });

  it("ignores what is spent: a used nonce, a second or false opening", () => {
    world.entry([op]);
    expect(judge(op)).toBe("ignore NONCE_NOT_NEXT");
    const id = world.create("sue");
    world.entry([world.op("ann", world.commit(id, "ann", 50n, 1000n))]);
    expect(judge(world.reveal(id, "ann", 50n))).toBe("later REVEAL_TOO_EARLY");
    world.until(id, "reveal");
    expect(judge(world.reveal(id, "bob", 50n))).toBe("later COMMIT_UNKNOWN");
    expect(judge(world.reveal(id, "ann", 51n))).toBe("ignore OPENING_MISMATCH");
    expect(judge(world.reveal(id, "ann", 50n))).toBe("accept");
    world.entry([world.reveal(id, "ann", 50n)]);
    expect(judge(world.reveal(id, "ann", 50n))).toBe("ignore ALREADY_REVEALED");
    world.until(id, "done");
    expect(judge(world.reveal(id, "ann", 50n))).toBe("ignore REVEAL_TOO_LATE");
  });
});
