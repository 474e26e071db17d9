// One peer in a process of its own: started, asked, stopped, or killed.
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Accident } from "../../node/accident.js";
import { readToken } from "../../node/api/token.js";
import { EXIT } from "../../node/cli/commands.js";
import { ApiClient } from "../../node/sdk/client.js";
import type { PeerPost, PeerWord, TradeWord } from "./words.js";

/** Beside this file; run from its sources, which a process cannot be, this starts what was built of them. */
const MAIN = ["./peer-main.js", "../../dist/testnet/isolate/peer-main.js"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find(existsSync)!;
/** What a peer's process may have said last, to tell why it ended. */
const KEPT_WORDS = 4096;
const ASK_WITHIN_MS = 10_000;

/** How a process ended: its exit code, or the signal that ended it. */
export type Ending = number | NodeJS.Signals;

export interface PeerProcessOptions {
  readonly name: string;
  readonly post: PeerPost;
  /** variables that this process has besides those of its starter; settings of ours are not handed down */
  readonly env: Readonly<Record<string, string>>;
  readonly onWord: (word: PeerWord) => void;
}

/** What is known of a peer once it serves. */
export interface Serving {
  readonly api: string;
  readonly tokenFile: string;
  readonly addresses: readonly string[];
}

export class PeerProcess {
  readonly pid: number;
  /** Resolves when the process is gone, with how. */
  readonly ended: Promise<Ending>;
  /** Resolves when it listens and its API answers. Rejects with PEER_ENDED or PORT_TAKEN when it ends before. */
  readonly serving: Promise<Serving>;
  private served: Serving | null = null;
  private ending: Ending | null = null;
  private said = "";

  private constructor(
    readonly name: string,
    readonly home: string,
    private readonly child: ChildProcess,
    onWord: (word: PeerWord) => void,
  ) {
    this.pid = child.pid!;
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.ending = code ?? signal ?? 1;
        resolve(this.ending);
      });
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.said = (this.said + text).slice(-KEPT_WORDS);
    });
    this.serving = new Promise((resolve, reject) => {
      child.on("message", (word: PeerWord) => {
        if (word.kind === "serving") {
          this.served = word;
          resolve(word);
        }
        onWord(word);
      });
      // Its last words may still be on the way when it is gone.
      child.once("close", () => reject(this.endedEarly()));
    });
    this.serving.catch(() => undefined);
  }

  /** Starts the process. @throws Accident NOT_STARTED */
  static async start({ name, post, env, onWord }: PeerProcessOptions): Promise<PeerProcess> {
    const child = fork(MAIN, [JSON.stringify(post)], {
      env: { ...inherited(), ...env },
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      // Its own group: an interrupt at the terminal reaches the testnet alone, which ends its peers in order.
      detached: true,
    });
    if (child.pid === undefined) {
      const error = await new Promise<Error>((resolve) => child.once("error", resolve));
      const fix = "end other processes, or start the testnet with fewer peers";
      throw new Accident("NOT_STARTED", `could not start a process for ${name}`, error.message, fix, error);
    }
    return new PeerProcess(name, post.home, child, onWord);
  }

  get isAlive(): boolean {
    return this.ending === null;
  }

  /** The last lines that it wrote to stderr. */
  get lastWords(): string {
    return this.said.trimEnd();
  }

  /** Its API. @throws Accident when it does not serve yet, or its token cannot be read */
  client(timeoutMs = ASK_WITHIN_MS): ApiClient {
    if (this.served === null) throw this.endedEarly();
    const remedy = `see ${this.home}/daemon.log`;
    return new ApiClient(
      { url: this.served.api, token: readToken(this.served.tokenFile), remedy },
      null,
      timeoutMs,
    );
  }

  /** Where it can be dialled and asked; null: it does not serve yet. */
  get places(): Serving | null {
    return this.served;
  }

  trade(word: TradeWord): void {
    if (this.isAlive && this.child.connected) this.child.send(word);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** kill −9, and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }

  /** Asks for the orderly end, and waits; one that takes longer than `withinMs` is killed. */
  async stop(withinMs: number): Promise<Ending> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), withinMs);
    const ending = await this.ended;
    clearTimeout(timer);
    return ending;
  }

  private endedEarly(): Accident {
    const words = this.lastWords;
    const why = /^Cause: (.*)$/m.exec(words)?.[1] ?? (words === "" ? `it ended with ${this.ending}` : words);
    const said = /^mabeam: (.*?)\.?$/m.exec(words)?.[1];
    const what = said === undefined ? `${this.name} ended before it served` : `${this.name}: ${said}`;
    const fix = /^Fix: (.*)$/m.exec(words)?.[1] ?? `look into ${this.home}/daemon.log`;
    const code = this.ending === EXIT.busy ? "PORT_TAKEN" : "PEER_ENDED";
    return new Accident(code, what, why, fix);
  }
}

/** The starter's environment without settings of ours, which would be every peer's: its folder says what it needs. */
const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("MABEAM_")));
