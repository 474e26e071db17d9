// History: what became of own agents' money and auctions is written with the entry that did it, and written the same
// again by a peer that has lost its disk.
import { expect, it } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { ACCOUNTS, BUDGETS, holdings } from "../../../src/ledger/index.js";
import { tradesOf } from "../../../src/market/index.js";
import {
  type Command,
  decodeMovement,
  movementsOf,
  OWN_HISTORY_PREFIX,
  pastAuctionKey,
} from "../../../src/peer/index.js";
import { Cluster, ended, FUNDS, type Host, idOf, keyOf, LOT, opened, phaseAt, placed } from "../cluster.js";

const historyOf = (host: Host) =>
  [...host.rows].filter(([key]) => key.startsWith(OWN_HISTORY_PREFIX)).sort(([a], [b]) => (a < b ? -1 : 1));

const movementsIn = (host: Host, name: string) =>
  historyOf(host)
    .filter(([key]) => key.startsWith(movementsOf(toHex(idOf(name)))))
    .map(([, value]) => decodeMovement(value)!)
    .map(({ kind, gained, spent }) => [kind, gained - spent]);

it("tells each owner its own part, and the same again after the disk is lost", () => {
  const cluster = new Cluster({ agents: [["sue", "ann"], ["bob"]], seats: 1 });
  const [seat, other] = [cluster.host(0), cluster.host(1)];
  const auction = opened(cluster, "sue", { reserve: 10n });
  placed(cluster, "ann", auction, 500n);
  placed(cluster, "bob", auction, 300n);
  ended(cluster, auction);
  cluster.run(600);
  const fee = seat.peer!.ledger.params.minFee;
  expect(movementsIn(seat, "sue")).toEqual([
    ["fee", -fee],
    ["sold", 300n],
  ]);
  expect(movementsIn(seat, "ann")).toEqual([
    ["fee", -fee],
    ["paid", -300n],
  ]);
  expect(movementsIn(other, "bob")).toEqual([["fee", -fee]]);
  expect(historyOf(other).map(([key]) => key)).toContain(pastAuctionKey(toHex(auction)));
  expect(movementsIn(other, "sue")).toEqual([]);
  const before = historyOf(other);
  cluster.restart(other, () => false);
  expect(historyOf(other)).toEqual([]);
  cluster.run(3000);
  expect(historyOf(other)).toEqual(before);
});

it("adds up with what is owned, while a deposit is held, after it is returned, and where it burned", () => {
  const params = { lotSlackMs: 1, retainMs: 20_000 };
  const cluster = new Cluster({ agents: [["sue"], ["ann"], ["bob"]], seats: 1, params });
  const [sue, , bob] = cluster.hosts as readonly [Host, Host, Host];
  const deposit = sue.live.ledger.params.auctionDeposit;
  const owned = () => {
    const account = sue.live.ledger.accountOf(idOf("sue"))!;
    return { deposits: account.deposits, total: holdings(account) };
  };
  const moved = () => movementsIn(sue, "sue").reduce((sum, [, change]) => sum + (change as bigint), 0n);

  const sold = opened(cluster, "sue", { reserve: 10n });
  placed(cluster, "ann", sold, 500n);
  expect(owned().deposits, "held").toBe(deposit);
  ended(cluster, sold);
  expect(owned()).toEqual({ deposits: deposit, total: FUNDS + moved() });

  const lapsing = opened(cluster, "sue", { reserve: 10n, lot: { ...LOT, toMs: cluster.nowMs + 2400 } });
  placed(cluster, "ann", lapsing, 500n);
  placed(cluster, "bob", lapsing, 300n);
  cluster.run(500);
  // Bob's reveal never comes, and the seat is late to close OPEN: the lot lapses while REVEAL lasts.
  cluster.loses = (from, _, carriesOperation) => from === bob && carriesOperation;
  sue.isBusy = true;
  cluster.run(1000);
  sue.isBusy = false;
  expect(cluster.run(20_000, () => phaseAt(sue, lapsing) === "void")).toBe(true);
  cluster.run(600);
  expect(movementsIn(sue, "sue")).toContainEqual(["deposit burned", -deposit]);
  expect(owned(), "burned").toEqual({ deposits: deposit, total: FUNDS + moved() });

  cluster.run(30_000);
  expect(owned(), "returned").toEqual({ deposits: 0n, total: FUNDS + moved() });
});

