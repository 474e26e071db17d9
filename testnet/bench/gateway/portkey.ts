// `@portkey-ai/gateway` for comparison: fetched on demand into a folder for temporary things, never a dependency.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const VERSION = "1.15.2";
/** With the server library's later versions its streams fail: Portkey-AI/gateway#1389. */
const SERVER_LIBRARY = { "@hono/node-server": "1.13.8" };
const START_MS = 20_000;
const STEP_MS = 50;

export const PORTKEY = `@portkey-ai/gateway ${VERSION}`;

export class Portkey {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    process.once("exit", this.kill);
  }

  private readonly kill = (): void => void this.child.kill("SIGKILL");

  /** @returns null: it is not here and cannot be fetched */
  static async start(): Promise<Portkey | null> {
    const program = await fetched();
    if (program === null) return null;
    const port = await freePort();
    const child = spawn(process.execPath, [program, `--port=${port}`, "--headless"], {
      stdio: "ignore",
      env: { ...process.env, NODE_ENV: "production" },
    });
    const running = new Portkey(child, `http://127.0.0.1:${port}`);
    for (let ms = 0; ms < START_MS; ms += STEP_MS) {
      const answers = await fetch(running.url).then(
        () => true,
        () => false,
      );
      if (answers) return running;
      await pause(STEP_MS);
    }
    await running.stop();
    throw new Error(`${PORTKEY} did not serve within ${START_MS / 1_000} s`);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** How a client asks it to pass a request on to an upstream of OpenAI's dialect as it is. @param forwarded a field of the client's that goes on too */
  headersFor(upstreamUrl: string, forwarded: string): Readonly<Record<string, string>> {
    return {
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": upstreamUrl,
      "x-portkey-forward-headers": forwarded,
    };
  }

  async stop(): Promise<void> {
    process.off("exit", this.kill);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    const force = setTimeout(this.kill, 2_000);
    await ended;
    clearTimeout(force);
  }
}

/** Its program; null: the registry is out of reach. */
async function fetched(): Promise<string | null> {
  const folder = join(tmpdir(), "mabeam-bench", `portkey-${VERSION}-${SERVER_LIBRARY["@hono/node-server"]}`);
  const program = join(folder, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  const wanted = {
    private: true,
    dependencies: { "@portkey-ai/gateway": VERSION },
    overrides: SERVER_LIBRARY,
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(wanted));
  const npm = spawn("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: "ignore",
  });
  const [code] = (await Promise.race([once(npm, "exit"), once(npm, "error").then(() => [1])])) as [
    number | null,
  ];
  return code === 0 && existsSync(program) ? program : null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
