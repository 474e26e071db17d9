// `up --detach`: the same command in a process of its own, that outlives this one.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { CliFailure } from "../../node/cli/failure.js";
import type { TestnetPaths } from "../home.js";
import type { UpFlags } from "./flags.js";
import { homeFlag } from "./folder-claim.js";

const LOOK_EVERY_MS = 100;
const READY_WITHIN_MS = 90_000;
/** What the log holds as soon as the testnet is ready: for people, or for programs. */
const READY = /^Testnet is ready|^\{"apiVersion":"v1","kind":"Testnet"/m;

/** Exit 0 once it runs, with `wait` once it is ready. @throws CliFailure when it ends before that, or takes too long */
export async function detach(flags: UpFlags, paths: TestnetPaths, io: CommandIo): Promise<number> {
  const logStart = sizeOf(paths.logFile);
  const errors = openSync(paths.logFile, "a", 0o600);
  const child = spawn(process.execPath, [process.argv[1]!, ...argumentsOf(flags, paths)], {
    detached: true,
    // Its lines of data it writes to the log itself; what it has to say of a failure follows them there.
    stdio: ["ignore", "ignore", errors],
  });
  closeSync(errors);
  const ended = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? EXIT.failed)));
  const { pid } = child;
  if (pid === undefined) {
    const why = "the system gave it no process";
    throw new CliFailure(
      EXIT.failed,
      "NOT_STARTED",
      "could not start the testnet",
      why,
      "try it without --detach",
    );
  }
  if (flags.wait) await untilReady(paths, ended, logStart);
  child.unref();
  const lines = flags.json
    ? [detachedDocument(pid, paths, flags, logStart)]
    : detachedLines(pid, paths, flags, io, logStart);
  for (const line of lines) io.out(line);
  return EXIT.ok;
}

function argumentsOf(flags: UpFlags, { home }: TestnetPaths): readonly string[] {
  const numbers = (["peers", "quorum", "agents", "seed", "rounds"] as const).flatMap((name) =>
    flags[name] === undefined ? [] : [`--${name}`, String(flags[name])],
  );
  return [
    "testnet",
    "up",
    "--home",
    home,
    ...numbers,
    ...(flags.isolate === undefined ? [] : ["--isolate", flags.isolate]),
    ...(flags.api === undefined ? [] : ["--api", flags.api]),
    ...(flags.inMemory ? ["--in-memory"] : []),
    ...(flags.showKeys ? ["--show-keys"] : []),
    ...(flags.json ? ["--json"] : []),
  ];
}

async function untilReady(paths: TestnetPaths, ended: Promise<number>, logStart: number): Promise<void> {
  let exit: number | null = null;
  void ended.then((code) => {
    exit = code;
  });
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const text = textFrom(paths.logFile, logStart);
    if (READY.test(text)) return;
    if (exit !== null) throw endedEarly(exit, text, paths);
    await pause(LOOK_EVERY_MS);
  }
  const why = `it is not ready after ${READY_WITHIN_MS / 1000} s`;
  throw new CliFailure(
    EXIT.timeout,
    "TIMED_OUT",
    "could not wait for the testnet",
    why,
    `look into ${paths.logFile}`,
  );
}

/** Its own three lines are the failure; they were written for a person. */
function endedEarly(exit: number, text: string, paths: TestnetPaths): CliFailure {
  const said = (label: string): string | undefined => text.match(new RegExp(`^${label}: (.*)$`, "m"))?.[1];
  return new CliFailure(
    exit === 0 ? EXIT.failed : (exit as CliFailure["exit"]),
    "ENDED_EARLY",
    said("mabeam")?.replace(/\.$/, "") ?? "the testnet ended before it was ready",
    said("Cause") ?? `it exited with ${exit}`,
    said("Fix") ?? `look into ${paths.logFile}`,
  );
}

/** With `wait` what the testnet says of itself when it is ready, else whom and what to ask about it. */
function detachedDocument(pid: number, paths: TestnetPaths, { wait }: UpFlags, logStart: number): string {
  const said = wait ? textFrom(paths.logFile, logStart).split("\n") : [];
  const ready = said.find((line) => READY.test(line));
  const starting = { apiVersion: "v1", kind: "DetachedTestnet", pid, home: paths.home, log: paths.logFile };
  return ready ?? JSON.stringify(starting);
}

function detachedLines(
  pid: number,
  paths: TestnetPaths,
  { wait }: UpFlags,
  { self }: CommandIo,
  logStart: number,
): readonly string[] {
  const text = wait ? textFrom(paths.logFile, logStart) : "";
  const end = text.search(READY);
  return [
    ...(end < 0 ? [] : text.slice(0, end).trimEnd().split("\n")),
    `Testnet ${wait ? "is ready" : "starts"} in the background: process ${pid}, log ${paths.logFile}`,
    `  ${self} testnet logs --follow${homeFlag(paths)}`,
    `  ${self} testnet down${homeFlag(paths)}`,
  ];
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

const textFrom = (path: string, start: number): string => readFileSync(path).subarray(start).toString("utf8");
