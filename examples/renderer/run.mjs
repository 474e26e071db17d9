// Two owners, each with a daemon: one sells rendering (JavaScript), the other buys it (Python). On the way of the picture the seller's
// daemon is killed, and started again: it goes on with what is missing.
//   node examples/renderer/run.mjs
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const MABEAM = here("../../bin/mabeam.mjs");
const folder = mkdtempSync(join(tmpdir(), "mabeam-renderer-"));
const [alice, bob] = ["alice", "bob"].map((name) => join(folder, name));
const running = new Set();

/** Runs to its end. */
function mabeam(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MABEAM, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`mabeam ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Starts a program, and tells each of its lines. */
function start(command, args, heard, end = () => undefined) {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.on("exit", (code) => {
    running.delete(child);
    end(code);
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", heard);
  return child;
}

const daemon = (home) => {
  let child;
  const ready = new Promise((resolve) => {
    const heard = (line) => line.startsWith("Daemon is ready") && resolve();
    child = start(process.execPath, [MABEAM, "daemon", "--home", home, "--genesis", "network.json"], heard);
  });
  return { child, ready };
};

try {
  for (const home of [alice, bob]) mabeam("id", "--seat", "--home", home);
  const members = [alice, bob].flatMap((home) => ["--seats", join(home, "member.json")]);
  mabeam("network", "create", "--home", alice, ...members, "--out", "network.json");
  const daemons = [daemon(alice), daemon(bob)];
  await Promise.all(daemons.map(({ ready }) => ready));
  console.log("two owners have founded a network, and their daemons run");

  await new Promise((resolve) => {
    start(process.execPath, [here("seller.mjs"), bob, join(folder, "seller")], (line) => {
      console.log(`  seller: ${line}`);
      if (/ is [0-9a-f]{64}$/.test(line)) resolve();
    });
  });
  let isCut = false;
  const code = await new Promise((resolve) => {
    const args = [here("buyer.py"), alice, join(folder, "picture.ppm"), "2000"];
    start(
      "python3",
      args,
      (line) => {
        console.log(`  buyer:  ${line}`);
        const percent = Number(/has come to (\d+) %/.exec(line)?.[1] ?? 0);
        if (isCut || percent < 40 || percent === 100) return;
        isCut = true;
        daemons[1].child.kill("SIGKILL");
        console.log(`the seller's daemon is killed at ${percent} %, and started again`);
        setTimeout(() => daemon(bob), 1_000);
      },
      resolve,
    );
  });
  if (code !== 0) throw new Error(`the buyer ended with ${code}`);
  console.log(
    `the picture has ${statSync(join(folder, "picture.ppm")).size} bytes; the line was ${isCut ? "cut once" : "never cut"}`,
  );
} finally {
  for (const child of running) child.kill("SIGTERM");
  while (running.size > 0) await pause(100);
  rmSync(folder, { recursive: true, force: true });
}
