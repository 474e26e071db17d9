// The built program as a process: its launcher, its exit codes, its streams.
import { execFile, spawn } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { OTHER } from "../scripted-host.js";
import { closeAll, newHome, world } from "./cli-fixture.js";

afterEach(closeAll);

interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

const mabeam = (home: string, ...argv: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, MABEAM_HOME: home };
    execFile(process.execPath, ["bin/mabeam.mjs", ...argv], { env }, (error, out, err) =>
      resolve({ exit: error === null ? 0 : Number(error.code), out, err }),
    );
  });

describe("the program", () => {
  test("ends with 3 and says what to type in a checkout when no daemon runs", async () => {
    const { exit, out, err } = await mabeam(newHome(), "status");
    expect([exit, out]).toEqual([3, ""]);
    expect(err).toContain("`bin/mabeam.mjs daemon`");
  });

  test("prints exactly one line of JSON on stdout, and nothing on stderr", async () => {
    const { home } = await world();
    const { exit, out, err } = await mabeam(home, "auction", "list", "--json");
    expect([exit, err, out.split("\n").length, out.endsWith("\n")]).toEqual([0, "", 2, true]);
    expect(JSON.parse(out).kind).toBe("AuctionList");
  });

  test("ends with the exit code of the refusal", async () => {
    const { home } = await world();
    expect((await mabeam(home, "wallet", "transfer", OTHER, "6")).exit).toBe(7);
    expect((await mabeam(home, "wallet", "transfer", OTHER, "-6")).exit).toBe(2);
  });

  test("a reader that goes away ends it quietly", async () => {
    const { home, host } = await world();
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      ...host.first.auctionViews[0]!,
      createdHeight: i,
    }));
    host.first.auctions = async () => ({ items: many, nextCursor: null });
    const env = { PATH: process.env.PATH, MABEAM_HOME: home };
    const child = spawn(process.execPath, ["bin/mabeam.mjs", "auction", "list", "--json"], {
      env,
      timeout: 50_000,
    });
    child.stdout.once("data", () => child.stdout.destroy());
    let err = "";
    child.stderr.on("data", (data) => {
      err += data;
    });
    const exit = await new Promise((resolve) => child.once("close", resolve));
    expect([exit, err]).toEqual([0, ""]);
  });
});
