// Named agents: who they are, what is kept of them, and what of an owner's word is not taken.
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashOfKey, isAgentKey } from "../../../node/gateway/named/agent-key.js";
import {
  type AgentFigures,
  NO_SPENDING_LIMITS,
  type SpendingLimits,
} from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { lineOf, parentFault } from "../../../node/gateway/named/tree.js";
import { testFolder } from "../folder.js";

const PLAIN: AgentFigures = { weight: 1, band: "normal", parent: null, limits: NO_SPENDING_LIMITS };
const below = (parent: string | null): AgentFigures => ({ ...PLAIN, parent });
const limited = (change: Partial<SpendingLimits>): AgentFigures => ({
  ...PLAIN,
  limits: { ...NO_SPENDING_LIMITS, ...change },
});

async function made(agents: NamedAgents, name: string, figures = PLAIN): Promise<string> {
  const result = await agents.add(name, figures, 0n);
  if (!result.ok) throw new Error(result.error.code);
  return result.value.key;
}
const codeOf = async (refused: ReturnType<NamedAgents["set" | "remove" | "renew" | "add"]>) => {
  const result = await refused;
  return result.ok ? null : result.error.code;
};

describe("an agent's key", () => {
  test("is shown once, and found by its hash alone: what is kept tells nobody what it is", async () => {
    const path = join(await testFolder(), "agents.json");
    const agents = NamedAgents.open(path);
    const key = await made(agents, "ada");
    expect(key).toMatch(/^mabeam-[\w-]{43}$/);
    expect(agents.find(key)).toBe("ada");
    const [like, not] = [`${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`, key.toUpperCase()];
    expect([like, not, "", "mabeam-", hashOfKey(key)].map((one) => agents.find(one))).toEqual(
      Array(5).fill(null),
    );
    const text = readFileSync(path, "utf8");
    expect(text).toContain(hashOfKey(key));
    expect(text).not.toContain(key.slice("mabeam-".length + 4));
    expect(agents.get("ada")!.key!.begins).toBe(key.slice(0, 11));
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("that is renewed or removed is nobody's at once, and at every later start", async () => {
    const path = join(await testFolder(), "agents.json");
    const agents = NamedAgents.open(path);
    const first = await made(agents, "ada");
    const renewed = await agents.renew("ada");
    const second = renewed.ok ? renewed.value.key : "";
    expect([agents.find(first), agents.find(second)]).toEqual([null, "ada"]);
    expect(NamedAgents.open(path).find(second)).toBe("ada");
    await agents.remove("ada");
    expect([agents.find(second), NamedAgents.open(path).find(second)]).toEqual([null, null]);
    expect(isAgentKey(second) && !isAgentKey("sk-ant-1") && !isAgentKey("")).toBe(true);
  });
});

describe("what an owner says", () => {
  test("is there after a restart as it was said", async () => {
    const path = join(await testFolder(), "agents.json");
    const agents = NamedAgents.open(path);
    await made(
      agents,
      "boss",
      limited({ perDay: 5_000_000n, total: 2n ** 53n - 1n, untilMs: 1_800_000_000_000 }),
    );
    await made(agents, "ada", { ...below("boss"), weight: 10_000, band: "batch" });
    await agents.set("unknown", { weight: 3, limits: { perWeek: 1n } });
    await agents.set("ada", { limits: { perSession: 7n } });
    await agents.settle("boss", { ledgerAgent: "ab".repeat(32), isSettled: true });
    const again = NamedAgents.open(path);
    expect(again.values()).toEqual(agents.values());
    expect(again.get("ada")).toMatchObject({ weight: 10_000, band: "batch", parent: "boss" });
    expect(again.get("unknown")).toMatchObject({
      weight: 3,
      key: null,
      limits: { perWeek: 1n, perDay: null },
    });
    expect(again.lineOf("ada").map(({ name }) => name)).toEqual(["ada", "boss"]);
    expect(again.get("boss")!.isSettled).toBe(true);
  });

  test("changes what it names, and leaves the rest: a limit goes by null", async () => {
    const agents = NamedAgents.open(null);
    await made(agents, "ada", limited({ perDay: 5n, perWeek: 6n }));
    await agents.set("ada", { weight: 9, limits: { perDay: undefined, perWeek: null, perMonth: 8n } });
    expect(agents.get("ada")).toMatchObject({
      weight: 9,
      band: "normal",
      limits: { perDay: 5n, perWeek: null, perMonth: 8n },
    });
  });

  test("is told to the ledger only where it concerns it", async () => {
    const agents = NamedAgents.open(null);
    const settled = () => agents.get("ada")!.isSettled;
    await made(agents, "ada", limited({ perWeek: 6n }));
    await made(agents, "boss");
    expect(settled()).toBe(true);
    await agents.set("ada", { weight: 2, limits: { perMonth: 9n } });
    expect(settled()).toBe(true);
    for (const change of [
      { limits: { perDay: 1n } },
      { limits: { untilMs: 5 } },
      { parent: "boss" },
    ] as const) {
      await agents.set("ada", change);
      expect(settled()).toBe(false);
      await agents.settle("ada", { isSettled: true });
    }
    expect((await agents.add("eve", limited({ total: 1n }), 0n)).ok && agents.get("eve")!.isSettled).toBe(
      false,
    );
  });

  test("is refused where it makes no sense, and then changes nothing", async () => {
    const agents = NamedAgents.open(null);
    for (const [name, parent] of [
      ["a", null],
      ["b", "a"],
      ["c", "b"],
      ["d", "c"],
    ] as const)
      await made(agents, name, below(parent));
    const before = agents.values();
    expect(await codeOf(agents.add("a", PLAIN, 0n))).toBe("GATEWAY_AGENT_EXISTS");
    expect(await codeOf(agents.add("unknown", PLAIN, 0n))).toBe("GATEWAY_AGENT_BUILT_IN");
    expect(await codeOf(agents.add("e", below("nobody"), 0n))).toBe("GATEWAY_AGENT_UNKNOWN");
    expect(await codeOf(agents.add("e", below("unknown"), 0n))).toBe("GATEWAY_AGENT_BUILT_IN");
    expect(await codeOf(agents.add("e", below("d"), 0n))).toBe("GATEWAY_AGENTS_TOO_DEEP");
    expect(await codeOf(agents.set("a", { parent: "d" }))).toBe("GATEWAY_AGENTS_IN_A_CIRCLE");
    expect(await codeOf(agents.set("a", { parent: "a" }))).toBe("GATEWAY_AGENTS_IN_A_CIRCLE");
    expect(await codeOf(agents.set("unknown", { parent: "a" }))).toBe("GATEWAY_AGENT_BUILT_IN");
    expect(await codeOf(agents.set("nobody", { weight: 2 }))).toBe("GATEWAY_AGENT_UNKNOWN");
    expect(await codeOf(agents.remove("b"))).toBe("GATEWAY_AGENT_HAS_CHILDREN");
    expect(await codeOf(agents.remove("unknown"))).toBe("GATEWAY_AGENT_BUILT_IN");
    expect(await codeOf(agents.renew("unknown"))).toBe("GATEWAY_AGENT_BUILT_IN");
    expect(await codeOf(agents.renew("nobody"))).toBe("GATEWAY_AGENT_UNKNOWN");
    expect(agents.values()).toEqual(before);
    expect(await codeOf(agents.remove("d"))).toBe(null);
    expect(await codeOf(agents.add("e", below("c"), 0n))).toBe(null);
  });

  test("a tree stays one, no deeper than four, whatever is asked of it", async () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const step = fc.tuple(name, fc.option(name), fc.constantFrom("add", "set", "remove"));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const agents = NamedAgents.open(null);
        for (const [one, parent, what] of steps) {
          if (what === "add") await agents.add(one, below(parent), 0n);
          else if (what === "set") await agents.set(one, { parent });
          else await agents.remove(one);
          const all = new Map(agents.values().map((agent) => [agent.name, agent]));
          for (const agent of all.values()) {
            expect(parentFault(all, agent.name, agent.parent)).toBe(null);
            expect(lineOf(all, agent.name).at(-1)!.parent).toBe(null);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("counts once the disk has it: one that takes nothing leaves all as it was, and the next change goes through", async () => {
    const folder = await testFolder();
    const path = join(folder, "agents.json");
    const agents = NamedAgents.open(path);
    const key = await made(agents, "ada");
    const gone = NamedAgents.open(join(folder, "no", "such", "folder.json"));
    await expect(gone.add("eve", PLAIN, 0n)).rejects.toThrow(/ENOENT/);
    expect(gone.get("eve")).toBe(null);
    const [one, other] = await Promise.all([
      agents.set("ada", { weight: 5 }),
      agents.set("ada", { band: "batch" }),
    ]);
    expect([one.ok, other.ok]).toEqual([true, true]);
    expect(NamedAgents.open(path).get("ada")).toMatchObject({ weight: 5, band: "batch" });
    expect(NamedAgents.open(path).find(key)).toBe("ada");
  });
});

describe("a file that does not hold together is refused, and says why", () => {
  const written = async (change: (text: string) => string, mode = 0o600): Promise<string> => {
    const path = join(await testFolder(), "agents.json");
    const agents = NamedAgents.open(path);
    await made(agents, "boss");
    await made(agents, "ada", below("boss"));
    writeFileSync(path, change(readFileSync(path, "utf8")));
    chmodSync(path, mode);
    return path;
  };

  test.each<[string, (text: string) => string, RegExp]>([
    ["half a file", (text) => text.slice(0, -9), /JSON/],
    ["an empty file", () => "", /JSON/],
    ["another version", (text) => text.replace('"v": 1', '"v": 2'), /v/],
    ["a weight of 0", (text) => text.replace('"weight": 1', '"weight": 0'), /weight/],
    ["a field that nobody knows", (text) => text.replace('"weight"', '"wait": 1, "weight"'), /wait/],
    ["a name with a slash", (text) => text.replaceAll('"ada"', '"a/b"'), /name/],
    ["a limit of nothing", (text) => text.replace('"perDay": null', '"perDay": "0"'), /micro-credit/],
    [
      "a parent that is not there",
      (text) => text.replace('"parent": "boss"', '"parent": "bos"'),
      /GATEWAY_AGENT_UNKNOWN/,
    ],
    ["a circle", (text) => text.replace('"parent": null', '"parent": "ada"'), /GATEWAY_AGENTS_IN_A_CIRCLE/],
    ["a name twice", (text) => text.replaceAll('"boss"', '"ada"'), /same name/],
    ["a key twice", (text) => text.replace(/"hash": "\w+"/g, `"hash": "${"0".repeat(64)}"`), /same key/],
    [
      "unknown with a key",
      (text) => text.replace('"key": null', `"key": {"hash": "${"0".repeat(64)}", "begins": "mabeam-0"}`),
      /unknown has a key/,
    ],
    ["an agent without one", (text) => text.replace(/"key": \{[^}]*\}/, '"key": null'), /no key/],
  ])("%s", async (_, change, why) => {
    const path = await written(change);
    expect(() => NamedAgents.open(path)).toThrow(why);
    expect(existsSync(path)).toBe(true);
  });

  test("a circle wider than a tree is deep", async () => {
    const path = join(await testFolder(), "agents.json");
    const [usual] = NamedAgents.open(null).values();
    const agents = [..."abcdef"].map((name, i) => ({
      ...{ ...usual!, name, parent: "bcdefa"[i] },
      ...{ key: { hash: name.repeat(64), begins: name }, countedFrom: "0" },
    }));
    writeFileSync(path, JSON.stringify({ v: 1, agents, orphans: [] }), { mode: 0o600 });
    expect(() => NamedAgents.open(path)).toThrow(/GATEWAY_AGENTS_TOO_DEEP/);
  });

  test.each([1_023, 1_024])("%i agents besides `unknown`: no more than 1,024 in all", async (count) => {
    const path = join(await testFolder(), "agents.json");
    const [usual] = NamedAgents.open(null).values();
    const others = Array.from({ length: count }, (_, nth) => ({
      ...{ ...usual!, name: `a${nth}`, countedFrom: "0" },
      key: { hash: nth.toString(16).padStart(64, "0"), begins: "mabeam-a" },
    }));
    const agents = [{ ...usual!, countedFrom: "0" }, ...others];
    writeFileSync(path, JSON.stringify({ v: 1, agents, orphans: [] }), { mode: 0o600 });
    if (count === 1_023) expect([...NamedAgents.open(path).values()]).toHaveLength(1_024);
    else expect(() => NamedAgents.open(path)).toThrow(/more than 1024 agents/);
  });

  test.skipIf(process.platform === "win32")("one that others may read", async () => {
    const path = await written((text) => text, 0o640);
    expect(() => NamedAgents.open(path)).toThrow(/0640/);
  });
});
