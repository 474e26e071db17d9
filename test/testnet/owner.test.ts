// A demo owner gives its children budgets by their own word, and again when they have ended.
import { expect, test } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { Command, CommandResult } from "../../src/peer/event.js";
import type { Notice } from "../../src/peer/ready.js";
import type { MarketAccess } from "../../testnet/agents/market-access.js";
import { Owner, type Ownership, ownershipsAmong } from "../../testnet/agents/owner.js";
import { planTestnet } from "../../testnet/plan.js";

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
