// `mabeam gateway agents …` before the API of a daemon that has a gateway.
import { afterEach, expect, test } from "vitest";
import { AGENT_NAME } from "../../../node/gateway/named/named-agent.js";
import { ShownGateway } from "../../worlds/shown-gateway.js";
import { closeAll, type World, world } from "./cli-fixture.js";

afterEach(closeAll);

async function desk(): Promise<World & { gateway: ShownGateway }> {
  const gateway = new ShownGateway();
  const one = await world();
  one.host.hosted[0].gateway = gateway;
  return { ...one, gateway };
}

test("an agent is named, changed, given a new key and removed: its key is shown once, and is its alone", async () => {
  const { json, run, gateway } = await desk();
  const added = await json(
    "gateway agents add ada --weight 3 --band batch --per-day 5 --per-week 20.5 --until 2026-05-01T12:00:00Z --json",
  );
  expect(added).toMatchObject({
    exit: 0,
    document: {
      kind: "GatewayAgentKey",
      ...{ name: "ada", weight: 3, band: "batch", parent: null },
      warnings: [expect.stringContaining("`mabeam gateway agents set unknown --per-day <credits>`")],
      limits: { perDay: "5000000", perWeek: "20500000", perMonth: null, until: "2026-05-01T12:00:00.000Z" },
    },
  });
  const key = String(added.document.key);
  expect(gateway.named.find(key)).toBe("ada");
  const set = await json("gateway agents set ada --per-day none --per-month 9 --json");
  expect(set.document).toMatchObject({
    kind: "GatewayNamedAgent",
    limits: { perDay: null, perWeek: "20500000", perMonth: "9000000" },
  });
  const kim = await run("gateway agents add kim --parent ada");
  expect([kim.exit, kim.out[1]]).toEqual([0, expect.stringMatching(/^mabeam-[\w-]{43}$/)]);
  const table = await run("gateway agents");
  expect(table.out.join("\n")).toMatch(/^NAME +KEY +WEIGHT +BAND +PARENT +DAY +WEEK/);
  expect(table.out.join("\n")).toMatch(/kim +mabeam-....… +1 +normal +ada/);
  expect(table.out.join("\n")).toMatch(/unknown +any +1 +normal +–/);
  expect(table.out.join("\n")).toContain("0 of 20.5");
  expect(table.out.join("\n")).toMatch(/ada .* over +/);
  expect(JSON.stringify((await json("gateway agents --json")).document)).not.toContain(key);
  const renewed = await json("gateway agents key ada --json");
  expect([gateway.named.find(key), gateway.named.find(String(renewed.document.key))]).toEqual([null, "ada"]);
  expect((await run("gateway agents set kim --parent none")).exit).toBe(0);
  expect((await run("gateway agents remove ada")).out).toEqual([
    "ada is removed: its key is nobody's from now on",
  ]);
  expect(gateway.named.get("ada")).toBe(null);
});

test.each([
  ["agents set nobody --weight 2", 5, "No agent of the gateway has this name|nobody"],
  ["agents add unknown", 6, "unknown"],
  ["agents remove unknown", 6, "unknown"],
  ["agents set unknown --parent unknown", 6, "unknown"],
  ["agents set unknown", 2, "nothing is to be changed"],
  ["agents add Ada", 2, "56 of a–z"],
  ["agents add ada --weight 0", 2, "from 1 to 10000"],
  ["agents add ada --per-day 0", 2, "micro-credit|expected shape"],
  ["agents add ada --band high", 2, "interactive, normal, batch"],
])("gateway %s ends with %i, and says why and what mends it", async (line, exit, why) => {
  const { run } = await desk();
  const ran = await run(`gateway ${line}`);
  expect([ran.exit, ran.err]).toEqual([exit, expect.stringMatching(new RegExp(`(?:${why})[\\s\\S]*Fix: `))]);
});

test("a name is the same to the command line, to the API and to the gateway", async () => {
  const { run } = await desk();
  for (const name of ["a", "a".repeat(56), "0-a", "a".repeat(57), "-a", "a_b", "A", "ä"])
    expect([name, (await run(["gateway", "agents", "add", name])).exit === 0]).toEqual([
      name,
      AGENT_NAME.test(name),
    ]);
});

test("an agent's requests are found by its name, and by what `gateway top` shows", async () => {
  const { run, gateway } = await desk();
  gateway.asked("agent:ada", { id: "req_of_ada" });
  gateway.asked("session:ann", { id: "req_of_ann" });
  for (const [name, id] of [
    ["ada", "req_of_ada"],
    ["agent:ada", "req_of_ada"],
    ["session:ann", "req_of_ann"],
  ] as const)
    expect((await run(`gateway requests --agent ${name}`)).out.slice(1)).toEqual([
      expect.stringMatching(new RegExp(`^${id} `)),
    ]);
});

test("a daemon without a gateway says so", async () => {
  const { run } = await world();
  expect((await run("gateway agents")).err).toContain("gateway");
});
