// A phase: a part of the benchmark in a process of its own, so that one does not disturb another; and the way to it.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a phase can be asked to do, by name. Inputs and results are plain data. */
export interface Phase {
  readonly jobs: Readonly<Record<string, (input: never) => Promise<unknown>>>;
  close(): Promise<void>;
}

/** Phases by name; `phase-main.ts` loads them in the child. */
export const PHASES = {
  admission: () => import("./phases/admission.js"),
  "budgeted-admission": () => import("./phases/budgeted-admission.js"),
  execution: () => import("./phases/execution.js"),
  "gossip-ours": () => import("./phases/gossip-ours.js"),
  "gossip-raw": () => import("./phases/gossip-raw.js"),
  auction: () => import("./phases/auction.js"),
  skeleton: () => import("./phases/skeleton.js"),
  "peers-memory": () => import("./phases/peers-memory.js"),
  "bare-hosts": () => import("./phases/bare-hosts.js"),
  "flood-target": () => import("./phases/flood-target.js"),
  "flood-source": () => import("./phases/flood-source.js"),
  etcd: () => import("./phases/etcd.js"),
  "quorum-daemons": () => import("./phases/quorum-daemons.js"),
  "quorum-skeleton": () => import("./phases/quorum-skeleton.js"),
  "quorum-skeleton-member": () => import("./phases/quorum-skeleton-member.js"),
  "goods-ours": () => import("./phases/goods-ours.js"),
  "goods-bare": () => import("./phases/goods-bare.js"),
  network: () => import("./phases/network.js"),
  steps: () => import("./phases/steps.js"),
  idle: () => import("./phases/idle.js"),
  "stream-source": () => import("./phases/stream-source.js"),
  "stream-load": () => import("./phases/stream-load.js"),
  "bare-proxy": () => import("./phases/bare-proxy.js"),
  "waiting-clients": () => import("./phases/waiting-clients.js"),
  "gateway-world": () => import("./phases/gateway-world.js"),
  "gateway-ours": () => import("./phases/gateway-ours.js"),
} as const satisfies Readonly<Record<string, () => Promise<{ open(): Promise<Phase> }>>>;
export type PhaseName = keyof typeof PHASES;

type JobsOf<Name extends PhaseName> = Awaited<
  ReturnType<Awaited<ReturnType<(typeof PHASES)[Name]>>["open"]>
>["jobs"];
type InputOf<Job> = Job extends (input: infer Input) => Promise<unknown> ? Input : never;
type ResultOf<Job> = Job extends (input: never) => Promise<infer Result> ? Result : never;

export interface Question {
  readonly id: number;
  readonly job: string;
  readonly input: unknown;
}
export type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: string };

export interface PhaseProgram {
  readonly main: URL;
  readonly nodeFlags: readonly string[];
}

const BUILT: PhaseProgram = { main: new URL("./phase-main.js", import.meta.url), nodeFlags: [] };

/** A running phase, as its parent sees it. */
export class PhaseProcess<Name extends PhaseName> {
  private readonly waiting = new Map<
    number,
    { resolve(result: unknown): void; reject(error: Error): void }
  >();
  private lastId = 0;

  private constructor(
    readonly name: Name,
    private readonly child: ChildProcess,
  ) {
    child.on("message", (answer: Answer) => this.answered(answer));
    child.on("exit", (code) => this.lost(new Error(`the phase ${name} ended with ${code}`)));
    child.on("error", (error) => this.lost(error));
  }

  /** @param program what the child runs: the built program, or for tests the sources themselves */
  static start<Name extends PhaseName>(name: Name, program: PhaseProgram = BUILT): PhaseProcess<Name> {
    const child = fork(program.main, [name], {
      execArgv: [...process.execArgv, ...program.nodeFlags],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    return new PhaseProcess(name, child);
  }

  /** @throws Error with the child's stack when the job fails or the child dies */
  do<Job extends keyof JobsOf<Name> & string>(
    job: Job,
    input: InputOf<JobsOf<Name>[Job]>,
  ): Promise<ResultOf<JobsOf<Name>[Job]>> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as ResultOf<JobsOf<Name>[Job]>), reject });
      this.child.send({ id, job, input } satisfies Question, (error) => {
        if (error !== null) this.lost(error);
      });
    });
  }

  /** Ends the child, in good order if it still answers. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    if (this.child.connected) this.child.disconnect();
    else this.child.kill();
    await ended;
  }

  private answered(answer: Answer): void {
    const asked = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.ok) asked?.resolve(answer.result);
    else asked?.reject(new Error(answer.error));
  }

  private lost(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** Runs `work` with phases that are ended afterwards, whatever happens. */
export async function withPhases<T>(
  work: (start: <Name extends PhaseName>(name: Name) => PhaseProcess<Name>) => Promise<T>,
): Promise<T> {
  const started: { close(): Promise<void> }[] = [];
  try {
    return await work((name) => {
      const phase = PhaseProcess.start(name);
      started.push(phase);
      return phase;
    });
  } finally {
    await Promise.all(started.map((phase) => phase.close()));
  }
}
