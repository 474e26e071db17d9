// Fees and funds of own operations: what is asked, what is promised already, what replaces what, and who is told.
import { describe, expect, it, vi } from "vitest";
import { ACCOUNTS, MAX_COMMITS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  commitOf,
  encodeOperation,
  type Operation,
  operationId,
  signOperation,
} from "../../src/market/index.js";
import { Effects } from "../../src/peer/effects.js";
import { execute } from "../../src/peer/execution.js";
import { OPERATION_PREFIX } from "../../src/peer/index.js";
import { publishAgain, publishDueCommits } from "../../src/peer/own/openings.js";
import {
  bidding,
  Cluster,
  creation,
  FEE,
  FUNDS,
  type Host,
  idOf,
  keyOf,
  opened,
  operationsIn,
  phaseAt,
  placed,
} from "./cluster.js";

/** A seat without agents beyond the sellers, and a follower whose operations reach nobody until they may. */
function apart() {
  const cluster = new Cluster({ agents: [["sue", "bob"], ["ann"]], seats: 1 });
  const ann = cluster.host(1);
  const cut = { now: true };
  cluster.loses = (from, _, carriesOperation) => cut.now && from === ann && carriesOperation;
  const release = () => {
    cut.now = false;
  };
  return { cluster, ann, release };
}

const gift = (amount: bigint, fee?: bigint) =>
  ({
    kind: "transfer",
    from: idOf("ann"),
    to: idOf("bob"),
    amount,
    ...(fee === undefined ? {} : { fee }),
  }) as const;

/** Ann has so much stake, in everybody's ledger, and her operations wait. */
function staked(stake: bigint) {
  const { cluster, ann, release } = apart();
  const bond = cluster.command(ann, { kind: "bond", from: idOf("ann"), amount: stake });
  if (!bond.ok) throw new Error(bond.refusal.code);
  release();
  cluster.run(2000);
  expect(ann.live.ledger.accountOf(idOf("ann"))).toMatchObject({ stake });
  return { cluster, ann };
}

const codeOf = (result: ReturnType<Cluster["command"]>): string =>
  result.ok ? "granted" : result.refusal.code;

describe("stake that what waits will take", () => {
  const withdraw = (amount: bigint) => ({ kind: "unbond", from: idOf("ann"), amount }) as const;

  it("is counted to the last micro-credit, and told of", () => {
    const { cluster, ann } = staked(100n);
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    expect(codeOf(cluster.command(ann, withdraw(60n)))).toBe("granted");
    expect(cluster.command(ann, withdraw(41n))).toMatchObject({
      refusal: { code: "FREE_STAKE_TOO_LOW", detail: { freeStake: "100", needed: "101", short: "1" } },
    });
    expect(codeOf(cluster.command(ann, withdraw(40n)))).toBe("granted");
    expect(codeOf(cluster.command(ann, withdraw(1n)))).toBe("FREE_STAKE_TOO_LOW");
  });

  it("holds a bond as little as what is spent: its funds are taken once", () => {
    const { cluster, ann } = staked(100n);
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    const free = ann.live.ledger.accountOf(idOf("ann"))!.free;
    const bond = (amount: bigint) => ({ kind: "bond", from: idOf("ann"), amount }) as const;
    expect(codeOf(cluster.command(ann, bond(free - 3n * FEE)))).toBe("granted");
    expect(codeOf(cluster.command(ann, bond(FEE + 1n)))).toBe("FUNDS_TOO_LOW");
    // What is bonded is stake only once it is executed.
    expect(codeOf(cluster.command(ann, withdraw(101n)))).toBe("FREE_STAKE_TOO_LOW");
    expect(codeOf(cluster.command(ann, withdraw(100n)))).toBe("granted");
  });

  it("is room for parts, too: as many as a row holds", () => {
    const { cluster, ann } = staked(1000n);
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    const codes = Array.from({ length: 60 }, () => codeOf(cluster.command(ann, withdraw(1n))));
    expect(new Set(codes)).toEqual(new Set(["granted"]));
    const { ledger } = ann.live;
    ledger.change(ACCOUNTS, idOf("ann"), (one) => {
      one.unbonding = Array.from({ length: 3 }, () => ({ amount: 1n, releaseMs: cluster.nowMs + 600_000 }));
    });
    expect(codeOf(cluster.command(ann, withdraw(1n)))).toBe("granted");
    expect(codeOf(cluster.command(ann, withdraw(1n)))).toBe("TOO_MANY_UNBONDING");
  });
});

