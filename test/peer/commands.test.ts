// Commands: a wish is granted as an operation on its way, or refused with a code and without a trace.
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes, MAX_AMOUNT } from "../../src/base/index.js";
import {
  AUCTIONS,
  type AuctionId,
  encodeOperation,
  type Operation,
  type OperationBody,
  operationId,
  selfProving,
  signOperation,
} from "../../src/market/index.js";
import type { Command, CommandResult } from "../../src/peer/index.js";
import { longestIdleMs } from "../../src/quorum/index.js";
import {
  bidding,
  Cluster,
  creation,
  ended,
  FEE,
  FUNDS,
  idOf,
  keyOf,
  LOT,
  opened,
  operationsIn,
  phaseAt,
  placed,
} from "./cluster.js";

const lone = (params = {}) =>
  new Cluster({ agents: [["sue", "ann", "bob", "faucet", "new"]], funded: ["far"], params });

const transfer = (amount: bigint, to = idOf("bob")): Command => ({
  kind: "transfer",
  from: idOf("ann"),
  to,
  amount,
});

/** Everything of a peer that a refusal must leave alone. */
function imprint(cluster: Cluster) {
  const { mempool, outbox, custody, tip } = cluster.host(0).live;
  const waiting = [...mempool.values()].map((one) => one.key);
  const openings = custody.auctions().map((id) => [id, custody.unpublished().length]);
  return { waiting, wakeAt: outbox.wakeAt, openings, tip, rows: new Map(cluster.host(0).rows) };
}

function refusedWithoutTrace(cluster: Cluster, command: Command): string {
  const before = imprint(cluster);
  const result = cluster.command(cluster.host(0), command);
  expect(imprint(cluster)).toEqual(before);
  expect(cluster.host(0).steps.at(-1)!.ready).toMatchObject({ persist: [], send: [] });
  return result.ok ? "granted" : result.refusal.code;
}

const operationOf = (result: CommandResult): Uint8Array => {
  if (!result.ok || result.operation === null) throw new Error(JSON.stringify(result));
  return result.operation;
};

const codesOf = (cluster: Cluster, commands: readonly Command[]): string[] =>
  commands.map((command) => refusedWithoutTrace(cluster, command));

