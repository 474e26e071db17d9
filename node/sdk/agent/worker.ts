// The working half of an agent: each trade that it has to perform becomes a task, whose end is delivered or given up.
import { messageOf } from "../../accident.js";
import type { TradeView } from "../../contract/index.js";
import type { Definition, Task } from "./definition.js";
import { bytesOf, type Handover } from "./handover.js";
import type { Hands } from "./hands.js";
import type { Notebook } from "./notebook.js";
import { isPassing } from "./passing.js";

/** A task whose agent has ended in the middle so often is given up: it may be what ends it. */
export const MOST_ATTEMPTS = 3;
/** Of the time for a task so much is kept for the way of its delivery into the log. */
const KEPT_SHARE = 0.1;
const KEPT_LEAST_MS = 500;
const KEPT_MOST_MS = 5000;

/** Why the signal of work was given. */
const TOO_LATE = "the time for it is over";
const ENDING = "the agent ends";

/** @param leftMs until it is to be delivered @returns for how long it may be worked on */
export const timeToWork = (leftMs: number): number =>
  leftMs - Math.min(KEPT_MOST_MS, Math.max(KEPT_LEAST_MS, leftMs * KEPT_SHARE));

type Ended = { readonly output: Uint8Array } | { readonly failed: string } | { readonly stopped: true };

export class Worker {
  /** trades that wait for their turn, by id */
  private readonly waiting = new Map<string, TradeView>();
  private readonly running = new Map<string, AbortController>();
  /** what has been said of trades that the ledger has not taken yet */
  private readonly said = new Set<string>();
  private readonly told = new Set<string>();
  private isEnding = false;

