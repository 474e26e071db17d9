// What people get wrong in their first hour, and what their shells do to a program: pipes, signals, terminals.
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex } from "../../src/index.js";
import { eventually } from "./eventually.js";
import { credits, HostedNetwork } from "./network.js";
import { cleanUp, Daemon, expectRefusal, mabeam, newHome, spawnMabeam } from "./process.js";

let network: HostedNetwork;
let daemon: Daemon;

beforeAll(async () => {
  network = await HostedNetwork.start();
  const home = join(newHome(), "a folder of ours");
  mkdirSync(home, { mode: 0o700 });
  daemon = await Daemon.start(home, network.quickFlags);
  await daemon.funded();
});

afterAll(async () => {
  await cleanUp();
  await network.stop();
});

describe("a slip of the finger", () => {
  test("in the configuration: 2, and the setting that was meant", async () => {
    const home = newHome();
    writeFileSync(join(home, "config.toml"), 'logLevle = "debug"\n');
    const ran = await mabeam(home, ["daemon", "--config", join(home, "config.toml"), ...network.joinFlags]);
    expectRefusal(ran, 2, /logLevle[\s\S]*did you mean logLevel\?/);
    const inEnvironment = await mabeam(home, ["daemon"], { env: { MABEAM_LOGLEVEL: "debug" } });
    expect(inEnvironment.err).toMatch(/MABEAM_LOGLEVEL[\s\S]*MABEAM_LOG_LEVEL/);
  });

  test("in the passphrase: 4, and nothing is made anew", async () => {
    const home = newHome();
    const first = await Daemon.start(home, network.joinFlags, { env: { MABEAM_PASSPHRASE: "right" } });
    expect(await first.json("status")).toMatchObject({ keys: "encrypted" });
    await first.stop();
    const keys = readdirSync(join(home, "keys"));
    expectRefusal(await mabeam(home, ["daemon"], { env: { MABEAM_PASSPHRASE: "wrong" } }), 4, /passphrase/);
    expectRefusal(await mabeam(home, ["daemon"]), 4, /passphrase/);
    expect(readdirSync(join(home, "keys"))).toEqual(keys);
  });
});

test("help is data: on stdout, with exit 0; a command that lacks its word shows help on stderr, with exit 2", async () => {
  for (const line of ["--help", "auction --help", "bid place --help", "help auction"]) {
    const ran = await daemon.run(line);
    expect([line, ran.exit, ran.err]).toEqual([line, 0, ""]);
    expect(ran.out).toMatch(/^Usage: mabeam/);
  }
  for (const args of [[], ["auction"], ["quorum"]]) {
    const ran = await mabeam(daemon.home, args);
    expect([args, ran.exit, ran.out]).toEqual([args, 2, ""]);
    expect(ran.err).toMatch(/^Usage: mabeam/);
  }
});

describe("where the output goes", () => {
  test("a reader that has enough ends a command without a word", async () => {
    const shell = 'set -o pipefail; "$@" | head -n 1';
    const log = await mabeam(daemon.home, ["quorum", "log", "--limit", "200"], { shell });
    expect(log.exit).toBe(0);
    // On a slow machine the network is old by now, and its log has more than was asked for.
    expect(log.err).toMatch(/^(More: --cursor \S+\n)?$/);
    expect(log.out).toMatch(/^HEIGHT.*\n$/);
    const auction = await network.openAuction({ commitMs: 600_000 });
    await eventually(
      "the daemon knows it",
      async () => "phase" in (await daemon.get(`/v1/auctions/${toHex(auction)}`)),
    );
    const watching = mabeam(daemon.home, ["auction", "watch", toHex(auction), "--json"], { shell });
    let hasEnded = false;
    void watching.then(() => {
      hasEnded = true;
    });
    // Each bid is news: of the second that it hears of, it finds that nobody reads.
    for (; !hasEnded; await wait(200)) await network.bid(network.rival, auction, credits(5));
    const watched = await watching;
    expect([watched.exit, watched.err, watched.out.split("\n").length]).toEqual([0, "", 2]);
  });

  test("a daemon whose reader has gone goes on, and still ends in order", async () => {
    const home = newHome();
    const shell = 'set -o pipefail; "$@" | head -n 1';
    const child = spawnMabeam(home, ["daemon", ...network.quickFlags], { shell });
    const ended = once(child, "exit");
    const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
    expect(line).toMatch(/^Peer/);
    await wait(300);
    expect((await mabeam(home, ["status"])).exit).toBe(0);
    expect((await mabeam(home, ["stop"])).exit).toBe(0);
    expect(await ended).toEqual([0, null]);
  });

  // `script` gives a program a terminal of its own.
  test.runIf(existsSync("/usr/bin/script"))(
    "colours are for terminals, unless NO_COLOR says no, and never in JSON",
    async () => {
      const shell = 'script -qec "$(printf "%q " "$@")" /dev/null';
      const colour = `${String.fromCharCode(27)}[`;
      const at = (args: string[], env: Record<string, string> = {}) =>
        mabeam(daemon.home, args, { shell, env: { TERM: "xterm", ...env } });
      expect((await at(["status"])).out).toContain(colour);
      expect((await at(["status"], { NO_COLOR: "1" })).out).not.toContain(colour);
      const json = await at(["status", "--json"]);
      expect(json.out).not.toContain(colour);
      expect(JSON.parse(json.out)).toMatchObject({ kind: "Node" });
      expect((await daemon.run("status")).out).not.toContain(colour);
    },
  );
});

