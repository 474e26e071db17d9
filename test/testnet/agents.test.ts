// Demo agents: what they value follows from the seed, and they bid by their strategy and within their means.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { Auction } from "../../src/market/auction/auction.js";
import { auctionIdOf } from "../../src/market/index.js";
import type { Command, CommandResult } from "../../src/peer/event.js";
import type { Notice } from "../../src/peer/ready.js";
import { Auctioneer } from "../../testnet/agents/auctioneer.js";
import { Bidder } from "../../testnet/agents/bidder.js";
import type { Decision } from "../../testnet/agents/journal.js";
import { Nature, offerName } from "../../testnet/agents/nature.js";
import { Ordinals } from "../../testnet/agents/ordinal.js";
import { equilibrium, shaded, truthful } from "../../testnet/agents/strategy.js";
import { planTestnet } from "../../testnet/plan.js";
import { network } from "./history.js";

const plan = planTestnet({ peers: 1, quorum: 1, agents: 4, seed: 5 });
const seller = plan.agentPlans.find(({ role }) => role === "seller")!;
const bidder = plan.agentPlans.find(({ role }) => role === "bidder")!;

describe("truthful", () => {
  test("a bid is the value, as far as funds go", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 12n), (value, funds) => {
        const seen = { value, funds, history: [1n], rivals: 3 };
        const bid = truthful({ ...seen, tradesAtOwnBid: false });
        expect(bid).toBe(value < funds ? value : funds);
        expect(equilibrium({ ...seen, tradesAtOwnBid: false })).toBe(bid);
      }),
    );
  });
});

describe("shaded", () => {
  test("a bid is three quarters of the value against three rivals, as far as funds go", () => {
    const seen = { value: 100n, history: [], rivals: 3, tradesAtOwnBid: true };
    expect(shaded({ ...seen, funds: 1000n })).toBe(75n);
    expect(shaded({ ...seen, funds: 74n })).toBe(74n);
    expect(equilibrium({ ...seen, funds: 1000n })).toBe(75n);
  });
});

describe("nature", () => {
  test("an offer is always covered by its lockup, and its reserve can be met", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 2 }), fc.nat({ max: 999 }), (seed, place, nth) => {
        const nature = new Nature(seed);
        const { lot, reserve, lockup } = nature.offer(place, nth);
        const values = Array.from({ length: 8 }, (_, i) =>
          nature.value(`bidder-${i}`, offerName(place, nth), lot),
        );
        for (const value of values) expect(value).toBeLessThanOrEqual(lockup);
        expect(reserve).toBeGreaterThan(0n);
        expect(reserve).toBeLessThan(lockup);
      }),
    );
  });
  test("draws do not depend on what was drawn before", () => {
    const lot = { capability: "gpu.a100", units: 2 };
    const fresh = new Nature(3).value("bidder-1", offerName(0, 4), lot);
    const used = new Nature(3);
    used.offer(1, 1);
    used.value("bidder-2", offerName(0, 4), lot);
    expect(used.value("bidder-1", offerName(0, 4), lot)).toBe(fresh);
  });
});

describe("ordinals", () => {
  test("an auction's place follows from its id alone, in any order of asking", () => {
    const ordinals = new Ordinals(network);
    const id = (nonce: number) => auctionIdOf(network, seller.key.publicKey, nonce);
    for (const nonce of [0, 3, 1, 40, 2]) expect(ordinals.of(seller.key.publicKey, id(nonce))).toBe(nonce);
  });
});