  constructor(
    private readonly definition: Definition,
    private hands: Hands,
    private handover: Handover,
    private readonly notebook: Notebook,
    private readonly say: (line: string) => void,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Trades that wait for this agent. Those that it knows already change nothing. */
  take(due: readonly TradeView[]): void {
    for (const trade of due) {
      const { id } = trade;
      if (this.running.has(id) || this.said.has(id)) continue;
      if (this.definition.works.has(trade.capability)) this.waiting.set(id, trade);
      else if (!this.told.has(id)) {
        this.told.add(id);
        this.say(
          `${id.slice(0, 10)} ${trade.capability}: it is to be delivered, and this agent has no work for it`,
        );
      }
    }
    this.startNext();
  }

  /** Nothing is to be done for this trade any more: it was delivered, or it has ended. */
  forget(trade: string): void {
    this.waiting.delete(trade);
    this.said.delete(trade);
    this.running.get(trade)?.abort(new Error(TOO_LATE));
    this.notebook.over(trade);
  }

  /** Acts by these from now on: the daemon is there again. */
  use(hands: Hands, handover: Handover): void {
    this.hands = hands;
    this.handover = handover;
  }

  /** What was said may have been lost with a daemon: whatever is due is said again. */
  doubt(): void {
    this.said.clear();
  }

  /** Lets go of all work: what is begun is begun again by the next run. */
  close(): void {
    this.isEnding = true;
    this.waiting.clear();
    for (const [trade, control] of this.running) {
      this.notebook.cutOff(trade);
      control.abort(new Error(ENDING));
    }
  }

  private startNext(): void {
    const { concurrency = 1 } = this.definition.options;
    for (const [id, trade] of this.waiting) {
      if (this.isEnding || this.running.size >= concurrency) return;
      this.waiting.delete(id);
      const control = new AbortController();
      this.running.set(id, control);
      void this.perform(trade, control)
        .catch((error: unknown) => {
          // It stays due, and is taken again when the agent has caught up.
          if (!this.isEnding) this.say(`${id.slice(0, 10)} ${trade.capability}: ${messageOf(error)}`);
        })
        .finally(() => {
          this.running.delete(id);
          this.startNext();
        });
    }
  }

  private async perform(trade: TradeView, control: AbortController): Promise<void> {
    const { id, capability } = trade;
    const name = `${id.slice(0, 10)} ${capability}:`;
    const taken = await this.handover.taken(id);
    if (taken !== null) return this.deliver(id, name, taken);
    const attempt = this.notebook.begin(id);
    if (attempt === null) return this.giveUp(id, name, "it was given up before");
    if (attempt > MOST_ATTEMPTS)
      return this.giveUp(id, name, `the agent has ended ${attempt - 1} times while it worked on it`);
    const ended = await this.worked(trade, attempt, control);
    if ("stopped" in ended) return;
    if ("failed" in ended) return this.giveUp(id, name, ended.failed);
    await this.deliver(id, name, await this.handover.take(id, ended.output));
  }

  private async taskOf(trade: TradeView, attempt: number, signal: AbortSignal): Promise<Task> {
    const { id, auction, capability, units, fence, buyer, price, deadline } = trade;
    const { needsInput } = this.definition.works.get(capability)!;
    const input = await this.handover.inputOf(id, needsInput, signal);
    const what = { id, auction, capability, units, fence, buyer };
    return { ...what, price: BigInt(price), input, deliverBy: deadline!, attempt };
  }

  /** How the work ended, its input waited for; a promise that never does is left behind when its time is over. */
  private async worked(trade: TradeView, attempt: number, control: AbortController): Promise<Ended> {
    const { id, capability } = trade;
    const { signal } = control;
    const leftMs = timeToWork(Date.parse(trade.deadline!) - this.nowMs());
    if (leftMs <= 0) return { failed: "too little time was left for it" };
    const again = attempt > 1 ? `, for the ${attempt}. time` : "";
    this.say(`${id.slice(0, 10)} ${capability}: works on it${again}`);
    // Longer than a timer can wait it is looked at again when the agent next starts.
    const timer = setTimeout(() => control.abort(new Error(TOO_LATE)), Math.min(leftMs, 2 ** 31 - 1));
    const stopped = new Promise<Ended>((resolve) =>
      signal.addEventListener("abort", () => {
        const why = messageOf(signal.reason);
        resolve(why === ENDING ? { stopped: true } : { failed: why });
      }),
    );
    const done = this.taskOf(trade, attempt, signal).then((task) => this.done(task, signal));
    // Once it was stopped nobody waits for how it went.
    done.catch(() => undefined);
    try {
      return await Promise.race([done, stopped]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async done(task: Task, signal: AbortSignal): Promise<Ended> {
    const { work } = this.definition.works.get(task.capability)!;
    const progress = (how: number | string): void => this.progressed(task, how, signal);
    try {
      const answer: unknown = await work(task, { progress, signal });
      const isAnswer = typeof answer === "object" && answer !== null && "output" in answer;
      if (!isAnswer) return { failed: `its work answered ${String(answer)}, and no { output }` };
      return { output: bytesOf((answer as { output: unknown }).output) };
    } catch (error) {
      return { failed: `its work threw: ${messageOf(error)}` };
    }
  }

  private progressed(task: Task, how: number | string, signal: AbortSignal): void {
    const isShare = typeof how === "number" && how >= 0 && how <= 1;
    if (signal.aborted || !(isShare || typeof how === "string")) return;
    const words = typeof how === "number" ? `${Math.round(how * 100)} %` : how;
    this.say(`${task.id.slice(0, 10)} ${task.capability}: ${words}`);
    this.definition.options.onProgress?.(task, how);
  }

  private async deliver(id: string, name: string, hash: string): Promise<void> {
    await this.hands.deliver(id, hash);
    this.said.add(id);
    this.say(`${name} delivered ${hash.slice(0, 10)}`);
  }

  private async giveUp(id: string, name: string, why: string): Promise<void> {
    this.notebook.giveUp(id);
    try {
      await this.hands.fail(id);
    } catch (error) {
      if (isPassing(error)) throw error;
      this.say(`${name} could not be given up: ${messageOf(error)}`);
    }
    this.said.add(id);
    this.say(`${name} given up: ${why}`);
  }
}
