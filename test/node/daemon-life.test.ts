// A daemon's life as its machine has it: restored from keys alone, hung up on, left without a reader, told to end early.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { testFolder } from "./folder.js";
import { start } from "./program.js";

/** A testnet of one peer, and how a daemon joins it. */
async function network(): Promise<readonly string[]> {
  const home = join(await testFolder(), "testnet");
  const sizes = ["--peers", "1", "--quorum", "1", "--agents", "0"];
  const { join: place } = await start("testnet", "up", ...sizes, "--json", "--home", home).document();
  const { address, chain } = place as { address: string; chain: string };
  return ["--join", address, "--chain", chain];
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(20);
};

test("with nothing but its keys restored, in a folder that mkdir made, it finds its network and is itself", async () => {
  const named = await network();
  const home = join(await testFolder(), "home");
  const first = start("daemon", ...named, "--home", home, "--json");
  const before = await first.document();
  await until(() => existsSync(join(home, "keys", "network")));
  first.child.kill("SIGKILL");
  await first.ended;
  for (const name of readdirSync(home)) if (name !== "keys") rmSync(join(home, name), { recursive: true });
  chmodSync(home, 0o755);
  const again = start("daemon", "--home", home, "--json");
  const after = await again.document();
  for (const name of ["agent", "peer", "chain"]) expect(after[name]).toBe(before[name]);
  expect(after.pid).toBe(again.child.pid);
});

test("without a terminal a hangup opens the log anew; without a reader it goes on; a signal ends it in order", async () => {
  const home = join(await testFolder(), "home");
  const daemon = start("daemon", ...(await network()), "--home", home, "--json", "--log-level", "trace");
  await daemon.document();
  daemon.child.stdout!.destroy();
  daemon.child.stderr!.destroy();
  const log = join(home, "daemon.log");
  renameSync(log, `${log}.1`);
  daemon.child.kill("SIGHUP");
  await until(() => existsSync(log));
  const asked = start("status", "--home", home, "--json");
  expect(await asked.document()).toMatchObject({ kind: "Node", pid: daemon.child.pid });
  daemon.child.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
  expect(existsSync(join(home, "api.json"))).toBe(false);
});

test("its API answers under the names that its owner allowed, as through a tunnel, and under no other", async () => {
  const home = join(await testFolder(), "home");
  const names = ["--allowed-hosts", "tunnel.example"];
  const { api } = await start("daemon", ...(await network()), "--home", home, "--json", ...names).document();
  const statusFor = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get(`${api}/healthz`, { headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).once("error", reject);
    });
  const hosts = ["localhost:2222", "tunnel.example:2222", "other.example"];
  expect(await Promise.all(hosts.map(statusFor))).toEqual([200, 200, 403]);
});

test("a signal is heard while it still looks for its network, and its folder is let go", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const home = join(await testFolder(), "home");
  const dialled = once(silent, "connection");
  const peer = "12D3KooWSj2kQRkvuiopdsuGJRYUQcbrtwvbeGqWsZipspLDXiXr";
  const address = `/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`;
  const daemon = start("daemon", "--join", address, "--chain", "ab".repeat(32), "--home", home);
  const [socket] = await dialled;
  socket.on("error", () => undefined);
  daemon.child.kill("SIGTERM");
  expect([await daemon.ended, daemon.said()]).toEqual([0, ""]);
  expect(existsSync(join(home, "daemon.pid"))).toBe(false);
});

test.runIf(process.platform === "linux")(
  "a signal ends a daemon that waits for its passphrase at a pipe, and no folder is held",
  async () => {
    const folder = await testFolder();
    const [pipe, home] = [join(folder, "pipe"), join(folder, "home")];
    execFileSync("sh", ["-c", 'mkfifo -m 600 "$1"', "sh", pipe]);
    const daemon = start("daemon", "--passphrase-file", pipe, "--home", home);
    const writing: number[] = [];
    await until(() => {
      try {
        writing.push(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
        return true;
      } catch {
        return false; // nobody reads yet
      }
    });
    daemon.child.kill("SIGTERM");
    expect(await daemon.ended).toBe("SIGTERM");
    closeSync(writing[0]!);
    expect(existsSync(home)).toBe(false);
  },
);