/** A bidder in front of one auction, with so much money. */
function stage(free: bigint, phase: "scheduled" | "open") {
  const nature = new Nature(plan.seed);
  const offer = nature.offer(0, 0);
  const id = auctionIdOf(network, seller.key.publicKey, 0);
  const commands: Command[] = [];
  const decisions: Decision[] = [];
  const refusals: string[] = [];
  let listener: (notice: Notice) => void = () => undefined;
  let answer: CommandResult = { ok: true, operation: null, auction: id };
  const auction = {
    id,
    creator: seller.key.publicKey,
    terms: {
      format: { kind: "vickrey" },
      direction: "sell",
      lot: offer.lot,
      reserve: offer.reserve,
      lockups: [offer.lockup],
      commitMs: 1000,
    },
    phase: { kind: phase },
  } as unknown as Auction;
  new Bidder(bidder, {
    access: {
      command: async (command) => {
        commands.push(command);
        return answer;
      },
      subscribe: (one) => {
        listener = one;
        return () => undefined;
      },
      freeFunds: () => free,
      lockable: () => free,
      spendsOfOthers: () => false,
      freeStake: () => 0n,
      openTrades: () => [],
      disputes: () => [],
      tradeOf: () => null,
      auctionOf: () => auction,
    },
    nature,
    ordinals: new Ordinals(network),
    strategy: truthful,
    rivals: 3,
    journal: {
      decided: (decision) => decisions.push(decision),
      refused: (_agent, _wish, { code }) => refusals.push(code),
    },
    sellerPlace: (key) => (toHex(key) === toHex(seller.key.publicKey) ? 0 : null),
  }).start();
  const opened: Notice = {
    kind: "auctionPhase",
    height: 1,
    timeMs: 1,
    auction: id,
    phase: "open",
  };
  return {
    commands,
    decisions,
    refusals,
    value: nature.value(bidder.name, offerName(0, 0), offer.lot),
    hear: () => listener(opened),
    refuseWith: (code: string) => {
      answer = { ok: false, refusal: { code, detail: {} } };
    },
  };
}

describe("what a lot is worth", () => {
  test("anybody's lot of a known ware has a value, and what nobody has a use for has none", () => {
    const nature = new Nature(3);
    const id = "ab".repeat(32);
    const values = (capability: string) =>
      Array.from({ length: 9 }, (_, i) => nature.value(`bidder-${i}`, id, { capability, units: 2 }));
    expect(values("gpu.a100").some((value) => value > 0n)).toBe(true);
    expect(values("unicorn.horn").every((value) => value === 0n)).toBe(true);
  });
});

describe("a bidder", () => {
  test("bids its value once, however often it hears of the auction", () => {
    const { hear, commands, decisions, value } = stage(10n ** 12n, "open");
    hear();
    hear();
    expect(value).toBeGreaterThan(0n);
    expect(commands).toMatchObject([{ kind: "placeBid", amount: value }]);
    expect(decisions).toMatchObject([{ value, bid: value }]);
  });
  test("waits for an auction that takes no bids yet", () => {
    const { hear, commands } = stage(10n ** 12n, "scheduled");
    hear();
    expect(commands).toEqual([]);
  });
  test("stays away where it cannot pay the lockup, and says so to the journal", () => {
    const { hear, commands, decisions, value } = stage(5n, "open");
    hear();
    expect(commands).toEqual([]);
    expect(decisions).toMatchObject([{ value, bid: 0n }]);
  });
  test("a refusal is noted, and ends nothing", async () => {
    const { hear, refuseWith, refusals } = stage(10n ** 12n, "open");
    refuseWith("COMMIT_AFTER_CLOSE");
    hear();
    await Promise.resolve();
    expect(refusals).toEqual(["COMMIT_AFTER_CLOSE"]);
  });
});

describe("the auctioneer", () => {
  test("opens so many auctions and no more, never more at once than allowed", async () => {
    let open = 0;
    let most = 0;
    let opened = 0;
    const stall = {
      async openNext() {
        opened++;
        most = Math.max(most, ++open);
        return Uint8Array.of(opened);
      },
      async ended() {
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return true;
      },
    };
    const late = await new Auctioneer([stall, stall], { rounds: 17, atOnce: 4, pauseMs: 0 }).run();
    expect({ opened, most, late }).toEqual({ opened: 17, most: 4, late: [] });
  });
  test("a run whose sellers are refused for good fails, and does not pass for a short one", async () => {
    let rested = 0;
    const stall = { openNext: async () => null, ended: async () => true };
    const auctioneer = new Auctioneer([stall], { rounds: 1, atOnce: 1, pauseMs: 0 }, async () => rested++);
    await expect(auctioneer.run()).rejects.toMatchObject({ code: "SELLERS_REFUSED" });
    expect(rested).toBeGreaterThan(10);
  });
  test("names the auctions that had no end", async () => {
    const stall = { openNext: async () => Uint8Array.of(7), ended: async () => false };
    expect(await new Auctioneer([stall], { rounds: 1, atOnce: 3, pauseMs: 0 }).run()).toEqual([
      Uint8Array.of(7),
    ]);
  });
});
