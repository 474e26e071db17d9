// `mabeam testnet up --isolate process` as a person uses it: a kill is a kill −9, the others go on, and down ends all.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";
import { eventually } from "../e2e/eventually.js";
import { cleanUp, mabeam, newHome, spawnMabeam } from "../e2e/process.js";

afterAll(cleanUp);

interface Listed {
  readonly items: readonly { readonly mode: string; readonly pid: number | null; readonly seat?: number }[];
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** The lines of JSON that a process prints, and the first of them that is looked for. */
function listen(child: ChildProcess) {
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout! }).on("line", (text) => lines.push(JSON.parse(text)));
  return {
    lines,
    find: (what: string, wanted: (line: Record<string, unknown>) => boolean) =>
      eventually(what, () => lines.find(wanted)),
  };
}

test("a peer that is killed is shown as gone, the others trade on, it comes back by hand, and down ends all", async () => {
  const home = newHome();
  const up = spawnMabeam(home, [
    "testnet",
    "up",
    "--isolate",
    "process",
    "--agents",
    "4",
    "--seed",
    "5",
    "--json",
  ]);
  let told = "";
  up.stderr!.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const { lines, find } = listen(up);
  const ready = await find("it is ready", ({ kind }) => kind === "Testnet");
  expect(ready).toMatchObject({ peers: 4, quorum: { members: 4, byzantineTolerance: 1 }, pid: up.pid });
  const pids = ready.peerPids as number[];
  expect(new Set([up.pid, ...pids]).size).toBe(5);
  await find("agents of several processes have traded", ({ type }) => type === "auction.settled");

  const victim = pids[2]!;
  process.kill(victim, "SIGKILL");
  await eventually("it is told of", () => told.includes(`peer-2 (process ${victim}) was ended by SIGKILL`));
  const ps = async () => JSON.parse((await mabeam(home, ["testnet", "ps", "--json"])).out) as Listed;
  const after = (await ps()).items;
  expect(after.map(({ mode, pid }) => [mode, pid])).toEqual([
    ["ready", pids[0]],
    ["ready", pids[1]],
    ["gone", null],
    ["ready", pids[3]],
  ]);
  const gone = await mabeam(home, ["wallet", "balance", "--peer", "2"]);
  expect([gone.exit, gone.err]).toEqual([3, expect.stringMatching(/Fix: .*daemon --home .*peer-2/)]);
  expect((await mabeam(home, ["wallet", "balance", "--peer", "3", "--json"])).exit).toBe(0);
  const settled = lines.filter(({ type }) => type === "auction.settled").length;
  await eventually(
    "the others trade on",
    () => lines.filter(({ type }) => type === "auction.settled").length > settled,
  );

  const again = spawnMabeam(home, ["daemon", "--home", `${home}/peers/peer-2`, "--json"], {
    env: { MABEAM_HOME: "" },
  });
  const second = listen(again);
  await second.find("it is back", ({ kind }) => kind === "Daemon");
  await eventually("all four vote", async () => (await ps()).items.every(({ mode }) => mode === "ready"));
  expect(second.lines, "it says once that it is ready").toHaveLength(1);

  const ended = Promise.all([once(up, "exit"), once(again, "exit")]);
  expect((await mabeam(home, ["testnet", "down"])).exit).toBe(0);
  await ended;
  for (const pid of pids) expect(isAlive(pid)).toBe(false);
  expect([up.exitCode, again.exitCode]).toEqual([0, 0]);
});

test("peers do not outlive the process that watches over them, however that ends", async () => {
  const home = newHome();
  const up = spawnMabeam(home, [
    "testnet",
    "up",
    "--isolate",
    "process",
    "--peers",
    "1",
    "--agents",
    "0",
    "--json",
  ]);
  const { peerPids } = (await listen(up).find("it is ready", ({ kind }) => kind === "Testnet")) as {
    peerPids: number[];
  };
  up.kill("SIGKILL");
  await eventually("its peer has ended", () => !isAlive(peerPids[0]!));
});

test("what is kept in memory cannot come back after a kill: --in-memory is refused", async () => {
  const ran = await mabeam(newHome(), ["testnet", "up", "--isolate", "process", "--in-memory"]);
  expect([ran.exit, ran.out]).toEqual([2, ""]);
});
