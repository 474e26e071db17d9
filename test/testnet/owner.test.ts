// A demo owner gives its children budgets by their own word, and again when they have ended; and what a bidder may spend by them.
import { expect, test } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { Command, CommandResult } from "../../src/peer/event.js";
import type { Notice } from "../../src/peer/ready.js";
import type { MarketAccess } from "../../testnet/agents/market-access.js";
import { Owner, type Ownership, ownershipsAmong } from "../../testnet/agents/owner.js";
import { spendableBy } from "../../testnet/agents/spendable.js";
import { planTestnet } from "../../testnet/plan.js";
import { agent, FEE, FUNDS, World } from "../market/world.js";

const bidders = planTestnet({ peers: 4, quorum: 4, agents: 12, seed: 1 }).agentPlans.filter(
  ({ role }) => role === "bidder",
);
const [direct, , , nested] = ownershipsAmong(bidders) as readonly Ownership[];

test("one owner has three children, the first of whom has one, where enough others bid", () => {
  const names = ownershipsAmong(bidders).map(({ owner, child }) => `${owner.name} ${child.name}`);
  expect(names).toEqual(["bidder-0 bidder-1", "bidder-0 bidder-2", "bidder-0 bidder-3", "bidder-1 bidder-4"]);
  expect(ownershipsAmong(bidders).map(({ isNested }) => isNested)).toEqual([false, false, false, true]);
  expect(ownershipsAmong(bidders.slice(0, 6))).toEqual([]);
});

/** An owner among peers that grant everything, and tell of entries. @param spends who spends of others' funds now */
function owning(ownership: Ownership, spends: ReadonlySet<string>) {
  const asked: Command[] = [];
  let tell: (notice: Notice) => void = () => undefined;
  const agreed = { child: ownership.child.key.publicKey, nth: 3, consent: new Uint8Array(64).fill(7) };
  const access = {
    async command(command: Command): Promise<CommandResult> {
      asked.push(command);
      return { ok: true, operation: null, auction: null, agreed } as unknown as CommandResult;
    },
    subscribe(listener: (notice: Notice) => void) {
      tell = listener;
      return () => undefined;
    },
    spendsOfOthers: (one: Uint8Array) => spends.has(toHex(one)),
  } as unknown as MarketAccess;
  new Owner(ownership, { access, childs: access, journal: { decided() {}, refused() {} } }).start();
  return {
    asked,
    async entry(timeMs: number): Promise<readonly string[]> {
      asked.length = 0;
      tell({ kind: "entry", timeMs } as Notice);
      await new Promise(setImmediate);
      return asked.map(({ kind }) => kind);
    },
  };
}

test("it asks for the child's word and opens with that, and asks no more while that may be on its way", async () => {
  const { asked, entry } = owning(direct!, new Set());
  expect(await entry(1_000)).toEqual(["agreeToBudget", "openBudget"]);
  expect(asked[1]).toMatchObject({ sent: { nth: 3 }, terms: { untilMs: 3_601_000 } });
  expect(await entry(10_999)).toEqual([]);
  expect(await entry(11_000)).toEqual(["agreeToBudget", "openBudget"]);
});

test("it leaves a child alone that has its budget, and waits for its own", async () => {
  const [owner, child] = [nested!.owner, nested!.child].map(({ key }) => toHex(key.publicKey)) as [
    string,
    string,
  ];
  expect(await owning(nested!, new Set([owner, child])).entry(1_000)).toEqual([]);
  expect(await owning(nested!, new Set()).entry(1_000)).toEqual([]);
  expect(await owning(nested!, new Set([owner])).entry(1_000)).toHaveLength(2);
});

test("what may be spent is what the narrowest limit of any level leaves, and at most what the owner has", () => {
  const world = new World({ names: ["root", "ann", "bob"] });
  const spendable = (name: string) => spendableBy(world.ledger, agent(name), world.timeMs);
  const give = (owner: string, child: string, perAuction: bigint, perPeriod: bigint, total: bigint | null) =>
    world.entry([
      world.op(owner, {
        ...{ kind: "openBudget", child: agent(child), nth: 0, consent: new Uint8Array(64) },
        terms: { perAuction, perPeriod, total, untilMs: 10 ** 9 },
      }),
    ]);
  expect(spendable("ann")).toBe(FUNDS);
  give("root", "ann", 900_000n, 950_000n, null);
  expect(spendable("ann")).toBe(900_000n);
  give("ann", "bob", 10n ** 9n, 10n ** 9n, 800_000n);
  expect(spendable("bob")).toBe(800_000n);
  // What it has cost to pass something on.
  expect(spendable("ann")).toBe(950_000n - world.ledger.params.budgetBurn - FEE);
});
