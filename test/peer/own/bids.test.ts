// An owner's own bids through their whole life, when they are published, and what a lost disk must not give away.
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../src/base/index.js";
import {
  type AuctionId,
  auctionOf,
  bidCommitment,
  commitOf,
  operationId,
} from "../../../src/market/index.js";
import { ownBids, RESERVE_PREFIX } from "../../../src/peer/index.js";
import {
  bidding,
  Cluster,
  creation,
  type Host,
  idOf,
  opened,
  operationsIn,
  phaseAt,
  placed,
  START_MS,
} from "../cluster.js";

const statesOf = (host: Host) => ownBids(host.live).map(({ amount, state }) => [amount, state]);
const duel = () => new Cluster({ agents: [["sue", "bob"], ["ann"]], seats: 1 });
const inPhase = (cluster: Cluster, host: Host, auction: AuctionId, phase: string) =>
  expect(cluster.run(20_000, () => phaseAt(host, auction) === phase)).toBe(true);

describe("own bids", () => {
  it("are waiting, published, final, revealed and won, and their amount is known throughout", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"], ["bob"]], seats: 1 });
    const [, ann, bob] = cluster.hosts as readonly [Host, Host, Host];
    const auction = opened(cluster, "sue", { commitMs: 3000 });
    placed(cluster, "ann", auction, 500n, 1000);
    placed(cluster, "bob", auction, 300n);
    expect(ownBids(ann.live)).toMatchObject([
      { auction, bidder: idOf("ann"), amount: 500n, state: "waiting", publishesAtMs: cluster.nowMs + 1000 },
    ]);
    let isCut = true;
    cluster.loses = (from, _, carriesOperation) => isCut && from === ann && carriesOperation;
    cluster.run(1500);
    expect(ownBids(ann.live)).toMatchObject([{ amount: 500n, state: "published", publishesAtMs: null }]);
    isCut = false;
    cluster.run(1200);
    expect(statesOf(ann)).toEqual([[500n, "sealed"]]);
    // Bob's reveal never comes, so that REVEAL lasts its window.
    cluster.loses = (from, _, carriesOperation) => from === bob && carriesOperation;
    inPhase(cluster, ann, auction, "reveal");
    cluster.run(300);
    expect(statesOf(ann)).toEqual([[500n, "revealed"]]);
    inPhase(cluster, ann, auction, "done");
    expect(statesOf(ann)).toEqual([[500n, "won"]]);
    expect(ownBids(cluster.host(0).live), "another's bids are nobody's business").toEqual([]);
  });

  it("are replaced, lost or forfeited", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"], ["bob"]], seats: 1 });
    const [, ann, bob] = cluster.hosts as readonly [Host, Host, Host];
    const auction = opened(cluster, "sue", { commitMs: 3000 });
    placed(cluster, "ann", auction, 500n);
    cluster.run(300);
    placed(cluster, "ann", auction, 600n);
    placed(cluster, "bob", auction, 900n);
    cluster.run(300);
    expect(statesOf(ann)).toEqual([
      [500n, "replaced"],
      [600n, "sealed"],
    ]);
    cluster.loses = (from, _, carriesOperation) => from === bob && carriesOperation;
    inPhase(cluster, ann, auction, "done");
    expect(statesOf(ann)).toEqual([[600n, "won"]]);
    cluster.run(200);
    // Only the key still knows what the log keeps sealed.
    expect(statesOf(bob)).toEqual([[900n, "forfeited"]]);
  });

  it("say which bid of the agent they replace: one on its way, in the log, or still waiting here", () => {
    const cluster = duel();
    const ann = cluster.host(1);
    const auction = opened(cluster, "sue", { commitMs: 10_000 });
    const bid = (amount: bigint, delayMs = 0) => {
      const result = cluster.command(ann, { ...bidding("ann", auction, amount), delayMs });
      if (!result.ok || result.bid === undefined) throw new Error(JSON.stringify(result));
      return result.bid;
    };
    const first = bid(500n);
    expect(first.replaces).toBeNull();
    const second = bid(600n);
    expect(second.replaces).toEqual(first.commitment);
    cluster.run(500);
    const third = bid(700n, 3000);
    expect(third.replaces).toEqual(second.commitment);
    expect(bid(800n).replaces).toEqual(third.commitment);
  });

  it("that no entry took in time have failed", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"]], seats: 1, params: { maxValidityMs: 4000 } });
    const ann = cluster.host(1);
    const auction = opened(cluster, "sue", { commitMs: 10_000 });
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    placed(cluster, "ann", auction, 500n);
    cluster.run(3000);
    expect(statesOf(ann)).toEqual([[500n, "failed"]]);
  });

  it("that reached nobody until their auction was forgotten do not hold up the next", () => {
    const cluster = new Cluster({ agents: [["sue"], ["ann"]], seats: 1, params: { retainMs: 3000 } });
    const ann = cluster.host(1);
    const missed = opened(cluster, "sue", { commitMs: 1000 });
    cluster.loses = (from, _, carriesOperation) => from === ann && carriesOperation;
    placed(cluster, "ann", missed, 500n);
    cluster.run(20_000);
    expect(auctionOf(ann.live.ledger, missed)).toBeNull();
    cluster.loses = () => false;
    const next = opened(cluster, "sue", { commitMs: 5000 });
    placed(cluster, "ann", next, 600n);
    cluster.run(2000);
    expect(auctionOf(cluster.host(0).live.ledger, next)!.commits).toBe(1);
  });

  it.each([
    [9n, true],
    [10n, false],
    [11n, false],
  ])("of %s under a reserve of 10: warned of %s", (amount, cannotWin) => {
    const cluster = duel();
    const auction = opened(cluster, "sue", { reserve: 10n, commitMs: 5000 });
    expect(cluster.command(cluster.host(1), bidding("ann", auction, amount))).toMatchObject({
      ok: true,
      bid: { cannotWin },
    });
  });
});

