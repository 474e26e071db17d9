// The built program as real processes: one command to its end, or a daemon that runs until told otherwise.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { eventually } from "./eventually.js";

const PROGRAM = fileURLToPath(new URL("../../bin/mabeam.mjs", import.meta.url));

export interface Ran {
  readonly exit: number | NodeJS.Signals;
  readonly out: string;
  readonly err: string;
}

/** The environment of a person who set nothing of ours. */
function environment(home: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(MABEAM_|NO_COLOR$|FORCE_COLOR$)/.test(name),
  );
  return { ...Object.fromEntries(clean), MABEAM_HOME: home, ...more };
}

export interface SpawnWish {
  readonly env?: Record<string, string>;
  /** a shell line in which "$@" is the program with its arguments */
  readonly shell?: string;
}

/** Starts `mabeam <args>` of this home. */
export function spawnMabeam(home: string, args: readonly string[], wish: SpawnWish = {}): ChildProcess {
  const command = [process.execPath, PROGRAM, ...args];
  const line = wish.shell === undefined ? command : ["bash", "-c", wish.shell, "bash", ...command];
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  const child = spawn(line[0]!, line.slice(1), { env: environment(home, wish.env), cwd: tmpdir(), stdio });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

const running = new Set<ChildProcess>();

/** Runs `mabeam <args>` of this home to its end. */
export async function mabeam(home: string, args: readonly string[], wish: SpawnWish = {}): Promise<Ran> {
  const child = spawnMabeam(home, args, wish);
  const [out, err] = [collect(child, "stdout"), collect(child, "stderr")];
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { exit: code ?? signal!, out: out(), err: err() };
}

function collect(child: ChildProcess, from: "stdout" | "stderr"): () => string {
  let text = "";
  child[from]!.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

export interface Banner {
  readonly kind: "Daemon";
  readonly agent: string;
  readonly chain: string;
  readonly api: string;
  readonly tokenFile: string;
  readonly swarm: readonly string[];
  readonly storage: string;
  readonly quorum: { readonly members: number; readonly byzantineTolerance: number };
  readonly pid: number;
}

/** A daemon that has said that it is ready. */
export class Daemon {
  private constructor(
    readonly home: string,
    readonly banner: Banner,
    readonly process: ChildProcess,
    /** what it has written to stderr */
    readonly err: () => string,
    /** its exit code, or the signal that ended it */
    readonly ended: Promise<number | NodeJS.Signals>,
  ) {}

  /** Starts one, and waits for its banner. @throws what it said, if it ended instead */
  static async start(home: string, flags: readonly string[] = [], wish: SpawnWish = {}): Promise<Daemon> {
    const child = spawnMabeam(home, ["daemon", "--json", ...flags], wish);
    const err = collect(child, "stderr");
    const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    const line = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next();
    if (line.done) throw new Error(`the daemon ended with ${await ended}: ${err()}`);
    return new Daemon(home, JSON.parse(line.value) as Banner, child, err, ended);
  }

  /** kill -9, and waits. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  /** SIGTERM, and waits. @returns the exit code */
  stop(): Promise<number | NodeJS.Signals> {
    this.process.kill("SIGTERM");
    return this.ended;
  }

  /** What its API answers, whatever the status. */
  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    const token = readFileSync(this.banner.tokenFile, "utf8").trim();
    const answer = await fetch(this.banner.api + path, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()) as T;
  }

  /** Waits until the network's faucet has made this daemon's account. */
  async funded(): Promise<void> {
    await eventually("the faucet has granted", async () => "free" in (await this.get("/v1/wallet")));
  }

  /** Runs `mabeam <args> --json`, which must succeed with one line on stdout, and returns its document. */
  async json<T = Record<string, unknown>>(line: string): Promise<T> {
    const ran = await mabeam(this.home, [...line.split(" "), "--json"]);
    expect([line, ran.exit, ran.err]).toEqual([line, 0, ""]);
    expect(ran.out.trimEnd().split("\n")).toHaveLength(1);
    return JSON.parse(ran.out) as T;
  }

  run(line: string): Promise<Ran> {
    return mabeam(this.home, line.split(" "));
  }
}

const homes: string[] = [];

/** An empty folder, gone after the file. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "mabeam-e2e-"));
  homes.push(home);
  return home;
}

/** Ends every process that a test left, and removes every folder. */
export async function cleanUp(): Promise<void> {
  const ends = [...running].map(async (child) => {
    const end = once(child, "exit");
    child.kill("SIGKILL");
    await end;
  });
  await Promise.all(ends);
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
}

/** Of a refused command: its exit code, an empty stdout, and the three lines what, why and how to mend it. */
export function expectRefusal(ran: Ran, exit: number, says: RegExp): void {
  expect({ exit: ran.exit, out: ran.out }, ran.err).toEqual({ exit, out: "" });
  expect(ran.err).toMatch(/^mabeam: .+\.\nCause: .+\nFix: .+\n$/);
  expect(ran.err).toMatch(says);
}
