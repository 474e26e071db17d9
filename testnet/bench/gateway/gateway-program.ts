// The gateway as a person starts it: `mabeam gateway` in a folder of its own, which can be killed and started again there.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program } from "../program.js";

const URL_IN_LINE = /https?:\/\/127\.0\.0\.1:\d+/;

export class GatewayProgram {
  private constructor(
    private program: Program,
    private readonly folder: string,
    private readonly words: readonly string[],
    readonly url: string,
  ) {}

  /** @param limits flags that say what the key may do */
  static async start(upstream: string, limits: readonly string[]): Promise<GatewayProgram> {
    const folder = await mkdtemp(join(tmpdir(), "mabeam-bench-gateway-"));
    const keyFile = join(folder, "key");
    await writeFile(keyFile, "sk-bench-upstream\n", { mode: 0o600 });
    await mkdir(join(folder, "home"), { mode: 0o700 });
    const words = ["gateway", "--upstream", upstream, "--key-file", keyFile, ...limits];
    const program = await Program.start([...words, "--listen", "127.0.0.1:0"], join(folder, "home"));
    const url = await urlOf(program);
    return new GatewayProgram(program, folder, [...words, "--listen", new URL(url).host], url);
  }

  /** Dies without a word, and is started again at once. @returns once it serves */
  async crashAndStart(): Promise<void> {
    await this.program.crash();
    this.program = await Program.start(this.words, join(this.folder, "home"));
    await urlOf(this.program);
  }

  cpuMs(): Promise<number | null> {
    return this.program.cpuMs();
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function urlOf(program: Program): Promise<string> {
  return URL_IN_LINE.exec(await program.line(URL_IN_LINE))![0];
}