describe("a refusal says why and leaves no trace", () => {
  it("of money", () => {
    const cluster = lone();
    const unknown = keyOf("nobody").publicKey;
    expect(
      codesOf(cluster, [
        { ...transfer(1n), from: idOf("far") } as Command,
        transfer(0n),
        transfer(1n, unknown),
        transfer(FUNDS),
        { ...transfer(1n), from: idOf("new"), to: unknown } as Command,
        { kind: "grant", from: idOf("ann"), to: unknown, free: 5n, stake: 0n },
        { kind: "grant", from: idOf("faucet"), to: unknown, free: FUNDS, stake: 1n },
        { kind: "grant", from: idOf("faucet"), to: new Uint8Array(32), free: 5n, stake: 0n },
      ]),
    ).toEqual([
      "KEY_NOT_HELD",
      "AMOUNT_ZERO",
      "RECIPIENT_UNKNOWN",
      "FUNDS_TOO_LOW",
      "RECIPIENT_UNKNOWN",
      "NOT_A_GRANTER",
      "ALLOWANCE_EXCEEDED",
      "RECIPIENT_KEY_UNSOUND",
    ]);
  });

  it("of stake", () => {
    const cluster = lone();
    const stake = (kind: "bond" | "unbond", amount: bigint, from = "ann"): Command => ({
      kind,
      from: idOf(from),
      amount,
    });
    expect(
      codesOf(cluster, [
        stake("bond", 1n, "far"),
        stake("bond", 0n),
        stake("bond", FUNDS),
        stake("bond", 2n ** 64n),
        stake("unbond", 0n),
        stake("unbond", 1n),
        stake("unbond", -1n),
      ]),
    ).toEqual([
      "KEY_NOT_HELD",
      "AMOUNT_ZERO",
      "FUNDS_TOO_LOW",
      "WISH_MALFORMED",
      "AMOUNT_ZERO",
      "FREE_STAKE_TOO_LOW",
      "WISH_MALFORMED",
    ]);
  });

  it("of auctions", () => {
    const cluster = lone();
    const auction = opened(cluster, "sue", { commitMs: 3000 });
    placed(cluster, "ann", auction, 20n);
    cluster.run(300);
    const nothing = new Uint8Array(32);
    expect(
      codesOf(cluster, [
        creation("far"),
        creation("sue", { commitMs: 10 }),
        creation("sue", { startInMs: 2 * 86_400_000 }),
        creation("sue", { lockups: [9n] }),
        creation("sue", { hiddenReserve: 9n }),
        creation("sue", { hiddenReserve: 1_000_001n, bond: 1_000_000n }),
        creation("sue", { hiddenReserve: 11n, bond: 999_999n }),
        creation("sue", { bond: FUNDS }),
        creation("sue", { lot: { ...LOT, toMs: cluster.nowMs + 1000 } }),
        { kind: "cancelAuction", from: idOf("sue"), auction: nothing },
        { kind: "cancelAuction", from: idOf("bob"), auction },
        { kind: "cancelAuction", from: idOf("sue"), auction },
      ]),
    ).toEqual([
      "KEY_NOT_HELD",
      "WINDOW_OUT_OF_RANGE",
      "OPENS_TOO_LATE",
      "LOCKUP_BELOW_RESERVE",
      "RESERVE_BELOW_PUBLIC",
      "RESERVE_ABOVE_LOCKUP",
      "BOND_TOO_SMALL",
      "FUNDS_TOO_LOW",
      "LOT_LAPSES_BEFORE_CLOSE",
      "AUCTION_UNKNOWN",
      "NOT_THE_CREATOR",
      "AUCTION_HAS_COMMITS",
    ]);
  });

  it.each([
    [9n, "RESERVE_BELOW_PUBLIC"],
    [10n, "granted"],
    [11n, "granted"],
  ])("of a hidden reserve of %s above a public one of 10: %s", (hiddenReserve, code) => {
    const cluster = lone();
    const wish = creation("sue", { reserve: 10n, hiddenReserve, bond: 1_000_000n });
    const result = cluster.command(cluster.host(0), wish);
    expect(result.ok ? "granted" : result.refusal.code).toBe(code);
  });

  it.each(["open", "scheduled"] as const)("of bids, while the auction is %s", (phase) => {
    const cluster = lone();
    const rich = { lockups: [1000n, FUNDS], commitMs: 5000, startInMs: phase === "open" ? 0 : 2000 };
    const auction = opened(cluster, "sue", rich, phase);
    expect(
      codesOf(cluster, [
        bidding("far", auction, 20n),
        bidding("ann", new Uint8Array(32), 20n),
        bidding("ann", auction, 0n),
        bidding("ann", auction, FUNDS + 1n),
        bidding("ann", auction, 1001n, { lockup: 1000n }),
        bidding("ann", auction, 1001n, { lockup: 5000n }),
        bidding("ann", auction, 1001n),
        bidding("sue", auction, 20n),
        bidding("new", auction, FUNDS),
      ]),
    ).toEqual([
      "KEY_NOT_HELD",
      "AUCTION_UNKNOWN",
      "AMOUNT_ZERO",
      "BID_ABOVE_LOCKUP",
      "BID_ABOVE_LOCKUP",
      "LOCKUP_NOT_OFFERED",
      "FUNDS_TOO_LOW",
      "BIDDER_IS_CREATOR",
      "FUNDS_TOO_LOW",
    ]);
  });

  it("of bids that come too late", () => {
    const cluster = lone();
    const auction = opened(cluster, "sue");
    cluster.run(5000, () => phaseAt(cluster.host(0), auction) === "reveal");
    expect(refusedWithoutTrace(cluster, bidding("ann", auction, 20n))).toBe("COMMIT_AFTER_CLOSE");
    ended(cluster, auction);
    expect(refusedWithoutTrace(cluster, bidding("ann", auction, 20n))).toBe("COMMIT_AFTER_CLOSE");
    expect(refusedWithoutTrace(cluster, { kind: "cancelAuction", from: idOf("sue"), auction })).toBe(
      "AUCTION_ENDED",
    );
  });

  it("of values that no operation can hold: a bug of a caller is not a bug of the peer", () => {
    const cluster = lone();
    const auction = opened(cluster, "sue", { commitMs: 5000 });
    const impossible: Command[] = [
      transfer(-1n),
      transfer(MAX_AMOUNT + 1n),
      transfer(1n, new Uint8Array(31)),
      { kind: "grant", from: idOf("faucet"), to: new Uint8Array(33), free: 1n, stake: 0n },
      { kind: "grant", from: idOf("faucet"), to: idOf("ann"), free: 2n ** 64n, stake: 0n },
      { kind: "cancelAuction", from: idOf("sue"), auction: new Uint8Array(3) },
      ...[
        { reserve: -1n },
        { reserve: MAX_AMOUNT + 1n, lockups: [MAX_AMOUNT + 1n] },
        { lockups: [] },
        { lockups: [100n, 100n] },
        { lockups: [200n, 100n] },
        { lockups: Array.from({ length: 9 }, (_, i) => 100n + BigInt(i)) },
        { bond: -1n },
        { hiddenReserve: MAX_AMOUNT + 1n },
        { hiddenReserve: -1n },
        { startInMs: -1 },
        { startInMs: 0.5 },
        { startInMs: Number.NaN },
        { startInMs: Number.MAX_SAFE_INTEGER },
        { startInMs: Number.POSITIVE_INFINITY },
        { commitMs: 0 },
        { commitMs: 1000.5 },
        { revealMs: Number.NaN },
        { lot: { ...LOT, units: 0 } },
        { lot: { ...LOT, capability: "x".repeat(65) } },
        { lot: { ...LOT, capability: "größe" } },
        { lot: { ...LOT, fromMs: 5, toMs: 5 } },
      ].map((wishes) => creation("sue", wishes)),
      bidding("ann", auction, -1n),
      bidding("ann", auction, MAX_AMOUNT + 1n),
      bidding("ann", auction, 20n, { lockup: -1n }),
      bidding("ann", auction, 20n, { delayMs: -1 }),
      bidding("ann", auction, 20n, { delayMs: Number.NaN }),
      bidding("ann", auction, 20n, { delayMs: 1.5 }),
    ];
    expect(new Set(codesOf(cluster, impossible))).toEqual(new Set(["WISH_MALFORMED"]));
  });
});

