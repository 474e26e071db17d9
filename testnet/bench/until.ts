// Waiting for something to become true.
import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 20;

/** Resolves once `holds`. @throws Error after `patienceMs`, naming what was waited for */
export async function until(what: string, holds: () => boolean, patienceMs = 30_000): Promise<void> {
  const lastMs = Date.now() + patienceMs;
  while (!holds()) {
    if (Date.now() > lastMs) throw new Error(`waited in vain until ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
