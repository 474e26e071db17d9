// One API key of four owners: Alice owns it and sells windows of it, Bob and Carol buy parts for their agents, and Dave helps to keep the
// log. All agents ask at once; Bob's gateway is killed, and Carol's, whom he has named his deputy, takes his part over and serves his
// agents. Nobody meets the key's 429, and what each used stands in the log.
//   node examples/shared-key/run.mjs
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const RPM = 600;
const AGENTS_EACH = 8;
const TERM = "1800ms";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const MABEAM = here("../../bin/mabeam.mjs");
const folder = mkdtempSync(join(tmpdir(), "mabeam-shared-"));
const at = (name) => join(folder, name);
const running = new Set();

function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return stdout;
}
const mabeam = (...args) => run(MABEAM, ...args);
const json = (...args) => JSON.parse(mabeam(...args, "--json"));

/** Starts a program. @returns it, and what it says first that matches */
function start(args, sign) {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.on("exit", () => running.delete(child));
  const said = new Promise((resolve, reject) => {
    let all = "";
    child.on("exit", () => reject(new Error(`${args.join(" ")} ended:\n${all}`)));
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        all += `${line}\n`;
        const match = sign.exec(line);
        if (match !== null) resolve(match);
      });
  });
  said.catch(() => undefined);
  return { child, said };
}

const counts = { answered: 0, failed: 0, refused: 0 };
let isOver = false;

/** An agent that asks again and again; where its gateway is gone it goes to the next. */
async function agentOf(owner, n, gateways) {
  let place = 0;
  while (!isOver) {
    const url = `${gateways[place % gateways.length].url}/v1/chat/completions`;
    const headers = { "content-type": "application/json", "session-id": `${owner}-${n}` };
    const body = JSON.stringify({
      model: "gpt-upstream",
      max_tokens: 20,
      messages: [{ role: "user", content: "hello [write 5 tokens]" }],
    });
    try {
      const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(60_000) });
      await answer.text();
      if (answer.ok) counts.answered += 1;
      else if (!isOver) counts.refused += 1;
    } catch {
      if (isOver) return;
      counts.failed += 1;
      place += 1;
      await pause(200);
    }
  }
}

async function until(what, holds, withinMs = 90_000) {
  const sinceMs = Date.now();
  for (;;) {
    const found = await holds();
    if (found) return Date.now() - sinceMs;
    if (Date.now() - sinceMs > withinMs) throw new Error(`waited in vain until ${what}`);
    await pause(50);
  }
}

const partsOf = async ({ api, token }) => {
  const answer = await fetch(`${api}/v1/gateway`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()).shared.parts;
};

try {
  const owners = ["alice", "bob", "carol", "dave"];
  for (const name of owners) mabeam("id", "--seat", "--home", at(name));
  const members = owners.flatMap((name) => ["--seats", join(at(name), "member.json")]);
  mabeam("network", "create", "--home", at("alice"), ...members, "--out", "network.json");
  const idOf = (name) => JSON.parse(readFileSync(join(at(name), "member.json"), "utf8")).agent;

  const upstreamAt = /"url":"(http:[^"]+)\/v1"/;
  const upstream = start(
    [here("../../dist/testnet/upstream/main.js"), "--rpm", String(RPM), "--tpm", "10000000", "--port", "0"],
    upstreamAt,
  );
  const [, place] = await upstream.said;
  writeFileSync(at("key"), "sk-upstream-0001\n", { mode: 0o600 });

  const common = [
    "gateway",
    "--upstream",
    place,
    "--key-file",
    "key",
    "--rpm",
    String(RPM),
    "--tpm",
    "10000000",
  ];
  const own = (name) => [
    "--home",
    at(name),
    "--genesis",
    "network.json",
    "--listen",
    "127.0.0.1:0",
    "--json",
    "--share",
    "key.team",
  ];
  const buys = (parts) => ["--seller", idOf("alice"), "--parts", String(parts)];
  const gateway = (name, ...flags) =>
    start(
      [MABEAM, ...common, ...own(name), ...flags],
      /"kind":"GatewayReady","url":"([^"]+)","api":"([^"]+)"/,
    );
  const dave = start(
    [MABEAM, "daemon", "--home", at("dave"), "--genesis", "network.json"],
    /^Daemon is ready/,
  );
  const started = {
    alice: gateway("alice", "--window", "20s", "--keep-parts", "400", "--term", TERM),
    bob: gateway("bob", ...buys(300), "--deputy", idOf("carol"), "--term", TERM),
    carol: gateway("carol", ...buys(300), "--term", TERM),
  };
  const gateways = {};
  for (const [name, { child, said }] of Object.entries(started)) {
    const [, url, api] = await said;
    gateways[name] = { child, url, api, token: readFileSync(join(at(name), "token"), "utf8").trim() };
  }
  await dave.said;
  const { alice, bob, carol } = gateways;
  await until("each has its part", async () => {
    const parts = await Promise.all([alice, bob, carol].map(partsOf));
    return parts.join() === "400,300,300";
  });
  console.log("alice has 400 of 1,000 parts of the key, bob and carol have bought 300 each");

  const failover = { alice: [alice], bob: [bob, carol], carol: [carol] };
  const agents = Object.entries(failover).flatMap(([owner, places]) =>
    Array.from({ length: AGENTS_EACH }, (_, n) => agentOf(owner, n, places)),
  );
  await pause(15_000);
  console.log(
    `${agents.length} agents have asked for 15 s: ${counts.answered} answers, ${counts.refused} refused`,
  );

  const before = { ...counts };
  bob.child.kill("SIGKILL");
  const replacedMs = await until("carol has bob's part", async () => (await partsOf(carol)) === 600);
  console.log(`bob's gateway is killed; carol's has his part after ${(replacedMs / 1000).toFixed(1)} s`);
  await pause(15_000);
  const broken = counts.failed - before.failed;
  console.log(
    `15 s later: ${counts.answered} answers, ${counts.refused} refused; ${broken} requests broke off with bob's gateway, and were asked again`,
  );
  isOver = true;
  alice.child.kill("SIGTERM");
  await Promise.all(agents);

  const journal = await (await fetch(`${place}/journal`)).json().catch(() => null);
  if (journal !== null) console.log(`the upstream answered ${journal.length} requests`);
  await until("what was used stands in the log", async () =>
    json("lease", "used", "--home", at("carol")).items.some(({ used }) => used > 0),
  );
  const said = json("lease", "used", "--home", at("carol")).items;
  for (const { owner, by, units, used, lent, won, from } of said.slice(0, 6)) {
    const name = owners.find((one) => idOf(one) === owner);
    const teller = owners.find((one) => idOf(one) === by);
    const percent = (amount) => `${((100 * amount) / won).toFixed(1)} %`;
    console.log(
      `window ${from.slice(11, 19)}: ${name}'s ${units} parts, by ${teller}: ${percent(used)} used, ${percent(lent)} lent`,
    );
  }
  if (said.some(({ used, lent, won }) => used + lent > won))
    throw new Error("more was said to be used than was won");
  if (counts.refused > 0) throw new Error(`${counts.refused} requests were refused`);
} finally {
  isOver = true;
  for (const child of running) child.kill("SIGTERM");
  await until("all have ended", () => running.size === 0, 30_000).catch(() => {
    for (const child of running) child.kill("SIGKILL");
  });
  rmSync(folder, { recursive: true, force: true });
}
