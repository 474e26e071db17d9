// Twenty tasks, five workers who claim them in a market, two of whom die in the middle: each task is done, and by one holder.
//   node examples/task-claims/run.mjs
// The board buys each task's result from whoever claims it, and buys it again where its holder does not deliver. A result counts only
// with the latest fence: of two holders of one task the one with the greater number is the later, and the other brings nothing.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ApiClient, createAgent } from "mabeam/sdk";
import { createTestnet } from "mabeam/testnet";

const TASKS = 20;
/** by worker: in which of its tasks it dies; 0: in none */
const DIES_IN = { ada: 2, bob: 0, cyd: 2, dan: 0, eve: 0 };

const folder = mkdtempSync(join(tmpdir(), "mabeam-claims-"));
const testnet = await createTestnet({ peers: 4, agents: 0, seed: 7 });
const daemon = await testnet.api();
const client = new ApiClient({ ...daemon, remedy: "" }, null, 30_000);

const tasks = Array.from({ length: TASKS }, (_, n) => ({ n, text: `task ${"word ".repeat(n)}`.trim() }));
/** by task: the auctions in which it was offered, the last one last */
const offers = tasks.map(() => []);
const taskOf = new Map();
/** by task: what counts, with its fence */
const results = new Map();

const board = createAgent({
  name: "board",
  capabilities: ["task.count"],
  budget: { perAuction: 5_000_000n },
  daemon,
  folder: join(folder, "board"),
  say: () => undefined,
});
board.receive(
  "task.count",
  ({ auction, fence, output }) => {
    const n = taskOf.get(auction);
    // Another holds it since, with a later fence: who held it before is too late.
    if (n === undefined || auction !== offers[n].at(-1) || (results.get(n)?.fence ?? 0) >= fence)
      return false;
    const { words, by } = JSON.parse(Buffer.from(output).toString());
    results.set(n, { words, by, fence });
    console.log(`task ${n}: ${words} words, by ${by}, fence ${fence}`);
    return true;
  },
  { input: ({ auction }) => tasks[taskOf.get(auction)] },
);
const ending = new AbortController();
const running = board.run({ signal: ending.signal });

const workers = Object.entries(DIES_IN).map(([name, diesIn]) => {
  const script = fileURLToPath(new URL("worker.mjs", import.meta.url));
  const env = { ...process.env, MABEAM_URL: daemon.url, MABEAM_TOKEN: daemon.token };
  const worker = spawn(process.execPath, [script, name, join(folder, name), String(diesIn)], {
    env,
    stdio: "ignore",
  });
  worker.on(
    "exit",
    (_, signal) => signal === "SIGKILL" && console.log(`${name} has died in the middle of a task`),
  );
  return worker;
});

const { agent: me } = await client.ask("addAgent", { body: { name: "board" } }, "no board");
const deadlineMs = Date.now() + 180_000;
try {
  await until("everybody has an account", async () => {
    const { items } = await client.ask("agents", {}, "no agents");
    return (
      items.filter(({ name, hasAccount }) => (name === "board" || name in DIES_IN) && hasAccount).length === 6
    );
  });
  for (const { n } of tasks) await offer(n);
  await until("each task is done", async () => {
    for (const { n } of tasks) if (!results.has(n) && (await isLost(offers[n].at(-1)))) await offer(n);
    return results.size === TASKS;
  });
  const wrong = tasks.filter(({ n, text }) => results.get(n).words !== text.split(" ").length);
  const again = offers.filter((one) => one.length > 1).length;
  console.log(
    `${results.size} tasks done, ${wrong.length} wrong, ${again} of them claimed again after their holder had died`,
  );
  process.exitCode = wrong.length === 0 && results.size === TASKS ? 0 : 1;
} finally {
  for (const worker of workers) worker.kill("SIGTERM");
  ending.abort();
  await running;
  await testnet.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Buys a task's result for two credits at most. */
async function offer(n) {
  const terms = {
    direction: "buy",
    reserve: "2000000",
    lockups: ["2000000"],
    commitMs: 2_000,
    revealMs: 1_500,
  };
  const lot = { capability: "task.count", units: 1 };
  const body = { agent: me, lot, ...terms, deliverMs: 10_000, settleMs: 3_000 };
  const { auction } = await client.ask("createAuction", { body }, `could not offer task ${n}`);
  taskOf.set(auction, n);
  offers[n].push(auction);
}

/** Nobody claimed it, or its holder did not deliver: its price has gone back. */
async function isLost(auction) {
  const { items: auctions } = await client.ask("auctions", { query: { limit: 200 } }, "no auctions");
  const phase = auctions.find(({ id }) => id === auction)?.phase;
  if (phase === "unsold" || phase === "void") return true;
  const { items } = await client.ask("trades", { query: { auction } }, "no trades");
  return items.some(({ state }) => state === "refunded");
}

async function until(what, holds) {
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await pause(500);
  }
}
