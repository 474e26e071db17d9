// The time of the clients in this process, where a test moves it: what they wait for is over when the test says so.
import { onTestFinished } from "vitest";

/** In the stack of who sets a timer: nobody else's are held. */
const CLIENT = /\/node_modules\/(openai|@anthropic-ai\/sdk|@google\/genai)\//;

export class ClientTime {
  private readonly held = new Map<object, { readonly ms: number; readonly run: () => void }>();
  /** what has been waited for so far, in ms, in order */
  readonly waited: number[] = [];

  /** From now on until the test is over. No other test may run beside it. */
  constructor() {
    const real = { setTimeout, clearTimeout };
    const hold = (run: () => void, ms = 0, ...rest: []): object => {
      if (!CLIENT.test(new Error("who").stack ?? "")) return real.setTimeout(run, ms, ...rest);
      const handle = { ref: () => handle, unref: () => handle };
      this.held.set(handle, { ms, run: () => run(...rest) });
      return handle;
    };
    const letGo = (handle: NodeJS.Timeout | undefined): void => {
      if (handle === undefined || !this.held.delete(handle)) real.clearTimeout(handle);
    };
    Object.assign(globalThis, { setTimeout: hold, clearTimeout: letGo });
    onTestFinished(() => void Object.assign(globalThis, real));
  }

  /** What takes no longer is over now. */
  pass(ms: number): void {
    for (const [handle, timer] of this.held) {
      if (timer.ms > ms) continue;
      this.held.delete(handle);
      this.waited.push(timer.ms);
      timer.run();
    }
  }
}
