// The parts of an agent alone: what it refuses to be, what it remembers, and how its work ends.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { TradeView } from "../../../node/contract/index.js";
import type { Definition, Work } from "../../../node/sdk/agent/definition.js";
import { bytesOf, type Handover, hashOf, ThroughDaemon } from "../../../node/sdk/agent/handover.js";
import type { Hands } from "../../../node/sdk/agent/hands.js";
import { Notebook } from "../../../node/sdk/agent/notebook.js";
import { Turns } from "../../../node/sdk/agent/turns.js";
import { timeToWork, Worker } from "../../../node/sdk/agent/worker.js";
import type { ApiClient } from "../../../node/sdk/client.js";
import { createAgent } from "../../../node/sdk/index.js";
import { truthful } from "../../../src/market/strategies/index.js";
import { eventually } from "../../e2e/eventually.js";

const home = mkdtempSync(join(tmpdir(), "mabeam-parts-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let folders = 0;
const folder = (): string => join(home, String(folders++));

const options = { name: "a", capabilities: ["x"], budget: { perAuction: 1n } };

describe("createAgent", () => {
  it.each([
    ["no name", { ...options, name: "" }, /name is 1 to 56/],
    ["a name with a slash", { ...options, name: "a/b" }, /name is 1 to 56/],
    ["a capability with a blank", { ...options, capabilities: ["a b"] }, /no capability/],
    ["capabilities that are no list", { ...options, capabilities: "x" as never }, /list of names/],
    ["no budget", { ...options, budget: undefined as never }, /perAuction says/],
    ["a budget in numbers", { ...options, budget: { perAuction: 5 as never } }, /bigint of micro-credits/],
    ["a budget of nothing", { ...options, budget: { perAuction: 0n } }, /above 0n/],
    ["no concurrency", { ...options, concurrency: 0 }, /1 or more/],
  ])("refuses %s", (_, given, words) => {
    expect(() => createAgent(given)).toThrow(words);
  });

  it("refuses what is no function, no strategy, and what it cannot do", () => {
    const agent = createAgent(options);
    expect(() => agent.value("y", () => 1n)).toThrow(/not among/);
    expect(() => agent.work("y", () => ({ output: "" }))).toThrow(/not among/);
    expect(() => agent.value("x", 5 as never)).toThrow(/no function/);
    expect(() => agent.bid((() => 1n) as never)).toThrow(/strategies/);
    expect(agent.value("X", () => 1n).bid(truthful())).toBe(agent);
  });
});

describe("a notebook", () => {
  const [chain, agent, trade, auction] = ["a", "b", "c", "d"].map((digit) => digit.repeat(64)) as [
    string,
    string,
    string,
    string,
  ];
  const open = (at: string, said: string[] = [], of = agent) =>
    Notebook.open(at, chain, of, (line) => said.push(line));

  it("is there again after a crash, whole", () => {
    const at = folder();
    const book = open(at);
    book.bidIn(auction, "x");
    expect([book.begin(trade), book.begin(trade)]).toEqual([1, 2]);
    book.heard("17");
    book.close();
    const again = open(at);
    expect(again.since).toBe("17");
    expect(again.bids).toEqual([[auction, "x"]]);
    expect(again.begin(trade)).toBe(3);
    again.learnt(auction, { multiplierPpm: 5n, spent: 2n ** 60n });
    again.giveUp(trade);
    const last = open(at);
    expect(last.memoryOf("x")).toEqual({ multiplierPpm: 5n, spent: 2n ** 60n });
    expect([last.bids, last.begin(trade)]).toEqual([[], null]);
  });

  it("does not count work that was cut off in good order, and forgets what is not due", () => {
    const at = folder();
    const book = open(at);
    book.begin(trade);
    book.cutOff(trade);
    expect(open(at).begin(trade)).toBe(1);
    const other = open(at);
    other.keepBegun([auction]);
    other.close();
    expect(open(at).begin(trade)).toBe(1);
  });

  it.each([
    ["half of it", '{"v":1,"cha'],
    ["another version", '{"v":2}'],
    [
      "an amount that is none",
      JSON.stringify({
        v: 1,
        chain,
        agent,
        since: null,
        memories: { x: { multiplierPpm: "-1", spent: "0" } },
        bids: {},
        begun: {},
      }),
    ],
  ])("that holds %s is begun anew, and it says so", (_, text) => {
    const at = folder();
    open(at).bidIn(auction, "x");
    writeFileSync(join(at, "notes.json"), text);
    const said: string[] = [];
    expect(open(at, said).bids).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/begun anew/)]);
  });

  it("of another agent is not taken for one's own", () => {
    const at = folder();
    open(at).bidIn(auction, "x");
    const said: string[] = [];
    expect(open(at, said, "e".repeat(64)).bids).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/another network or agent/)]);
  });
});

describe("an output", () => {
  it("is bytes, a text as UTF-8, or JSON", () => {
    expect(bytesOf(new Uint8Array([1, 2]))).toEqual(new Uint8Array([1, 2]));
    expect(Buffer.from(bytesOf("é")).toString("hex")).toBe("c3a9");
    expect(Buffer.from(bytesOf({ a: [1] })).toString()).toBe('{"a":[1]}');
    for (const none of [undefined, () => 1, Symbol("x")]) expect(() => bytesOf(none)).toThrow(TypeError);
  });

  it("is kept until it is asked for, under its hash", async () => {
    const given: Uint8Array[] = [];
    const client = {
      async give(_name: string, _asking: object, bytes: AsyncIterable<Uint8Array>) {
        for await (const chunk of bytes) given.push(chunk);
        return { hash: hashOf(given.at(-1)!) };
      },
    } as unknown as ApiClient;
    const kept = new ThroughDaemon(client, folder());
    expect(await kept.taken("t")).toBeNull();
    const hash = await kept.take("t", bytesOf("picture"));
    expect(hash).toBe(hashOf(bytesOf("picture")));
    expect(await kept.taken("t")).toBe(hash);
    expect(given).toHaveLength(2);
  });
});

