// The upstream's own flags: what they make, and what they refuse.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { MINUTE_MS } from "../../../testnet/upstream/amounts.js";
import { flagsOf } from "../../../testnet/upstream/flags.js";

describe("flags", () => {
  test("make limits, faults, pace and a hidden user", () => {
    const args = "--dialect anthropic --rpm 50 --itpm 40000 --otpm 8000 --seed 3 --speed 60 --fault cut=0.5";
    const more = "--hidden-rpm 6 --growth 2 --burst-ms 1000 --counts-failed --key a --key b --port 4000";
    const flags = flagsOf(`${args} ${more}`.split(" "));
    if (typeof flags === "string") throw new Error(flags);
    const { customers, faults, seed } = flags.rules;
    expect([flags.port, seed, customers.map(({ key }) => key)]).toEqual([4_000, 3, ["a", "b"]]);
    expect(customers[0]!.limits).toMatchObject({
      limits: [
        { dimension: "requests", limit: 50, windowMs: MINUTE_MS },
        { dimension: "inputTokens", limit: 40_000 },
        { dimension: "outputTokens", limit: 8_000 },
      ],
      burstMs: 1_000,
      countsFailed: true,
      acceleration: { growth: 2, floor: 10_000 },
      hidden: { requestsPerMinute: 6, inputTokens: 1_000, outputTokens: 200 },
    });
    const drawn = Array.from({ length: 20 }, (_, i) => faults(`${i}/1`)?.kind ?? null);
    expect(new Set(drawn)).toEqual(new Set(["cut", null]));
  });

  test.each([
    "--rpm 0",
    "--rpm 1.5",
    "--rpm x",
    "--speed 0",
    "--dialect french",
    "--fault fire=0.1",
    "--fault cut",
    "--fault cut=0.6 --fault reset=0.6",
    "--colour red",
  ])("refuse %s", (args) => {
    expect(flagsOf(args.split(" "))).toEqual(expect.any(String));
  });
});

describe("the process", () => {
  test("says in one line that it serves, and in another what it saw", async () => {
    const main = new URL("../../../dist/testnet/upstream/main.js", import.meta.url).pathname;
    const child = spawn(process.execPath, [main, "--rpm", "5", "--journal"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const ready = JSON.parse((await lines.next()).value);
    expect(ready).toMatchObject({ kind: "UpstreamReady", url: expect.stringMatching(/^http:\/\/127/) });
    await (
      await fetch(`${ready.url}/models`, { headers: { authorization: `Bearer ${ready.keys[0]}` } })
    ).text();
    expect(JSON.parse((await lines.next()).value)).toMatchObject({ kind: "UpstreamRequest", status: 200 });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