describe("a bid is published", () => {
  const publication = (
    wishes: Parameters<typeof creation>[1],
    delayMs: number | { uniform: number },
    skewMs = 0,
  ) => {
    const cluster = duel();
    const ann = cluster.host(1);
    ann.skewMs = skewMs;
    const auction = opened(cluster, "sue", wishes, wishes?.startInMs ? "scheduled" : "open");
    const { phase } = auctionOf(ann.live.ledger, auction)!;
    const result = cluster.command(ann, { ...bidding("ann", auction, 500n), delayMs });
    if (!result.ok || result.bid === undefined) throw new Error(JSON.stringify(result));
    const closeMs = phase.kind === "open" ? phase.closeMs : null;
    return { cluster, ann, auction, atMs: result.bid.publishesAtMs - skewMs, nowMs: cluster.nowMs, closeMs };
  };

  it("after the wished delay, or a uniform part of the first four fifths of what is left", () => {
    const wished = publication({ commitMs: 10_000 }, 3000);
    expect(wished.atMs - wished.nowMs).toBe(3000);
    for (const [delay, share] of [
      [{ uniform: 0 }, 0],
      [{ uniform: 2 ** 31 }, 0.4],
      [{ uniform: 2 ** 32 - 1 }, 0.8],
      [99_000, 0.8],
    ] as const) {
      const { atMs, nowMs, closeMs } = publication({ commitMs: 10_000 }, delay);
      expect(Math.abs(atMs - nowMs - (closeMs! - nowMs) * share)).toBeLessThanOrEqual(2);
    }
  });

  it("when bids open at the earliest", () => {
    const { atMs } = publication({ commitMs: 10_000, startInMs: 5000 }, 0);
    expect(atMs).toBeGreaterThanOrEqual(START_MS + 5000);
    const late = publication({ commitMs: 10_000, startInMs: 5000 }, 99_000);
    expect(late.atMs - atMs).toBe(8000);
  });

  it("in time by a clock that is slow, since ledger time says what is left of the window", () => {
    const { cluster, ann, auction, atMs, closeMs } = publication(
      { commitMs: 4000 },
      { uniform: 2 ** 32 - 1 },
      -30_000,
    );
    expect(atMs).toBeLessThan(closeMs!);
    inPhase(cluster, ann, auction, "reveal");
    expect(commitOf(ann.live.ledger, auction, idOf("ann"))).not.toBeNull();
  });

  it("and the draw of its moment is an integer below 2^32, or the wish is malformed", () => {
    const cluster = duel();
    const auction = opened(cluster, "sue", { commitMs: 5000 });
    for (const uniform of [-1, 0.5, 2 ** 32]) {
      const wish = { ...bidding("ann", auction, 5n), delayMs: { uniform } };
      expect(cluster.command(cluster.host(1), wish)).toMatchObject({ refusal: { code: "WISH_MALFORMED" } });
    }
  });
});

describe("a disk that is lost before the log held what it had sealed", () => {
  const keepNothing = () => false;

  it("makes the counter come again, but no salt: the bid that is opened tells nothing of the one that is not", () => {
    const cluster = duel();
    const ann = cluster.host(1);
    const auction = opened(cluster, "sue", { commitMs: 8000 });
    const lost = { now: true };
    cluster.loses = (from, _, carriesOperation) => lost.now && from === ann && carriesOperation;
    placed(cluster, "ann", auction, 777n);
    const [first] = operationsIn(ann.sent).flatMap(({ body }) => (body.kind === "commit" ? [body] : []));
    cluster.restart(ann, keepNothing);
    lost.now = false;
    expect(cluster.run(3000, () => phaseAt(ann, auction) === "open")).toBe(true);
    placed(cluster, "ann", auction, 500n);
    inPhase(cluster, ann, auction, "done");
    const { opening, commitment } = commitOf(ann.live.ledger, auction, idOf("ann"))!;
    expect(opening!.bid.amount).toBe(500n);
    expect(equalBytes(commitment, first!.commitment)).toBe(false);
    const { network } = ann.live.ledger;
    const guessed = bidCommitment(
      network,
      auction,
      idOf("ann"),
      { amount: 777n, units: null },
      opening!.salt,
    );
    expect(equalBytes(guessed, first!.commitment), "the first amount can be searched for").toBe(false);
  });

  it("and a hidden reserve made again under the same id has another salt", () => {
    const salts = [450n, 460n].map((hiddenReserve) => {
      const cluster = new Cluster({ agents: [["sue"]] });
      const made = cluster.command(cluster.host(0), creation("sue", { hiddenReserve, bond: 1_000_000n }));
      if (!made.ok || made.auction === null || made.operation === null) throw new Error("granted");
      const sent = operationsIn(cluster.host(0).sent).find((op) =>
        equalBytes(operationId(op), made.operation!),
      );
      expect(sent).toBeDefined();
      expect([...cluster.host(0).rows.keys()].filter((key) => key.startsWith(RESERVE_PREFIX))).toHaveLength(
        1,
      );
      return cluster.host(0).live.custody.reserveOf(made.auction)!;
    });
    expect(salts[0]!.auction).toEqual(salts[1]!.auction);
    expect(salts[0]!.salt).not.toEqual(salts[1]!.salt);
  });
});