/** As the daemon would, in memory. */
function keeping(): Handover {
  const outputs = new Map<string, string>();
  return {
    inputOf: async () => null,
    async take(trade, output) {
      outputs.set(trade, hashOf(output));
      return hashOf(output);
    },
    taken: async (trade) => outputs.get(trade) ?? null,
  };
}

describe("a worker", () => {
  const trade = (digit: string, leftMs = 60_000): TradeView =>
    ({
      id: digit.repeat(64),
      auction: "a".repeat(64),
      capability: "x",
      units: 1,
      fence: 7,
      buyer: "b".repeat(64),
      price: "5",
      deadline: new Date(Date.now() + leftMs).toISOString(),
    }) as TradeView;

  function worker(work: Work, given: Partial<Definition["options"]> = {}) {
    const done: string[] = [];
    const said: string[] = [];
    const hands = {
      agent: "c".repeat(64),
      deliver: async (id: string, hash: string) => void done.push(`${id[0]} ${hash.slice(0, 4)}`),
      fail: async (id: string) => void done.push(`${id[0]} failed`),
    } as unknown as Hands;
    const definition = {
      options: { ...options, ...given },
      values: new Map(),
      works: new Map([["x", { work, needsInput: false }]]),
      receives: new Map(),
      strategy: truthful(),
    };
    const at = folder();
    const book = Notebook.open(at, "a".repeat(64), "c".repeat(64), () => undefined);
    const one = new Worker(definition, hands, keeping(), book, (line) => said.push(line));
    return { one, done, said, at };
  }

  it("does one thing at a time, or as many as it may, and each once", async () => {
    for (const concurrency of [1, 2]) {
      let running = 0;
      let most = 0;
      const { one, done } = worker(
        async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 20));
          running--;
          return { output: "" };
        },
        { concurrency },
      );
      const due = ["1", "2", "3"].map((digit) => trade(digit));
      one.take(due);
      one.take(due);
      await eventually("all is delivered", () => done.length === 3);
      one.take(due);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect([most, done.map((line) => line[0]).sort()]).toEqual([concurrency, ["1", "2", "3"]]);
    }
  });

  it("keeps time for the way into the log: a tenth, from half a second to five", () => {
    expect([1000, 5000, 20_000, 50_000, 600_000].map(timeToWork)).toEqual([
      500, 4500, 18_000, 45_000, 595_000,
    ]);
    expect(timeToWork(500)).toBe(0);
  });

  it("gives up what it has no time for, and does not begin it", async () => {
    const { one, done, said } = worker(() => {
      throw new Error("it was begun");
    });
    one.take([trade("1", 500)]);
    await eventually("it is given up", () => done.length === 1);
    expect([done, said.at(-1)]).toEqual([["1 failed"], expect.stringMatching(/too little time/)]);
  });

  it("passes on neither progress that is none, nor any after the end", async () => {
    const shown: (number | string)[] = [];
    let late: ((how: number) => void) | null = null;
    const { one, done } = worker(
      (_, { progress }) => {
        for (const how of [-0.1, 0, 1, 1.1, Number.NaN, "words", undefined as never]) progress(how);
        late = progress;
        return new Promise(() => undefined);
      },
      { onProgress: (_, how) => shown.push(how) },
    );
    one.take([trade("1", 700)]);
    await eventually("it is given up", () => done.length === 1);
    late!(0.9);
    expect(shown).toEqual([0, 1, "words"]);
  });

  it("that is ended lets its work go, neither delivered nor failed, and does not count it", async () => {
    let signal: AbortSignal | null = null;
    const { one, done, at } = worker((_, working) => {
      signal = working.signal;
      return new Promise(() => undefined);
    });
    one.take([trade("1")]);
    await eventually("it works", () => signal);
    one.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([signal!.aborted, done]).toEqual([true, []]);
    expect(JSON.parse(readFileSync(join(at, "notes.json"), "utf8")).begun).toEqual({});
  });

  it("says once what it has no work for", () => {
    const { one, said } = worker(() => ({ output: "" }));
    const other = { ...trade("1"), capability: "y" };
    one.take([other]);
    one.take([other]);
    expect(said).toEqual([expect.stringMatching(/has no work for it/)]);
  });
});

describe("turns", () => {
  it("come one after the other, what waits once, and an error ends none of the others", async () => {
    const done: string[] = [];
    const errors: unknown[] = [];
    const turns = new Turns((error) => errors.push(error));
    const slow = (name: string) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      done.push(name);
    };
    turns.add("a", slow("a"));
    turns.add("b", slow("b"));
    turns.add("b", slow("b again"));
    turns.add("c", () => Promise.reject(new Error("c")));
    turns.add("d", slow("d"));
    await eventually("all is done", () => done.length === 3);
    expect([done, errors]).toEqual([["a", "b", "d"], [new Error("c")]]);
    turns.add("a", slow("a once more"));
    await eventually("it goes on", () => done.length === 4);
  });
});