describe("stake that promises of deliveries take", () => {
  it("is at least the network's minimum beside withdrawals that wait", () => {
    const { cluster, ann } = staked(150_000_000n);
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    const sale = () => codeOf(cluster.command(ann, creation("ann", { ...DELIVERY, lockups: [1000n] })));
    const withdraw = (amount: bigint) =>
      codeOf(cluster.command(ann, { kind: "unbond", from: idOf("ann"), amount }));
    expect(withdraw(150_000_000n - ann.live.ledger.params.minStake)).toBe("granted");
    expect(sale()).toBe("granted");
    expect(withdraw(1n)).toBe("granted");
    expect(sale()).toBe("STAKE_BELOW_MINIMUM");
  });

  const STAKE = 200_000_000n;
  const DELIVERY = { deliverMs: 5000, settleMs: 5000 };

  it("is counted for sales that wait, to the last micro-credit, beside what is withdrawn", () => {
    const { cluster, ann } = staked(STAKE);
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    const sale = (lockup: bigint) =>
      codeOf(cluster.command(ann, creation("ann", { ...DELIVERY, lockups: [lockup] })));
    expect(sale(100_000_000n)).toBe("granted");
    expect(sale(33_333_334n)).toBe("FREE_STAKE_TOO_LOW");
    expect(sale(33_333_332n)).toBe("granted");
    const withdraw = (amount: bigint) =>
      codeOf(cluster.command(ann, { kind: "unbond", from: idOf("ann"), amount }));
    expect(withdraw(3n)).toBe("FREE_STAKE_TOO_LOW");
    expect(withdraw(2n)).toBe("granted");
  });

  it.each(["published", "delayed", "early"] as const)("is counted for an ask that is %s", (when) => {
    const { cluster, ann } = staked(STAKE);
    const startInMs = when === "early" ? 5000 : 0;
    const wishes = { ...DELIVERY, direction: "buy", reserve: 900n, commitMs: 20_000, startInMs } as const;
    const auctions = [0, 1].map(() =>
      opened(
        cluster,
        "sue",
        { ...wishes, lockups: [60_000_000n, 100_000_000n, 140_000_000n] },
        when === "early" ? "scheduled" : "open",
      ),
    );
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    const ask = (at: number, lockup: bigint) => {
      const delayMs = when === "delayed" ? 3000 : 0;
      return codeOf(cluster.command(ann, bidding("ann", auctions[at]!, 500n, { delayMs, lockup })));
    };
    const free = ann.live.ledger.accountOf(idOf("ann"))!.free;
    expect(ask(0, 100_000_000n)).toBe("granted");
    expect(ask(1, 140_000_000n)).toBe("FREE_STAKE_TOO_LOW");
    expect(ask(1, 100_000_000n)).toBe("granted");
    // A newer bid takes the place of the older one: what that held counts as long as an entry may still hold it.
    expect(ask(0, 60_000_000n)).toBe("granted");
    expect(ann.live.ledger.accountOf(idOf("ann"))!.free).toBe(free);
  });
});