it("stake is still one's own: a bond costs its fee, and what of it pays a debt is told of", () => {
  const cluster = new Cluster({ agents: [["sue"]], seats: 1 });
  const sue = cluster.host(0);
  const { ledger } = sue.live;
  ledger.change(ACCOUNTS, idOf("sue"), (one) => {
    one.slashDebt = 30n;
  });
  const before = holdings(ledger.accountOf(idOf("sue"))!);
  cluster.command(sue, { kind: "bond", from: idOf("sue"), amount: 100n });
  cluster.run(1000);
  cluster.command(sue, { kind: "unbond", from: idOf("sue"), amount: 70n });
  cluster.run(1000);
  const { minFee } = ledger.params;
  expect(movementsIn(sue, "sue")).toEqual([
    ["fee", -minFee],
    ["debt paid", -30n],
    ["fee", -minFee],
  ]);
  expect(holdings(ledger.accountOf(idOf("sue"))!)).toBe(before - 30n - 2n * minFee);
});

/** An owner whose child has a child: what each owned before, and what its history says that this has changed by. */
function family() {
  const params = { retainMs: 20_000, lienBp: 0 };
  const cluster = new Cluster({ agents: [["root", "kid", "pip", "sue", "bob"]], seats: 1, params });
  const host = cluster.host(0);
  const terms = { perAuction: 50_000_000n, perPeriod: 90_000_000n, total: null };
  const wish = (command: Command) => {
    const result = cluster.command(host, command);
    expect(
      result,
      JSON.stringify(result, (_, value) => String(value)),
    ).toMatchObject({ ok: true });
    cluster.run(1000);
  };
  const give = (owner: string, child: string) =>
    wish({
      ...{ kind: "openBudget", from: idOf(owner), child: idOf(child), sent: null },
      terms: { ...terms, untilMs: cluster.nowMs + 600_000 },
    });
  const owned = (name: string) => holdings(host.live.ledger.accountOf(idOf(name))!);
  const rowsOf = (name: string) =>
    historyOf(host)
      .filter(([key]) => key.startsWith(movementsOf(toHex(idOf(name)))))
      .map(([, value]) => decodeMovement(value)!);
  const told = (name: string) =>
    rowsOf(name).map(({ kind, gained, spent, payer, child }) => [
      kind,
      gained - spent,
      payer === null ? (child === null ? "own" : `own, by ${nameOf(child)}`) : `of ${nameOf(payer)}`,
    ]);
  const nameOf = (agent: Uint8Array) =>
    host.agents.find((name) => toHex(idOf(name)) === toHex(agent)) ?? "a stranger";
  const change = (name: string) =>
    rowsOf(name).reduce((sum, one) => sum + (one.payer === null ? one.gained - one.spent : 0n), 0n);
  const addsUp = () => {
    for (const name of host.agents) expect(owned(name), name).toBe(FUNDS + change(name));
  };
  return { cluster, host, wish, give, told, addsUp };
}

