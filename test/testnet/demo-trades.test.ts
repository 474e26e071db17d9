// Demo agents in their trades: what sellers hand over can be made anew by anybody, and so buyers dispute and jurors judge.
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/index.js";
import { auctionIdOf, type Trade, type TradeState, tradeIdOf } from "../../src/market/index.js";
import type { Command } from "../../src/peer/event.js";
import type { Notice } from "../../src/peer/ready.js";
import { Juror } from "../../testnet/agents/juror.js";
import type { MarketAccess } from "../../testnet/agents/market-access.js";
import { Nature, offerName, type Way } from "../../testnet/agents/nature.js";
import { missingOf, noteOf } from "../../testnet/agents/note.js";
import { Ordinals } from "../../testnet/agents/ordinal.js";
import { Performer } from "../../testnet/agents/performer.js";
import { Taker } from "../../testnet/agents/taker.js";
import { tradeName } from "../../testnet/agents/trade-name.js";
import { planTestnet } from "../../testnet/plan.js";
import { network } from "./history.js";

const plan = planTestnet({ peers: 4, quorum: 4, agents: 12, seed: 5 });
const named = (name: string) => plan.agentPlans.find((one) => one.name === name)!;
const places = new Map(
  plan.agentPlans.flatMap(({ role, key, place }) =>
    role === "seller" ? [[toHex(key.publicKey), place]] : [],
  ),
);
const acquaintance = {
  ordinals: new Ordinals(network),
  sellerPlace: (agent: Uint8Array) => places.get(toHex(agent)) ?? null,
};
const isBidder = (agent: Uint8Array) =>
  plan.agentPlans.some(({ role, key }) => role === "bidder" && toHex(key.publicKey) === toHex(agent));

/** The nth auction of one agent, won by another. */
function tradeOf(performer: string, buyer: string, nth: number, units = 8): Trade {
  const [from, to] = [named(performer).key.publicKey, named(buyer).key.publicKey];
  const auction = auctionIdOf(network, from, nth);
  return {
    ...{
      id: tradeIdOf(auction, from, to),
      auction,
      performer: from,
      buyer: to,
      capability: "gpu.a100",
      units,
    },
    ...{ price: 5_000_000n, lien: 7_500_000n, fence: 9, settleMs: 5_000, outagesMs: 0 },
    state: { kind: "due", deliverByMs: 10_000 },
  };
}
const inState = (trade: Trade, state: TradeState): Trade => ({ ...trade, state });
const delivered = (trade: Trade, hash: Uint8Array): Trade =>
  inState(trade, { kind: "delivered", hash, deliveredMs: 1, acceptByMs: 2 });
const disputed = (trade: Trade, hash: Uint8Array): Trade =>
  inState(trade, {
    kind: "disputed",
    hash,
    verdictByMs: 3,
    dispute: { evidence: noteOf(trade), bond: 1_000_000n, votes: [] },
  });

/** The first auction of a seller whose trade with this buyer is as wished. */
function first(seller: string, isWished: (nature: Nature, name: string) => boolean): Trade {
  for (let nth = 0; ; nth++) {
    const trade = tradeOf(seller, "bidder-1", nth);
    if (isWished(new Nature(plan.seed), tradeName(trade, acquaintance))) return trade;
  }
}

/** What an agent asks its peer for when it hears of a trade. */
function heard(
  start: (world: ReturnType<typeof worldOf>["world"]) => () => void,
  trade: Trade,
): readonly Command[] {
  const { world, commands, tell } = worldOf(trade);
  const stop = start(world);
  tell(trade);
  stop();
  return commands;
}

