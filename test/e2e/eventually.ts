// Waiting for what a real network does in its own time.
import { setTimeout as wait } from "node:timers/promises";

const LOOK_EVERY_MS = 50;

/**
 * Looks again and again until there is something, and returns it.
 * @param look undefined, null or false: not yet; what it throws counts as not yet, and is told in the end
 * @throws after `withinMs`, with what was waited for
 */
export async function eventually<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs = 120_000,
): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (let last: unknown; ; await wait(LOOK_EVERY_MS)) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > untilMs) throw new Error(`waited in vain until ${what}`, { cause: last });
  }
}