it("names whose money was moved by a budget, to the child and to the owner, and adds up with what each owns", () => {
  const { cluster, host, wish, give, told, addsUp } = family();
  const { budgetBurn, minFee } = host.live.ledger.params;
  give("root", "kid");
  give("kid", "pip");
  const bought = opened(cluster, "sue", { reserve: 10n });
  placed(cluster, "pip", bought, 500n);
  placed(cluster, "bob", bought, 300n);
  ended(cluster, bought);
  const sold = opened(cluster, "kid", { reserve: 40n });
  placed(cluster, "bob", sold, 70n);
  ended(cluster, sold);
  wish({ kind: "transfer", from: idOf("pip"), to: idOf("sue"), amount: 9n });
  cluster.run(30_000);
  addsUp();
  expect(told("pip")).toEqual([
    ["fee", -minFee, "of root"],
    ["paid", -300n, "of root"],
    ["fee", -minFee, "of root"],
    ["sent", -9n, "own"],
  ]);
  expect(told("kid")).toEqual([
    ["fee", -minFee, "of root"],
    ["budget opened", -budgetBurn, "of root"],
    ["fee", -minFee, "of root"],
    ["sold", 40n, "of root"],
  ]);
  expect(told("root")).toEqual([
    ["fee", -minFee, "own"],
    ["budget opened", -budgetBurn, "own"],
    ["fee", -minFee, "own, by kid"],
    ["budget opened", -budgetBurn, "own, by kid"],
    ["fee", -minFee, "own, by pip"],
    ["paid", -300n, "own, by pip"],
    ["fee", -minFee, "own, by kid"],
    ["sold", 40n, "own, by kid"],
    ["fee", -minFee, "own, by pip"],
  ]);
});

it("names the payer of what ends after the budget has, though the state knows of no budget any more", () => {
  const { cluster, host, wish, give, told, addsUp } = family();
  const { minFee } = host.live.ledger.params;
  give("root", "kid");
  const bought = opened(cluster, "sue", { reserve: 10n, commitMs: 4000, deliverMs: 3000, settleMs: 2000 });
  placed(cluster, "kid", bought, 500n);
  placed(cluster, "bob", bought, 300n);
  ended(cluster, bought);
  wish({ kind: "closeBudget", from: idOf("root"), child: idOf("kid") });
  expect(host.live.ledger.table(BUDGETS).size).toBe(1);
  const [trade] = tradesOf(host.live.ledger, bought);
  wish({ kind: "deliver", from: idOf("sue"), trade: trade!.id, hash: idOf("a thing") });
  wish({ kind: "accept", from: idOf("kid"), trade: trade!.id });
  expect(host.live.ledger.table(BUDGETS).size).toBe(0);
  cluster.run(30_000);
  addsUp();
  // The fee of the acceptance is the child's own: nothing is spent by a budget that is closed.
  expect(told("kid")).toEqual([
    ["fee", -minFee, "of root"],
    ["paid", -300n, "of root"],
    ["fee", -minFee, "own"],
  ]);
  expect(told("root").slice(-2)).toEqual([
    ["fee", -minFee, "own"],
    ["paid", -300n, "own, by kid"],
  ]);
});

it("a dispute's bond that is lost was the owner's, whose child disputed", () => {
  const { cluster, host, wish, give, told, addsUp } = family();
  wish({ kind: "holdAgent", key: keyOf("owner 0") });
  wish({ kind: "transfer", from: idOf("bob"), to: idOf("owner 0"), amount: 100_000n });
  give("root", "kid");
  const bought = opened(cluster, "sue", { reserve: 10n, deliverMs: 9000, settleMs: 9000 });
  placed(cluster, "kid", bought, 500n);
  ended(cluster, bought);
  const [trade] = tradesOf(host.live.ledger, bought);
  const { id } = trade!;
  wish({ kind: "deliver", from: idOf("sue"), trade: id, hash: idOf("a thing") });
  wish({ kind: "dispute", from: idOf("kid"), trade: id, evidence: idOf("a flaw"), bond: null });
  wish({ kind: "verdict", from: idOf("owner 0"), trade: id, share: null });
  const bond = host.live.ledger.params.leastDisputeBond;
  cluster.run(3000);
  expect(told("kid")).toContainEqual(["dispute bond", -bond, "of root"]);
  expect(told("root")).toContainEqual(["dispute bond", -bond, "own, by kid"]);
  expect(told("sue")).toContainEqual(["dispute bond", bond, "own"]);
  cluster.run(40_000);
  addsUp();
});
