// What a leader includes: the critical lane's half, everyone's share, nonces in order, reveals before all.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LANE, type Operation, selfProving } from "../../src/ledger/index.js";
import { judgeAdmission, packEntry } from "../../src/market/index.js";
import { agent, convictions, FEE, FUNDS, judgeEvidence, salt, World } from "./world.js";

const candidate = (operation: Operation, size = 300) => ({ operation, size });
const transfer = { kind: "transfer", to: agent("bob"), amount: 1n } as const;

function pack(
  world: World,
  ops: readonly Operation[],
  more: { maxOps?: number; maxBytes?: number; inFlight?: readonly Operation[]; size?: number } = {},
) {
  const { maxOps = 2000, maxBytes = 1 << 20, inFlight = [], size = 300 } = more;
  const limits = { timeMs: world.timeMs + 1, maxOps, maxBytes, inFlight, judgeEvidence };
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
      const critical = ops.filter((op) => LANE[op.body.kind] === "critical").length;
      return [critical, ops.length - critical];
    };
    expect(lanes(pack(world, [...transfers, ...commits], { maxOps: 10 }))).toEqual([5, 5]);
    expect(lanes(pack(world, [...transfers, ...commits.slice(0, 2)], { maxOps: 10 }))).toEqual([2, 5 + 3]);
    expect(lanes(pack(world, [...transfers.slice(0, 1), ...commits], { maxOps: 10 }))).toEqual([9, 1]);
    expect(lanes(pack(world, [...transfers, ...commits], { maxBytes: 3000 }))).toEqual([5, 5]);
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
