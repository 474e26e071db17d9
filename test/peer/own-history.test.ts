// History: what became of own agents' money and auctions is written with the entry that did it, and written the same
// again by a peer that has lost its disk.
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { decodeMovement, HISTORY_PREFIX, movementsOf, pastAuctionKey } from "../../src/peer/index.js";
import { Cluster, ended, type Host, idOf, opened, placed } from "./cluster.js";

const historyOf = (host: Host) =>
  [...host.rows].filter(([key]) => key.startsWith(HISTORY_PREFIX)).sort(([a], [b]) => (a < b ? -1 : 1));

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
