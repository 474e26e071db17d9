// History: what became of own agents' money and auctions is written with the entry that did it, and written the same
// again by a peer that has lost its disk.
import { expect, it } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { ACCOUNTS, holdings } from "../../../src/ledger/index.js";
import { decodeMovement, movementsOf, OWN_HISTORY_PREFIX, pastAuctionKey } from "../../../src/peer/index.js";
import { Cluster, ended, FUNDS, type Host, idOf, LOT, opened, phaseAt, placed } from "../cluster.js";

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
