// The audit of what was written: each kind of change that forgets its row is seen.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  type Account,
  accountKey,
  auctionKey,
  commitKey,
  commitRows,
  type Ledger,
  untouchedRows,
} from "../../src/ledger/index.js";
import { agent, World } from "../market/world.js";

function settled() {
  const world = new World({ names: ["ann", "sue"] });
  const auction = world.create("sue");
  world.entry([world.op("ann", world.commit(auction, "ann", 50n, 1000n))]);
  expect(untouchedRows(world.ledger)).toEqual([]);
  return { ledger: world.ledger, auction };
}

describe("a change that forgets to touch its row", () => {
  const ann = agent("ann");
  const account = (ledger: Ledger): Account => ledger.accountOf(ann)!;
  const changes: readonly (readonly [string, (ledger: Ledger) => unknown, string])[] = [
    ["of an account", (ledger) => account(ledger).free++, accountKey(ann)],
    ["of a deposit", (ledger) => account(ledger).deposits++, accountKey(ann)],
    ["of a lock", (ledger) => account(ledger).locks.clear(), accountKey(ann)],
    ["of the sums", (ledger) => ledger.totals.burned++, "totals"],
    ["of the clock", (ledger) => Object.assign(ledger.clock, { outagesMs: 1 }), "clock"],
    ["of a lane", (ledger) => Object.assign(ledger.congestion, { fullRun: 1 }), "congestion"],
    [
      "of a granter",
      (ledger) => ledger.granters.get(toHex(agent("faucet")))!.remaining++,
      `granter/${toHex(agent("faucet"))}`,
    ],
  ];

  it.each(changes)("%s", (_, change, key) => {
    const { ledger } = settled();
    change(ledger);
    commitRows(ledger);
    expect(untouchedRows(ledger)).toEqual([key]);
  });

  it("of an auction, of a commit, and of what is gone", () => {
    const { ledger, auction } = settled();
    ledger.auctionOf(auction)!.openedReserve = 3n;
    Object.assign(ledger.commitOf(auction, ann)!, { lockup: 7n });
    expect(untouchedRows(ledger)).toEqual([auctionKey(auction), commitKey(auction, ann)]);
    ledger.commits.delete(toHex(auction));
    ledger.auctions.delete(toHex(auction));
    expect([...untouchedRows(ledger)].sort()).toEqual([auctionKey(auction), commitKey(auction, ann)]);
  });
});
