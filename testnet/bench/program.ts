// The program itself, as a person starts it: a process in a folder of its own, whose lines are read.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cpuMsOf } from "./process-cpu.js";

const LAUNCHER = fileURLToPath(new URL("../../../bin/mabeam.mjs", import.meta.url));
const STOP_WITHIN_MS = 10_000;

export class Program {
  private readonly errors: string[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly home: string,
  ) {
    child.stderr!.on("data", (data: Buffer) => this.errors.push(data.toString()));
    process.once("exit", this.kill);
  }

  private readonly kill = (): void => void this.child.kill("SIGKILL");

  /** Starts `mabeam` with these words. @param home where it keeps everything; undefined: in a new folder */
  static async start(words: readonly string[], home?: string): Promise<Program> {
    return Program.startIn(home ?? (await mkdtemp(join(tmpdir(), "mabeam-bench-"))), words);
  }

  private static startIn(home: string, words: readonly string[]): Program {
    const child = spawn(process.execPath, [LAUNCHER, ...words], {
      env: { ...process.env, MABEAM_HOME: home, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Program(child, home);
  }

  /** Ends it as a fault of the machine does; its folder stays. */
  async crash(): Promise<void> {
    process.off("exit", this.kill);
    const ended = once(this.child, "exit");
    this.kill();
    await ended;
  }

  /** Resolves at the first line on stdout that matches. @throws Error with its stderr if it ends before */
  async line(matching: RegExp): Promise<string> {
    for await (const line of createInterface({ input: this.child.stdout! })) {
      if (!matching.test(line)) continue;
      this.child.stdout!.resume();
      return line;
    }
    throw new Error(`the program ended without a line like ${matching}: ${this.errors.join("")}`);
  }

  /** Bytes of its resident memory; null where the system does not tell. */
  async residentBytes(): Promise<number | null> {
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8").catch(() => "");
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? (await this.residentByPs());
    return found === null ? null : Number(found) * 1024;
  }

  /** CPU time of all its threads since its start, user and system; null where the system does not tell. */
  cpuMs(): Promise<number | null> {
    return cpuMsOf(this.child.pid!);
  }

  /** Ends it as ^C does, by force if it does not heed that, and removes its folder. */
  async stop(): Promise<void> {
    const { child } = this;
    process.off("exit", this.kill);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      const force = setTimeout(this.kill, STOP_WITHIN_MS);
      child.kill("SIGINT");
      await ended;
      clearTimeout(force);
    }
    await rm(this.home, { recursive: true, force: true });
  }

  private async residentByPs(): Promise<string | null> {
    const ps = spawn("ps", ["-o", "rss=", "-p", String(this.child.pid)], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    ps.on("error", () => undefined);
    let text = "";
    for await (const data of ps.stdout) text += data;
    return /^\s*(\d+)\s*$/.exec(text)?.[1] ?? null;
  }
}
