// Budgets of named agents in a real log: opened with keys made for them, renewed, moved and closed, and read at each request.
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentKey } from "../../../node/crypto/signer.js";
import { LedgerBudgets } from "../../../node/gateway/budgets/ledger-budgets.js";
import { BudgetSettler, type LedgerSide } from "../../../node/gateway/budgets/settler.js";
import { NO_SPENDING_LIMITS, type SpendingLimits } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { LONE_PARAMS } from "../../../node/lone-network.js";
import { toHex } from "../../../src/base/index.js";
import { levelsOf } from "../../../src/ledger/index.js";
import type { Command } from "../../../src/peer/event.js";
import { eventually } from "../../e2e/eventually.js";
import { HostedNetwork, seedOf } from "../../e2e/network.js";

let network: HostedNetwork;
beforeEach(async () => {
  network = await HostedNetwork.start({
    name: "settler",
    seats: 1,
    params: {
      budgetBurn: LONE_PARAMS.budgetBurn,
      minFee: LONE_PARAMS.minFee,
      periodMs: LONE_PARAMS.periodMs,
    },
  });
});
afterEach(() => network.stop());

const CREDIT = 1_000_000n;

function world(change: Partial<LedgerSide> = {}) {
  const { front, rival } = network;
  const named = NamedAgents.open(null);
  const commands: Command[] = [];
  const side: LedgerSide = {
    get state() {
      return front.peer;
    },
    command(command) {
      commands.push(command);
      return front.command(command);
    },
    owner: rival.publicKey,
    keyOf: async (name) => agentKey(seedOf(name)),
    nowMs: Date.now,
    ...change,
  };
  const settler = new BudgetSettler(named, side, 5_000);
  const budgets = new LedgerBudgets(() => front.peer);
  const add = (name: string, limits: Partial<SpendingLimits>, parent: string | null = null) =>
    named.add(name, { weight: 1, band: "normal", parent, limits: { ...NO_SPENDING_LIMITS, ...limits } }, 0n);
  const budgetOf = (name: string) => budgets.budgetOf(named.get(name)!.ledgerAgent!, Date.now());
  const owners = (name: string) =>
    levelsOf(front.peer.ledger, named.get(name)!.ledgerAgent as never).map(({ owner }) => toHex(owner));
  return { named, settler, add, budgetOf, owners, commands, side, front, rival };
}

test("a tree of budgets is in the log when settling is over, and goes with what its owner says", async () => {
  const { named, settler, add, budgetOf, owners, commands, rival } = world();
  await add("boss", {});
  await add("ada", { perDay: 5n * CREDIT, total: 20n * CREDIT }, "boss");
  await add("kim", { perWeek: 5n * CREDIT });
  expect(await settler.settle()).toEqual({ isPending: false, refused: new Map() });
  expect(budgetOf("ada")).toEqual({
    isLive: true,
    perDay: 5n * CREDIT,
    usedToday: 0n,
    total: 20n * CREDIT,
    usedInAll: 0n,
  });
  // Opening the child's took nothing of the parent's day, as it does of agents' requests.
  expect(budgetOf("boss")).toMatchObject({
    isLive: true,
    perDay: null,
    total: null,
    usedToday: 0n,
    usedInAll: 0n,
  });
  expect(owners("ada")).toEqual([named.get("boss")!.ledgerAgent, toHex(rival.publicKey)]);
  expect(named.get("ada")).toMatchObject({ hasBudget: true, isSettled: true });
  expect(named.get("kim")).toMatchObject({ hasBudget: false, isSettled: true, ledgerAgent: null });
  commands.length = 0;
  await settler.settle();
  expect(commands).toEqual([]);

  await named.set("ada", { limits: { perDay: 7n * CREDIT }, parent: null });
  await settler.settle();
  expect(budgetOf("ada")).toMatchObject({ isLive: true, perDay: 7n * CREDIT });
  expect(owners("ada")).toEqual([toHex(rival.publicKey)]);
  const { ledgerAgent } = named.get("ada")!;
  await named.remove("ada");
  await settler.settle();
  expect(new LedgerBudgets(() => network.front.peer).budgetOf(ledgerAgent!, Date.now())).toBe(null);
  expect(named.orphans).toEqual([]);
});

test("a budget that its owner closes in the ledger is closed at the next request, and stays so until its agent is set", async () => {
  const { named, settler, add, budgetOf, front, rival } = world();
  await add("ada", { perDay: CREDIT });
  await settler.settle();
  const child = agentKey(seedOf("gateway-ada")).publicKey;
  expect((await front.command({ kind: "closeBudget", from: rival.publicKey, child })).ok).toBe(true);
  await eventually("it is closed", () => budgetOf("ada") === null);
  await settler.settle();
  expect([budgetOf("ada"), named.get("ada")!.hasBudget]).toEqual([null, true]);
  await named.set("ada", { limits: { perDay: CREDIT } });
  await settler.settle();
  expect(budgetOf("ada")).toMatchObject({ isLive: true });
});

test("what the ledger does not take is told, the rest goes through, and it is tried again", async () => {
  const { named, settler, add, budgetOf, side } = world();
  await add("ada", { perDay: CREDIT });
  await add("kim", { perDay: CREDIT });
  const ada = toHex(agentKey(seedOf("gateway-ada")).publicKey);
  const refusing = new BudgetSettler(named, {
    ...side,
    state: network.front.peer,
    command: async (command) =>
      command.kind === "openBudget" && toHex(command.child) === ada
        ? { ok: false, refusal: { code: "BUSY", detail: {} } }
        : side.command(command),
  });
  const { refused, isPending } = await refusing.settle();
  expect([[...refused], isPending]).toEqual([[["ada", { code: "BUSY", detail: {} }]], false]);
  expect([named.get("ada")!.isSettled, named.get("kim")!.isSettled]).toEqual([false, true]);
  await settler.settle();
  expect([budgetOf("ada")?.isLive, named.get("ada")!.isSettled]).toEqual([true, true]);
});

test("what takes long is on its way, and nothing is believed before it is there; a daemon without an agent tells nothing", async () => {
  const { named, add, side } = world();
  await add("ada", { perDay: CREDIT });
  const lost = {
    ...side,
    state: network.front.peer,
    command: async () => ({ ok: true, operation: null, auction: null }) as const,
  };
  expect((await new BudgetSettler(named, lost, 50).settle()).isPending).toBe(true);
  expect(named.get("ada")).toMatchObject({ hasBudget: false, isSettled: false });
  const agentless = { ...lost, owner: null };
  expect(await new BudgetSettler(named, agentless).settle()).toEqual({
    isPending: false,
    refused: new Map(),
  });
});
