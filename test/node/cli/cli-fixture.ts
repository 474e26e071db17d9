// The command line in this process, before a real HTTP API over the scripted world.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshToken, type RunningApi, startApi } from "../../../node/api/index.js";
import { runCli } from "../../../node/cli/run.js";
import type { Terminal } from "../../../node/cli/terminal.js";
import { writeApiFile } from "../../../node/config/api-file.js";
import { ME, ScriptedHost, START_MS } from "../scripted-host.js";

const homes: string[] = [];

/** An empty data folder, gone after the test. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "mabeam-cli-"));
  homes.push(home);
  return home;
}

export interface Ran {
  readonly exit: number;
  readonly out: readonly string[];
  readonly err: string;
}

/** Runs `mabeam <line>` as a program of this home would. */
export async function mabeam(
  home: string,
  line: string | readonly string[],
  more: Partial<Terminal> = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    env: { MABEAM_HOME: home },
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    colors: false,
    progress: false,
    self: "npx mabeam",
    outlive: () => undefined,
    confirm: async () => null,
    ...more,
  };
  const argv = typeof line === "string" ? line.split(" ") : line;
  const exit = await runCli(argv, terminal);
  return { exit, out, err: err.join("\n") };
}

export interface World {
  readonly home: string;
  readonly host: ScriptedHost;
  readonly api: RunningApi;
  /** runs a command, whose `--json` answer is parsed */
  json(line: string): Promise<{ readonly exit: number; readonly document: Record<string, unknown> }>;
  run(line: string | readonly string[], more?: Partial<Terminal>): Promise<Ran>;
}

const open: RunningApi[] = [];
export const closeAll = async (): Promise<void> => {
  for (const api of open.splice(0)) await api.close();
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
};

/** A home whose api.json leads to a listening API. */
export async function world(): Promise<World> {
  const home = newHome();
  const host = new ScriptedHost();
  const tokenFile = join(home, "token");
  const api = await startApi({
    host,
    token: await freshToken(tokenFile),
    listen: { host: "127.0.0.1", port: 0 },
    version: "0.1.0",
    onAccident: (error) => {
      throw error;
    },
    nowMs: () => START_MS,
    random: () => 0.5,
  });
  open.push(api);
  const peers = [{ name: "peer-0", agent: ME, addresses: [] }];
  await writeApiFile(join(home, "api.json"), { url: api.url, tokenFile, pid: process.pid, peers });
  const run = (line: string | readonly string[], more: Partial<Terminal> = {}) => mabeam(home, line, more);
  return {
    home,
    host,
    api,
    run,
    async json(line) {
      const { exit, out } = await run(`${line} --json`);
      return { exit, document: JSON.parse(out.join("\n")) };
    },
  };
}

/** A file of the home with this text. */
export function file(home: string, name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Puts variables of this process back to what they are now. They are set one by one: the system reads no copy. */
export function keptEnvironment(...names: readonly string[]): () => void {
  const before = names.map((name) => [name, process.env[name]] as const);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
