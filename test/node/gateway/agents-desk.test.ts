// What an owner does with named agents, and what of it their limits make.
import { expect, test } from "vitest";
import { AgentsDesk } from "../../../node/gateway/agents-desk.js";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { NO_LEDGER, Spending } from "../../../node/gateway/spending/spending.js";

test("G38 an agent that is named anew has nothing for nothing of what an earlier one of the name still runs", async () => {
  const books = await Books.open(new MemoryDisk(), 0);
  const named = NamedAgents.open(null);
  const spending = new Spending(books, NO_LEDGER, "closed", () => undefined);
  const settled = async () => ({ isPending: false, refused: new Map() });
  const desk = new AgentsDesk(named, books, spending, NO_LEDGER, settled, () => 0);
  const use = { inputTokens: 1, outputTokens: 1 };
  const begin = (id: string, cost: number) =>
    books.begin({
      ...{ id, payers: ["agent:ada"], flow: "agent:ada", weight: 1, band: "normal", model: null },
      ...{ estimate: use, cost, floor: { used: use, cost: 0 }, waitedMs: 0, atMs: 0 },
    });
  const end = (id: string, cost: number) =>
    books.end({ id, end: "answered", spent: { used: use, cost }, atMs: 0 });
  await begin("spent-1", 30);
  end("spent-1", 30);
  await begin("runs-1", 100);
  const limits = { ...NO_SPENDING_LIMITS, total: 200n };
  const added = await desk.add("ada", { weight: 1, band: "normal", parent: null, limits });
  const used = () => desk.list().find(({ agent }) => agent.name === "ada")!.bounds[0]!.used;
  expect([added.ok, used()]).toEqual([true, 100]);
  end("runs-1", 10);
  expect(used()).toBe(10);
  await begin("own-1", 50);
  end("own-1", 50);
  expect(used()).toBe(60);
  await books.close();
});