describe("ending", () => {
  test("Ctrl-C ends `auction watch` at once and says nothing", async () => {
    const auction = toHex(await network.openAuction({ commitMs: 600_000 }));
    await eventually(
      "the daemon knows it",
      async () => "phase" in (await daemon.get(`/v1/auctions/${auction}`)),
    );
    const child = spawnMabeam(daemon.home, ["auction", "watch", auction]);
    let said = "";
    child.stderr!.on("data", (text) => {
      said += text;
    });
    await wait(1000);
    const ended = once(child, "close");
    child.kill("SIGINT");
    expect(await ended).toEqual([null, "SIGINT"]);
    expect(said).toBe("");
  });

  test("a watch whose daemon dies tries again, then says so: 3", async () => {
    const home = newHome();
    const one = await Daemon.start(home, network.quickFlags);
    const auction = toHex(await network.openAuction({ commitMs: 600_000 }));
    await eventually(
      "the daemon knows it",
      async () => "phase" in (await one.get(`/v1/auctions/${auction}`)),
    );
    const watching = one.run(`auction watch ${auction}`);
    await wait(1000);
    await one.kill();
    expectRefusal(await watching, 3, /start it again/);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends a daemon in order: 0, and no trace of it",
    async (signal) => {
      const home = newHome();
      const one = await Daemon.start(home, network.quickFlags);
      expect(existsSync(join(home, "api.json"))).toBe(true);
      one.process.kill(signal);
      expect(await one.ended).toBe(0);
      expect([existsSync(join(home, "api.json")), existsSync(join(home, "daemon.pid"))]).toEqual([
        false,
        false,
      ]);
      expect(one.err()).toMatch(/^(warning: .+\n)*$/);
    },
  );

  test("started again without being told whom to join, it finds its network", async () => {
    const home = newHome();
    const before = await Daemon.start(home, network.quickFlags);
    await before.stop();
    const again = await Daemon.start(home, ["--insecure-plain-keys"]);
    await eventually("it is where its network is", async () => {
      const { mode, connections } = await again.get<{ mode: string; connections: number }>("/v1/node");
      return mode === "ready" && connections > 0;
    });
    await again.stop();
  });

  test("a second Ctrl-C ends it at once, and the folder is free", async () => {
    const home = newHome();
    const one = await Daemon.start(home, network.quickFlags);
    one.process.kill("SIGINT");
    await wait(5);
    one.process.kill("SIGINT");
    expect([0, 130]).toContain(await one.ended);
    expect(await (await Daemon.start(home, network.quickFlags)).stop()).toBe(0);
  });

  test("`stop` returns when the daemon is gone; `--in-memory` says so, and its second life begins anew", async () => {
    const home = newHome();
    const one = await Daemon.start(home, [...network.quickFlags, "--in-memory"]);
    expect(one.banner.storage).toBe("in-memory");
    expect((await one.run("status")).err).toMatch(/nothing is kept on disk/);
    expect(await one.run("stop")).toMatchObject({ exit: 0, out: `Stopped the process ${one.banner.pid}\n` });
    expect(await one.ended).toBe(0);
    const again = await Daemon.start(home, [...network.quickFlags, "--in-memory"]);
    expect(again.banner.agent).toBe(one.banner.agent);
    expect(await again.stop()).toBe(0);
  });
});