function worldOf(trade: Trade) {
  const commands: Command[] = [];
  const listeners: ((notice: Notice) => void)[] = [];
  let current = trade;
  const access: MarketAccess = {
    command: async (command) => {
      commands.push(command);
      return { ok: true, operation: null, auction: null };
    },
    subscribe: (one) => {
      listeners.push(one);
      return () => undefined;
    },
    ...{
      freeFunds: () => 0n,
      lockable: () => 0n,
      spendsOfOthers: () => false,
      freeStake: () => 0n,
      auctionOf: () => null,
    },
    ...{ openTrades: () => [], disputes: () => [], tradeOf: () => current },
  };
  const journal = { decided() {}, refused() {} };
  return {
    commands,
    world: { ...acquaintance, access, nature: new Nature(plan.seed), journal, verdictMs: 50, isBidder },
    tell(one: Trade) {
      current = one;
      for (const listener of listeners) listener({ kind: "trade", height: 1, timeMs: 1, trade: one });
    },
  };
}

describe("a note", () => {
  test("tells what of it is missing, rounded up, and all where it is no note of the trade", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(40), (units, some) => {
        const trade = tradeOf("seller-0", "bidder-0", 1, units);
        const missing = missingOf(trade, noteOf(trade, some));
        if (some === units) expect(missing).toBeNull();
        else if (some > units || some === 0) expect(missing).toBe(10_000);
        else {
          expect(missing! * units).toBeGreaterThanOrEqual((units - some) * 10_000);
          expect((missing! - 1) * units).toBeLessThan((units - some) * 10_000);
        }
      }),
      { numRuns: 200 },
    );
    const trade = tradeOf("seller-0", "bidder-0", 1);
    for (const other of [{ fence: 10 }, { buyer: trade.performer }, { capability: "gpu.h100" }])
      expect(missingOf(trade, noteOf({ ...trade, ...other }))).toBe(10_000);
  });
});

describe("a seller", () => {
  const ways: readonly [seller: string, way: Way, missing: number | null][] = [
    ["seller-0", "delivers", null],
    ["seller-1", "mistakes", 10_000],
    ["seller-2", "skimps", 5_000],
  ];
  test.each(ways)("%s now and then %s", (seller, way, missing) => {
    const { place } = named(seller);
    const trade = first(seller, (nature, name) => nature.delivery(place, name) === way);
    const said = heard((world) => new Performer(named(seller), world).start(), trade);
    expect(said).toMatchObject([{ kind: "deliver" }]);
    expect(missingOf(trade, (said[0] as { hash: Uint8Array }).hash)).toBe(missing);
  });

  test.each([
    ["seller-1", "forgets", []],
    ["seller-2", "givesUp", [{ kind: "fail" }]],
  ] as const)("%s now and then %s", (seller, way, says) => {
    const { place } = named(seller);
    const trade = first(seller, (nature, name) => nature.delivery(place, name) === way);
    expect(heard((world) => new Performer(named(seller), world).start(), trade)).toMatchObject(says);
  });
});

describe("a buyer", () => {
  const looks = (trade: Trade) => heard((world) => new Taker(named("bidder-1"), world).start(), trade);

  test("disputes what is wrong, with the note that it should have had", () => {
    const trade = first("seller-2", (nature, name) => !nature.quarrels(name));
    for (const hash of [noteOf(trade, 4), noteOf({ ...trade, fence: 1 })])
      expect(looks(delivered(trade, hash))).toMatchObject([
        { kind: "dispute", trade: trade.id, evidence: noteOf(trade), bond: null },
      ]);
  });

  test("accepts what is right, says nothing, or rarely disputes it all the same", () => {
    const right = (isWished: (nature: Nature, name: string) => boolean) => {
      const trade = first("seller-0", isWished);
      return looks(delivered(trade, noteOf(trade))).map(({ kind }) => kind);
    };
    expect(right((nature, name) => nature.quarrels(name))).toEqual(["dispute"]);
    expect(right((nature, name) => !nature.quarrels(name) && nature.accepts(name))).toEqual(["accept"]);
    expect(right((nature, name) => !nature.quarrels(name) && !nature.accepts(name))).toEqual([]);
  });

  test("takes what a person delivers as it is", () => {
    const from = tradeOf("guest-0", "bidder-1", 0);
    const kinds = Array.from({ length: 40 }, (_, nth) =>
      looks(delivered(tradeOf("guest-0", "bidder-1", nth), noteOf(from))).map(({ kind }) => kind),
    );
    expect(new Set(kinds.flat())).toEqual(new Set(["accept"]));
  });
});