describe("funds that what waits will take", () => {
  /** what a newcomer may lock */
  const MOST = (FUNDS / 5n) * 4n;

  it("back one bid: the second and third over the same money are refused, and told of the promise", () => {
    const { cluster, ann } = apart();
    const wishes = { lockups: [600_000_000n], commitMs: 20_000 };
    const auctions = [0, 1, 2].map(() => opened(cluster, "sue", wishes));
    const results = auctions.map((auction) => cluster.command(ann, bidding("ann", auction, 500_000_000n)));
    expect(results.map(codeOf)).toEqual(["granted", "FUNDS_TOO_LOW", "FUNDS_TOO_LOW"]);
    expect(results[1]).toMatchObject({
      refusal: {
        detail: { free: `${FUNDS}`, promised: `${600_000_000n + FEE}`, needed: `${600_000_000n + FEE}` },
      },
    });
    expect(ann.steps.at(-1)!.ready).toMatchObject({ persist: [], send: [] });
  });

  it("and of it what is lockable: two bids that free funds would cover are more than a newcomer locks", () => {
    const { cluster, ann } = apart();
    const auctions = [0, 1].map(() => opened(cluster, "sue", { lockups: [450_000_000n], commitMs: 20_000 }));
    const results = auctions.map((auction) => cluster.command(ann, bidding("ann", auction, 400_000_000n)));
    expect(results.map(codeOf)).toEqual(["granted", "LOCKABLE_TOO_LOW"]);
    const promised = 450_000_000n + (FEE * 4n) / 5n;
    expect(results[1]).toMatchObject({
      refusal: { detail: { lockable: `${(FUNDS / 5n) * 4n}`, promised: `${promised}`, locks: "450000000" } },
    });
  });

  it.each(["published", "delayed", "early"] as const)(
    "are counted to the last micro-credit: a %s bid",
    (when) => {
      const { cluster, ann } = apart();
      const startInMs = when === "early" ? 5000 : 0;
      const phase = when === "early" ? "scheduled" : "open";
      const wishes = { lockups: [MOST], commitMs: 20_000, startInMs };
      const auction = opened(cluster, "sue", wishes, phase);
      placed(cluster, "ann", auction, 500n, when === "delayed" ? 9000 : 0);
      expect(codeOf(cluster.command(ann, gift(FUNDS - MOST - 2n * FEE + 1n)))).toBe("FUNDS_TOO_LOW");
      expect(codeOf(cluster.command(ann, gift(FUNDS - MOST - 3n * FEE)))).toBe("granted");
      expect(codeOf(cluster.command(ann, gift(1n)))).toBe("FUNDS_TOO_LOW");
    },
  );

  it.each([0, 9000])("are not counted twice where a bid replaces another (delay %s ms)", (delayMs) => {
    const { cluster, ann } = apart();
    const auction = opened(cluster, "sue", { lockups: [MOST], commitMs: 20_000 });
    const first = cluster.command(ann, bidding("ann", auction, 500n, { delayMs }));
    const second = cluster.command(ann, bidding("ann", auction, 600n, { delayMs }));
    if (!first.ok || !second.ok) throw new Error("granted");
    expect(first.bid).toMatchObject({ replaces: null, lockup: MOST });
    expect(second.bid!.replaces).toEqual(first.bid!.commitment);
  });

  it("come back when what waited has failed or its auction takes no more bids", () => {
    const { cluster, ann } = apart();
    const auction = opened(cluster, "sue", { lockups: [MOST], commitMs: 1000 });
    placed(cluster, "ann", auction, 500n, 9000);
    expect(codeOf(cluster.command(ann, gift(FUNDS / 2n)))).toBe("FUNDS_TOO_LOW");
    cluster.run(5000, () => phaseAt(ann, auction) === "reveal");
    expect(codeOf(cluster.command(ann, gift(FUNDS / 2n)))).toBe("granted");
  });
});

describe("a fee", () => {
  it("is what the wish names, of every kind, and else what the network asks", () => {
    const { cluster, ann } = apart();
    const host = cluster.host(0);
    const auction = opened(cluster, "sue", { commitMs: 20_000 });
    const feesOf = (who: Host) => operationsIn(who.steps.at(-1)!.ready.send).map((op) => op.authority!.fee);
    const wishes = [
      [ann, gift(1n)],
      [ann, bidding("ann", auction, 500n)],
      [host, creation("sue")],
    ] as const;
    for (const [who, wish] of wishes) {
      for (const fee of [undefined, 5n * FEE]) {
        const result = cluster.command(who, { ...wish, ...(fee === undefined ? {} : { fee }) });
        expect(result).toMatchObject({ ok: true, fee: fee ?? FEE });
        expect(feesOf(who)).toContain(fee ?? FEE);
      }
    }
    expect(codeOf(cluster.command(ann, gift(1n, FEE - 1n)))).toBe("FEE_BELOW_MINIMUM");
    expect(codeOf(cluster.command(ann, gift(1n, -1n)))).toBe("WISH_MALFORMED");
    expect(codeOf(cluster.command(ann, { ...bidding("ann", auction, 5n), fee: -1n }))).toBe("WISH_MALFORMED");
    expect(codeOf(cluster.command(ann, { ...bidding("ann", auction, 5n), fee: FEE - 1n }))).toBe(
      "FEE_BELOW_MINIMUM",
    );
  });

  it("of a bid that waits for its time is kept with it", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"]], seats: 1 });
    const ann = cluster.host(1);
    const auction = opened(cluster, "sue", { commitMs: 5000 });
    cluster.command(ann, { ...bidding("ann", auction, 500n, { delayMs: 500 }), fee: 3n * FEE });
    cluster.restart(ann);
    cluster.run(1000);
    const commits = operationsIn(ann.sent).filter(({ body }) => body.kind === "commit");
    expect(commits.map((op) => op.authority!.fee)).toEqual(expect.arrayContaining([3n * FEE]));
    expect(cluster.host(0).live.ledger.accountOf(idOf("ann"))!.free).toBe(FUNDS - 1_000_000n - 3n * FEE);
  });
});

