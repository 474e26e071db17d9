// Budgets over peers: several children of one owner send at once, each through its own peer, and together they spend what they may.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { BUDGETS, type BudgetTerms } from "../../src/ledger/index.js";
import { auctionOf, commitOf } from "../../src/market/index.js";
import type { Command, CommandResult } from "../../src/peer/index.js";
import { bidding, Cluster, ended, FEE, FUNDS, idOf, opened } from "./cluster.js";

const BURN = 100_000n;
const LOCKUP = 1_000_000n;
const KIDS = ["kid 1", "kid 2", "kid 3"];
const EXTRA = 200_000n;

const code = (result: CommandResult): string => (result.ok ? "granted" : result.refusal.code);
const terms = (cluster: Cluster, part: Partial<BudgetTerms> = {}): BudgetTerms => ({
  perAuction: 10n * LOCKUP,
  perPeriod: 10n * LOCKUP,
  total: null,
  untilMs: cluster.nowMs + 600_000,
  ...part,
});
const opening = (cluster: Cluster, from: string, child: string, part: Partial<BudgetTerms> = {}) =>
  ({
    kind: "openBudget",
    from: idOf(from),
    child: idOf(child),
    terms: terms(cluster, part),
    sent: null,
  }) as const satisfies Command;

/** The owner's grandchildren each have a peer of their own. */
const family = () =>
  new Cluster({ agents: [["root", "boss", "sue"], ...KIDS.map((kid) => [kid])], seats: 4 });

/** What an agent of another peer agrees to, and its owner sends. */
function given(cluster: Cluster, owner: string, child: string, part: Partial<BudgetTerms> = {}): void {
  const { terms: limits } = opening(cluster, owner, child, part);
  const wish = { kind: "agreeToBudget", owner: idOf(owner), child: idOf(child), terms: limits } as const;
  const agreed = cluster.command(cluster.homeOf(child), wish);
  if (!agreed.ok || agreed.agreed === undefined) throw new Error(JSON.stringify(agreed));
  const { nth, consent } = agreed.agreed;
  const command = { ...opening(cluster, owner, child, part), sent: { nth, consent } };
  expect(code(cluster.command(cluster.homeOf(owner), command))).toBe("granted");
  const isThere = () =>
    cluster.hosts.every(({ live }) => live.ledger.get(BUDGETS, idOf(child))?.state === "open");
  expect(cluster.run(20_000, isThere)).toBe(true);
}

describe("children of one owner", () => {
  it("spend together what a level above lets them, whoever is first, though each peer alone saw room", () => {
    const cluster = family();
    given(cluster, "root", "boss", { perAuction: 2n * LOCKUP + EXTRA });
    for (const kid of KIDS) given(cluster, "boss", kid);
    const auction = opened(cluster, "sue", { commitMs: 4000 });
    const before = cluster.hosts[0]!.live.ledger.accountOf(idOf("root"))!.free;
    const wishes = KIDS.map((kid) => cluster.command(cluster.homeOf(kid), bidding(kid, auction, 20n)));
    expect(wishes.map(code)).toEqual(KIDS.map(() => "granted"));
    cluster.run(2500);
    for (const { live } of cluster.hosts) {
      const bids = KIDS.filter((kid) => commitOf(live.ledger, auction, idOf(kid)) !== null);
      expect(bids).toHaveLength(2);
      const { free } = live.ledger.accountOf(idOf("root"))!;
      expect(free).toBeGreaterThanOrEqual(before - 2n * LOCKUP - EXTRA);
      expect(live.ledger.get(BUDGETS, idOf("boss"))).toMatchObject({ held: 2n * LOCKUP });
    }
    ended(cluster, auction);
    const { live } = cluster.hosts[0]!;
    expect(auctionOf(live.ledger, auction)?.phase.kind).toBe("done");
    expect(live.ledger.get(BUDGETS, idOf("boss"))).toMatchObject({ held: 0n });
    expect(KIDS.map((kid) => live.ledger.accountOf(idOf(kid))!.free)).toEqual([FUNDS, FUNDS, FUNDS]);
    for (const { live: one } of cluster.hosts) expect(toHex(one.tip.root)).toBe(toHex(live.tip.root));
  });
});

describe("a peer refuses before it signs", () => {
  const lone = () => new Cluster({ agents: [["root", "sue", "kid", "pip"]], funded: ["far"] });
  const wish = (cluster: Cluster, command: Command) => cluster.command(cluster.hosts[0]!, command);

  it("what all that waits of the tree leaves no room for", () => {
    const cluster = lone();
    // Named accounts of this cluster have funds of their own; what they bid with is their owner's all the same.
    expect(code(wish(cluster, opening(cluster, "root", "kid", { perAuction: 2n * LOCKUP })))).toBe("granted");
    cluster.run(2000);
    expect(code(wish(cluster, opening(cluster, "kid", "pip")))).toBe("granted");
    cluster.run(2000);
    const auction = opened(cluster, "sue", { commitMs: 8000 });
    expect(code(wish(cluster, bidding("pip", auction, 20n)))).toBe("granted");
    const second = wish(cluster, bidding("kid", auction, 20n));
    expect(second).toMatchObject({ refusal: { code: "BUDGET_EXCEEDED", detail: { limit: "perAuction" } } });
    cluster.run(1000);
    expect(code(wish(cluster, bidding("kid", auction, 20n)))).toBe("BUDGET_EXCEEDED");
    const { ledger } = cluster.hosts[0]!.live;
    expect(ledger.accountOf(idOf("pip"))!.free).toBe(FUNDS);
    expect(ledger.accountOf(idOf("root"))!.free).toBe(FUNDS - 3n * FEE - 2n * BURN - LOCKUP);
  });

  it("what is no budget", () => {
    const cluster = lone();
    const codes = [
      opening(cluster, "root", "root"),
      opening(cluster, "root", "kid", { perAuction: 0n }),
      opening(cluster, "root", "kid", { untilMs: cluster.nowMs - 1000 }),
      opening(cluster, "root", "kid", { untilMs: 2 ** 60 }),
      opening(cluster, "far", "kid"),
      opening(cluster, "root", "far"),
      { ...opening(cluster, "root", "far"), sent: { nth: 0, consent: new Uint8Array(64) } },
      { kind: "closeBudget", from: idOf("root"), child: idOf("kid") } as const,
    ].map((command) => code(wish(cluster, command)));
    expect(codes).toEqual([
      "BUDGET_OF_ONESELF",
      "BUDGET_OF_NOTHING",
      "BUDGET_TIME_OUT_OF_RANGE",
      "WISH_MALFORMED",
      "KEY_NOT_HELD",
      "KEY_NOT_HELD",
      "CONSENT_INVALID",
      "BUDGET_UNKNOWN",
    ]);
  });
});
