// What `mabeam agent new` writes is an agent as it is: it registers, values, bids, works and delivers, in either language.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openLog } from "../../../../node/log.js";
import { testnetPaths } from "../../../../testnet/home.js";
import { type ServedTestnet, serveTestnet } from "../../../../testnet/server.js";
import { eventually } from "../../../e2e/eventually.js";
import { AgentWorld } from "./agent-world.js";

const MABEAM = fileURLToPath(new URL("../../../../bin/mabeam.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mabeam-new-"));
let world: AgentWorld;
let served: ServedTestnet;

beforeAll(async () => {
  world = await AgentWorld.start(53);
  served = await serveTestnet({
    testnet: world.testnet,
    paths: testnetPaths(join(folder, ".mabeam", "testnet")),
    inMemory: true,
    listen: { host: "127.0.0.1", port: 0 },
    log: openLog({ level: "silent", file: null }),
    onStop: () => undefined,
  });
});
afterAll(async () => {
  await served?.close();
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// Nothing that a user has set decides which daemon is found: it is the testnet of the folder.
const env = { PATH: process.env.PATH, HOME: folder };
const agentNew = (...words: string[]) =>
  spawnSync(process.execPath, [MABEAM, "agent", "new", ...words], { cwd: folder, env, encoding: "utf8" });

it.each([
  ["render-1", [], "render-1.mjs", process.execPath],
  ["render-2", ["--python"], "render-2.py", "python3"],
] as const)("%s, written by `agent new` with %j, runs as it is", async (name, flags, file, program) => {
  const written = agentNew(name, ...flags);
  expect([written.status, written.stdout]).toEqual([0, `${file}\n`]);
  expect(readFileSync(join(folder, file), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  const child = spawn(program, [file], { cwd: folder, env, stdio: ["ignore", "inherit", "pipe"] });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  await eventually(
    `${name} registers`,
    () => new RegExp(`^${name} is [0-9a-f]{64}$`, "m").test(said),
    60_000,
  );
  // A bid of its own waits for a random moment of the window.
  const auction = await world.buy({ commitMs: 2000, revealMs: 2000, deliverMs: 20_000, settleMs: 1500 });
  const trade = await world.trade(auction, (state) => state === "paid");
  expect(said).toContain(`${name} is ${trade.performer}\n`);
  expect(said).toMatch(
    /bid 2 credits\n[\s\S]*won: receives [0-9.]+ credits\n[\s\S]*works on it\n[\s\S]*50 ?%\n[\s\S]*delivered [0-9a-f]{10}\n/,
  );
});

it("replaces nothing that is there, and says what is wrong", () => {
  const again = agentNew("render-1");
  expect([again.status, again.stdout]).toEqual([6, ""]);
  expect(again.stderr).toMatch(/render-1\.mjs is here already/);
  writeFileSync(join(folder, "mabeam.py"), "# mine\n");
  const other = agentNew("render-3", "--python");
  expect(other.status).toBe(6);
  expect(other.stderr).toMatch(/mabeam\.py is here, and is not this version's/);
  expect(readFileSync(join(folder, "mabeam.py"), "utf8")).toBe("# mine\n");
  expect(agentNew("mabeam", "--python").status).toBe(6);
  expect(agentNew("Render").status).toBe(2);
  expect(agentNew("render-4", "--capability", 'x"; evil').status).toBe(2);
});