describe("operations on their way", () => {
  it("several waiting operations of one agent have nonces in a row, and all are applied", () => {
    const cluster = lone();
    for (let i = 0; i < 5; i++) expect(cluster.command(cluster.host(0), transfer(100n)).ok).toBe(true);
    cluster.run(1000);
    const { ledger } = cluster.host(0).live;
    expect(ledger.table(AUCTIONS).size).toBe(0);
    expect(ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 500n);
    expect(cluster.host(0).live.mempool.size).toBe(0);
  });

  it("the 65th waiting operation of an agent is refused, as the nonce window is", () => {
    const cluster = new Cluster({ agents: [["bob"], ["ann"]], seats: 1 });
    cluster.loses = () => true;
    const ann = cluster.host(1);
    const results = Array.from({ length: 65 }, () => cluster.command(ann, transfer(1n)));
    expect(results.filter((one) => one.ok)).toHaveLength(64);
    expect(results[64]).toMatchObject({ refusal: { code: "TOO_MANY_WAITING" } });
    expect(ann.steps.at(-1)!.ready).toMatchObject({ persist: [], send: [] });
    cluster.loses = () => false;
    // Gates let through five a second of one author, and twenty at once.
    cluster.run(15_000);
    expect(cluster.host(0).live.ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 64n);
  });

  it("an operation that expired unseen leaves no gap behind which others wait", () => {
    const cluster = new Cluster({ agents: [["bob"], ["ann"]], seats: 1, params: { maxValidityMs: 16_000 } });
    const ann = cluster.host(1);
    const isLost = { now: true };
    cluster.loses = (from, _, carriesOperation) => isLost.now && from === ann && carriesOperation;
    const lost = operationOf(cluster.command(ann, transfer(1n)));
    cluster.run(7000);
    const second = cluster.command(ann, transfer(20n));
    cluster.run(1500 + longestIdleMs(cluster.genesis.params));
    const dropped = { kind: "operationRefused", operation: lost, code: "EXPIRED" };
    expect(ann.notices).toContainEqual(expect.objectContaining(dropped));
    isLost.now = false;
    const third = cluster.command(ann, transfer(300n));
    cluster.run(3000);
    expect([second.ok, third.ok]).toEqual([true, true]);
    expect(cluster.host(0).live.ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 320n);
  });
});

