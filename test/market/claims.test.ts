// Claims: of all that a quorum could say of one log each honest end is accepted, and of one end alone nothing is told.
import { expect, it } from "vitest";
import { logsOf, type Signed, SmallAuction } from "./small-logs.js";
import { FEE } from "./world.js";

const bids = (bidder: string, nonces: readonly number[], amounts: readonly bigint[]): Signed[] =>
  nonces.flatMap((nonce) => amounts.map((bid) => ({ bidder, nonce, bid, fee: FEE })));

it.each([
  ["three bids of two nonces", [0, 1], 3],
  ["two bids of three nonces", [0, 1, 2], 2],
] as const)("every log of %s that one bidder signs", (_, nonces, most) => {
  const auction = new SmallAuction(["ann"]);
  const all = logsOf(bids("ann", nonces, [100n, 200n]), [0, 1, 2, 3], most);
  // Which bid comes first, makes no difference.
  const logs = all.filter(([first]) => first?.signed.bid !== 200n);
  expect(logs.length).toBeGreaterThan(180);
  expect(logs.flatMap((log) => auction.faults(log))).toEqual([]);
});

it("every log of three bids of two bidders where the second place has a price", () => {
  const auction = new SmallAuction(["ann", "bob"], 2);
  const signed = ["ann", "bob"].flatMap((bidder) => [
    ...bids(bidder, [0], [100n]),
    ...bids(bidder, [1], [300n]),
    { bidder, nonce: 0, bid: 200n, fee: 4n * FEE },
  ]);
  const logs = logsOf(signed, [1, 2], 3).filter(
    (log) => new Set(log.map(({ signed: { bidder } }) => bidder)).size === 2,
  );
  expect(logs.length).toBeGreaterThan(400);
  expect(logs.flatMap((log) => auction.faults(log))).toEqual([]);
});
