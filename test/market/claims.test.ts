// Claims: of all that a quorum could say of one log each honest end is accepted, and of one end alone nothing is told.
import { expect, it } from "vitest";
import { logsOf, PRICED, SmallAuction, signedBy } from "./small-logs.js";

it.each([
  ["three bids of two nonces", [0, 1], 3],
  ["two bids of three nonces", [0, 1, 2], 2],
] as const)("every log of %s that one bidder signs", (_, nonces, most) => {
  const auction = new SmallAuction(["ann"]);
  const logs = logsOf(signedBy("ann", nonces), [0, 1, 2, 3], most);
  expect(logs.length).toBeGreaterThan(100);
  expect(logs.flatMap((log) => auction.faults(log))).toEqual([]);
});

it("every log of three bids of two bidders where the second place has a price", () => {
  const auction = new SmallAuction(["ann", "bob"], 2);
  const logs = logsOf(PRICED, [1, 2], 3);
  expect(logs.length).toBeGreaterThan(100);
  expect(logs.flatMap((log) => auction.faults(log))).toEqual([]);
});
