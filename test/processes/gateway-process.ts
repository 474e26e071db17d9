// `mabeam gateway` as a process before a test upstream, and the commands that go with it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect, onTestFinished } from "vitest";
import { runningClock } from "../../testnet/upstream/clock.js";
import { plainRules, USUAL_KEY } from "../../testnet/upstream/rules.js";
import { startUpstream } from "../../testnet/upstream/upstream.js";
import { testFolder } from "../node/folder.js";

interface Page {
  readonly items: readonly { readonly [field: string]: unknown }[];
}

export interface GatewayProcess {
  readonly url: string;
  /** what it has told so far, the first document first */
  readonly told: readonly { readonly kind: string; readonly [field: string]: unknown }[];
  /** A document of its API. */
  read(path: string): Promise<Page>;
  kill(): Promise<void>;
}

/** A token of output costs ten micro-credits, and one of input nothing: so what answers cost is plain. */
const PRICES = { "gpt-upstream": { input_cost_per_token: 0, output_cost_per_token: 1e-5 } };

/** An upstream, a folder with its key, and what runs there. */
export async function gatewayRig(pace: { readonly tokensPerSecond: number | null }) {
  const plain = plainRules("openai", runningClock(1, Date.now()), 1, {});
  const upstream = await startUpstream({ ...plain, pace: { ...plain.pace, ...pace } });
  onTestFinished(upstream.close);
  const folder = await testFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at("key"), `${USUAL_KEY}\n`, { mode: 0o600 });
  writeFileSync(at("prices.json"), JSON.stringify(PRICES));
  const home = at("dev");
  const flags = ["--upstream", new URL(upstream.url).origin, "--key-file", at("key"), "--rpm", "100000"];

  /** @param most KiB that any of its files may have, as on a full disk */
  const start = async (listen = "127.0.0.1:0", most: number | null = null): Promise<GatewayProcess> => {
    const own = [...flags, "--prices", at("prices.json"), "--home", home, "--listen", listen, "--json"];
    const child = program(["gateway", ...own], most);
    const ended = once(child, "exit");
    const kill = async () => {
      child.kill("SIGKILL");
      await ended;
    };
    onTestFinished(kill);
    const lines = createInterface({ input: child.stdout! });
    const told: GatewayProcess["told"][number][] = [];
    const first = once(lines, "line");
    lines.on("line", (line) => void told.push(JSON.parse(line)));
    await first;
    const { url, api } = told[0] as unknown as { url: string; api: string };
    const authorization = `Bearer ${readFileSync(join(home, "token"), "utf8").trim()}`;
    const read = async (path: string): Promise<Page> => {
      const answer = await fetch(`${api}${path}`, { headers: { authorization } });
      return (await answer.json()) as Page;
    };
    return { url, told, read, kill };
  };
  /** A command to the gateway's daemon. @throws AssertionError: it did not end well */
  const command = async (...argv: string[]) => {
    const child = program([...argv, "--home", home, "--json"], null);
    const ended = [text(child.stdout!), text(child.stderr!), once(child, "exit")] as const;
    const [out, said, [code]] = await Promise.all(ended);
    expect([code, said]).toEqual([0, ""]);
    return JSON.parse(out);
  };
  return { upstream, home, start, command };
}

function program(argv: readonly string[], most: number | null): ChildProcess {
  const node = [process.execPath, "bin/mabeam.mjs", ...argv];
  const [file, ...rest] =
    most === null ? node : ["bash", "-c", `ulimit -f ${most} && exec "$@"`, "bash", ...node];
  return spawn(file!, rest, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Asks for so many tokens. */
export const asked = (url: string, key: string, tokens: number, stream = false): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "gpt-upstream",
      stream,
      max_tokens: tokens,
      messages: [{ role: "user", content: `go on [write ${tokens} tokens]` }],
    }),
  });

/** Asks, and reads all of it. */
export async function answerTo(url: string, key: string, tokens: number) {
  const answer = await asked(url, key, tokens);
  const { error } = (await answer.json()) as { error?: object };
  return { status: answer.status, warning: answer.headers.get("x-mabeam-warning"), error };
}
