// Whether a peer's key is in use at an address: asked by who holds the same key, before it uses it too.

import { parseAddress } from "./fetch-genesis.js";
import { createDialer } from "./host.js";

/** What answers on this machine or network does so much sooner; what does not answer holds up a start for no longer. */
const ASK_LIMIT_MS = 2000;

/**
 * Dials an address that ends with a peer's id, with a key of its own. Noise proves that whoever answers has that peer's key.
 * @param stopping gives it up @returns false also for an address that cannot be reached from here
 */
export async function isRunningAt(address: string, stopping: AbortSignal): Promise<boolean> {
  const dialer = await createDialer();
  try {
    await dialer.dial(parseAddress(address), {
      signal: AbortSignal.any([AbortSignal.timeout(ASK_LIMIT_MS), stopping]),
    });
    return true;
  } catch {
    return false; // nobody is there, or somebody else
  } finally {
    await dialer.stop();
  }
}
