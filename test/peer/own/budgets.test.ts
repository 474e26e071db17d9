// Own history where stake answers for a child that spends by a budget: what burns was its own, what it earns its owner's.
import { expect, it } from "vitest";
import { equalBytes, toHex } from "../../../src/base/index.js";
import { holdings } from "../../../src/ledger/index.js";
import { type Operation, tradesOf } from "../../../src/market/index.js";
import { Effects } from "../../../src/peer/effects.js";
import { decodeMovement, type Movement, movementsOf } from "../../../src/peer/index.js";
import { keepOwnHistory } from "../../../src/peer/own/history.js";
import type { Header } from "../../../src/quorum/index.js";
import { accountOf, CREDIT, GOODS, PRICE, SETTLE_MS, tradingWorld } from "../../market/disputed.js";
import { agent, type World } from "../../market/world.js";

const AGENTS = ["buyer", "other", "seller"] as const;
const MOST = 1000n * CREDIT;

/** Hears each entry of a world from now on, and tells what own history says of an agent by then. */
function heard(world: World): (name: string) => readonly Movement[] {
  const rows: { key: string; value: Uint8Array }[] = [];
  const entry = world.entry.bind(world);
  world.entry = (operations: readonly Operation[] = [], options = {}) => {
    const outcome = entry(operations, options);
    const agents = new Set(AGENTS.map((name) => toHex(agent(name))));
    const effects = new Effects();
    const { ledger, height, timeMs } = world;
    keepOwnHistory({ agents, ledger }, { height, timeMs } as Header, operations, outcome, effects);
    rows.push(...effects.ready(null).persist.flatMap((one) => (one.kind === "put" ? [one] : [])));
    return outcome;
  };
  return (name) =>
    rows
      .filter(({ key }) => key.startsWith(movementsOf(toHex(agent(name)))))
      .map(({ value }) => decodeMovement(value)!);
}

/** `seller` buys; `buyer`, a child of `other`, asks `PRICE` for it, with stake of its own behind that. */
function asked() {
  const world = tradingWorld({ seller: "buyer" });
  const before = new Map(AGENTS.map((name) => [name, holdings(accountOf(world, name))]));
  const movementsOfAgent = heard(world);
  const terms = { perAuction: MOST, perPeriod: MOST, total: null, untilMs: world.timeMs + 600_000 };
  const budget = { kind: "openBudget", child: agent("buyer"), terms, nth: 0 } as const;
  world.entry([world.op("other", { ...budget, consent: new Uint8Array(64) })]);
  const auction = world.create("seller", {
    direction: "buy",
    reserve: PRICE,
    lockups: [PRICE],
    deliverMs: 10_000,
    settleMs: SETTLE_MS,
  });
  world.until(auction, "open");
  world.entry([world.op("buyer", world.commit(auction, "buyer", PRICE, PRICE))]);
  world.until(auction, "reveal");
  const told = (name: string) =>
    movementsOfAgent(name)
      .filter(({ kind }) => kind !== "fee" && kind !== "budget opened")
      .map(({ kind, gained, spent, payer, child }) => [
        kind,
        gained - spent,
        payer !== null && equalBytes(payer, agent("other")),
        child !== null && equalBytes(child, agent("buyer")),
      ]);
  const addsUp = () => {
    for (const name of AGENTS) {
      const change = movementsOfAgent(name).reduce(
        (sum, one) => sum + (one.payer === null ? one.gained - one.spent : 0n),
        0n,
      );
      expect(holdings(accountOf(world, name)), name).toBe(before.get(name)! + change);
    }
  };
  return { world, auction, told, addsUp };
}

it("an ask that is not shown burns the child's own stake", () => {
  const { world, auction, told, addsUp } = asked();
  world.until(auction, "unsold");
  expect(told("buyer")).toEqual([["forfeited", -PRICE, false, false]]);
  expect(told("other")).toEqual([]);
  addsUp();
});

it("what is delivered and accepted is earned by the owner, and giving up moves nobody's money", () => {
  for (const end of ["accepted", "given up"]) {
    const { world, auction, told, addsUp } = asked();
    world.entry([world.reveal(auction, "buyer", PRICE)]);
    world.until(auction, "done");
    const { id } = tradesOf(world.ledger, auction)[0]!;
    if (end === "accepted") {
      world.entry([world.op("buyer", { kind: "deliver", trade: id, hash: GOODS })]);
      world.entry([world.op("seller", { kind: "accept", trade: id })]);
      const received = (PRICE * 9950n) / 10_000n;
      expect(told("buyer")).toEqual([["sold", received, true, false]]);
      expect(told("other")).toEqual([["sold", received, false, true]]);
    } else {
      world.entry([world.op("buyer", { kind: "fail", trade: id })]);
      expect([told("buyer"), told("other")]).toEqual([[], []]);
    }
    addsUp();
  }
});
