// People of the market: every kind is in some runs, does what it is there for, and no law breaks by it.
import { describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/base/index.js";
import { type Auction, decodeOperation } from "../../src/market/index.js";
import { HONEST_CONDUCT } from "../../src/peer/conduct.js";
import type { Notice } from "../../src/peer/ready.js";
import { convictingScenario } from "../../testnet/lab/simulate/convict.js";
import { finding, oneDispute, SILENT } from "../../testnet/lab/simulate/dispute-shapes.js";
import type { DisputePlan, Voice } from "../../testnet/lab/simulate/disputes.js";
import { FAULT_KINDS } from "../../testnet/lab/simulate/faults.js";
import {
  floodOfOpenings,
  lotsLapseAtTheClose,
  oneTrade,
  oneWithholds,
} from "../../testnet/lab/simulate/market-shapes.js";
import { conductOf } from "../../testnet/lab/simulate/openings.js";
import { run } from "../../testnet/lab/simulate/run.js";
import { plainScenarioOf, type Scenario } from "../../testnet/lab/simulate/scenario.js";
import { scenarioOf } from "../../testnet/lab/simulate/seed.js";
import type { AuctionPlan, DeliveryPlan } from "../../testnet/lab/simulate/workload.js";
import type { World } from "../../testnet/lab/simulate/world/world.js";

vi.setConfig({ testTimeout: 300_000 });

const anything = { peers: null, quorum: null, byzantine: null, faults: new Set(FAULT_KINDS) };
const calm = (seed: number, quorum: number, peers = quorum): Scenario =>
  plainScenarioOf(seed, { peers, quorum, byzantine: 0, faults: new Set() });

/** Every notice that was told in a run of honest rules, which breaks no law. */
function toldIn(scenario: Scenario, attend: (world: World) => void = () => {}): readonly Notice[] {
  const told: Notice[] = [];
  const result = run(scenario, null, undefined, (world) => {
    world.witnesses.push({ noticed: (_host, notice) => void told.push(notice) });
    attend(world);
  });
  expect(result.violation).toBeNull();
  return told;
}

describe("seeds choose people", () => {
  const scenarios = Array.from({ length: 200 }, (_, seed) => scenarioOf(seed, anything));
  const auctions = scenarios.flatMap(({ workload }) => workload.auctions);
  const performers = (way: string): number =>
    auctions.filter(({ delivery }) => delivery?.performs === way).length;
  const disputes = auctions.flatMap(({ delivery }) =>
    delivery?.dispute == null || delivery.performs === "forgets" ? [] : [delivery.dispute],
  );
  const voices = (way: Voice["speaks"]): number =>
    disputes.filter((one) => one.voices.some(({ speaks }) => speaks === way)).length;
  const kinds: Record<string, number> = {
    "a seller who opens its reserve after the bids": auctions.filter(
      (one) => one.opensReserve === "afterBids",
    ).length,
    "a seller who never opens it": auctions.filter((one) => one.opensReserve === "never").length,
    "a lot that lapses": auctions.filter((one) => one.lapsesInMs !== null).length,
    "a liar without a seat": scenarios.filter(({ strangers }) => strangers.length > 0).length,
    "a liar about heights with one": scenarios.filter(({ culprits }) =>
      culprits.some(({ strategy }) => strategy === "false-heights"),
    ).length,
    "an underpayer": scenarios.filter(({ workload }) =>
      workload.payments.some(({ kind }) => kind === "overdraft"),
    ).length,
    "a performer who delivers late": performers("late"),
    "a performer who delivers twice": performers("twice"),
    "a performer who gives up what it has delivered": performers("failsAfter"),
    "a buyer who delivers to itself": auctions.filter(({ delivery }) => delivery?.meddles === true).length,
    "a buyer who disputes": disputes.length,
    "a buyer who disputes twice": disputes.filter((one) => one.disputes === "twice").length,
    "a bond that is too small": disputes.filter((one) => one.disputes === "poor").length,
    "a dispute that is late": disputes.filter((one) => one.disputes === "late").length,
    "a juror who votes both ways": voices("bothWays"),
    "a juror who votes too late": voices("late"),
    "a juror who says nothing": voices("never"),
    "a run in which nobody delivers": scenarios.filter(({ workload }) => {
      const trades = workload.auctions.filter(({ delivery }) => delivery !== null);
      return trades.length > 2 && trades.every(({ delivery }) => delivery!.performs === "forgets");
    }).length,
    "a flooder of openings": scenarios.filter(({ openings }) => openings === 3).length,
    "a crowd of bidders": scenarios.filter(({ revealCapacity }) => revealCapacity < 100).length,
  };

  it.each(Object.keys(kinds))("%s is in some of 200", (kind) => expect(kinds[kind]).toBeGreaterThan(0));
});

describe("what an agent withholds", () => {
  const plan = oneWithholds(calm(1, 4)).workload.auctions[0]!;
  const auction = (phase: string, reveals: number): Auction =>
    ({
      phase: { kind: phase },
      commits: 3,
      reveals,
      terms: { lot: { capability: plan.name } },
    }) as unknown as Auction;
  const opens = (changed: Partial<AuctionPlan>, host: number, reveals: number, phase = "reveal"): boolean => {
    const workload = { auctions: [{ ...plan, ...changed }], payments: [] };
    return conductOf(HONEST_CONDUCT, workload, host).mayOpenBids(auction(phase, reveals), 0);
  };

  it("is never opened, whoever it is; others open in REVEAL", () => {
    expect([1, 2, 3].map((host) => opens({}, host, 0))).toEqual([true, true, false]);
    expect(opens({}, 1, 0, "open")).toBe(false);
  });

  it("is a reserve until all bids are shown, or for ever", () => {
    expect(opens({}, 0, 0)).toBe(true);
    expect([0, 2, 3].map((reveals) => opens({ opensReserve: "afterBids" }, 0, reveals))).toEqual([
      false,
      false,
      true,
    ]);
    expect([0, 3].map((reveals) => opens({ opensReserve: "never" }, 0, reveals))).toEqual([false, false]);
  });

  it("leaves no peer, in no entry that the agent's own peer leads either", () => {
    const scenario = oneWithholds(calm(3, 4));
    const withholder = scenario.workload.auctions[0]!.bids.at(-1)!.host;
    let shown = 0;
    let led = 0;
    toldIn(scenario, (world) =>
      world.witnesses.push({
        sent(host, outgoing) {
          if (outgoing.to === "topic" || outgoing.message.kind !== "propose") return;
          const { header, ops } = outgoing.message.propose.entry;
          if (host.index === withholder && header.leader === withholder) led++;
          for (const bytes of ops) {
            const decoded = decodeOperation(bytes);
            if (decoded.ok && decoded.value.body.kind === "reveal") shown++;
            if (!decoded.ok || decoded.value.body.kind !== "reveal") continue;
            expect(decoded.value.body.bid.amount).not.toBe(
              scenario.workload.auctions[0]!.bids.at(-1)!.amount,
            );
          }
        },
      }),
    );
    expect({ shown: shown > 0, led: led > 0 }).toEqual({ shown: true, led: true });
  });
});

describe("honest rules hold among people", () => {
  const outcomes = (told: readonly Notice[]): ReadonlySet<string> =>
    new Set(told.flatMap((notice) => (notice.kind === "auctionSettled" ? [notice.outcome] : [])));

  it("of lots that lapse about the close some are void and some are sold", () => {
    const told = toldIn(lotsLapseAtTheClose(calm(3, 4)));
    expect(outcomes(told)).toEqual(new Set(["void", "done"]));
  });

  it("a seller who never opens its reserve loses its bond, whole", () => {
    const scenario = oneWithholds(calm(1, 4));
    const [auction] = scenario.workload.auctions;
    const bond = auction!.lockups.at(-1)!;
    const hidden: AuctionPlan = {
      ...auction!,
      hiddenReserve: 1n << 34n,
      bond: bond,
      opensReserve: "never",
      bids: auction!.bids.map((bid) => ({ ...bid, isWithheld: false })),
    };
    const told = toldIn({ ...scenario, workload: { auctions: [hidden], payments: [] } });
    const burned = new Set(told.flatMap((one) => (one.kind === "auctionSettled" ? [one.burned] : [])));
    expect(burned).toEqual(new Set([bond]));
  });

  it("an operation whose fee cannot be paid is passed over, at every nonce", () => {
    const told = toldIn(convictingScenario("unpayable-uses-its-nonce", 1));
    const codes = new Set(told.flatMap((one) => (one.kind === "operationPassedOver" ? [one.code] : [])));
    expect(codes).toContain("FUNDS_TOO_LOW");
  });

  it("an underpayer is charged once", () => {
    const scenario = calm(2, 4);
    const payments = [{ atMs: 1_000, kind: "overdraft" as const, from: 1, to: 2, amount: 1n }];
    const included = new Set<string>();
    const told = toldIn({ ...scenario, workload: { auctions: [], payments } }, (world) =>
      world.witnesses.push({
        sent(_host, outgoing) {
          if (outgoing.to === "topic" || outgoing.message.kind !== "propose") return;
          for (const bytes of outgoing.message.propose.entry.ops) included.add(toHex(bytes));
        },
      }),
    );
    expect(included.size).toBe(1);
    expect(told.some(({ kind }) => kind === "operationPassedOver" || kind === "operationRefused")).toBe(
      false,
    );
  });

  it("a liar without a seat is a nuisance to nobody", () => {
    const scenario = calm(5, 4, 6);
    expect(toldIn({ ...scenario, strangers: [4] }).some(({ kind }) => kind === "auctionSettled")).toBe(true);
  });

  it("a flood of openings burns nothing", () => {
    const told = toldIn(floodOfOpenings(calm(1, 4)));
    const burned = new Set(told.flatMap((one) => (one.kind === "auctionSettled" ? [one.burned] : [])));
    expect(burned).toEqual(new Set([0n]));
  });
});

describe("trades among people end by the rules", () => {
  /** What a run's one trade came to, and why what was said of it counted for nothing. */
  const fates = (wishes: Partial<DeliveryPlan>) => fatesIn(oneTrade(wishes)(calm(1, 4)));
  function fatesIn(scenario: Scenario): { readonly ends: unknown; readonly codes: unknown } {
    const told = toldIn(scenario);
    const ends = told.flatMap((one) =>
      one.kind === "trade" && one.trade.state.kind === "ended" ? [one.trade.state.cause] : [],
    );
    const codes = told.flatMap((one) => (one.kind === "operationRefused" ? [one.code] : []));
    return { ends: [...new Set(ends)], codes: [...new Set(codes)].sort() };
  }
  const cases: readonly [string, Partial<DeliveryPlan>, string, readonly string[]][] = [
    ["delivered and accepted", {}, "accepted", []],
    ["delivered and nothing said", { isAccepted: false }, "unopposed", []],
    ["not delivered", { performs: "forgets" }, "timedOut", []],
    ["given up", { performs: "givesUp" }, "failed", []],
    ["delivered too late", { performs: "late" }, "timedOut", ["TRADE_ENDED"]],
    ["delivered twice", { performs: "twice", isAccepted: false }, "unopposed", ["TRADE_NOT_DUE"]],
    [
      "given up and accepted by its performer",
      { performs: "failsAfter", isAccepted: false },
      "unopposed",
      ["NOT_THE_BUYER", "TRADE_NOT_DUE"],
    ],
    [
      "delivered and accepted by its buyer alone",
      { performs: "forgets", meddles: true },
      "timedOut",
      ["NOT_THE_PERFORMER", "TRADE_NOT_DELIVERED"],
    ],
  ];
  it.each(cases)("%s", (_name, wishes, cause, codes) => {
    expect(fates(wishes)).toEqual({ ends: [cause], codes });
  });

  // The first of four sells, the last buys, both with a seat: the others judge.
  const both: Voice = { share: null, speaks: "bothWays" };
  const late: Voice = { share: 5_000, speaks: "late" };
  const PARTIES = ["JUROR_IS_PARTY"];
  const disputed: readonly [string, readonly Voice[], DisputePlan["disputes"], string, readonly string[]][] =
    [
      ["upheld by all", [SILENT, ...finding(10_000, 2_500), SILENT], "plain", "upheld", []],
      ["rejected by all", [SILENT, ...finding(null, null), SILENT], "plain", "rejected", []],
      ["judged one way and the other", [SILENT, ...finding(null, 1), SILENT], "plain", "hung", []],
      ["judged by one alone", [SILENT, ...finding(10_000), SILENT, SILENT], "plain", "hung", []],
      ["judged by its parties", finding(null, null, null, 10_000), "plain", "rejected", PARTIES],
      ["judged both ways by one", [SILENT, both, SILENT, SILENT], "plain", "hung", ["VERDICT_REPEATED"]],
      ["judged too late", [SILENT, ...finding(5_000), late, SILENT], "plain", "hung", ["TRADE_ENDED"]],
      [
        "disputed twice",
        [SILENT, ...finding(10_000), SILENT, SILENT],
        "twice",
        "hung",
        ["TRADE_NOT_DELIVERED"],
      ],
      [
        "disputed with too small a bond",
        finding(1, 1, 1, 1),
        "poor",
        "unopposed",
        ["DISPUTE_BOND_TOO_SMALL"],
      ],
      ["disputed too late", finding(1, 1, 1, 1), "late", "unopposed", ["TRADE_ENDED"]],
    ];
  it.each(disputed)("%s", (_name, voices, disputes, cause, codes) => {
    expect(fatesIn(oneDispute(voices, disputes)(calm(1, 4)))).toEqual({ ends: [cause], codes });
  });

  it("judged by who has no seat", () => {
    const voices = [SILENT, ...finding(null, null), SILENT, ...finding(10_000), SILENT];
    const codes = ["NOT_A_JUROR"];
    expect(fatesIn(oneDispute(voices)(calm(1, 4, 6)))).toEqual({ ends: ["rejected"], codes });
  });
});
