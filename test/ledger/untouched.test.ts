// The audit of what was written: each kind of change that forgets its row is seen.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  ACCOUNTS,
  type Account,
  commitRows,
  type Draft,
  keyText,
  type Ledger,
  TOTALS,
  untouchedRows,
} from "../../src/ledger/index.js";
import {
  auctionKey,
  auctionOf,
  CONGESTION,
  commitKey,
  commitOf,
  forgetAuction,
  GRANTERS,
} from "../../src/market/index.js";
import { agent, unseen, World } from "../market/world.js";

function settled() {
  const world = new World({ names: ["ann", "sue"] });
  const auction = world.create("sue");
  world.entry([world.op("ann", world.commit(auction, "ann", 50n, 1000n))]);
  expect(untouchedRows(world.ledger)).toEqual([]);
  return { ledger: world.ledger, auction };
}

describe("a change behind the tables' back", () => {
  const ann = agent("ann");
  const account = (ledger: Ledger): Draft<Account> => unseen(ledger.accountOf(ann)!);
  const changes: readonly (readonly [string, (ledger: Ledger) => unknown, string])[] = [
    ["of an account", (ledger) => account(ledger).free++, keyText(ACCOUNTS, ann)],
    ["of a deposit", (ledger) => account(ledger).deposits++, keyText(ACCOUNTS, ann)],
    ["of a lock", (ledger) => account(ledger).locks.clear(), keyText(ACCOUNTS, ann)],
    ["of the sums", (ledger) => unseen(ledger.one(TOTALS)).burned++, "totals"],
    ["of the clock", (ledger) => Object.assign(ledger.clock, { outagesMs: 1 }), "clock"],
    ["of a lane", (ledger) => Object.assign(ledger.one(CONGESTION), { fullRun: 1 }), "congestion"],
    [
      "of a granter",
      (ledger) => unseen(ledger.get(GRANTERS, agent("faucet"))!).remaining++,
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
    unseen(auctionOf(ledger, auction)!).openedReserve = 3n;
    Object.assign(commitOf(ledger, auction, ann)!, { lockup: 7n });
    expect(untouchedRows(ledger)).toEqual([auctionKey(auction), commitKey(auction, ann)]);
    forgetAuction(ledger, auctionOf(ledger, auction)!);
    expect([...untouchedRows(ledger)].sort()).toEqual([auctionKey(auction), commitKey(auction, ann)]);
  });
});
