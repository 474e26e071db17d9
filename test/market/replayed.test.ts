// Every auction of any story, lived again from its log alone, ends as it did: no honest transcript is refused.
import fc from "fast-check";
import { expect, it } from "vitest";
import { encode, toHex } from "../../src/base/index.js";
import {
  type Auction,
  auctionIdOf,
  auctionOf,
  auctionRow,
  type Commit,
  commitRow,
  commitsOf,
  depositOf,
  isEnded,
  type LoggedEntry,
  type Operation,
  replayAuction,
} from "../../src/market/index.js";
import { logsOf, PRICED, SmallAuction, signedBy } from "./small-logs.js";
import { Story, stories } from "./story.js";
import type { World } from "./world.js";

const bytesOf = (auction: Auction, commits: readonly Commit[]): readonly string[] => [
  toHex(encode(auctionRow, auction)),
  ...commits.map((one) => toHex(encode(commitRow, one))),
];

/** The operations that the state took of an ended auction, by height: its creation, and of each bidder the last commit. */
function takenOf(world: World, auction: Auction, log: ReadonlyMap<number, LoggedEntry>) {
  const taken = new Map<number, Operation[]>();
  const take = (height: number, is: (op: Operation) => boolean): void => {
    const found = log.get(height)!.ops.findLast(is);
    expect(found).toBeDefined();
    taken.set(height, [...(taken.get(height) ?? []), found!]);
  };
  const { network } = world.ledger;
  take(auction.createdAt, ({ authority, body }) => {
    const makes = body.kind === "createAuction" && authority !== null;
    return makes && auctionIdOf(network, authority.from, authority.nonce).join() === auction.id.join();
  });
  for (const { bidder, committedAt, commitment, lockup } of commitsOf(world.ledger, auction.id)) {
    take(
      committedAt,
      ({ authority, body }) =>
        body.kind === "commit" &&
        authority?.from.join() === bidder.join() &&
        body.auction.join() === auction.id.join() &&
        body.commitment.join() === commitment.join() &&
        body.lockup === lockup,
    );
  }
  return taken;
}

it("the rules lead from an auction's log to its rows, to the last byte", () => {
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(stories, (entries) => {
      const story = new Story();
      const { world } = story;
      const log = new Map<number, LoggedEntry>();
      for (const entry of entries) {
        const ops = story.operationsOf(entry.wishes);
        const options = story.optionsOf(entry);
        const at = world.next(options);
        log.set(at.height, { at, ops });
        for (const { auction: id } of world.entry(ops, options).settlements) {
          const auction = auctionOf(world.ledger, id)!;
          const commits = commitsOf(world.ledger, id);
          const { createdAt, createdMs, spentMs, phase, terms } = auction;
          if (!isEnded(phase)) throw new Error("what settled has ended");
          const first = log.get(createdAt)!;
          const { timeMs, execHeight } = first.at;
          const logged = [
            { at: { ...first.at, parentTimeMs: timeMs, parentExecHeight: execHeight }, ops: first.ops },
          ];
          for (let height = createdAt + 1; height <= phase.endedAt; height++) logged.push(log.get(height)!);
          const promised = terms.bond + depositOf(terms, createdMs, world.ledger.params);
          const locked = commits.reduce((sum, one) => sum + one.lockup, promised);
          const claim = {
            id,
            endedAt: phase.endedAt,
            dueMs: phase.dueMs,
            spentMs,
            taken: takenOf(world, auction, log),
            locked,
          };
          const lived = replayAuction(world.genesis, claim, logged);
          if (!lived.ok) throw new Error(lived.error);
          expect(bytesOf(lived.value.auction, lived.value.commits)).toEqual(bytesOf(auction, commits));
          const early = phase.dueMs === phase.endedMs ? "early" : "late";
          for (const what of [phase.kind, early, `${commits.length} bids`])
            ends.set(what, (ends.get(what) ?? 0) + 1);
        }
      }
    }),
    { numRuns: 30, seed: 20_261_125, endOnFailure: true },
  );
  const wanted = ["done", "unsold", "void", "early", "late", "0 bids", "1 bids", "2 bids"];
  expect(wanted.filter((what) => !ends.has(what))).toEqual([]);
});

it("every honest end of more bids is accepted, and of one end alone nothing is told", () => {
  const alone = new SmallAuction(["ann"]);
  expect(logsOf(signedBy("ann", [0, 1, 2]), [0, 1, 2, 3], 3).flatMap((log) => alone.faults(log))).toEqual([]);
  const dear = new SmallAuction(["ann", "bob"], 2);
  expect(logsOf(PRICED, [0, 1, 2, 3], 3).flatMap((log) => dear.faults(log))).toEqual([]);
});