describe("a raised fee", () => {
  const rowsOf = (host: Host) =>
    [...host.rows.keys()].filter((key) => key.startsWith(OPERATION_PREFIX)).length;
  const posted = (cluster: Cluster, host: Host): Uint8Array => {
    const result = cluster.command(host, gift(7n));
    if (!result.ok || result.operation === null) throw new Error("granted");
    return result.operation;
  };

  it("replaces the operation everywhere, and one of the two is executed", () => {
    const { cluster, ann, release } = apart();
    release();
    const first = posted(cluster, ann);
    const result = cluster.command(ann, { kind: "raiseFee", operation: first });
    expect(result).toMatchObject({ ok: true, fee: 2n * FEE });
    expect([ann.live.mempool.size, rowsOf(ann)]).toEqual([1, 1]);
    const { operation } = result as { operation: Uint8Array };
    const notice = { kind: "operationReplaced", operation: first, by: operation };
    expect(ann.notices).toContainEqual(notice);
    cluster.run(2000);
    const { ledger, mempool } = cluster.host(0).live;
    expect(ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 7n);
    expect([FUNDS - 7n - FEE, FUNDS - 7n - 2n * FEE]).toContain(ledger.accountOf(idOf("ann"))!.free);
    expect([mempool.size, ann.live.mempool.size, rowsOf(ann), ann.live.outbox.wakeAt]).toEqual([
      0,
      0,
      0,
      null,
    ]);
  });

  it("is at least a quarter higher, covered, and of an own operation that waits", () => {
    const { cluster, ann } = apart();
    const operation = posted(cluster, ann);
    const raise = (fee: bigint, of = operation) =>
      codeOf(cluster.command(ann, { kind: "raiseFee", operation: of, fee }));
    expect(raise(FEE + FEE / 4n - 1n)).toBe("FEE_TOO_LOW_TO_REPLACE");
    expect(raise(FUNDS - 6n)).toBe("FUNDS_TOO_LOW");
    expect(raise(-1n)).toBe("WISH_MALFORMED");
    expect(raise(FEE * 2n, new Uint8Array(32))).toBe("OPERATION_NOT_WAITING");
    expect(raise(FEE + FEE / 4n)).toBe("granted");
    expect(raise(FEE * 9n)).toBe("OPERATION_NOT_WAITING");
  });

  it("of an auction's creation keeps its id and its hidden reserve", () => {
    const cluster = new Cluster({ agents: [["bob"], ["sue"]], seats: 1 });
    const sue = cluster.host(1);
    const lost = { now: true };
    cluster.loses = (from, _, carriesOperation) => lost.now && from === sue && carriesOperation;
    const made = cluster.command(sue, creation("sue", { hiddenReserve: 450n, bond: 1_000_000n }));
    if (!made.ok || made.operation === null) throw new Error("granted");
    const raised = cluster.command(sue, { kind: "raiseFee", operation: made.operation });
    expect(raised).toMatchObject({ ok: true, auction: made.auction });
    lost.now = false;
    expect(cluster.run(10_000, () => phaseAt(sue, made.auction!) === "open")).toBe(true);
    expect(cluster.run(20_000, () => phaseAt(sue, made.auction!) === "unsold")).toBe(true);
    const { free, deposits } = sue.live.ledger.accountOf(idOf("sue"))!;
    expect(free + deposits, "the bond came back").toBe(FUNDS - 2n * FEE);
  });

  it("an operation that another program pays more for leaves the outbox, and its owner is told", () => {
    const { cluster, ann } = apart();
    const first = posted(cluster, ann);
    const authority = { nonce: 0, fee: 2n * FEE, validUntilMs: cluster.nowMs + 60_000 };
    const body = { kind: "transfer", to: idOf("sue"), amount: 5n } as const;
    const other: Operation = signOperation(ann.live.ledger.network, authority, body, keyOf("ann"));
    cluster.feed(ann, {
      kind: "operation",
      from: "elsewhere",
      operation: other,
      bytes: encodeOperation(other),
    });
    expect(ann.notices).toContainEqual({
      kind: "operationReplaced",
      operation: first,
      by: operationId(other),
    });
    expect([rowsOf(ann), ann.live.outbox.wakeAt, ann.live.mempool.size]).toEqual([0, null, 1]);
  });
});

