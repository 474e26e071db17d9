// The command line in this process, before a real HTTP API over a lone peer, or before documents that a daemon may say.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { freshToken, type RunningApi, startApi } from "../../../node/api/index.js";
import { problem } from "../../../node/api/problem.js";
import { runCli } from "../../../node/cli/run.js";
import type { Terminal } from "../../../node/cli/terminal.js";
import { writeApiFile } from "../../../node/config/api-file.js";
import {
  type AnswerOf,
  type ProblemDocument,
  ROUTES,
  type RouteName,
  type Routes,
} from "../../../node/contract/index.js";
import { START_MS } from "../../peer/cluster.js";
import { type LonePeer, LoneProcess, ME } from "../../worlds/lone-peer.js";

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
    screen: null,
    confirm: async () => null,
    ...more,
  };
  const argv = typeof line === "string" ? line.split(" ") : line;
  const exit = await runCli(argv, terminal);
  return { exit, out, err: err.join("\n") };
}

export interface World {
  readonly home: string;
  readonly host: LoneProcess;
  readonly api: RunningApi;
  /** runs a command, whose `--json` answer is parsed */
  json(line: string): Promise<{ readonly exit: number; readonly document: Record<string, unknown> }>;
  run(line: string | readonly string[], more?: Partial<Terminal>): Promise<Ran>;
}

const open: RunningApi[] = [];
export const closeAll = async (): Promise<void> => {
  for (const api of open.splice(0)) await api.close();
  for (const stub of stubs.splice(0)) {
    stub.closeAllConnections();
    stub.close();
  }
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
};

/** A home whose api.json leads to a listening API. */
export async function world(lone?: LonePeer): Promise<World> {
  const home = newHome();
  const host = new LoneProcess(lone);
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

/** What a daemon says at each route: a document, or why there is none. */
export type Sayings = { [N in RouteName]?: AnswerOf<Routes[N]> | ProblemDocument };

export interface Stub {
  readonly home: string;
  /** may be changed between commands */
  said: Sayings;
  /** what it was asked to do */
  readonly wishes: { readonly name: RouteName; readonly body: unknown }[];
  run: World["run"];
}

const stubs: Server[] = [];

/** A home whose api.json leads to a daemon that says these documents, and knows no other route. */
export async function saying(said: Sayings): Promise<Stub> {
  const home = newHome();
  const stub: Stub = {
    home,
    said,
    wishes: [],
    run: (line, more = {}) => mabeam(home, line, more),
  };
  const patterns = Object.entries(ROUTES).map(([name, { method, path }]) => ({
    name: name as RouteName,
    method,
    path: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`),
  }));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url!.split("?", 1)[0]!;
    const route = patterns.find((one) => one.method === request.method && one.path.test(path));
    if (route !== undefined && request.method !== "GET")
      stub.wishes.push({ name: route.name, body: JSON.parse(await text(request)) });
    if (route?.name === "events") {
      // Nothing happens there.
      response.writeHead(200, { "content-type": "text/event-stream" }).write("id: 1\n: here\n\n");
      return;
    }
    const document = (route && stub.said[route.name]) ?? problem("ROUTE_UNKNOWN").document;
    response.statusCode = "status" in document && typeof document.status === "number" ? document.status : 200;
    response.end(JSON.stringify(document));
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  stubs.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  const tokenFile = join(home, "token");
  await freshToken(tokenFile);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const peers = [{ name: "peer-0", agent: ME, addresses: [] }];
  await writeApiFile(join(home, "api.json"), { url, tokenFile, pid: process.pid, peers });
  return stub;
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
