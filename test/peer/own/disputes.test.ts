// Own history of a dispute: what its parties are told adds up with what they own, whichever way it ends.
import { expect, it } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { holdings } from "../../../src/ledger/index.js";
import type { OperationBody, TradeId } from "../../../src/market/index.js";
import { Effects } from "../../../src/peer/effects.js";
import { decodeMovement, movementsOf } from "../../../src/peer/index.js";
import { keepOwnHistory } from "../../../src/peer/own/history.js";
import type { Peer } from "../../../src/peer/state.js";
import type { Header } from "../../../src/quorum/index.js";
import { accountOf, CREDIT, deliveredTrade, EVIDENCE, PRICE, tradingWorld } from "../../market/disputed.js";
import { agent, type World } from "../../market/world.js";

const BOND = 3n * CREDIT;
const PARTIES = ["buyer", "seller"] as const;

/** What each party is told of an entry with one operation, fees left out. */
function told(world: World, from: string, body: OperationBody) {
  const operations = [world.op(from, body)];
  const outcome = world.entry(operations);
  expect(outcome.receipts[0]!.code).toBeNull();
  const agents = new Map(PARTIES.map((name) => [toHex(agent(name)), null]));
  const effects = new Effects();
  const { ledger, height, timeMs } = world;
  keepOwnHistory(
    { agents, ledger } as unknown as Peer,
    { height, timeMs } as Header,
    operations,
    outcome,
    effects,
  );
  const puts = effects.ready(null).persist.flatMap((one) => (one.kind === "put" ? [one] : []));
  return Object.fromEntries(
    PARTIES.map((name) => {
      const own = puts.filter(({ key }) => key.startsWith(movementsOf(toHex(agent(name)))));
      const movements = own.map((one) => decodeMovement(one.value)!);
      return [name, movements.map(({ kind, gained, spent }) => [kind, gained - spent] as const)];
    }),
  );
}

it.each([
  [
    "rejected",
    null,
    {
      buyer: [
        ["dispute bond", -BOND],
        ["paid", -PRICE],
      ],
      seller: [
        ["dispute bond", BOND],
        ["sold", 39_800_000n],
      ],
    },
  ],
  ["upheld", 10_000, { buyer: [], seller: [["slashed", -60n * CREDIT]] }],
  [
    "upheld in part",
    5000,
    {
      buyer: [["paid", -20n * CREDIT]],
      seller: [
        ["sold", 19_900_000n],
        ["slashed", -30n * CREDIT],
      ],
    },
  ],
] as const)("%s", (_, share, expected) => {
  const world = tradingWorld();
  const trade: TradeId = deliveredTrade(world);
  const owned = () => PARTIES.map((name) => holdings(accountOf(world, name)));
  const disputed = told(world, "buyer", { kind: "dispute", trade, evidence: EVIDENCE, bond: BOND });
  expect(disputed.buyer!.map(([kind]) => kind)).toEqual(["fee"]);
  const before = owned();
  for (const juror of ["seat 0", "seat 1"]) {
    expect(told(world, juror, { kind: "verdict", trade, share })).toEqual({ buyer: [], seller: [] });
  }
  const movements = told(world, "seat 2", { kind: "verdict", trade, share });
  expect(movements).toEqual(expected);
  const sums = PARTIES.map((name) => movements[name]!.reduce((sum, [, change]) => sum + change, 0n));
  expect(owned()).toEqual(before.map((sum, i) => sum + sums[i]!));
});