describe("an estimate", () => {
  it("looks at all that waits once, and not for each bid that is kept", () => {
    const { cluster, ann } = apart();
    const delayed = (auction: ReturnType<typeof opened>) => ({
      ...bidding("ann", auction, 500n),
      delayMs: 10_000,
    });
    const auctions = Array.from({ length: 12 }, () =>
      opened(cluster, "sue", { lockups: [1000n], commitMs: 60_000 }),
    );
    for (const auction of auctions.slice(1)) {
      expect(cluster.command(ann, delayed(auction))).toMatchObject({ ok: true, operation: null });
    }
    const looks = vi.spyOn(ann.live.mempool, "values");
    expect(cluster.command(ann, delayed(auctions[0]!))).toMatchObject({ ok: true, operation: null });
    expect(looks.mock.calls.length).toBeLessThan(auctions.length / 2);
    looks.mockClear();
    publishDueCommits(ann.live, cluster.nowMs + 10_000, new Effects());
    expect(ann.live.mempool.size).toBe(auctions.length);
    expect(looks.mock.calls.length).toBeLessThan(auctions.length / 2);
  });
});

describe("a bid where room for reveals is scarce", () => {
  /** An open auction with so many commits, as ann's peer sees it. */
  function scarce(commits: number) {
    const { cluster, ann } = apart();
    const auction = opened(cluster, "sue", { lockups: [1000n], commitMs: 20_000 });
    ann.live.ledger.change(AUCTIONS, auction, (one) => {
      one.commits = commits;
    });
    return { cluster, ann, auction };
  }
  const feeOf = (result: ReturnType<Cluster["command"]>) => (result.ok ? result.fee : null);
  const half = Math.floor(MAX_COMMITS / 2);

  it.each([
    [half - 256 - 1, FEE],
    [half - 256, 2n * FEE],
    [half, 4n * FEE],
    [3900, 256n * FEE],
  ])("pays for a place a sixteenth of the room later: after %i others %i", (commits, fee) => {
    const { cluster, ann, auction } = scarce(commits);
    expect(feeOf(cluster.command(ann, bidding("ann", auction, 500n)))).toBe(fee);
  });

  it.each([
    [2n * FEE - 1n, false],
    [2n * FEE, true],
  ])("is refused before it is sent if a fee of %i is named that does not pay for its place", (fee, ok) => {
    const { cluster, ann, auction } = scarce(half);
    const result = cluster.command(ann, { ...bidding("ann", auction, 500n), fee });
    expect(result.ok).toBe(ok);
    if (!result.ok) {
      const detail = { fee: `${fee}`, least: `${2n * FEE}` };
      expect(result.refusal).toEqual({ code: "REVEAL_ROOM_FEE_TOO_LOW", detail });
    }
    expect(ann.live.mempool.size).toBe(ok ? 1 : 0);
  });

  it("that is published later pays what its place costs then, or waits if a lower fee is named", () => {
    const delayed = (fee?: bigint) => {
      const { cluster, ann, auction } = scarce(0);
      const wish = { ...bidding("ann", auction, 500n), delayMs: 1000, ...(fee && { fee }) };
      expect(cluster.command(ann, wish)).toMatchObject({ ok: true, operation: null });
      ann.live.ledger.change(AUCTIONS, auction, (one) => {
        one.commits = half;
      });
      const effects = new Effects();
      publishDueCommits(ann.live, cluster.nowMs + 1000, effects);
      return [...ann.live.mempool.values()].map(({ operation }) => operation.authority!.fee);
    };
    expect(delayed()).toEqual([4n * FEE]);
    expect(delayed(2n * FEE)).toEqual([2n * FEE]);
    expect(delayed(2n * FEE - 1n)).toEqual([]);
  });

  it.each([
    [undefined, 4n * FEE],
    [FEE, null],
  ])("whose place became dearer on its way is published again, unless its fee was named: %s", (fee, paid) => {
    const { cluster, ann, release } = apart();
    const auction = opened(cluster, "sue", { lockups: [1000n], commitMs: 20_000 });
    const wish = { ...bidding("ann", auction, 500n), ...(fee && { fee }) };
    expect(feeOf(cluster.command(ann, wish))).toBe(FEE);
    for (const { live } of [cluster.host(0), ann]) {
      live.ledger.change(AUCTIONS, auction, (one) => {
        one.commits = half;
      });
    }
    release();
    const before = ann.live.ledger.accountOf(idOf("ann"))!.free;
    const isIn = () => commitOf(ann.live.ledger, auction, idOf("ann")) !== null;
    expect(cluster.run(5000, isIn)).toBe(paid !== null);
    const spent = before - ann.live.ledger.accountOf(idOf("ann"))!.free;
    expect(spent).toBe(FEE + (paid === null ? 0n : paid + 1000n));
  });

  it.each([
    ["raised", 8n * FEE, 8n * FEE],
    ["raised", 4n * FEE, 4n * FEE],
    ["raised", 3n * FEE, 4n * FEE],
    ["first", 8n * FEE, 8n * FEE],
    ["first", 3n * FEE, 4n * FEE],
  ])(
    "of which the %s form is refused is published again at no less than it was raised to: %i",
    (form, raised, paid) => {
      const { cluster, ann, auction } = scarce(0);
      const { mempool } = ann.live;
      const waiting = () => [...mempool.values()].map(({ operation }) => operation);
      const bid = cluster.command(ann, bidding("ann", auction, 500n));
      if (!bid.ok || bid.operation === null) throw new Error("the bid was not sent");
      const [first] = waiting();
      const raise = { kind: "raiseFee", operation: bid.operation, fee: raised } as const;
      expect(feeOf(cluster.command(ann, raise))).toBe(raised);
      const [last] = [...mempool.values()];
      if (form === "raised") mempool.delete(last!.key);
      ann.live.ledger.change(AUCTIONS, auction, (one) => {
        one.commits = half;
      });
      publishAgain(ann.live, form === "raised" ? last!.operation : first!, new Effects());
      mempool.delete(last!.key);
      publishDueCommits(ann.live, cluster.nowMs, new Effects());
      expect(waiting().map(({ authority }) => authority!.fee)).toEqual([paid]);
    },
  );

  it("is not looked for when a stranger's is refused", () => {
    const { cluster, ann, auction } = scarce(0);
    expect(cluster.command(ann, bidding("ann", auction, 500n))).toMatchObject({ ok: true });
    const looks = vi.spyOn(ann.live.custody, "openingsOf");
    const refused = [...ann.live.mempool.values()][0]!.operation;
    const authority = { ...refused.authority!, from: idOf("bob") };
    publishAgain(ann.live, { ...refused, authority }, new Effects());
    expect(looks).not.toHaveBeenCalled();
    publishAgain(ann.live, refused, new Effects());
    expect(ann.live.custody.unpublished()).toHaveLength(1);
  });

  it("is raised to what its place costs, and not to less", () => {
    const { cluster, ann, auction } = scarce(0);
    const bid = cluster.command(ann, bidding("ann", auction, 500n));
    if (!bid.ok || bid.operation === null) throw new Error("the bid was not sent");
    ann.live.ledger.change(AUCTIONS, auction, (one) => {
      one.commits = half;
    });
    const raise = { kind: "raiseFee", operation: bid.operation } as const;
    expect(codeOf(cluster.command(ann, { ...raise, fee: 2n * FEE - 1n }))).toBe("REVEAL_ROOM_FEE_TOO_LOW");
    expect(feeOf(cluster.command(ann, raise))).toBe(4n * FEE);
  });

  it("that takes the place of one's own costs the least fee", () => {
    const { cluster, ann, release } = apart();
    const auction = opened(cluster, "sue", { lockups: [1000n], commitMs: 20_000 });
    release();
    placed(cluster, "ann", auction, 500n);
    const isIn = () => commitOf(ann.live.ledger, auction, idOf("ann")) !== null;
    expect(cluster.run(5000, isIn)).toBe(true);
    ann.live.ledger.change(AUCTIONS, auction, (one) => {
      one.commits = MAX_COMMITS - 1;
    });
    expect(feeOf(cluster.command(ann, bidding("ann", auction, 600n)))).toBe(FEE);
  });
});