describe("operations signed elsewhere", () => {
  const signed = (
    cluster: Cluster,
    body: OperationBody,
    wishes: Record<string, unknown> = {},
    by = "far",
  ): Operation => {
    const authority = { nonce: 0, fee: FEE, validUntilMs: cluster.nowMs + 60_000, ...wishes };
    return signOperation(cluster.host(0).live.ledger.network, authority, body, keyOf(by));
  };
  const submit = (bytes: Uint8Array): Command => ({ kind: "submit", bytes });
  const gift: OperationBody = { kind: "transfer", to: idOf("bob"), amount: 7n };

  it("are carried into the log, once, however often they are submitted", () => {
    const cluster = lone();
    const bytes = encodeOperation(signed(cluster, gift));
    const first = cluster.command(cluster.host(0), submit(bytes));
    const again = cluster.command(cluster.host(0), submit(bytes));
    expect(again).toEqual(first);
    cluster.run(500);
    expect(cluster.host(0).live.ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 7n);
    expect(refusedWithoutTrace(cluster, submit(bytes))).toBe("NONCE_NOT_NEXT");
  });

  it("are refused if they are none, or cannot be of use", () => {
    const cluster = lone();
    const good = signed(cluster, gift);
    const bytes = encodeOperation(good);
    const auction: AuctionId = opened(cluster, "sue", { commitMs: 5000 });
    const foreign = { chain: new Uint8Array(32), market: good.market };
    const elsewhere = signOperation(foreign, { ...good.authority! }, gift, keyOf("far"));
    const early = {
      kind: "reveal",
      auction,
      bidder: idOf("ann"),
      bid: { amount: 5n, units: null },
      salt: new Uint8Array(32),
    } as const;
    const network = cluster.host(0).live.ledger.network;
    expect(
      codesOf(cluster, [
        submit(new Uint8Array(0)),
        submit(bytes.slice(0, -1)),
        submit(concatBytes(bytes, Uint8Array.of(0))),
        submit(new Uint8Array(70_000)),
        submit(encodeOperation({ ...good, sig: new Uint8Array(64) })),
        submit(encodeOperation(elsewhere)),
        submit(encodeOperation(signed(cluster, gift, { validUntilMs: cluster.nowMs - 1 }))),
        submit(encodeOperation(signed(cluster, gift, { validUntilMs: cluster.nowMs + 2 * 3_600_000 }))),
        submit(encodeOperation(signed(cluster, gift, { fee: FEE - 1n }))),
        submit(encodeOperation(signed(cluster, gift, { nonce: 64 }))),
        submit(encodeOperation(signed(cluster, gift, {}, "nobody"))),
        submit(encodeOperation(selfProving(network, early))),
        submit(encodeOperation(selfProving(network, { kind: "evidence", evidence: Uint8Array.of(1, 2, 3) }))),
      ]),
    ).toEqual([
      "OPERATION_TRUNCATED",
      "OPERATION_TRUNCATED",
      "OPERATION_TRAILING",
      "OPERATION_OVERSIZE",
      "BAD_SIGNATURE",
      "WRONG_CHAIN",
      "EXPIRED",
      "VALID_TOO_LONG",
      "FEE_BELOW_MINIMUM",
      "NONCE_NOT_NEXT",
      "ACCOUNT_UNKNOWN",
      "REVEAL_TOO_EARLY",
      "EVIDENCE_INVALID",
    ]);
  });

  it("handed over by a peer directly, they are judged before their signature is, and bad ones leave no trace", () => {
    const cluster = lone();
    const host = cluster.host(0);
    const network = host.live.ledger.network;
    const good = signed(cluster, gift);
    const bad = [
      { ...good, sig: new Uint8Array(64) },
      signed(cluster, gift, { nonce: 70 }),
      selfProving(network, { kind: "evidence", evidence: Uint8Array.of(1, 2, 3) }),
    ].map(encodeOperation);
    const answers = [...bad, Uint8Array.of(9)].map((op) => cluster.handOver(host, op, "mallory"));
    expect(answers).toEqual(["BAD_SIGNATURE", "NONCE_NOT_NEXT", "EVIDENCE_REFUSED", "WRONG_TYPE"]);
    expect(host.live.mempool.size).toBe(0);
    const steps = host.steps.length;
    expect(cluster.handOver(host, encodeOperation(good), "far")).toBe("ACCEPTED");
    const send = host.steps.slice(steps).flatMap(({ ready }) => ready.send);
    cluster.run(300);
    expect(operationsIn(send).every((one) => equalBytes(operationId(one), operationId(good)))).toBe(true);
    expect(host.live.ledger.accountOf(idOf("bob"))!.free).toBe(FUNDS + 7n);
  });
});