describe("a juror", () => {
  const judging = async (trade: Trade, ...then: readonly Trade[]): Promise<readonly Command[]> => {
    const { world, commands, tell } = worldOf(trade);
    const stop = new Juror(named("juror-2"), world).start();
    for (const one of [trade, ...then]) tell(one);
    await pause(40);
    stop();
    return commands;
  };
  const there = (nature: Nature, name: string) => nature.attends(named("juror-2").place, name);

  test("finds what is missing of a delivery, once", async () => {
    const trade = first("seller-2", there);
    const cases: readonly [Uint8Array, number | null][] = [
      [noteOf(trade), null],
      [noteOf(trade, 4), 5_000],
      [noteOf(trade, 9), 10_000],
    ];
    for (const [hash, share] of cases) {
      const one = disputed(trade, hash);
      expect(await judging(one, one)).toMatchObject([{ kind: "verdict", trade: trade.id, share }]);
    }
  });

  test("says nothing when it is away, when others have decided, and of what a person sold or bought", async () => {
    const away = first("seller-2", (nature, name) => !there(nature, name));
    expect(await judging(disputed(away, noteOf(away)))).toEqual([]);
    const trade = first("seller-2", there);
    const due = inState(trade, { kind: "due", deliverByMs: 1 });
    expect(await judging(disputed(trade, noteOf(trade)), due)).toEqual([]);
    for (const [performer, buyer] of [
      ["guest-0", "bidder-1"],
      ["seller-0", "guest-1"],
    ] as const)
      for (let nth = 0; nth < 3; nth++) {
        const persons = tradeOf(performer, buyer, nth);
        expect(await judging(disputed(persons, noteOf(persons)))).toEqual([]);
      }
  });

  test("is there for most disputes, with all but a few of the others", () => {
    const nature = new Nature(3);
    const present = Array.from(
      { length: 500 },
      (_, i) => [0, 1, 2, 3, 4, 5, 6].filter((juror) => nature.attends(juror, `0/${i}/ab`)).length,
    );
    const decided = present.filter((count) => count >= 5).length;
    expect(decided).toBeGreaterThan(400);
    expect(decided).toBeLessThan(490);
  });
});

describe("sixty rounds of seed 3 among seven seats", () => {
  const { agentPlans, seed } = planTestnet({ peers: 16, quorum: 7, agents: 12, seed: 3 });
  const nature = new Nature(seed);
  const bidders = agentPlans.filter(({ role }) => role === "bidder");

  /** How the trade of a round ends where everybody who wants the lot has bid its value. */
  function endOf(round: number): string {
    const [seller, nth] = [round % 3, Math.floor(round / 3)];
    const name = offerName(seller, nth);
    const { lot, reserve } = nature.offer(seller, nth);
    const values = bidders.map((one) => ({ one, value: nature.value(one.name, name, lot) }));
    const best = values.reduce((most, other) => (other.value > most.value ? other : most));
    if (best.value < reserve) return "unsold";
    const trade = `${name}/${toHex(best.one.key.publicKey)}`;
    const way = nature.delivery(seller, trade);
    if (way === "forgets" || way === "givesUp") return way;
    if (way === "delivers" && !nature.quarrels(trade))
      return nature.accepts(trade) ? "accepted" : "unopposed";
    const present = Array.from({ length: 7 }, (_, juror) => nature.attends(juror, trade)).filter(Boolean);
    if (present.length < 5) return "hung";
    return way === "delivers" ? "rejected" : way === "skimps" ? "upheld in part" : "upheld";
  }

  test("have trades in every end state", () => {
    const ends = new Set(Array.from({ length: 60 }, (_, round) => endOf(round)));
    const upheld = ["upheld", "upheld in part"];
    for (const end of ["accepted", "unopposed", "forgets", "givesUp", "rejected", "hung", ...upheld])
      expect(ends).toContain(end);
  });
});