describe("an operation that the log leaves out", () => {
  const waits = (host: Host) => host.notices.filter(({ kind }) => kind === "operationWaits");

  it("is told of once, after three entries that could have held it", () => {
    const { cluster, ann } = apart();
    const result = cluster.command(ann, gift(7n));
    const fromHeight = ann.live.tip.height;
    cluster.run(60_000, () => waits(ann).length > 0);
    expect(ann.live.tip.height - fromHeight).toBe(3);
    expect(waits(ann)).toMatchObject([
      {
        operation: (result as { operation: Uint8Array }).operation,
        entries: 3,
        fee: FEE,
        suggestedFee: 2n * FEE,
      },
    ]);
    cluster.run(3000);
    expect(waits(ann)).toHaveLength(1);
  });

  it("is not told of while its turn has not come", () => {
    const { cluster, ann } = apart();
    cluster.command(ann, gift(7n));
    cluster.command(ann, gift(8n));
    cluster.run(3000);
    expect(waits(ann)).toHaveLength(1);
  });
});

describe("an operation that an entry passes over", () => {
  it("keeps waiting, since its turn may come: no leader takes it out of the mempools by including it early", () => {
    const { cluster, ann } = apart();
    cluster.run(1000);
    const posted = [7n, 8n].map((amount) => cluster.command(ann, gift(amount)));
    expect(posted.every(({ ok }) => ok)).toBe(true);
    const [first, second] = [...ann.live.mempool.values()].map(({ bytes }) => bytes) as [
      Uint8Array,
      Uint8Array,
    ];
    const final = (ops: readonly Uint8Array[]) => {
      const { tip } = ann.live;
      const header = {
        ...tip.header!,
        height: tip.height + 1,
        timeMs: tip.timeMs + 1,
        execHeight: tip.height,
      };
      const effects = new Effects();
      execute(ann.live, { ...ann.log().at(-1)!, header, ops: [...ops] }, effects);
      return effects.ready(null).notify.filter(({ kind }) => kind === "operationRefused");
    };
    expect(final([second])).toEqual([]);
    expect(ann.live.mempool.size).toBe(2);
    expect(ann.live.outbox.wakeAt).not.toBeNull();
    expect(final([first, second])).toEqual([]);
    expect([ann.live.mempool.size, ann.live.outbox.wakeAt]).toEqual([0, null]);
    expect(final([first]), "what comes again after it was applied is not told as refused").toEqual([]);
    expect(ann.live.ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 15n);
  });
});

describe("a key that comes at run time", () => {
  it("acts at once, and finds in the log what it had sealed elsewhere", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"], []], seats: 1 });
    const late = cluster.host(2);
    const auction = opened(cluster, "sue", { commitMs: 3000 });
    placed(cluster, "ann", auction, 500n);
    cluster.run(500);
    cluster.crash(cluster.host(1));
    const hold = { kind: "holdAgent", key: keyOf("ann") } as const;
    expect(codeOf(cluster.command(late, bidding("ann", auction, 600n)))).toBe("KEY_NOT_HELD");
    expect(cluster.command(late, hold)).toEqual({ ok: true, operation: null, auction: null });
    expect(late.live.custody.openingsOf(auction).map(({ bid }) => bid.amount)).toEqual([500n]);
    expect(cluster.command(late, hold).ok, "twice is once").toBe(true);
    const result = cluster.command(late, { ...gift(7n), to: idOf("sue") });
    expect(result.ok).toBe(true);
    expect(cluster.run(20_000, () => phaseAt(late, auction) === "done")).toBe(true);
    expect(commitOf(late.live.ledger, auction, idOf("ann"))?.award).not.toBeNull();
  });
});
